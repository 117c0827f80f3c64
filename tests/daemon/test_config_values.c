#include "daemon/config_values.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>
#include <inttypes.h>
#include <stddef.h>

#define WRONG UINT64_MAX

struct number_case {
    const char *text;
    uint64_t value; /* WRONG: it is none */
};

static const struct number_case numbers[] = {
    {"0", 0},
    {"7", 7},
    {"007", 7},
    {"999999999999999", 999999999999999},
    {"1000000000000000", WRONG},
    {"0000000000000001", WRONG},
    {"18446744073709551616", WRONG},
    {"", WRONG},
    {" 1", WRONG},
    {"1 ", WRONG},
    {"-1", WRONG},
    {"+1", WRONG},
    {"1.0", WRONG},
    {"0x10", WRONG},
    {"1s", WRONG},
    {"one", WRONG},
};

static const struct number_case durations[] = {
    {"0s", 0},
    {"1s", 1000},
    {"90s", 90000},
    {"5m", 300000},
    {"12h", 43200000},
    {"1d", 86400000},
    {"999999999999999s", 999999999999999000},
    {"999999999999999d", WRONG}, /* more than 64 bits of milliseconds */
    {"1", WRONG},
    {"s", WRONG},
    {"", WRONG},
    {"1S", WRONG},
    {"1w", WRONG},
    {"1ms", WRONG},
    {"1 s", WRONG},
    {"1h30m", WRONG},
    {"-1s", WRONG},
    {"1000000000000000s", WRONG},
};

static void check(const struct number_case *cases, size_t count, bool (*read)(const char *, uint64_t *))
{
    for (size_t i = 0; i < count; i++) {
        uint64_t value = 0;
        bool good = read(cases[i].text, &value);
        if (good != (cases[i].value != WRONG) || (good && value != cases[i].value))
            fail_msg("\"%s\": %s %" PRIu64, cases[i].text, good ? "is" : "is none of", value);
    }
}

static void reads_numbers(void **state)
{
    (void)state;
    check(numbers, sizeof numbers / sizeof *numbers, ww_value_number);
}

static void reads_durations(void **state)
{
    (void)state;
    check(durations, sizeof durations / sizeof *durations, ww_value_duration);
}

static void writes_durations_that_can_be_read(void **state)
{
    (void)state;
    static const struct {
        uint64_t ms;
        const char *text;
    } cases[] = {
        {0, "0s"},       {1000, "1s"},     {59000, "59s"},   {60000, "1m"},     {61000, "61s"},
        {3600000, "1h"}, {5400000, "90m"}, {86400000, "1d"}, {90000000, "25h"}, {604800000, "7d"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char out[24];
        uint64_t again;
        ww_value_duration_format(cases[i].ms, out, sizeof out);
        assert_string_equal(out, cases[i].text);
        assert_true(ww_value_duration(out, &again));
        assert_int_equal(again, cases[i].ms);
    }
}

static const struct number_case bytes[] = {
    {"0", 0},
    {"16777216", 16777216},
    {"1K", 1024},
    {"64M", 67108864},
    {"1G", 1073741824},
    {"3T", UINT64_C(3) << 40},
    {"16777215T", UINT64_C(16777215) << 40},
    {"16777216T", WRONG}, /* more than 64 bits */
    {"1k", WRONG},
    {"1P", WRONG},
    {"1KB", WRONG},
    {"1 K", WRONG},
    {"K", WRONG},
    {"", WRONG},
    {"-1", WRONG},
    {"1.5G", WRONG},
};

static void reads_bytes(void **state)
{
    (void)state;
    check(bytes, sizeof bytes / sizeof *bytes, ww_value_bytes);
}

static void writes_bytes_that_can_be_read(void **state)
{
    (void)state;
    static const struct {
        uint64_t v;
        const char *text;
    } cases[] = {
        {0, "0"},
        {1, "1"},
        {1023, "1023"},
        {1024, "1K"},
        {1536, "1536"},
        {16777216, "16M"},
        {UINT64_C(1) << 40, "1T"},
        {UINT64_C(1536) << 30, "1536G"},
        {UINT64_C(1) << 50, "1024T"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char out[24];
        uint64_t again;
        ww_value_bytes_format(cases[i].v, out, sizeof out);
        assert_string_equal(out, cases[i].text);
        assert_true(ww_value_bytes(out, &again));
        assert_int_equal(again, cases[i].v);
    }
}

static void reads_modes(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int mode; /* -1: it is none */
    } cases[] = {
        {"0666", 0666}, {"666", 0666}, {"0000", 0},   {"777", 0777}, {"07", -1},
        {"7", -1},      {"1777", -1},  {"00666", -1}, {"0668", -1},  {"0o66", -1},
        {"rw-rw-", -1}, {"", -1},      {" 666", -1},  {"-666", -1},  {"0666 ", -1},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        mode_t mode = 0;
        bool good = ww_value_mode(cases[i].text, &mode);
        if (good != (cases[i].mode >= 0) || (good && (int)mode != cases[i].mode))
            fail_msg("\"%s\"", cases[i].text);
    }
}

static void reads_words(void **state)
{
    (void)state;
    static const char *const words[] = {"may", "encrypt", "maybe", NULL};
    static const struct {
        const char *text;
        int which; /* -1: none of them */
    } cases[] = {{"may", 0}, {"encrypt", 1}, {"maybe", 2}, {"", -1},
                 {"ma", -1}, {"May", -1},    {"may ", -1}, {"encrypts", -1}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        unsigned which = 9;
        assert_int_equal(ww_value_word(cases[i].text, words, &which), cases[i].which >= 0);
        assert_int_equal(which, cases[i].which >= 0 ? (unsigned)cases[i].which : 9);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_numbers),
        cmocka_unit_test(reads_durations),
        cmocka_unit_test(writes_durations_that_can_be_read),
        cmocka_unit_test(reads_bytes),
        cmocka_unit_test(writes_bytes_that_can_be_read),
        cmocka_unit_test(reads_modes),
        cmocka_unit_test(reads_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
