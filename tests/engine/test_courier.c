#include "engine/courier.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#define HOUR 3600
#define DAY_END INT64_C(1764460800)
#define SPREAD (4 * HOUR)
#define LATE (SPREAD / 12)
#define NOW (DAY_END + 10 * HOUR)

static void a_first_try_lies_in_the_hours_after_the_day(void **state)
{
    static const struct {
        const char *what;
        int64_t spread, now, from, to;
    } rows[] = {
        {"made when the day is closed", SPREAD, DAY_END + 300, DAY_END + 300, DAY_END + SPREAD},
        {"made early", SPREAD, DAY_END - 5, DAY_END, DAY_END + SPREAD},
        {"made in the midst", SPREAD, DAY_END + 2 * HOUR, DAY_END + 2 * HOUR, DAY_END + SPREAD},
        {"a second before the end", SPREAD, DAY_END + SPREAD - 1, DAY_END + SPREAD - 1,
         DAY_END + SPREAD - 1 + LATE},
        {"days late", SPREAD, DAY_END + 90 * HOUR, DAY_END + 90 * HOUR, DAY_END + 90 * HOUR + LATE},
        {"no spread", 0, DAY_END + 300, DAY_END + 300, DAY_END + 300},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        uint64_t count = (uint64_t)(rows[i].to - rows[i].from + 1);
        printf("%s\n", rows[i].what);
        assert_int_equal(ww_courier_first(DAY_END, rows[i].spread, 0, rows[i].now), rows[i].from);
        assert_int_equal(ww_courier_first(DAY_END, rows[i].spread, count - 1, rows[i].now), rows[i].to);
        assert_int_equal(ww_courier_first(DAY_END, rows[i].spread, count, rows[i].now), rows[i].from);
        int64_t any = ww_courier_first(DAY_END, rows[i].spread, UINT64_MAX, rows[i].now);
        assert_in_range(any, rows[i].from, rows[i].to);
    }
}

static void failures_come_ever_later(void **state)
{
    static const int64_t steps[] = {300, 600, 1200, 2400, 4800, 9600, 14400, 14400, 14400};
    (void)state;
    for (unsigned tries = 0; tries < sizeof steps / sizeof *steps; tries++) {
        int64_t step = steps[tries];
        for (uint64_t random = 0; random < 3; random++) {
            struct ww_courier_target t = {.tries = tries, .first_try = tries > 0 ? NOW - 60 : 0};
            ww_courier_tried(&t, WW_TRIED_LATER, random * (uint64_t)(step / 4), NOW);
            assert_int_equal(t.state, WW_TARGET_WAITING);
            assert_int_equal(t.tries, tries + 1);
            assert_int_equal(t.first_try, tries > 0 ? NOW - 60 : NOW);
            assert_int_equal(t.due, NOW + step - step / 4 + (int64_t)random * (step / 4));
        }
        struct ww_courier_target t = {.tries = tries};
        ww_courier_tried(&t, WW_TRIED_LATER, UINT64_MAX, NOW);
        assert_in_range(t.due, NOW + step - step / 4, NOW + step + step / 4);
    }
}

static void a_day_of_failures_is_the_end(void **state)
{
    struct ww_courier_target t = {.state = WW_TARGET_WAITING};
    int64_t now = NOW;
    uint64_t random = 0;
    (void)state;
    while (t.state == WW_TARGET_WAITING) {
        ww_courier_tried(&t, WW_TRIED_LATER, random += 977, now);
        assert_true(t.state == WW_TARGET_GIVEN_UP || (t.due > now && t.due <= NOW + 24 * HOUR));
        if (t.state == WW_TARGET_WAITING)
            now = t.due;
    }
    assert_int_equal(now, NOW + 24 * HOUR);
    assert_int_equal(t.state, WW_TARGET_GIVEN_UP);
    assert_int_equal(t.due, 0);
    assert_in_range(t.tries, 9, 14);
}

static void a_clock_that_was_ahead_does_not_make_the_day_longer(void **state)
{
    struct ww_courier_target t = {.first_try = NOW + 365 * 24 * HOUR, .tries = 1};
    (void)state;
    ww_courier_tried(&t, WW_TRIED_LATER, 0, NOW);
    assert_int_equal(t.first_try, NOW);
    ww_courier_tried(&t, WW_TRIED_LATER, 0, NOW + 24 * HOUR);
    assert_int_equal(t.state, WW_TARGET_GIVEN_UP);
}

static void what_a_try_comes_to(void **state)
{
    static const struct {
        const char *what;
        struct ww_courier_target before;
        enum ww_target_outcome outcome;
        uint64_t random;
        struct ww_courier_target after;
    } rows[] = {
        {"accepted at once", {0}, WW_TRIED_ACCEPTED, 7, {WW_TARGET_SENT, 0, NOW, 0}},
        {"accepted in the end",
         {WW_TARGET_WAITING, 3, NOW - HOUR, NOW},
         WW_TRIED_ACCEPTED,
         7,
         {WW_TARGET_SENT, 3, NOW - HOUR, 0}},
        {"refused",
         {WW_TARGET_WAITING, 1, NOW - HOUR, NOW},
         WW_TRIED_REFUSED,
         7,
         {WW_TARGET_REFUSED, 2, NOW - HOUR, 0}},
        {"unsupported", {0}, WW_TRIED_UNSUPPORTED, 7, {WW_TARGET_UNSUPPORTED, 0, 0, 0}},
        {"postponed is no try, the least", {0}, WW_TRIED_POSTPONED, 0, {WW_TARGET_WAITING, 0, NOW, NOW + 60}},
        {"postponed, the most", {0}, WW_TRIED_POSTPONED, 60, {WW_TARGET_WAITING, 0, NOW, NOW + 120}},
        {"postponed, though its day is over",
         {WW_TARGET_WAITING, 9, NOW - 30 * HOUR, NOW},
         WW_TRIED_POSTPONED,
         61,
         {WW_TARGET_WAITING, 9, NOW - 30 * HOUR, NOW + 60}},
        {"postponed for almost three days",
         {WW_TARGET_WAITING, 0, NOW - 72 * HOUR + 1, NOW},
         WW_TRIED_POSTPONED,
         0,
         {WW_TARGET_WAITING, 0, NOW - 72 * HOUR + 1, NOW + 60}},
        {"postponed for three days",
         {WW_TARGET_WAITING, 0, NOW - 72 * HOUR, NOW},
         WW_TRIED_POSTPONED,
         0,
         {WW_TARGET_GIVEN_UP, 0, NOW - 72 * HOUR, 0}},
        {"postponed by a clock that was ahead",
         {WW_TARGET_WAITING, 0, NOW + 72 * HOUR, NOW},
         WW_TRIED_POSTPONED,
         0,
         {WW_TARGET_WAITING, 0, NOW, NOW + 60}},
        {"its day begins when it is tried",
         {WW_TARGET_WAITING, 0, NOW - 30 * HOUR, NOW},
         WW_TRIED_LATER,
         0,
         {WW_TARGET_WAITING, 1, NOW, NOW + 225}},
        {"given up, and sent all the same",
         {WW_TARGET_GIVEN_UP, 9, NOW - 30 * HOUR, 0},
         WW_TRIED_ACCEPTED,
         0,
         {WW_TARGET_SENT, 9, NOW - 30 * HOUR, 0}},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct ww_courier_target t = rows[i].before;
        printf("%s\n", rows[i].what);
        ww_courier_tried(&t, rows[i].outcome, rows[i].random, NOW);
        assert_int_equal(t.state, rows[i].after.state);
        assert_int_equal(t.tries, rows[i].after.tries);
        assert_int_equal(t.first_try, rows[i].after.first_try);
        assert_int_equal(t.due, rows[i].after.due);
    }
}

static void refusals_in_a_row_suppress(void **state)
{
    static const int64_t month = WW_COURIER_SUPPRESS_SECONDS;
    static const struct {
        const char *what;
        struct ww_courier_standing before;
        enum ww_target_outcome outcome;
        struct ww_courier_standing after;
    } rows[] = {
        {"the first", {0, 0}, WW_TRIED_REFUSED, {1, 0}},
        {"the second", {1, 0}, WW_TRIED_REFUSED, {2, 0}},
        {"the third", {2, 0}, WW_TRIED_REFUSED, {3, NOW + month}},
        {"one more when the month is over", {3, NOW - 1}, WW_TRIED_REFUSED, {3, NOW + month}},
        {"an operator's is longer", {2, INT64_MAX}, WW_TRIED_REFUSED, {3, INT64_MAX}},
        {"one accepted ends the row", {2, 0}, WW_TRIED_ACCEPTED, {0, 0}},
        {"but not what an operator says", {3, INT64_MAX}, WW_TRIED_ACCEPTED, {0, INT64_MAX}},
        {"a failure is no refusal", {2, 0}, WW_TRIED_LATER, {2, 0}},
        {"nor is no try", {2, 0}, WW_TRIED_POSTPONED, {2, 0}},
        {"nor what cannot be", {2, 0}, WW_TRIED_UNSUPPORTED, {2, 0}},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct ww_courier_standing s = rows[i].before;
        printf("%s\n", rows[i].what);
        ww_courier_judge(&s, rows[i].outcome, NOW);
        assert_int_equal(s.refusals, rows[i].after.refusals);
        assert_true(s.suppressed_until == rows[i].after.suppressed_until);
    }
}

static void bounces_in_a_row_suppress(void **state)
{
    const int64_t month = WW_COURIER_SUPPRESS_SECONDS;
    const struct {
        const char *what;
        struct ww_courier_standing before;
        unsigned in_a_row;
        struct ww_courier_standing after;
    } rows[] = {
        {"the latest has arrived", {0, 0}, 0, {0, 0}},
        {"the same, once the month is over", {3, NOW - 1}, 0, {3, NOW - 1}},
        {"the first", {0, 0}, 1, {1, 0}},
        {"the second", {1, 0}, 2, {2, 0}},
        {"after two that were refused at once", {2, 0}, 1, {2, 0}},
        {"the third", {0, 0}, 3, {3, NOW + month}},
        {"more than that", {0, 0}, 9, {3, NOW + month}},
        {"an operator's is longer", {2, INT64_MAX}, 3, {3, INT64_MAX}},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct ww_courier_standing s = rows[i].before;
        printf("%s\n", rows[i].what);
        ww_courier_bounced(&s, rows[i].in_a_row, NOW);
        assert_int_equal(s.refusals, rows[i].after.refusals);
        assert_true(s.suppressed_until == rows[i].after.suppressed_until);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_first_try_lies_in_the_hours_after_the_day),
        cmocka_unit_test(failures_come_ever_later),
        cmocka_unit_test(a_day_of_failures_is_the_end),
        cmocka_unit_test(a_clock_that_was_ahead_does_not_make_the_day_longer),
        cmocka_unit_test(what_a_try_comes_to),
        cmocka_unit_test(refusals_in_a_row_suppress),
        cmocka_unit_test(bounces_in_a_row_suppress),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
