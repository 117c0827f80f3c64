#include "core/override.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

#define LABEL63 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define NAME255 LABEL63 "." LABEL63 "." LABEL63 "." LABEL63
_Static_assert(sizeof NAME255 - 1 == 255, "two octets more than a name may have");

static const struct {
    const char *key;
    const char *canonical; /* NULL: err */
    enum ww_err err;
} key_cases[] = {
    {"example.com", "example.com", WW_OK},
    {"Example.COM.", "example.com", WW_OK},
    {".example.com", ".example.com", WW_OK},
    {".Example.com.", ".example.com", WW_OK},
    {".com", ".com", WW_OK},
    {"com", "com", WW_OK},
    {"", NULL, WW_E_DNAME_EMPTY},
    {".", NULL, WW_E_DNAME_EMPTY},
    {"..example.com", NULL, WW_E_DNAME_LABEL_EMPTY},
    {"*.example.com", NULL, WW_E_DNAME_CHARACTER},
    {"[mx.example.com]", NULL, WW_E_DNAME_CHARACTER},
    {"192.0.2.1", NULL, WW_E_DNAME_NUMERIC},
    {"b\xc3\xbc"
     "cher.example",
     NULL, WW_E_DNAME_NON_ASCII},
    {NAME255, NULL, WW_E_DNAME_TOO_LONG},
};

static void keys_are_names_with_or_without_a_dot(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(key_cases); i++) {
        char out[WW_OVERRIDE_KEY_SIZE];
        enum ww_err err = ww_override_key_canon(ww_slice_str(key_cases[i].key), out);
        if (err != key_cases[i].err)
            fail_msg("%s: %s", key_cases[i].key, ww_err_id(err));
        assert_string_equal(out, key_cases[i].canonical != NULL ? key_cases[i].canonical : "");
    }
}

static void the_longest_key_has_room(void **state)
{
    (void)state;
    char key[WW_OVERRIDE_KEY_SIZE], out[WW_OVERRIDE_KEY_SIZE];
    (void)memcpy(key + 1, NAME255, WW_DNAME_MAX);
    key[0] = '.';
    assert_int_equal(ww_override_key_canon(ww_slice(key, WW_DNAME_MAX + 1), out), WW_OK);
    assert_int_equal(strlen(out), WW_DNAME_MAX + 1);
}

static const struct {
    const char *domain;
    const char *keys[6]; /* from the nearest on */
} next_cases[] = {
    {"example.com", {"example.com", ".com"}},
    {"a.b.example.com", {"a.b.example.com", ".b.example.com", ".example.com", ".com"}},
    {"com", {"com"}},
    {"", {NULL}},
};

static void the_domain_comes_first_then_the_nearest_parent(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(next_cases); i++) {
        struct ww_slice key = {NULL, 0};
        size_t n = 0;
        while (ww_override_next_key(ww_slice_str(next_cases[i].domain), &key)) {
            assert_true(n < 6 && next_cases[i].keys[n] != NULL);
            if (!ww_slice_is(key, next_cases[i].keys[n]))
                fail_msg("%s: %.*s", next_cases[i].domain, (int)key.n, key.p);
            n++;
        }
        assert_true(n == 6 || next_cases[i].keys[n] == NULL);
    }
}

static void levels_have_names(void **state)
{
    (void)state;
    enum ww_override_level level;
    for (int i = 0; i < WW_OVERRIDE_LEVELS; i++) {
        const char *name = ww_override_level_name((enum ww_override_level)i);
        assert_int_equal(ww_override_level_parse(ww_slice_str(name), &level), WW_OK);
        assert_int_equal(level, i);
    }
    assert_int_equal(ww_override_level_parse(ww_slice_str("none"), &level), WW_E_OVERRIDE_LEVEL);
    assert_int_equal(ww_override_level_parse(ww_slice_str("MAY"), &level), WW_E_OVERRIDE_LEVEL);
    assert_int_equal(ww_override_level_parse(ww_slice_str(""), &level), WW_E_OVERRIDE_LEVEL);
}

static char long_mx[WW_OVERRIDE_MX_SIZE + 1];
static char long_reason[WW_OVERRIDE_TEXT_SIZE + 1];

static const struct {
    enum ww_override_level level;
    const char *mx;
    const char *reason;
    const char *who;
    enum ww_err err;
} check_cases[] = {
    {WW_OVERRIDE_MAY, "", "", "", WW_OK},
    {WW_OVERRIDE_SECURE, "", "their certificate is late", "alice (uid 1000)", WW_OK},
    {WW_OVERRIDE_SECURE, "mx.example.com", "", "", WW_OK},
    {WW_OVERRIDE_SECURE, "mx.example.com *.example.net", "", "", WW_OK},
    {WW_OVERRIDE_LEVELS, "", "", "", WW_E_OVERRIDE_LEVEL},
    {WW_OVERRIDE_MAY, "mx.example.com", "", "", WW_E_OVERRIDE_MX},
    {WW_OVERRIDE_ENFORCE_TESTING, "mx.example.com", "", "", WW_E_OVERRIDE_MX},
    {WW_OVERRIDE_SECURE, "mx.example.com  *.example.net", "", "", WW_E_MX_EMPTY},
    {WW_OVERRIDE_SECURE, " mx.example.com", "", "", WW_E_MX_EMPTY},
    {WW_OVERRIDE_SECURE, "mx.example.com ", "", "", WW_E_MX_EMPTY},
    {WW_OVERRIDE_SECURE, "mx*.example.com", "", "", WW_E_MX_WILDCARD},
    {WW_OVERRIDE_SECURE, ".example.com", "", "", WW_E_DNAME_LABEL_EMPTY},
    {WW_OVERRIDE_SECURE, "a.example:b.example", "", "", WW_E_DNAME_CHARACTER},
    {WW_OVERRIDE_SECURE, long_mx, "", "", WW_E_OVERRIDE_MX_LONG},
    {WW_OVERRIDE_OFF, "", "gr\xc3\xbc\xc3\x9f", "", WW_OK},
    {WW_OVERRIDE_OFF, "", "two\nlines", "", WW_E_OVERRIDE_TEXT},
    {WW_OVERRIDE_OFF, "", "\x7f", "", WW_E_OVERRIDE_TEXT},
    {WW_OVERRIDE_OFF, "", "c1 \xc2\x9b", "", WW_E_OVERRIDE_TEXT},
    {WW_OVERRIDE_OFF, "", "no utf-8: \xff", "", WW_E_OVERRIDE_TEXT},
    {WW_OVERRIDE_OFF, "", "", "\x1b[31m", WW_E_OVERRIDE_TEXT},
    {WW_OVERRIDE_OFF, "", long_reason, "", WW_E_OVERRIDE_TEXT_LONG},
    {WW_OVERRIDE_OFF, "", long_reason + 1, "", WW_OK},
};

static void refuses_what_makes_no_sense(void **state)
{
    (void)state;
    memset(long_mx, 'a', sizeof long_mx - 1);
    memset(long_reason, 'a', sizeof long_reason - 1);
    for (size_t i = 0; i < COUNT(check_cases); i++) {
        const struct ww_override o = {.key = "example.com",
                                      .level = check_cases[i].level,
                                      .mx = check_cases[i].mx,
                                      .reason = check_cases[i].reason,
                                      .who = check_cases[i].who};
        enum ww_err err = ww_override_check(&o);
        if (err != check_cases[i].err)
            fail_msg("case %zu: %s", i, ww_err_id(err));
    }
}

static void it_ends_at_its_second(void **state)
{
    (void)state;
    struct ww_override o = {.until = 1000};
    assert_true(ww_override_counts(&o, 999));
    assert_false(ww_override_counts(&o, 1000));
    o.until = 0;
    assert_true(ww_override_counts(&o, INT64_MAX));
}

static void some_need_the_policy(void **state)
{
    (void)state;
    for (int i = 0; i < WW_OVERRIDE_LEVELS; i++) {
        struct ww_override o = {.level = (enum ww_override_level)i, .mx = ""};
        assert_int_equal(ww_override_stands_alone(&o),
                         i != WW_OVERRIDE_SECURE && i != WW_OVERRIDE_ENFORCE_TESTING);
    }
    const struct ww_override own = {.level = WW_OVERRIDE_SECURE, .mx = "a.example"};
    assert_true(ww_override_stands_alone(&own));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keys_are_names_with_or_without_a_dot),
        cmocka_unit_test(the_longest_key_has_room),
        cmocka_unit_test(the_domain_comes_first_then_the_nearest_parent),
        cmocka_unit_test(levels_have_names),
        cmocka_unit_test(refuses_what_makes_no_sense),
        cmocka_unit_test(it_ends_at_its_second),
        cmocka_unit_test(some_need_the_policy),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
