#include "core/policy.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof(array)[0])
#define TEXT(literal) literal, sizeof literal - 1

#define A32 "abcdefghijklmnopqrstuvwxyz123456"

/* The three required fields, 45 octets, and one mx, 9 octets. */
#define HEAD "version: STSv1\nmode: enforce\nmax_age: 604800\n"
#define MX "mx: a.b\n"

static const struct valid_case {
    const char *p;
    size_t n;
    enum ww_policy_mode mode;
    uint32_t max_age;
    const char *mx; /* joined with a space */
} valid_cases[] = {
    {TEXT(HEAD MX), WW_MODE_ENFORCE, 604800, "a.b"},
    {TEXT("version: STSv1\r\nmode: enforce\r\nmx: mail.example.com\r\nmx: *.example.net\r\n"
          "mx: backupmx.example.com\r\nmax_age: 604800\r\n"),
     WW_MODE_ENFORCE, 604800, "mail.example.com *.example.net backupmx.example.com"},
    {TEXT("mx: a.b\nmax_age: 1\r\nmode: testing\nversion: STSv1"), WW_MODE_TESTING, 1, "a.b"},
    {TEXT("version: STSv1\nmode: none\nmax_age: 0"), WW_MODE_NONE, 0, ""},
    {TEXT("version: STSv1\nmode: none\nmax_age: 0\nmx: a.b"), WW_MODE_NONE, 0, "a.b"},
    {TEXT("version:STSv1\nmode:\t \tenforce \t\nmax_age:5\t\r\nmx:A.b"), WW_MODE_ENFORCE, 5, "A.b"},
    {TEXT(HEAD MX "max_age: 0000000001\n"), WW_MODE_ENFORCE, 604800, "a.b"},
    {TEXT("version: STSv1\nmode: enforce\nmax_age: 0000000007\nmx: a"), WW_MODE_ENFORCE, 7, "a"},
    {TEXT("version: STSv1\nmode: enforce\nmax_age: 0031557600\nmx: a"), WW_MODE_ENFORCE, 31557600, "a"},
    {TEXT(HEAD MX "version: STSv2\nmode: bogus\nmax_age: 99999999999\n"), WW_MODE_ENFORCE, 604800, "a.b"},
    {TEXT(HEAD MX MX), WW_MODE_ENFORCE, 604800, "a.b a.b"},
    {TEXT(HEAD MX "MX: not a pattern\nMode: none\n"), WW_MODE_ENFORCE, 604800, "a.b"},
    {TEXT(HEAD MX "note: two words: { and } = $x\n"), WW_MODE_ENFORCE, 604800, "a.b"},
    {TEXT(HEAD MX A32 ": x\n0_-.: y\n"), WW_MODE_ENFORCE, 604800, "a.b"},
    {TEXT(HEAD MX "a::\n"), WW_MODE_ENFORCE, 604800, "a.b"},
    {TEXT(HEAD MX
          "a: \xc2\xa0\xdf\xbf\xe0\xa0\x80\xed\x9f\xbf\xee\x80\x80\xf0\x90\x80\x80\xf4\x8f\xbf\xbf\n"),
     WW_MODE_ENFORCE, 604800, "a.b"},
    {TEXT(HEAD MX "a: \xef\xbb\xbf"
                  "b\n"),
     WW_MODE_ENFORCE, 604800, "a.b"},
};

static void join_mx(const struct ww_policy *policy, char *out, size_t size)
{
    struct ww_slice pattern;
    size_t n = 0, count = 0;
    out[0] = '\0';
    for (size_t pos = 0; ww_policy_next_mx(policy, &pos, &pattern); count++)
        n += (size_t)snprintf(out + n, size - n, "%s%.*s", n > 0 ? " " : "", (int)pattern.n, pattern.p);
    assert_int_equal(count, policy->mx_count);
}

static void accepts_policies(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(valid_cases); i++) {
        const struct valid_case *c = &valid_cases[i];
        struct ww_policy policy;
        size_t offset = 0;
        enum ww_err err = ww_policy_parse(c->p, c->n, &policy, &offset);
        if (err != WW_OK)
            fail_msg("%s: %s at %zu", c->p, ww_err_id(err), offset);
        char mx[200];
        join_mx(&policy, mx, sizeof mx);
        if (policy.mode != c->mode || policy.max_age != c->max_age || strcmp(mx, c->mx) != 0)
            fail_msg("%s: %s, %u, %s", c->p, ww_policy_mode_name(policy.mode), policy.max_age, mx);
        struct ww_policy again;
        assert_int_equal(ww_policy_parse_again(c->p, c->n, &again), WW_OK);
        assert_memory_equal(&again, &policy, sizeof again);
    }
}

static const struct broken_case {
    const char *p;
    size_t n;
    enum ww_err err;
    size_t offset;
} broken_cases[] = {
    {TEXT(""), WW_E_POLICY_EMPTY, 0},
    {TEXT("\n"), WW_E_POLICY_BLANK_LINE, 0},
    {TEXT("\xef\xbb\xbf" HEAD MX), WW_E_POLICY_BOM, 0},
    {TEXT(HEAD MX "\n"), WW_E_POLICY_BLANK_LINE, 53},
    {TEXT(HEAD MX "\r\n"), WW_E_POLICY_BLANK_LINE, 53},
    {TEXT(HEAD MX " "), WW_E_POLICY_BLANK_LINE, 53},
    {TEXT(HEAD "\n" MX), WW_E_POLICY_BLANK_LINE, 45},
    {TEXT(HEAD " " MX), WW_E_POLICY_SPACE, 45},
    {TEXT(HEAD "\t" MX), WW_E_POLICY_SPACE, 45},
    {TEXT(HEAD "mx : a.b"), WW_E_POLICY_SPACE, 47},
    {TEXT(HEAD "mx\t : a.b"), WW_E_POLICY_SPACE, 47},
    {TEXT(HEAD "mx a.b"), WW_E_POLICY_COLON, 47},
    {TEXT(HEAD "mx"), WW_E_POLICY_COLON, 47},
    {TEXT(HEAD MX "# note: x"), WW_E_POLICY_KEY, 53},
    {TEXT(HEAD MX ": x"), WW_E_POLICY_KEY, 53},
    {TEXT(HEAD MX "_a: x"), WW_E_POLICY_KEY, 53},
    {TEXT(HEAD MX "a=b: x"), WW_E_POLICY_KEY, 54},
    {TEXT(HEAD MX "a\xc3\xa4: x"), WW_E_POLICY_KEY, 54},
    {TEXT(HEAD MX A32 "7: x"), WW_E_POLICY_KEY, 85},
    {TEXT(HEAD MX "a\0b: x"), WW_E_POLICY_OCTET, 54},
    {TEXT("<!DOCTYPE html>\n"), WW_E_POLICY_KEY, 0},
    {TEXT(HEAD MX "a:"), WW_E_POLICY_VALUE_EMPTY, 55},
    {TEXT(HEAD MX "a: \t \n"), WW_E_POLICY_VALUE_EMPTY, 55},
    {TEXT(HEAD MX "mode:\n"), WW_E_POLICY_VALUE_EMPTY, 58},
    {TEXT(HEAD MX "a: b\tc"), WW_E_POLICY_OCTET, 57},
    {TEXT(HEAD MX "a: b\0c"), WW_E_POLICY_OCTET, 57},
    {TEXT(HEAD MX "a: \x7f"), WW_E_POLICY_OCTET, 56},
    {TEXT(HEAD MX "a: \x1b[0m"), WW_E_POLICY_OCTET, 56},
    {TEXT(HEAD MX "a: b\rc: d\n"), WW_E_POLICY_LINE_END, 57},
    {TEXT(HEAD MX "a: b\r"), WW_E_POLICY_LINE_END, 57},
    {TEXT(HEAD MX "a: b\r\r\n"), WW_E_POLICY_LINE_END, 57},
    {TEXT(HEAD MX "a: b \r \n"), WW_E_POLICY_LINE_END, 58},
    {TEXT("version: STSv1\rmode: none\rmax_age: 1\r"), WW_E_POLICY_LINE_END, 14},
    {TEXT(HEAD MX "\r"), WW_E_POLICY_LINE_END, 53},
    {TEXT(HEAD MX "a: \xff"), WW_E_POLICY_UTF8, 56},
    {TEXT(HEAD MX "a: \x80"), WW_E_POLICY_UTF8, 56},
    {TEXT(HEAD MX "a: \xc3"), WW_E_POLICY_UTF8, 56},
    {TEXT(HEAD MX "a: \xe2\x82\n"), WW_E_POLICY_UTF8, 56},
    {TEXT(HEAD MX "a: \xc0\xaf"), WW_E_POLICY_UTF8, 56},
    {TEXT(HEAD MX "a: \xe0\x80\xaf"), WW_E_POLICY_UTF8, 56},
    {TEXT(HEAD MX "a: \xed\xa0\x80"), WW_E_POLICY_UTF8, 56},
    {TEXT(HEAD MX "a: \xf0\x80\x80\x80"), WW_E_POLICY_UTF8, 56},
    {TEXT(HEAD MX "a: \xf4\x90\x80\x80"), WW_E_POLICY_UTF8, 56},
    {TEXT(HEAD MX "a: \xf5\x80\x80\x80"), WW_E_POLICY_UTF8, 56},
    {TEXT("version: STSv2\nmode: none\nmax_age: 1"), WW_E_POLICY_VERSION, 9},
    {TEXT("version: stsv1\nmode: none\nmax_age: 1"), WW_E_POLICY_VERSION, 9},
    {TEXT("version: STSv1 STSv1\nmode: none\nmax_age: 1"), WW_E_POLICY_VERSION, 9},
    {TEXT("version: STSv2\nversion: STSv1\nmode: none\nmax_age: 1"), WW_E_POLICY_VERSION, 9},
    {TEXT("mode: none\nmax_age: 1"), WW_E_POLICY_VERSION_MISSING, 21},
    {TEXT("Version: STSv1\nmode: none\nmax_age: 1"), WW_E_POLICY_VERSION_MISSING, 36},
    {TEXT("version: STSv1\nmode: report\nmax_age: 1\nmx: a"), WW_E_POLICY_MODE, 21},
    {TEXT("version: STSv1\nmode: Enforce\nmax_age: 1\nmx: a"), WW_E_POLICY_MODE, 21},
    {TEXT("version: STSv1\nmode: enforced\nmax_age: 1\nmx: a"), WW_E_POLICY_MODE, 21},
    {TEXT("version: STSv1\nmode: bogus\nmode: none\nmax_age: 1"), WW_E_POLICY_MODE, 21},
    {TEXT("version: STSv1\nMode: none\nmax_age: 1"), WW_E_POLICY_MODE_MISSING, 36},
    {TEXT("version: STSv1\nmode: none"), WW_E_POLICY_MAX_AGE_MISSING, 25},
    {TEXT("version: STSv1\nmode: none\nmax_age: 1d"), WW_E_POLICY_MAX_AGE, 36},
    {TEXT("version: STSv1\nmode: none\nmax_age: -1"), WW_E_POLICY_MAX_AGE, 35},
    {TEXT("version: STSv1\nmode: none\nmax_age: +1"), WW_E_POLICY_MAX_AGE, 35},
    {TEXT("version: STSv1\nmode: none\nmax_age: 1.0"), WW_E_POLICY_MAX_AGE, 36},
    {TEXT("version: STSv1\nmode: none\nmax_age: 00000000001"), WW_E_POLICY_MAX_AGE, 45},
    {TEXT("version: STSv1\nmode: none\nmax_age: x\nmax_age: 1"), WW_E_POLICY_MAX_AGE, 35},
    {TEXT("version: STSv1\nmode: none\nmax_age: 31557601"), WW_E_POLICY_MAX_AGE_RANGE, 35},
    {TEXT("version: STSv1\nmode: none\nmax_age: 4294967297"), WW_E_POLICY_MAX_AGE_RANGE, 35},
    {TEXT("version: STSv1\nmode: none\nmax_age: 9999999999"), WW_E_POLICY_MAX_AGE_RANGE, 35},
    {TEXT("version: STSv1\nmode: none\nmax_age: 18446744073709551617"), WW_E_POLICY_MAX_AGE, 45},
    {TEXT(HEAD), WW_E_POLICY_MX_MISSING, 45},
    {TEXT(HEAD "MX: a.b"), WW_E_POLICY_MX_MISSING, 52},
    {TEXT(HEAD "mx: a.b, c.d"), WW_E_DNAME_CHARACTER, 52},
    {TEXT(HEAD "mx: a.b c.d"), WW_E_DNAME_CHARACTER, 52},
    {TEXT(HEAD "mx: .a.b"), WW_E_DNAME_LABEL_EMPTY, 49},
    {TEXT(HEAD "mx: *"), WW_E_MX_WILDCARD, 49},
    {TEXT(HEAD "mx: a.b."), WW_E_DNAME_ROOT_DOT, 52},
    {TEXT(HEAD "mx: 192.0.2.1"), WW_E_DNAME_NUMERIC, 57},
    {TEXT(HEAD "mx: [192.0.2.1]"), WW_E_DNAME_CHARACTER, 49},
    {TEXT(HEAD "mx: b\xc3\xbc"
               "cher.example"),
     WW_E_DNAME_NON_ASCII, 50},
    {TEXT(HEAD MX "mx: a_b.c\n"), WW_E_DNAME_CHARACTER, 58},
    {TEXT("version: STSv1\nmode: none\nmax_age: 1\nmx: *.*.a"), WW_E_MX_WILDCARD, 43},
};

static void refuses_policies(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(broken_cases); i++) {
        const struct broken_case *c = &broken_cases[i];
        struct ww_policy policy;
        size_t offset = SIZE_MAX;
        enum ww_err err = ww_policy_parse(c->p, c->n, &policy, &offset);
        if (err != c->err || offset != c->offset)
            fail_msg("%s: %s at %zu", c->p, ww_err_id(err), offset);
    }
}

/* Fills up to n octets with one mx line after another, and a last extension that is as long as it takes. */
static void fill(char *body, size_t n)
{
    size_t at = strlen(HEAD);
    for (memcpy(body, HEAD, at); at + 200 < n; at += strlen(MX))
        memcpy(body + at, MX, strlen(MX));
    memcpy(body + at, "x: ", 3);
    memset(body + at + 3, 'y', n - at - 3);
}

static void reads_as_much_as_64_kib_hold(void **state)
{
    (void)state;
    char *body = malloc(WW_POLICY_BODY_MAX + 1);
    assert_non_null(body);
    struct ww_policy policy;
    size_t offset, count = 0;
    fill(body, WW_POLICY_BODY_MAX);
    assert_int_equal(ww_policy_parse(body, WW_POLICY_BODY_MAX, &policy, &offset), WW_OK);
    struct ww_slice pattern;
    for (size_t pos = 0; ww_policy_next_mx(&policy, &pos, &pattern); count++)
        assert_true(ww_slice_is(pattern, "a.b"));
    assert_int_equal(count, policy.mx_count);
    assert_true(count > 8000);

    fill(body, WW_POLICY_BODY_MAX + 1);
    assert_int_equal(ww_policy_parse(body, WW_POLICY_BODY_MAX + 1, &policy, &offset), WW_E_POLICY_TOO_LONG);
    assert_int_equal(offset, WW_POLICY_BODY_MAX);
    free(body);
}

static void lists_lines(void **state)
{
    (void)state;
    const char body[] =
        "mode: none\r\nversion: STSv1 \nmode: enforce\nmx: a\nmax_age:\t5\nx: y z\nmx: b\nversion: q";
    static const struct {
        const char *text, *key, *value;
        bool counts;
    } expected[] = {
        {"mode: none", "mode", "none", true},
        {"version: STSv1", "version", "STSv1", true},
        {"mode: enforce", "mode", "enforce", false},
        {"mx: a", "mx", "a", true},
        {"max_age:\t5", "max_age", "5", true},
        {"x: y z", "x", "y z", false},
        {"mx: b", "mx", "b", true},
        {"version: q", "version", "q", false},
    };
    struct ww_policy policy;
    struct ww_policy_line line;
    size_t offset, i = 0, text_pos = 0;
    assert_int_equal(ww_policy_parse(body, sizeof body - 1, &policy, &offset), WW_OK);
    for (size_t pos = 0; ww_policy_next_line(&policy, &pos, &line); i++) {
        assert_true(i < COUNT(expected));
        struct ww_slice text;
        assert_true(ww_policy_next_text(&policy, &text_pos, &text));
        assert_true(ww_slice_is(text, expected[i].text));
        assert_true(ww_slice_is(line.text, expected[i].text));
        assert_true(ww_slice_is(line.key, expected[i].key));
        assert_true(ww_slice_is(line.value, expected[i].value));
        assert_int_equal(line.counts, expected[i].counts);
    }
    assert_int_equal(i, COUNT(expected));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(accepts_policies),
        cmocka_unit_test(refuses_policies),
        cmocka_unit_test(reads_as_much_as_64_kib_hold),
        cmocka_unit_test(lists_lines),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
