#include "daemon/log_limit.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#define SPAN WW_LOG_SPAN_MS

static struct ww_log_limit limit;

static int setup(void **state)
{
    (void)state;
    memset(&limit, 0, sizeof limit);
    return 0;
}

/* How many of so many lines may be written at this time. */
static unsigned take(const char *event, unsigned lines, int64_t now)
{
    unsigned written = 0;
    for (unsigned i = 0; i < lines; i++)
        written += ww_log_limit_take(&limit, event, 2, now);
    return written;
}

static void some_lines_a_minute(void **state)
{
    (void)state;
    const struct {
        const char *event;
        int64_t now;
        unsigned lines, written;
    } steps[] = {
        {"a", 1000, 59, 59},          {"a", 2000, 1, 1}, {"a", 2000, 5, 0},
        {"b", 2000, 70, 60}, /* another event is another matter */
        {"a", 1000 + SPAN - 1, 1, 0},
    };
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++)
        assert_int_equal(take(steps[i].event, steps[i].lines, steps[i].now), steps[i].written);

    struct ww_log_event over;
    assert_false(ww_log_limit_over(&limit, 1000 + SPAN - 1, false, &over));
    assert_true(ww_log_limit_over(&limit, 1000 + SPAN, false, &over));
    assert_string_equal(over.event, "a");
    assert_int_equal(over.suppressed, 6);
    assert_false(ww_log_limit_over(&limit, 1000 + SPAN, false, &over));
    assert_true(ww_log_limit_over(&limit, 2000 + SPAN, false, &over));
    assert_string_equal(over.event, "b");
    assert_int_equal(over.suppressed, 10);
    assert_int_equal(take("a", 100, 1000 + SPAN), 60);
}

static void a_slow_event_is_never_left_out(void **state)
{
    (void)state;
    struct ww_log_event over;
    for (int64_t now = 0; now < 100 * SPAN; now += SPAN / 50)
        assert_int_equal(take("a", 1, now), 1);
    assert_false(ww_log_limit_over(&limit, 1000 * SPAN, true, &over));
}

static void nothing_is_forgotten_before_it_was_told(void **state)
{
    (void)state;
    struct ww_log_event over;
    assert_int_equal(take("a", 70, 0), 60);
    assert_int_equal(take("a", 5, 10 * SPAN), 0);
    assert_true(ww_log_limit_over(&limit, 10 * SPAN, false, &over));
    assert_int_equal(over.suppressed, 15);
    assert_int_equal(take("a", 1, 10 * SPAN), 1);
}

static void told_with_the_worst_level(void **state)
{
    (void)state;
    struct ww_log_event over;
    assert_int_equal(take("a", 60, 0), 60);
    static const unsigned levels[] = {2, 1, 2};
    for (size_t i = 0; i < 3; i++)
        assert_false(ww_log_limit_take(&limit, "a", levels[i], 0));
    assert_true(ww_log_limit_over(&limit, 0, true, &over));
    assert_int_equal(over.level, 1);
    assert_int_equal(over.suppressed, 3);
}

static void more_events_than_places_share_the_last(void **state)
{
    (void)state;
    static char names[2 * WW_LOG_EVENTS_MAX][16];
    for (unsigned i = 0; i < 2 * WW_LOG_EVENTS_MAX; i++) {
        snprintf(names[i], sizeof names[i], "event-%u", i);
        unsigned shared = i >= WW_LOG_EVENTS_MAX - 1 ? i - (WW_LOG_EVENTS_MAX - 1) : 0;
        assert_int_equal(take(names[i], 1, 0), shared < WW_LOG_LINES_MAX);
    }
    assert_int_equal(limit.count, WW_LOG_EVENTS_MAX);
}

#define CASE(name) cmocka_unit_test_setup(name, setup)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(some_lines_a_minute),
        CASE(a_slow_event_is_never_left_out),
        CASE(nothing_is_forgotten_before_it_was_told),
        CASE(told_with_the_worst_level),
        CASE(more_events_than_places_share_the_last),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
