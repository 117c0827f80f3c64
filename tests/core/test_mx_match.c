#include "core/mx_match.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

static const struct check_case {
    const char *name;
    enum ww_err pattern;
    size_t pattern_offset;
    enum ww_err san;
    size_t san_offset;
} check_cases[] = {
    {"mail.example.com", WW_OK, 0, WW_OK, 0},
    {"*.example.com", WW_OK, 0, WW_OK, 0},
    {"*.com", WW_OK, 0, WW_OK, 0},
    {"localhost", WW_OK, 0, WW_OK, 0},
    {"", WW_E_MX_EMPTY, 0, WW_E_DNAME_EMPTY, 0},
    {"*", WW_E_MX_WILDCARD, 0, WW_OK, 0},
    {"*.", WW_E_DNAME_EMPTY, 2, WW_E_DNAME_ROOT_DOT, 1},
    {"*example.com", WW_E_MX_WILDCARD, 0, WW_OK, 0},
    {"mx*.example.com", WW_E_MX_WILDCARD, 2, WW_OK, 0},
    {"*.*.example.com", WW_E_MX_WILDCARD, 2, WW_OK, 0},
    {"mail.*.com", WW_E_MX_WILDCARD, 5, WW_OK, 0},
    {"**.example.com", WW_E_MX_WILDCARD, 0, WW_OK, 0},
    {".example.com", WW_E_DNAME_LABEL_EMPTY, 0, WW_E_DNAME_LABEL_EMPTY, 0},
    {"*..example.com", WW_E_DNAME_LABEL_EMPTY, 2, WW_E_DNAME_LABEL_EMPTY, 2},
    {"mail.example.com.", WW_E_DNAME_ROOT_DOT, 16, WW_E_DNAME_ROOT_DOT, 16},
    {"*.example.com.", WW_E_DNAME_ROOT_DOT, 13, WW_E_DNAME_ROOT_DOT, 13},
    {"192.0.2.1", WW_E_DNAME_NUMERIC, 8, WW_E_DNAME_NUMERIC, 8},
    {"*.2.1", WW_E_DNAME_NUMERIC, 4, WW_E_DNAME_NUMERIC, 4},
    {"a_b.example.com", WW_E_DNAME_CHARACTER, 1, WW_E_DNAME_CHARACTER, 1},
    {"*.-a.example.com", WW_E_DNAME_HYPHEN, 2, WW_E_DNAME_HYPHEN, 2},
};

static void checks_patterns_and_certificate_names(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(check_cases); i++) {
        const struct check_case *c = &check_cases[i];
        struct ww_slice name = ww_slice_str(c->name);
        size_t offset = SIZE_MAX;
        enum ww_err err = ww_mx_pattern_check(name, &offset);
        if (err != c->pattern || (err != WW_OK && offset != c->pattern_offset))
            fail_msg("pattern %s: %s at %zu", c->name, ww_err_id(err), offset);
        err = ww_san_check(name, &offset);
        if (err != c->san || (err != WW_OK && offset != c->san_offset))
            fail_msg("dNSName %s: %s at %zu", c->name, ww_err_id(err), offset);
    }
}

static const struct match_case {
    const char *pattern, *host;
    bool mx, san;
} match_cases[] = {
    {"mail.example.com", "mail.example.com", true, true},
    {"mail.example.com", "MAIL.Example.Com", true, true},
    {"MAIL.EXAMPLE.COM", "mail.example.com", true, true},
    {"mail.example.com", "mail.example.com.", true, true},
    {"mail.example.com", "mail.example.com..", false, false},
    {"mail.example.com.", "mail.example.com", false, false},
    {"mail.example.com", "mail2.example.com", false, false},
    {"mail.example.com", "ail.example.com", false, false},
    {"mail.example.com", "x.mail.example.com", false, false},
    {"mail.example.com", "example.com", false, false},
    {"*.example.com", "mail.example.com", true, true},
    {"*.example.com", "mail.EXAMPLE.com.", true, true},
    {"*.EXAMPLE.com", "mail.example.com", true, true},
    {"*.example.com", "xn--bcher-kva.example.com", true, true},
    {"*.example.com", "example.com", false, false},
    {"*.example.com", ".example.com", false, false},
    {"*.example.com", "a.b.example.com", false, false},
    {"*.example.com", "mailexample.com", false, false},
    {"*.example.com", "*.example.com", false, false},
    {"*.example.com", "a_b.example.com", false, false},
    {"*.com", "example.com", true, false},
    {"*.com", "mail.example.com", false, false},
    {"*", "example", false, false},
    {"*.", "example.", false, false},
    {"*.*.com", "mail.example.com", false, false},
    {"m*.example.com", "mail.example.com", false, false},
    {"*l.example.com", "mail.example.com", false, false},
    {"mail.*.com", "mail.example.com", false, false},
    {".example.com", "mail.example.com", false, false},
    {"localhost", "localhost", true, true},
    {"192.0.2.1", "192.0.2.1", false, false},
    {"b\xc3\xbc"
     "cher.example",
     "xn--bcher-kva.example", false, false},
    {"b\xc3\xbc"
     "cher.example",
     "b\xc3\xbc"
     "cher.example",
     false, false},
    {"", "", false, false},
    {"mail.example.com", "", false, false},
    {"*.example.com", ".", false, false},
};

static void matches_hosts(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(match_cases); i++) {
        const struct match_case *c = &match_cases[i];
        struct ww_slice pattern = ww_slice_str(c->pattern), host = ww_slice_str(c->host);
        if (ww_mx_match(pattern, host) != c->mx)
            fail_msg("pattern %s, host %s: expected %d", c->pattern, c->host, c->mx);
        if (ww_san_match(pattern, host) != c->san)
            fail_msg("dNSName %s, host %s: expected %d", c->pattern, c->host, c->san);
    }
}

static void sees_nul(void **state)
{
    (void)state;
    struct ww_slice host = ww_slice_str("mail.example.com");
    struct ww_slice cut = ww_slice("mail.example.com\0.evil.example", 30);
    assert_false(ww_mx_match(cut, host));
    assert_false(ww_san_match(cut, host));
    assert_false(ww_mx_match(host, cut));
    assert_false(ww_san_match(host, cut));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(checks_patterns_and_certificate_names),
        cmocka_unit_test(matches_hosts),
        cmocka_unit_test(sees_nul),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
