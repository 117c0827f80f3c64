/* Forgetting and waiting, at the front's end of the keeper; test_front.c has the rest. */
#include "daemon/front_keeper.h"
#include "daemon/log.h"

#include "fake_peer.h"

#include <time.h>

static const char body[] = "version: STSv1\nmode: enforce\nmx: mail.example.com\nmax_age: 86400\n";

static struct {
    struct event_base *base;
    struct ww_cache *cache;
    struct ww_overrides *overrides;
    struct ww_hash_key key;
    struct ww_front_keeper *keeper;
    struct fake_peer peer;
    struct ww_keeper_wait wait;
    unsigned waits_done;
    enum ww_err trouble;
} t;

static void on_ready(void *ctx)
{
    (void)ctx;
}

static void on_done(struct ww_keeper_wait *wait, enum ww_err trouble)
{
    assert_ptr_equal(wait, &t.wait);
    t.waits_done++;
    t.trouble = trouble;
}

static void connect_keeper(void)
{
    ww_front_keeper_peer(t.keeper, fake_peer_open(&t.peer, t.base));
}

static int setup(void **state)
{
    (void)state;
    static const struct ww_life_rules rules = {.recheck = 300, .fetch_retry = 300};
    memset(&t, 0, sizeof t);
    ww_log_open("test", WW_LOG_ERROR, WW_LOG_TEXT);
    t.base = event_base_new();
    const struct ww_cache_max max = {100, WW_CACHE_BYTES_MIN};
    t.cache = ww_cache_new(&max);
    t.overrides = ww_overrides_new(&t.key);
    t.keeper = ww_front_keeper_new(t.base, t.cache, t.overrides, &t.key, &rules, on_ready, NULL);
    t.wait.done = on_done;
    return t.base != NULL && t.cache != NULL && t.overrides != NULL && t.keeper != NULL ? 0 : -1;
}

static int teardown(void **state)
{
    (void)state;
    ww_front_keeper_free(t.keeper);
    ww_overrides_free(t.overrides);
    ww_cache_free(t.cache);
    fake_peer_close(&t.peer);
    event_base_free(t.base);
    return 0;
}

static void know(const char *domain)
{
    int64_t now = (int64_t)time(NULL);
    struct ww_front_name name = ww_front_name(&t.key, domain);
    const struct ww_life life = {
        .id = "1", .mode = WW_MODE_ENFORCE, .fetched = now, .expires = now + 1000, .checked = now};
    struct ww_cache_entry *entry = ww_cache_put(t.cache, &name, &life, ww_slice_str(body), "", now);
    assert_non_null(entry);
    ww_front_keeper_put(t.keeper, entry, WW_KEEP_POLICY, NULL);
}

static void forget(const char *domain)
{
    struct ww_front_name name = ww_front_name(&t.key, domain);
    ww_cache_forget(t.cache, &name);
    assert_true(ww_front_keeper_forget(t.keeper, domain));
}

static bool is_known(const char *domain)
{
    struct ww_front_name name = ww_front_name(&t.key, domain);
    return ww_cache_find(t.cache, &name) != NULL;
}

/* What the keeper got: "+a" for a policy, "-a" for one to forget, "-" for all of them. */
static const char *got(void)
{
    static char text[256];
    static struct ww_msg_policy policy;
    struct ww_msg_forget gone;
    size_t n = 0;
    test_settle(t.base);
    text[0] = '\0';
    for (const struct fake_message *m; (m = fake_peer_next(&t.peer)) != NULL;) {
        if (m->type == WW_MSG_POLICY && ww_msg_get_policy(m->payload, &policy) == WW_OK)
            n += (size_t)snprintf(text + n, sizeof text - n, "+%s ", policy.domain);
        else if (m->type == WW_MSG_FORGET && ww_msg_get_forget(m->payload, &gone) == WW_OK)
            n += (size_t)snprintf(text + n, sizeof text - n, "-%s ", gone.domain);
        else if (m->type != WW_MSG_LOAD_OVERRIDES && m->type != WW_MSG_AWAIT)
            assert_int_equal(m->type, WW_MSG_LOAD);
    }
    return text;
}

static void stored(uint32_t count)
{
    char space[16];
    struct ww_buf b = ww_buf(space, sizeof space);
    const struct ww_msg_stored m = {count};
    ww_msg_put_stored(&b, &m);
    fake_peer_send(&t.peer, WW_MSG_STORED, &b);
    test_settle(t.base);
}

static void not_stored(enum ww_err why)
{
    char space[16];
    struct ww_buf b = ww_buf(space, sizeof space);
    const struct ww_msg_not_stored m = {why};
    ww_msg_put_not_stored(&b, &m);
    fake_peer_send(&t.peer, WW_MSG_NOT_STORED, &b);
    test_settle(t.base);
}

/* The store sends what it had when it was read. */
static void load(const char *domain)
{
    static char payload[4096];
    static char space[4096];
    int64_t now = (int64_t)time(NULL);
    const struct ww_stored_policy policy = {.domain = domain,
                                            .id = "1",
                                            .body = ww_slice_str(body),
                                            .fetched = now,
                                            .expires = now + 1000,
                                            .checked = now};
    struct ww_buf part = ww_buf(payload, sizeof payload);
    struct ww_buf b = ww_buf(space, sizeof space);
    ww_msg_put_policy(&part, &policy);
    ww_msg_put_part(&b, ww_slice(part.p, part.n));
    fake_peer_send(&t.peer, WW_MSG_POLICIES, &b);
    test_settle(t.base);
}

static void a_domain_is_forgotten_in_its_turn(void **state)
{
    (void)state;
    connect_keeper();
    know("a");
    assert_string_equal(got(), "+a ");
    know("b");
    forget("b");
    forget("never-known");
    know("a");
    know("b");
    assert_string_equal(got(), "+b -b -never-known +a +b ");
}

static void what_is_not_durable_is_forgotten_again(void **state)
{
    (void)state;
    know("a");
    know("b");
    forget("a");
    connect_keeper();
    assert_string_equal(got(), "+b -a ");
    connect_keeper();
    assert_string_equal(got(), "+b -a ");
    stored(1);
    know("a");
    connect_keeper();
    assert_string_equal(got(), "-a +a ");
    stored(2);
    connect_keeper();
    assert_string_equal(got(), "");
}

/* The change of b waits in front of it, and so does not count. */
static void after_all_is_forgotten_what_is_known_comes_anew(void **state)
{
    (void)state;
    know("b");
    know("c");
    assert_true(ww_front_keeper_forget(t.keeper, ""));
    know("d");
    connect_keeper();
    assert_string_equal(got(), "+b +c - +d +b +c ");
}

static void nothing_forgotten_is_taken_back(void **state)
{
    (void)state;
    connect_keeper();
    load("a");
    load("b");
    forget("a");
    load("a");
    load("b");
    assert_false(is_known("a"));
    assert_true(is_known("b"));
    stored(1);
    load("a"); /* somebody else's file was put there */
    assert_true(is_known("a"));
    assert_true(ww_front_keeper_forget(t.keeper, ""));
    load("c");
    assert_false(is_known("c"));
}

static void whoever_waits_hears_when_it_is_durable(void **state)
{
    (void)state;
    ww_front_keeper_wait(t.keeper, &t.wait); /* for nothing */
    assert_int_equal(t.waits_done, 1);
    connect_keeper();
    forget("a");
    forget("b");
    ww_front_keeper_wait(t.keeper, &t.wait);
    forget("c");
    test_settle(t.base);
    stored(1);
    assert_int_equal(t.waits_done, 1);
    connect_keeper();
    test_settle(t.base);
    stored(1);
    assert_int_equal(t.waits_done, 2);
    assert_int_equal(t.trouble, WW_OK);
    stored(1);
    assert_int_equal(t.waits_done, 2);
}

static void whoever_waits_hears_of_trouble(void **state)
{
    (void)state;
    connect_keeper();
    not_stored(WW_E_STORE_FULL);
    forget("a");
    ww_front_keeper_wait(t.keeper, &t.wait);
    not_stored(WW_E_STORE_FULL);
    assert_int_equal(t.waits_done, 1);
    assert_int_equal(t.trouble, WW_E_STORE_FULL);
    stored(1);
    forget("a");
    ww_front_keeper_wait(t.keeper, &t.wait);
    ww_front_keeper_stop_waiting(t.keeper, &t.wait);
    not_stored(WW_E_STORE_FULL);
    stored(1);
    assert_int_equal(t.waits_done, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_domain_is_forgotten_in_its_turn, setup, teardown),
        cmocka_unit_test_setup_teardown(what_is_not_durable_is_forgotten_again, setup, teardown),
        cmocka_unit_test_setup_teardown(after_all_is_forgotten_what_is_known_comes_anew, setup, teardown),
        cmocka_unit_test_setup_teardown(nothing_forgotten_is_taken_back, setup, teardown),
        cmocka_unit_test_setup_teardown(whoever_waits_hears_when_it_is_durable, setup, teardown),
        cmocka_unit_test_setup_teardown(whoever_waits_hears_of_trouble, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
