/* What the steward asks the keeper for, and what it is told of it. */
#include "daemon/steward_work.h"
#include "fake_peer.h"

#include <stdio.h>

static struct event_base *base;
static struct fake_peer keeper;
static struct ww_chan *chan; /* the steward's end */
static struct ww_steward_works *works;
static const struct ww_published domain = {.domain = "a.example", .version = 3};
static struct {
    unsigned calls;
    bool good;
    char detail[WW_ORDER_DETAIL_SIZE];
} told;

static void on_message(void *ctx, struct ww_chan *from, uint16_t type, struct ww_slice payload, int fd)
{
    (void)ctx;
    (void)from;
    (void)fd;
    assert_int_equal(type, WW_MSG_ORDER_TOLD);
    (void)!ww_steward_works_told(works, payload);
}

static void on_down(void *ctx, struct ww_chan *from)
{
    (void)ctx;
    (void)from;
}

static void open_keeper(void)
{
    static const struct ww_chan_handlers handlers = {on_message, on_down};
    ww_chan_free(chan);
    chan = ww_chan_new(base, fake_peer_open(&keeper, base), &handlers, NULL);
    assert_non_null(chan);
    ww_steward_works_keeper(works, chan);
}

static void on_worked(void *ctx, const struct ww_msg_order_done *done)
{
    (void)ctx;
    told.calls++;
    told.good = done->good;
    memcpy(told.detail, done->detail, sizeof told.detail);
}

static struct ww_steward_working *work(enum ww_order what)
{
    return ww_steward_work(works, &domain, what, on_worked, NULL);
}

static uint64_t next_ask(enum ww_order what)
{
    struct ww_msg_order_ask m;
    test_settle(base);
    const struct fake_message *message = fake_peer_next(&keeper);
    assert_non_null(message);
    assert_int_equal(message->type, WW_MSG_ORDER_ASK);
    assert_int_equal(ww_msg_get_order_ask(message->payload, &m), WW_OK);
    assert_string_equal(m.domain, "a.example");
    assert_int_equal(m.version, 3);
    assert_int_equal(m.what, what);
    return m.number;
}

static void tell(uint64_t number, bool good)
{
    char bytes[sizeof(struct ww_msg_order_done) + 16];
    struct ww_buf b = ww_buf(bytes, sizeof bytes);
    const struct ww_msg_order_done done = {.number = number, .good = good, .detail = "words"};
    ww_msg_put_order_done(&b, &done);
    fake_peer_send(&keeper, WW_MSG_ORDER_TOLD, &b);
    test_settle(base);
}

static int setup(void **state)
{
    (void)state;
    memset(&told, 0, sizeof told);
    base = event_base_new();
    works = ww_steward_works_new();
    return base == NULL || works == NULL;
}

static int teardown(void **state)
{
    (void)state;
    ww_chan_free(chan);
    chan = NULL;
    ww_steward_works_free(works);
    fake_peer_close(&keeper);
    event_base_free(base);
    return 0;
}

static void asked_and_told(void **state)
{
    (void)state;
    assert_null(work(WW_ORDER_FILES)); /* there is nobody to ask */
    open_keeper();
    assert_non_null(work(WW_ORDER_RECORD));
    uint64_t number = next_ask(WW_ORDER_RECORD);
    assert_int_equal(told.calls, 0);
    tell(number + 1, true);
    tell(0, true);
    assert_int_equal(told.calls, 0);
    tell(number, true);
    assert_int_equal(told.calls, 1);
    assert_true(told.good);
    assert_string_equal(told.detail, "words");
    tell(number, true);
    assert_int_equal(told.calls, 1);
    assert_int_equal(ww_steward_works_told(works, ww_slice_str("nonsense")), WW_E_MSG_MALFORMED);
}

static void cancelled(void **state)
{
    (void)state;
    open_keeper();
    struct ww_steward_working *one = work(WW_ORDER_RECORD);
    uint64_t number = next_ask(WW_ORDER_RECORD);
    ww_steward_work_cancel(one);
    ww_steward_work_cancel(NULL);
    tell(number, true);
    assert_int_equal(told.calls, 0);
}

static void as_many_as_there_may_be(void **state)
{
    (void)state;
    open_keeper();
    for (int i = 0; i < WW_ORDERS_MAX; i++)
        assert_non_null(work(WW_ORDER_FILES));
    assert_null(work(WW_ORDER_FILES));
    tell(next_ask(WW_ORDER_FILES), true);
    assert_non_null(work(WW_ORDER_FILES));
}

/* The next keeper knows nothing of it: nobody waits for ever. */
static void a_killed_keeper(void **state)
{
    (void)state;
    open_keeper();
    assert_non_null(work(WW_ORDER_RECORD));
    assert_non_null(work(WW_ORDER_FILES));
    ww_steward_works_keeper(works, NULL);
    assert_int_equal(told.calls, 0);
    assert_null(work(WW_ORDER_FILES));
    open_keeper();
    assert_int_equal(told.calls, 2);
    assert_false(told.good);
    assert_non_null(strstr(told.detail, "started anew"));
    assert_non_null(work(WW_ORDER_RECORD));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(asked_and_told, setup, teardown),
        cmocka_unit_test_setup_teardown(cancelled, setup, teardown),
        cmocka_unit_test_setup_teardown(as_many_as_there_may_be, setup, teardown),
        cmocka_unit_test_setup_teardown(a_killed_keeper, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
