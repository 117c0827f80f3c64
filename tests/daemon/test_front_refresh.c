/* Refreshes that the front begins without a look-up. The rules on when are tested with the engine. */
#include "front_fixture.h"

/* Refreshed after three seconds, over after six. */
static const char short_body[] = "version: STSv1\nmode: enforce\nmx: mail.example.com\nmax_age: 6\n";

static int setup_refresh(void **state)
{
    int failed = setup(state);
    t.config.life.recheck = 1;
    t.config.life.used_within = 500;
    t.config.refresh_flights = 1;
    return failed;
}

/* A policy as the store has it, fetched just now, for a use so many seconds ago. */
static void load_used(const char *domain, int64_t age)
{
    static char payload[4096];
    static char space[4096];
    int64_t now = (int64_t)time(NULL);
    const struct ww_stored_policy policy = {
        .domain = domain,
        .id = "1",
        .body = ww_slice_str(short_body),
        .mode = WW_MODE_ENFORCE,
        .fetched = now,
        .expires = now + 6,
        .checked = now - age,
    };
    struct ww_buf part = ww_buf(payload, sizeof payload);
    struct ww_buf b = ww_buf(space, sizeof space);
    ww_msg_put_policy(&part, &policy);
    ww_msg_put_part(&b, ww_slice(part.p, part.n));
    fake_peer_send(&t.keeper, WW_MSG_POLICIES, &b);
}

/* The flight that was begun meanwhile without a look-up. */
static struct ww_msg_resolve refresh_within(int64_t ms)
{
    struct ww_msg_resolve m;
    const struct fake_message *got = NULL;
    for (int64_t end = ww_clock_ms() + ms; got == NULL && ww_clock_ms() < end;) {
        test_run_ms(t.base, 10);
        got = fake_peer_next(&t.resolver);
    }
    assert_non_null(got);
    assert_int_equal(got->type, WW_MSG_RESOLVE);
    assert_int_equal(ww_msg_get_resolve(got->payload, &m), WW_OK);
    return m;
}

static struct ww_msg_policy kept_policy(void)
{
    struct ww_msg_policy m;
    settle();
    const struct fake_message *got = keeper_next();
    assert_non_null(got);
    assert_int_equal(got->type, WW_MSG_POLICY);
    assert_int_equal(ww_msg_get_policy(got->payload, &m), WW_OK);
    return m;
}

static void what_was_used_is_fetched_again_without_a_look_up(void **state)
{
    (void)state;
    begin();
    int fd = client();
    ask(fd, "QUERY a.example");
    resolved(resolve("a.example").flight, WW_FOUND_POLICY, "1", short_body);
    expect(fd, ANSWER);
    struct ww_msg_policy first = kept_policy();
    assert_int_equal(first.policy.checked, first.policy.fetched);

    struct ww_msg_resolve m = refresh_within(5000);
    assert_string_equal(m.ask.domain, "a.example");
    assert_true(m.ask.refetch);
    assert_true((int64_t)time(NULL) >= first.policy.fetched + 3);
    /* Cached look-ups go on, and begin no second flight. */
    ask(fd, "QUERY a.example");
    expect(fd, ANSWER);
    no_flight();
    resolved(m.flight, WW_FOUND_POLICY, "1", short_body);
    struct ww_msg_policy second = kept_policy();
    assert_true(second.policy.expires >= first.policy.expires + 3);
    close(fd);
}

static void one_at_a_time_when_it_must_be(void **state)
{
    (void)state;
    begin();
    int fd = client();
    ask(fd, "QUERY a.example");
    resolved(resolve("a.example").flight, WW_FOUND_POLICY, "1", short_body);
    ask(fd, "QUERY b.example");
    resolved(resolve("b.example").flight, WW_FOUND_POLICY, "1", short_body);
    expect(fd, ANSWER ANSWER);
    (void)kept_policy();
    (void)kept_policy();
    struct ww_msg_resolve m = refresh_within(5000);
    test_run_ms(t.base, 1200);
    no_flight();
    resolved(m.flight, WW_FOUND_FETCH_FAILURE, "1", "");
    struct ww_msg_resolve other = refresh_within(1500);
    assert_string_not_equal(m.ask.domain, other.ask.domain);
    close(fd);
}

/* In the store a refresh does not count as a use: after a restart, what is idle stays idle. */
static void a_restart_is_no_use(void **state)
{
    (void)state;
    t.config.refresh_flights = 9;
    load_used("idle.example", 501);
    load_used("used.example", 490);
    begin();
    struct ww_msg_resolve m = refresh_within(5000);
    assert_string_equal(m.ask.domain, "used.example");
    resolved(m.flight, WW_FOUND_POLICY, "2", short_body);
    struct ww_msg_policy kept = kept_policy();
    assert_true(kept.policy.checked <= kept.policy.fetched - 490);
    test_run_ms(t.base, 1200);
    no_flight();
}

static void nothing_is_begun_when_it_is_off(void **state)
{
    (void)state;
    t.config.life.used_within = 0;
    load_used("a.example", 0);
    begin();
    test_run_ms(t.base, 4500);
    no_flight();
}

#define REFRESH(name) cmocka_unit_test_setup_teardown(name, setup_refresh, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        REFRESH(what_was_used_is_fetched_again_without_a_look_up),
        REFRESH(one_at_a_time_when_it_must_be),
        REFRESH(a_restart_is_no_use),
        REFRESH(nothing_is_begun_when_it_is_off),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
