#include "base/time.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <time.h>

#include <cmocka.h>

static const struct {
    int64_t seconds;
    const char *text;
} cases[] = {
    {0, "1970-01-01T00:00:00Z"},
    {951782399, "2000-02-28T23:59:59Z"},
    {951782400, "2000-02-29T00:00:00Z"},
    {951868800, "2000-03-01T00:00:00Z"},
    {1795384620, "2026-11-22T21:57:00Z"},
    {4107542399, "2100-02-28T23:59:59Z"},
    {4107542400, "2100-03-01T00:00:00Z"},
    {INT64_C(253402300799), "9999-12-31T23:59:59Z"},
    {INT64_C(253402300800), "9999-12-31T23:59:59Z"},
    {INT64_MAX, "9999-12-31T23:59:59Z"},
    {-1, "1970-01-01T00:00:00Z"},
    {INT64_MIN, "1970-01-01T00:00:00Z"},
};

static void writes_known_times(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char text[WW_TIME_SIZE];
        ww_time_format(cases[i].seconds, text);
        assert_string_equal(text, cases[i].text);
    }
}

static void agrees_with_the_c_library(void **state)
{
    (void)state;
    /* A step of some months and a prime number of seconds meets every day of the year. */
    for (int64_t t = 0; t < INT64_C(253402300799); t += 8640000 + 86413) {
        char text[WW_TIME_SIZE];
        char expected[WW_TIME_SIZE];
        struct tm tm;
        time_t seconds = (time_t)t;
        assert_non_null(gmtime_r(&seconds, &tm));
        assert_int_equal(strftime(expected, sizeof expected, "%Y-%m-%dT%H:%M:%SZ", &tm), WW_TIME_SIZE - 1);
        ww_time_format(t, text);
        assert_string_equal(text, expected);
    }
}

static const struct {
    const char *text;
    int64_t seconds; /* -1: it is no time */
} parse_cases[] = {
    {"1970-01-01T00:00:00Z", 0},
    {"2000-02-29T00:00:00Z", 951782400},
    {"2026-11-22T21:57:00Z", 1795384620},
    {"2026-11-22t21:57:00z", 1795384620},
    {"2026-11-22 21:57:00Z", 1795384620},
    {"2026-11-22T22:57:00+01:00", 1795384620},
    {"2026-11-22T16:27:00-05:30", 1795384620},
    {"2026-11-22T21:57:00.999Z", 1795384620},
    {"2016-12-31T23:59:60Z", 1483228799},
    {"9999-12-31T23:59:59Z", INT64_C(253402300799)},
    {"1970-01-01T00:00:00+00:01", -1},
    {"9999-12-31T23:59:59-00:01", -1},
    {"1969-12-31T23:59:59Z", -1},
    {"2026-02-29T00:00:00Z", -1},
    {"2026-13-01T00:00:00Z", -1},
    {"2026-00-01T00:00:00Z", -1},
    {"2026-01-00T00:00:00Z", -1},
    {"2026-01-01T24:00:00Z", -1},
    {"2026-01-01T00:60:00Z", -1},
    {"2026-01-01T00:00:61Z", -1},
    {"2026-01-01T00:00:00", -1},
    {"2026-01-01T00:00:00.Z", -1},
    {"2026-01-01T00:00:00Zx", -1},
    {"2026-01-01T00:00:00+1:00", -1},
    {"2026-01-01T00:00:00+01:00x", -1},
    {"2026-01-01T00:00:00+24:00", -1},
    {"2026-01-01", -1},
    {"2026-01-0", -1},
    {"tomorrow", -1},
    {"", -1},
};

static void reads_times_of_any_zone(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof parse_cases / sizeof parse_cases[0]; i++) {
        int64_t seconds = -1;
        bool good = ww_time_parse(ww_slice_str(parse_cases[i].text), &seconds);
        if (good != (parse_cases[i].seconds >= 0) || (good && seconds != parse_cases[i].seconds))
            fail_msg("%s: %d, %lld", parse_cases[i].text, good, (long long)seconds);
    }
}

static void reads_what_is_written(void **state)
{
    (void)state;
    for (int64_t t = 0; t < INT64_C(253402300799); t += 86400000 + 86413) {
        char text[WW_TIME_SIZE];
        int64_t seconds;
        ww_time_format(t, text);
        assert_true(ww_time_parse(ww_slice_str(text), &seconds));
        assert_int_equal(seconds, t);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(writes_known_times),
        cmocka_unit_test(agrees_with_the_c_library),
        cmocka_unit_test(reads_times_of_any_zone),
        cmocka_unit_test(reads_what_is_written),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
