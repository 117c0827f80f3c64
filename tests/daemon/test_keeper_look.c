/* Looks that the keeper hands out; the results are made up here, and the watcher is a fake peer. */
#include "daemon/keeper_look.h"
#include "daemon/log.h"
#include "proc/msg_watch.h"

#include "fake_peer.h"

#include <stdio.h>

static struct {
    struct event_base *base;
    struct ww_config config;
    struct ww_keeper_look *k;
    struct fake_peer watcher;
    struct ww_chan *chan;
    unsigned wanted;
    unsigned waiting; /* domains that are due */
    unsigned given;
    unsigned looked;
    char last[WW_DNAME_SIZE];
    void (*due)(void *ctx);
    void *ctx;
} t;

void ww_keeper_results_on_look(struct ww_keeper_results *k, void (*due)(void *ctx), void *ctx)
{
    (void)k;
    t.due = due;
    t.ctx = ctx;
}

bool ww_keeper_results_next_look(struct ww_keeper_results *k, char domain[WW_DNAME_SIZE])
{
    (void)k;
    if (t.waiting == 0)
        return false;
    t.waiting--;
    (void)snprintf(domain, WW_DNAME_SIZE, "%u.example", t.given++);
    return true;
}

void ww_keeper_results_looked(struct ww_keeper_results *k, const struct ww_msg_looked *m)
{
    (void)k;
    t.looked++;
    (void)snprintf(t.last, sizeof t.last, "%s", m->domain);
}

static void on_wanted(void *ctx)
{
    assert_null(ctx);
    t.wanted++;
}

static void on_watcher(void *ctx, struct ww_chan *chan, uint16_t type, struct ww_slice payload, int fd)
{
    (void)ctx, (void)chan;
    assert_int_equal(fd, -1);
    assert_int_equal(type, WW_MSG_LOOKED);
    ww_keeper_look_take(t.k, payload);
}

static int setup(void **state)
{
    (void)state;
    memset(&t, 0, sizeof t);
    ww_log_open("test", WW_LOG_ERROR, WW_LOG_TEXT);
    t.config.collect = true;
    t.config.collect_look = true;
    t.base = event_base_new();
    t.k = ww_keeper_look_new(NULL, &t.config, on_wanted, NULL);
    return t.base != NULL && t.k != NULL ? 0 : -1;
}

static void leave(void)
{
    ww_keeper_look_watcher(t.k, NULL);
    ww_chan_free(t.chan);
    t.chan = NULL;
}

static int teardown(void **state)
{
    (void)state;
    leave();
    ww_keeper_look_free(t.k);
    fake_peer_close(&t.watcher);
    event_base_free(t.base);
    return 0;
}

static void connect_watcher(void)
{
    static const struct ww_chan_handlers handlers = {on_watcher, fake_peer_down};
    t.chan = ww_chan_new(t.base, fake_peer_open(&t.watcher, t.base), &handlers, &t.watcher);
    ww_keeper_look_watcher(t.k, t.chan);
    test_settle(t.base);
}

static void become_due(unsigned count)
{
    t.waiting += count;
    t.due(t.ctx);
    test_settle(t.base);
}

static void expect_look(const char *domain)
{
    struct ww_msg_domain m;
    test_settle(t.base);
    const struct fake_message *got = fake_peer_next(&t.watcher);
    assert_non_null(got);
    assert_int_equal(got->type, WW_MSG_LOOK);
    assert_int_equal(ww_msg_get_domain(got->payload, &m), WW_OK);
    assert_string_equal(m.domain, domain);
}

static void expect_none(void)
{
    test_settle(t.base);
    assert_null(fake_peer_next(&t.watcher));
}

static void send_looked(const char *domain, size_t items, size_t piece)
{
    static char whole[2 * WW_MSG_LOOKED_MAX], message[WW_CHAN_MESSAGE_MAX], zeros[WW_MSG_LOOKED_MAX];
    struct ww_msg_looked m = {.asked = true, .items = ww_slice(zeros, items)};
    struct ww_buf all = ww_buf(whole, sizeof whole);
    (void)snprintf(m.domain, sizeof m.domain, "%s", domain);
    ww_msg_put_looked(&all, &m);
    for (size_t at = 0, n; at < all.n; at += n) {
        struct ww_buf b = ww_buf(message, sizeof message);
        n = all.n - at < piece ? all.n - at : piece;
        ww_msg_put_piece(&b, at + n == all.n, ww_slice(whole + at, n));
        fake_peer_send(&t.watcher, WW_MSG_LOOKED, &b);
        test_settle(t.base);
    }
}

static void a_watcher_is_wanted_when_a_look_is_due(void **state)
{
    (void)state;
    t.due(t.ctx);
    assert_false(ww_keeper_look_is_wanted(t.k));
    become_due(3);
    assert_true(ww_keeper_look_is_wanted(t.k));
    assert_int_equal(t.wanted, 1);
    assert_int_equal(t.given, 1); /* the others are not leased before somebody can look */
    become_due(0);
    assert_int_equal(t.given, 1);
    connect_watcher();
    expect_look("0.example");
    expect_look("1.example");
    expect_look("2.example");
    expect_none();
    assert_int_equal(t.wanted, 1);
}

static void some_at_a_time(void **state)
{
    (void)state;
    connect_watcher();
    become_due(WW_LOOKS_MAX + 2);
    for (unsigned i = 0; i < WW_LOOKS_MAX; i++) {
        char name[32];
        (void)snprintf(name, sizeof name, "%u.example", i);
        expect_look(name);
    }
    expect_none();
    send_looked("1.example", 10, 100000);
    assert_int_equal(t.looked, 1);
    assert_string_equal(t.last, "1.example");
    expect_look("4.example");
    send_looked("0.example", 70000, 1000); /* many pieces */
    assert_int_equal(t.looked, 2);
    expect_look("5.example");
    leave();
    become_due(1);
    connect_watcher(); /* another one, which has none of them */
    expect_look("6.example");
    become_due(WW_LOOKS_MAX);
    for (unsigned i = 7; i < 6 + WW_LOOKS_MAX; i++) {
        char name[32];
        (void)snprintf(name, sizeof name, "%u.example", i);
        expect_look(name);
    }
    expect_none();
}

static void nonsense_makes_room_and_nothing_else(void **state)
{
    char space[16];
    struct ww_buf b = ww_buf(space, sizeof space);
    (void)state;
    ww_log_open("test", WW_LOG_ERROR, WW_LOG_TEXT);
    connect_watcher();
    become_due(WW_LOOKS_MAX + 3);
    for (unsigned i = 0; i < WW_LOOKS_MAX; i++)
        (void)fake_peer_next(&t.watcher);
    ww_buf_u16(&b, 7);
    fake_peer_send(&t.watcher, WW_MSG_LOOKED, &b); /* no piece */
    expect_look("4.example");
    b.n = 0;
    ww_msg_put_piece(&b, true, ww_slice("x", 1)); /* no look */
    fake_peer_send(&t.watcher, WW_MSG_LOOKED, &b);
    expect_look("5.example");
    send_looked("0.example", WW_MSG_LOOKED_MAX, 60000); /* too long */
    expect_look("6.example");
    assert_int_equal(t.looked, 0);
    send_looked("0.example", 5, 60000);
    assert_int_equal(t.looked, 1);
}

static void none_when_it_is_off(void **state)
{
    (void)state;
    connect_watcher();
    t.config.collect_look = false;
    become_due(1);
    expect_none();
    assert_false(ww_keeper_look_is_wanted(t.k));
    t.config.collect_look = true;
    become_due(0);
    expect_look("0.example");
    assert_true(ww_keeper_look_is_wanted(t.k));
    t.config.collect = false; /* reloaded */
    assert_false(ww_keeper_look_is_wanted(t.k));
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(a_watcher_is_wanted_when_a_look_is_due),
        CASE(some_at_a_time),
        CASE(nonsense_makes_room_and_nothing_else),
        CASE(none_when_it_is_off),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
