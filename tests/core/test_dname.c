#include "core/dname.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

#define L31 "abcdefghijklmnopqrstuvwxyz12345"
#define L63 L31 L31 "a"

static const struct check_case {
    const char *name;
    enum ww_err err;
    size_t offset;
} check_cases[] = {
    {"example.com", WW_OK, 0},
    {"a", WW_OK, 0},
    {"1.a", WW_OK, 0},
    {"3com.example", WW_OK, 0},
    {"MX-1.Example.NET", WW_OK, 0},
    {"xn--bcher-kva.example", WW_OK, 0},
    {"a--b.example", WW_OK, 0},
    {"1e", WW_OK, 0},
    {L63 ".example", WW_OK, 0},
    {L63 "." L63 "." L63 "." L31 L31 "a", WW_E_DNAME_TOO_LONG, 253},
    {"", WW_E_DNAME_EMPTY, 0},
    {".", WW_E_DNAME_LABEL_EMPTY, 0},
    {".example", WW_E_DNAME_LABEL_EMPTY, 0},
    {"a..b", WW_E_DNAME_LABEL_EMPTY, 2},
    {"a..", WW_E_DNAME_LABEL_EMPTY, 2},
    {"example.com.", WW_E_DNAME_ROOT_DOT, 11},
    {L63 "b.example", WW_E_DNAME_LABEL_TOO_LONG, 63},
    {"a_b.example", WW_E_DNAME_CHARACTER, 1},
    {"_mta-sts.example", WW_E_DNAME_CHARACTER, 0},
    {"*.example", WW_E_DNAME_CHARACTER, 0},
    {"a b.example", WW_E_DNAME_CHARACTER, 1},
    {"a.example ", WW_E_DNAME_CHARACTER, 9},
    {"a.example:25", WW_E_DNAME_CHARACTER, 9},
    {"[192.0.2.1]", WW_E_DNAME_CHARACTER, 0},
    {"2001:db8::1", WW_E_DNAME_CHARACTER, 4},
    {"b\xc3\xbc"
     "cher.example",
     WW_E_DNAME_NON_ASCII, 1},
    {"-a.example", WW_E_DNAME_HYPHEN, 0},
    {"a-.example", WW_E_DNAME_HYPHEN, 1},
    {"a.-", WW_E_DNAME_HYPHEN, 2},
    {"192.0.2.1", WW_E_DNAME_NUMERIC, 8},
    {"mail.123", WW_E_DNAME_NUMERIC, 5},
    {"7", WW_E_DNAME_NUMERIC, 0},
};

static void checks_names(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(check_cases); i++) {
        const struct check_case *c = &check_cases[i];
        size_t offset = SIZE_MAX;
        enum ww_err err = ww_dname_check(c->name, strlen(c->name), &offset);
        if (err != c->err || (err != WW_OK && offset != c->offset))
            fail_msg("%s: %s at %zu", c->name, ww_err_id(err), offset);
    }
}

static void sees_nul(void **state)
{
    (void)state;
    size_t offset;
    assert_int_equal(ww_dname_check("a\0b.example", 11, &offset), WW_E_DNAME_CHARACTER);
    assert_int_equal(offset, 1);
    assert_int_equal(ww_dname_check("example.com\0", 12, &offset), WW_E_DNAME_CHARACTER);
    assert_int_equal(offset, 11);
}

static void accepts_the_longest(void **state)
{
    (void)state;
    const char *longest = L63 "." L63 "." L63 "." L31 L31 "a";
    size_t offset;
    assert_int_equal(strlen(longest), WW_DNAME_MAX + 2);
    assert_int_equal(ww_dname_check(longest + 2, WW_DNAME_MAX, &offset), WW_OK);
    assert_int_equal(ww_dname_check(longest + 1, WW_DNAME_MAX + 1, &offset), WW_E_DNAME_TOO_LONG);
}

static const struct canon_case {
    const char *name, *canon;
    enum ww_err err;
} canon_cases[] = {
    {"Example.COM", "example.com", WW_OK},
    {"example.com.", "example.com", WW_OK},
    {"A", "a", WW_OK},
    {"example.com..", "", WW_E_DNAME_ROOT_DOT},
    {".", "", WW_E_DNAME_EMPTY},
    {"", "", WW_E_DNAME_EMPTY},
    {"a@b", "", WW_E_DNAME_CHARACTER},
    {"192.0.2.1.", "", WW_E_DNAME_NUMERIC},
};

static void makes_names_canonical(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(canon_cases); i++) {
        const struct canon_case *c = &canon_cases[i];
        char out[WW_DNAME_SIZE];
        memset(out, '?', sizeof out);
        enum ww_err err = ww_dname_canon(c->name, strlen(c->name), out);
        if (err != c->err || strcmp(out, c->canon) != 0)
            fail_msg("%s: %s, %s", c->name, ww_err_id(err), out);
    }
}

static void compares_names(void **state)
{
    (void)state;
    assert_true(ww_dname_eq(ww_slice_str("a.Example"), ww_slice_str("A.eXAMPLE")));
    assert_true(ww_dname_eq(ww_slice_str("a.example."), ww_slice_str("a.example")));
    assert_false(ww_dname_eq(ww_slice_str("a.example.."), ww_slice_str("a.example")));
    assert_false(ww_dname_eq(ww_slice_str("a.example"), ww_slice_str("b.example")));
    assert_false(ww_dname_eq(ww_slice_str("a.example"), ww_slice_str("aa.example")));
    /* Octets that a locale or a mask of 0x20 would take for letters. */
    assert_false(ww_dname_eq(ww_slice_str("a@b"), ww_slice_str("a`b")));
    assert_false(ww_dname_eq(ww_slice_str("\xc4"), ww_slice_str("\xe4")));
}

static const struct address_case {
    const char *text;
    bool is_address;
} address_cases[] = {
    {"192.0.2.1", true},     {"2001:db8::1", true},   {"[2001:db8::1]", true}, {"::", true},
    {"[192.0.2.1]", false},  {"192.0.2", false},      {"192.0.2.256", false},  {"example.com", false},
    {"[2001:db8::1", false}, {"2001:db8::1]", false}, {"[]", false},           {"", false},
};

static void knows_addresses(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(address_cases); i++) {
        const struct address_case *c = &address_cases[i];
        if (ww_dname_is_address(c->text, strlen(c->text)) != c->is_address)
            fail_msg("%s: expected %d", c->text, c->is_address);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(checks_names),        cmocka_unit_test(sees_nul),
        cmocka_unit_test(accepts_the_longest), cmocka_unit_test(makes_names_canonical),
        cmocka_unit_test(compares_names),      cmocka_unit_test(knows_addresses),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
