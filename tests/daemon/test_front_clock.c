/* What a clock that is set does to the front: time(2) is the test's own here. */
#include "front_fixture.h"

static int64_t ahead;

/* NOLINTNEXTLINE(readability-inconsistent-declaration-parameter-name): the header's is reserved */
time_t time(time_t *out)
{
    struct timespec real;
    (void)clock_gettime(CLOCK_REALTIME, &real);
    time_t now = real.tv_sec + (time_t)ahead;
    if (out != NULL)
        *out = now;
    return now;
}

/* The front sweeps once a second, and all of a small cache then. */
static void let_it_sweep(void)
{
    const struct timeval enough = {.tv_sec = 2, .tv_usec = 500000};
    assert_int_equal(event_base_loopexit(t.base, &enough), 0);
    assert_int_equal(event_base_dispatch(t.base), 0);
}

static void a_policy_outlives_a_clock_that_runs_ahead_for_a_while(void **state)
{
    (void)state;
    load_policy("example.com", policy_body, 0);
    begin();
    int fd = client();
    ask(fd, "QUERY example.com");
    expect(fd, ANSWER);

    ahead = INT64_C(400) * 86400;
    let_it_sweep();
    ask(fd, "QUERY example.com");
    uint64_t flight = resolve("example.com").flight;
    resolved(flight, WW_FOUND_DNS_FAILURE, "", "");
    expect(fd, NOTFOUND);
    let_it_sweep();
    assert_null(fake_peer_next(&t.keeper));

    ahead = 0;
    ask(fd, "QUERY example.com");
    expect(fd, ANSWER);
    /* What was not loaded, as it seemed to be over, is asked for again. */
    let_it_sweep();
    assert_int_equal(fake_peer_next(&t.keeper)->type, WW_MSG_LOAD);
    load_policy("example.com", other_body, 100);
    load_policy("b.example", other_body, 100);
    fake_peer_send(&t.keeper, WW_MSG_ENFORCED_LOADED, NULL);
    fake_peer_send(&t.keeper, WW_MSG_LOADED, NULL);
    settle();
    ask(fd, "QUERY example.com");
    expect(fd, ANSWER);
    ask(fd, "QUERY b.example");
    expect(fd, OTHER_ANSWER);
    close(fd);
}

static void a_small_step_loads_nothing(void **state)
{
    (void)state;
    begin();
    let_it_sweep();
    ahead = -20;
    let_it_sweep();
    ahead = 0;
    let_it_sweep();
    assert_null(fake_peer_next(&t.keeper));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(a_policy_outlives_a_clock_that_runs_ahead_for_a_while),
        CASE(a_small_step_loads_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
