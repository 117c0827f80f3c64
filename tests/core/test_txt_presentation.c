#include "core/txt_presentation.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof(array)[0])
#define TEXT(literal) literal, sizeof literal - 1

#define X51 "012345678901234567890123456789012345678901234567890"
#define X255 X51 X51 X51 X51 X51

static const struct read_case {
    const char *p;
    size_t n;
    const char *text;
    size_t text_n;
} read_cases[] = {
    {TEXT("\"v=STSv1; id=1\""), TEXT("v=STSv1; id=1")},
    {TEXT("\"v=STSv1;\" \" id=1\""), TEXT("v=STSv1; id=1")},
    {TEXT("  \"a\"\t\"b\" \"\"  "), TEXT("ab")},
    {TEXT("\"\""), TEXT("")},
    {TEXT("a b\tc"), TEXT("abc")},
    {TEXT("v=STSv1\\; \"x\""), TEXT("v=STSv1;x")},
    {TEXT("\"a\\\"b\\\\c\\;d\""), TEXT("a\"b\\c;d")},
    {TEXT("\"\\000\\009\\255\\1281\""), TEXT("\0\t\xff\x80"
                                             "1")},
    {TEXT("\"a\0b\""), TEXT("a\0b")},
    {TEXT("\"\xc3\xa4\""), TEXT("\xc3\xa4")},
    {TEXT("\"" X255 "\" \"" X255 "\""), TEXT(X255 X255)},
};

static void reads_strings(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(read_cases); i++) {
        const struct read_case *c = &read_cases[i];
        char out[600];
        size_t n = 0, offset = 0;
        enum ww_err err = ww_txt_presentation_read(c->p, c->n, out, sizeof out, &n, &offset);
        if (err != WW_OK || !ww_slice_eq(ww_slice(out, n), ww_slice(c->text, c->text_n)))
            fail_msg("%s: %s at %zu, %.*s", c->p, ww_err_id(err), offset, (int)n, out);
    }
}

static const struct broken_case {
    const char *p;
    size_t n;
    enum ww_err err;
    size_t offset;
} broken_cases[] = {
    {TEXT(""), WW_E_TXT_EMPTY, 0},
    {TEXT(" \t"), WW_E_TXT_EMPTY, 2},
    {TEXT("\"a"), WW_E_TXT_QUOTE_OPEN, 0},
    {TEXT("\"a\" \"b\\\""), WW_E_TXT_QUOTE_OPEN, 4},
    {TEXT("\"a\"\"b\""), WW_E_TXT_SEPARATOR, 3},
    {TEXT("\"a\"b"), WW_E_TXT_SEPARATOR, 3},
    {TEXT("a\"b\""), WW_E_TXT_SEPARATOR, 1},
    {TEXT("\"a\" ; note"), WW_E_TXT_UNQUOTED, 4},
    {TEXT("v=STSv1; id=1"), WW_E_TXT_UNQUOTED, 7},
    {TEXT("( \"a\" )"), WW_E_TXT_UNQUOTED, 0},
    {TEXT("\"\\"), WW_E_TXT_ESCAPE, 1},
    {TEXT("\"\\1\""), WW_E_TXT_ESCAPE, 1},
    {TEXT("\"\\12"), WW_E_TXT_ESCAPE, 1},
    {TEXT("\"\\12x\""), WW_E_TXT_ESCAPE, 1},
    {TEXT("\"a\\256\""), WW_E_TXT_ESCAPE, 2},
    {TEXT("\"a\\999\""), WW_E_TXT_ESCAPE, 2},
    {TEXT("\"" X255 "x\""), WW_E_TXT_STRING_TOO_LONG, 256},
    {TEXT("\"a\" " X255 "x"), WW_E_TXT_STRING_TOO_LONG, 4 + 255},
};

static void refuses_lines(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(broken_cases); i++) {
        const struct broken_case *c = &broken_cases[i];
        char out[600];
        size_t n = 0, offset = SIZE_MAX;
        enum ww_err err = ww_txt_presentation_read(c->p, c->n, out, sizeof out, &n, &offset);
        if (err != c->err || offset != c->offset)
            fail_msg("%s: %s at %zu", c->p, ww_err_id(err), offset);
    }
}

static void writes_no_more_than_it_may(void **state)
{
    (void)state;
    char out[4] = "???";
    size_t n, offset;
    assert_int_equal(ww_txt_presentation_read(TEXT("\"abc\""), out, 2, &n, &offset), WW_E_TOO_LONG);
    assert_string_equal(out, "ab?");
    assert_int_equal(ww_txt_presentation_read(TEXT("\"ab\""), out, 2, &n, &offset), WW_OK);
}

static void locates_octets(void **state)
{
    (void)state;
    /* octets     a b c d */
    const char line[] = " \"a\\098\"  \"\" \"cd\" ";
    static const size_t where[] = {2, 3, 14, 15, 16, 16};
    for (size_t i = 0; i < COUNT(where); i++)
        assert_int_equal(ww_txt_presentation_locate(line, sizeof line - 1, i), where[i]);
    assert_int_equal(ww_txt_presentation_locate(TEXT("\"\""), 0), 1);
    assert_int_equal(ww_txt_presentation_locate(TEXT("ab"), 2), 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_strings),
        cmocka_unit_test(refuses_lines),
        cmocka_unit_test(writes_no_more_than_it_may),
        cmocka_unit_test(locates_octets),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
