#include "daemon/fetch_pace.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

/* What waits and is fetched, by the name of its domain. */
struct one {
    const char *domain;
    struct ww_fetch *fetch; /* NULL: has ended */
    bool begun;
};

static struct ww_pace *pace;
static struct one all[1000];
static size_t count;

static int teardown(void **state)
{
    (void)state;
    for (size_t i = 0; i < count; i++) {
        if (all[i].fetch != NULL)
            ww_pace_end(pace, all[i].fetch, INT64_MAX);
    }
    ww_pace_free(pace);
    count = 0;
    return 0;
}

static void begin(size_t per_second, size_t per_site, int64_t wait_ms)
{
    const struct ww_pace_limits limits = {per_second, per_site, wait_ms};
    pace = ww_pace_new(&limits);
    assert_non_null(pace);
}

static struct one *add(const char *domain, bool held, int64_t now)
{
    struct one *o = &all[count++];
    *o = (struct one){.domain = domain};
    o->fetch = ww_pace_add(pace, o, ww_slice_str(domain), held, now);
    assert_non_null(o->fetch);
    return o;
}

static void end(struct one *o, int64_t now)
{
    ww_pace_end(pace, o->fetch, now);
    o->fetch = NULL;
}

/* How many begin at this time. */
static size_t go(int64_t now)
{
    size_t n = 0;
    struct one *o;
    while ((o = ww_pace_next(pace, now)) != NULL) {
        assert_false(o->begun);
        o->begun = true;
        n++;
    }
    return n;
}

static void expect_next(const char *domain, int64_t now)
{
    struct one *o = ww_pace_next(pace, now);
    if (domain == NULL || o == NULL)
        assert_ptr_equal(o, domain);
    else
        assert_string_equal(o->domain, domain);
}

static void in_any_second(void **state)
{
    (void)state;
    static char names[60][24];
    begin(10, 10, 60000);
    for (int i = 0; i < 60; i++) {
        snprintf(names[i], sizeof names[i], "d%d.example", i);
        add(names[i], false, 0);
    }
    /* Whether they have ended or not makes no difference to the seconds. */
    assert_int_equal(go(0), 10);
    assert_int_equal(go(999), 0);
    assert_int_equal(ww_pace_due(pace), 1000);
    for (size_t i = 0; i < count; i++) {
        if (all[i].begun)
            end(&all[i], 999);
    }
    assert_int_equal(go(999), 0);
    assert_int_equal(go(1000), 10);
    assert_int_equal(go(1999), 0);
    assert_int_equal(go(60000), 10);
    assert_int_equal(go(60999), 0);
}

static void spread_out(void **state)
{
    (void)state;
    begin(10, 1000, 60000);
    for (int i = 0; i < 100; i++)
        add("d.example", false, 0);
    /* However often it is asked, never more than ten in any second. */
    size_t begun[101] = {0}, total = 0;
    for (size_t step = 0; step <= 100; step++) {
        begun[step] = go((int64_t)step * 100);
        total += begun[step];
        size_t second = 0;
        for (size_t k = step < 9 ? 0 : step - 9; k <= step; k++)
            second += begun[k];
        assert_true(second <= 10);
    }
    assert_int_equal(total, 100);
}

static void one_site_at_a_time(void **state)
{
    (void)state;
    begin(1000, 2, 60000);
    struct one *a = add("a.big.example", false, 0), *b = add("b.big.example", false, 0);
    struct one *c = add("c.big.example", false, 0);
    add("d.big.example", false, 0);
    add("small.test", false, 0);
    assert_int_equal(go(0), 3);
    assert_true(a->begun && b->begun && !c->begun);

    /* Two of the site are under way, however long that takes. */
    assert_int_equal(go(5000), 0);
    end(a, 5000);
    assert_int_equal(go(5000), 1);
    assert_true(c->begun);

    /* One that ends at once counts for its second. */
    end(c, 5001);
    assert_int_equal(go(5999), 0);
    assert_int_equal(ww_pace_due(pace), 6000);
    assert_int_equal(go(6000), 1);
}

static void known_policies_first_and_sites_in_turn(void **state)
{
    (void)state;
    begin(1000, 10, 60000);
    add("a.big.example", false, 0);
    add("b.big.example", false, 0);
    add("c.big.example", false, 0);
    add("small.test", false, 0);
    add("known.org", true, 0);
    static const char *const order[] = {"known.org", "a.big.example", "small.test", "b.big.example",
                                        "c.big.example"};
    for (size_t i = 0; i < sizeof order / sizeof *order; i++)
        expect_next(order[i], 0);
    expect_next(NULL, 0);
}

static void waiting_has_an_end(void **state)
{
    (void)state;
    begin(1, 1, 3000);
    struct one *first = add("a.example", false, 0), *second = add("b.example", false, 10);
    assert_int_equal(go(10), 1);
    assert_true(first->begun);
    assert_null(ww_pace_late(pace, 3009));
    assert_int_equal(ww_pace_due(pace), 1010);
    assert_ptr_equal(ww_pace_late(pace, 3010), second);
    assert_ptr_equal(ww_pace_late(pace, 9999), second);
    end(second, 3010);
    assert_null(ww_pace_late(pace, 9999));
    assert_int_equal(ww_pace_due(pace), INT64_MAX);
    assert_int_equal(go(9999), 0);
}

static void nobody_waits_for_who_has_left(void **state)
{
    (void)state;
    begin(1, 1, 60000);
    struct one *a = add("a.example", false, 0), *b = add("b.example", false, 0),
               *c = add("c.example", false, 0);
    end(a, 0);
    assert_int_equal(go(0), 1);
    assert_true(b->begun && !c->begun);
    end(b, 0);
    end(c, 0);
    assert_int_equal(go(1000), 0);
}

#define CASE(name) cmocka_unit_test_teardown(name, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(in_any_second),      CASE(spread_out),
        CASE(one_site_at_a_time), CASE(known_policies_first_and_sites_in_turn),
        CASE(waiting_has_an_end), CASE(nobody_waits_for_who_has_left),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
