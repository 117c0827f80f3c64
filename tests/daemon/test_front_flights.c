#include "daemon/front_flights.h"

#include "fake_peer.h"

#include <stdio.h>

enum { DEADLINE_MS = 60, LIMIT_MS = 600 };

static const struct ww_hash_key key = {{1, 2}};

struct sleeper {
    struct ww_waiter waiter; /* first */
    struct sleeper *also_leaves;
    unsigned woken; /* its place in the order */
};

static struct {
    struct event_base *base;
    struct ww_flights *flights;
    unsigned woken;
    unsigned lost;
} t;

static void on_woken(struct ww_waiter *waiter)
{
    struct sleeper *s = (struct sleeper *)waiter;
    s->woken = ++t.woken;
    if (s->also_leaves != NULL)
        ww_flights_leave(t.flights, &s->also_leaves->waiter);
}

static void on_lost(void *ctx, struct ww_front_flight *flight)
{
    assert_ptr_equal(ctx, &t);
    t.lost++;
    ww_flights_end(t.flights, flight);
}

static void wait_for(struct ww_front_flight *flight, struct sleeper *s)
{
    s->waiter.woken = on_woken;
    ww_flights_wait(t.flights, flight, &s->waiter);
}

static struct ww_front_flight *begin(const char *domain)
{
    struct ww_front_name name = ww_front_name(&key, domain);
    return ww_flights_begin(t.flights, &name);
}

static struct ww_front_flight *find(const char *domain)
{
    struct ww_front_name name = ww_front_name(&key, domain);
    return ww_flights_find(t.flights, &name);
}

static void is_found_until_it_ends(void **state)
{
    (void)state;
    assert_null(find("a.example"));
    struct ww_front_flight *a = begin("a.example");
    struct ww_front_flight *b = begin("b.example");
    assert_non_null(a);
    assert_true(a->number != b->number);
    assert_ptr_equal(find("a.example"), a);
    assert_ptr_equal(ww_flights_numbered(t.flights, a->number), a);
    assert_ptr_equal(ww_flights_numbered(t.flights, b->number), b);
    assert_ptr_equal(ww_flights_next(t.flights, NULL), a);
    assert_ptr_equal(ww_flights_next(t.flights, a), b);
    uint64_t number = a->number;
    ww_flights_end(t.flights, a);
    assert_null(find("a.example"));
    assert_null(ww_flights_numbered(t.flights, number));
    assert_true(begin("a.example")->number != number);
    assert_int_equal(ww_flights_count(t.flights), 2);
}

static void wakes_in_order(void **state)
{
    (void)state;
    struct sleeper s[4] = {0};
    struct ww_front_flight *a = begin("a.example");
    for (int i = 0; i < 4; i++)
        wait_for(a, &s[i]);
    /* The second one has left, the fourth one goes with the first one's waking. */
    ww_flights_leave(t.flights, &s[1].waiter);
    s[0].also_leaves = &s[3];
    ww_flights_end(t.flights, a);
    assert_int_equal(s[0].woken, 1);
    assert_int_equal(s[1].woken, 0);
    assert_int_equal(s[2].woken, 2);
    assert_int_equal(s[3].woken, 0);
    ww_flights_leave(t.flights, &s[0].waiter);
}

static void deadlines_come_before_the_end(void **state)
{
    (void)state;
    struct sleeper early = {0};
    struct sleeper late = {0};
    int64_t start = ww_clock_ms();
    struct ww_front_flight *a = begin("a.example");
    wait_for(a, &early);
    test_run_ms(t.base, DEADLINE_MS / 2);
    int64_t later = ww_clock_ms();
    wait_for(a, &late);
    while (early.woken == 0)
        test_run_ms(t.base, 1);
    assert_true(ww_clock_ms() - start >= DEADLINE_MS);
    assert_ptr_equal(find("a.example"), a);
    while (late.woken == 0)
        test_run_ms(t.base, 1);
    assert_true(ww_clock_ms() - later >= DEADLINE_MS);
    assert_int_equal(early.woken, 1);
    while (t.lost == 0)
        test_run_ms(t.base, 1);
    assert_true(ww_clock_ms() - start >= LIMIT_MS);
    assert_null(find("a.example"));
}

/* Whoever waits already waits no longer than who comes now, and not longer than before. */
static void another_deadline(void **state)
{
    (void)state;
    enum { LONG_MS = 3600 * 1000 };
    struct sleeper s[3] = {0};
    struct ww_front_flight *a = begin("a.example");
    ww_flights_set_deadline(t.flights, LONG_MS);
    wait_for(a, &s[0]);
    int64_t now = ww_clock_ms();
    assert_in_range(s[0].waiter.deadline, now + LONG_MS - 10000, now + LONG_MS);

    ww_flights_set_deadline(t.flights, LONG_MS / 2);
    now = ww_clock_ms();
    assert_in_range(s[0].waiter.deadline, now + LONG_MS / 2 - 10000, now + LONG_MS / 2);
    wait_for(a, &s[1]);
    assert_in_range(s[1].waiter.deadline, s[0].waiter.deadline, now + LONG_MS / 2 + 10000);

    int64_t before = s[1].waiter.deadline;
    ww_flights_set_deadline(t.flights, 2 * LONG_MS);
    assert_int_equal(s[1].waiter.deadline, before);

    /* The timer that was set for later is set anew. */
    ww_flights_set_deadline(t.flights, 1);
    wait_for(a, &s[2]);
    while (s[2].woken == 0 && t.lost == 0)
        test_run_ms(t.base, 1);
    assert_int_equal(t.lost, 0);
    for (unsigned i = 0; i < 3; i++)
        assert_int_equal(s[i].woken, i + 1);
}

static void there_are_only_so_many(void **state)
{
    (void)state;
    char domain[32];
    for (unsigned i = 0; i < WW_FLIGHTS_MAX; i++) {
        snprintf(domain, sizeof domain, "d%u.example", i);
        assert_non_null(begin(domain));
    }
    assert_null(begin("one.too.many.example"));
    for (unsigned i = 0; i < WW_FLIGHTS_MAX; i++) {
        snprintf(domain, sizeof domain, "d%u.example", i);
        assert_non_null(find(domain));
    }
    ww_flights_end(t.flights, find("d7.example"));
    assert_non_null(begin("one.more.example"));
}

static int setup(void **state)
{
    (void)state;
    static const struct ww_flights_handlers handlers = {on_lost};
    memset(&t, 0, sizeof t);
    t.base = event_base_new();
    t.flights = t.base != NULL ? ww_flights_new(t.base, DEADLINE_MS, LIMIT_MS, &handlers, &t) : NULL;
    return t.flights != NULL ? 0 : -1;
}

static int teardown(void **state)
{
    (void)state;
    ww_flights_free(t.flights);
    event_base_free(t.base);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(is_found_until_it_ends, setup, teardown),
        cmocka_unit_test_setup_teardown(wakes_in_order, setup, teardown),
        cmocka_unit_test_setup_teardown(deadlines_come_before_the_end, setup, teardown),
        cmocka_unit_test_setup_teardown(another_deadline, setup, teardown),
        cmocka_unit_test_setup_teardown(there_are_only_so_many, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
