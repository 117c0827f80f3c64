#include "daemon/fetch_gate.h"

#include "fake_peer.h"

static struct {
    struct event_base *base;
    struct ww_gate *gate;
} t;

struct guest {
    struct ww_fetch *fetch;
    unsigned went, late;
    bool leaves; /* as soon as it goes */
};

static void leave(struct guest *g)
{
    ww_gate_leave(t.gate, g->fetch);
    g->fetch = NULL;
}

static void on_go(void *owner)
{
    struct guest *g = owner;
    g->went++;
    if (g->leaves)
        leave(g);
}

static void on_late(void *owner)
{
    struct guest *g = owner;
    g->late++;
    leave(g);
}

static void open_gate(size_t per_second, size_t per_site, int64_t wait_ms)
{
    static const struct ww_gate_handlers handlers = {.go = on_go, .late = on_late};
    const struct ww_pace_limits limits = {per_second, per_site, wait_ms};
    t.base = event_base_new();
    t.gate = ww_gate_new(t.base, &limits, &handlers);
    assert_non_null(t.gate);
}

static void enter(struct guest *g, const char *domain)
{
    g->fetch = ww_gate_enter(t.gate, g, ww_slice_str(domain), false);
    assert_non_null(g->fetch);
    /* Nobody is called before the loop runs. */
    assert_int_equal(g->went + g->late, 0);
}

static int teardown(void **state)
{
    (void)state;
    ww_gate_free(t.gate);
    event_base_free(t.base);
    return 0;
}

static void those_that_may_go_at_once(void **state)
{
    (void)state;
    struct guest g[3] = {{.leaves = true}, {.leaves = false}, {.leaves = true}};
    open_gate(10, 10, 60000);
    for (size_t i = 0; i < 3; i++)
        enter(&g[i], "a.example");
    test_settle(t.base);
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(g[i].went, 1);
    leave(&g[1]);
}

static void the_others_after_a_second(void **state)
{
    (void)state;
    struct guest first = {.leaves = true}, second = {.leaves = true};
    open_gate(1, 1, 60000);
    enter(&first, "a.example");
    enter(&second, "b.example");
    test_settle(t.base);
    int64_t gone = ww_clock_ms();
    assert_int_equal(first.went, 1);
    while (second.went == 0)
        test_run_ms(t.base, 5);
    assert_true(ww_clock_ms() - gone >= 900);
    assert_int_equal(first.late + second.late, 0);
}

/* Its site is busy for as long as the other one is under way. */
static void who_ends_makes_way(void **state)
{
    (void)state;
    struct guest first = {.leaves = false}, second = {.leaves = true};
    open_gate(10, 1, 60000);
    enter(&first, "a.example.com");
    enter(&second, "b.example.com");
    test_run_ms(t.base, 1200);
    assert_int_equal(first.went, 1);
    assert_int_equal(second.went, 0);
    leave(&first);
    test_settle(t.base);
    assert_int_equal(second.went, 1);
}

static void who_waits_too_long(void **state)
{
    (void)state;
    struct guest first = {.leaves = false}, second = {.leaves = false}, third = {.leaves = false};
    open_gate(1, 1, 50);
    enter(&first, "a.example");
    enter(&second, "b.example");
    enter(&third, "c.example");
    while (second.late == 0 || third.late == 0)
        test_run_ms(t.base, 5);
    assert_int_equal(first.went, 1);
    assert_int_equal(second.went + third.went, 0);
    assert_int_equal(second.late + third.late, 2);
    leave(&first);
}

static void who_has_left_is_not_called(void **state)
{
    (void)state;
    struct guest first = {.leaves = false}, second = {.leaves = false};
    open_gate(1, 1, 50);
    enter(&first, "a.example");
    enter(&second, "b.example");
    leave(&second);
    leave(&first);
    test_run_ms(t.base, 100);
    assert_int_equal(first.went + first.late + second.went + second.late, 0);
}

#define CASE(name) cmocka_unit_test_teardown(name, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(those_that_may_go_at_once), CASE(the_others_after_a_second),  CASE(who_ends_makes_way),
        CASE(who_waits_too_long),        CASE(who_has_left_is_not_called),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
