#include "core/line.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#define S(text)                \
    {                          \
        text, sizeof(text) - 1 \
    }
#define COUNT(array) (sizeof(array) / sizeof(array)[0])

#define MAX 8

static const struct {
    struct ww_slice input;
    enum ww_line cut;
    struct ww_slice line;
    size_t used;
} cut_cases[] = {
    {S("abc\n"), WW_LINE_WHOLE, S("abc"), 4},
    {S("abc\r\n"), WW_LINE_WHOLE, S("abc"), 5},
    {S("a\nbc\n"), WW_LINE_WHOLE, S("a"), 2},
    {S("\n"), WW_LINE_WHOLE, S(""), 1},
    {S("\r\n"), WW_LINE_WHOLE, S(""), 2},
    {S("a\0b\n"), WW_LINE_WHOLE, S("a\0b"), 4},
    {S("a\r\r\n"), WW_LINE_WHOLE, S("a\r"), 4},
    {S("12345678\n"), WW_LINE_WHOLE, S("12345678"), 9},
    {S("12345678\r\n"), WW_LINE_WHOLE, S("12345678"), 10},
    {S(""), WW_LINE_MORE, S(""), 0},
    {S("abc"), WW_LINE_MORE, S(""), 0},
    {S("12345678"), WW_LINE_MORE, S(""), 0},
    {S("12345678\r"), WW_LINE_MORE, S(""), 0},
    {S("123456789"), WW_LINE_MORE, S(""), 0},
    {S("123456789\n"), WW_LINE_LONG, S(""), 0},
    {S("1234567890"), WW_LINE_LONG, S(""), 0},
    {S("1234567890\n"), WW_LINE_LONG, S(""), 0},
};

static void cuts_lines(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(cut_cases); i++) {
        struct ww_slice line = S("");
        size_t used = 0;
        enum ww_line cut = ww_line_cut(cut_cases[i].input.p, cut_cases[i].input.n, MAX, &line, &used);
        bool whole = cut == WW_LINE_WHOLE;
        if (cut != cut_cases[i].cut ||
            (whole && (!ww_slice_eq(line, cut_cases[i].line) || used != cut_cases[i].used)))
            fail_msg("case %zu: %d \"%.*s\" %zu", i, (int)cut, (int)line.n, line.p, used);
    }
}

static const struct {
    struct ww_slice line;
    struct ww_slice key; /* empty: no request */
} request_cases[] = {
    {S("sts example.com"), S("example.com")},
    {S("sts [192.0.2.1]"), S("[192.0.2.1]")},
    {S("sts a b"), S("a b")},
    {S("sts \0"), S("\0")},
    {S("sts b\xc3\xbc"
       "cher.example"),
     S("b\xc3\xbc"
       "cher.example")},
    {S("sts "), S("")},
    {S("sts"), S("")},
    {S("sts  example.com"), S("")},
    {S("STS example.com"), S("")},
    {S("sts\texample.com"), S("")},
    {S("stsexample.com"), S("")},
    {S(" sts example.com"), S("")},
    {S("GET / HTTP/1.1"), S("")},
    {S(""), S("")},
};

static void reads_requests(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(request_cases); i++) {
        struct ww_slice key = S("");
        bool good = ww_line_request(request_cases[i].line, &key);
        if (good != (request_cases[i].key.n > 0) || !ww_slice_eq(key, request_cases[i].key))
            fail_msg("case %zu: \"%.*s\"", i, (int)key.n, key.p);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cuts_lines),
        cmocka_unit_test(reads_requests),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
