#include "base/buf.h"
#include "core/decision.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

static const struct {
    enum ww_policy_mode mode;
    size_t mx_count;
    enum ww_level level;
    const char *name;
} cases[] = {
    {WW_MODE_ENFORCE, 1, WW_LEVEL_SECURE, "secure"},   {WW_MODE_ENFORCE, 9000, WW_LEVEL_SECURE, "secure"},
    {WW_MODE_TESTING, 1, WW_LEVEL_TESTING, "testing"}, {WW_MODE_NONE, 0, WW_LEVEL_NONE, "none"},
    {WW_MODE_NONE, 1, WW_LEVEL_NONE, "none"},          {WW_MODE_ENFORCE, 0, WW_LEVEL_HOLD, "hold"},
};

static void follows_the_mode(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct ww_policy policy = {.mode = cases[i].mode, .mx_count = cases[i].mx_count};
        struct ww_decision d = ww_decide("example.com", &policy, NULL);
        bool has_policy = cases[i].level == WW_LEVEL_SECURE || cases[i].level == WW_LEVEL_TESTING;
        assert_int_equal(d.level, cases[i].level);
        assert_string_equal(ww_level_name(d.level), cases[i].name);
        assert_string_equal(d.domain, "example.com");
        assert_ptr_equal(d.policy, has_policy ? &policy : NULL);
        assert_int_equal(d.reason != NULL, cases[i].level == WW_LEVEL_HOLD);
        assert_int_equal(d.rule == WW_RULE_DOMAIN_ENFORCED, cases[i].level == WW_LEVEL_SECURE);
        assert_int_equal(d.rule == WW_RULE_DOMAIN_TESTING, cases[i].level == WW_LEVEL_TESTING);
    }
}

static void demands_nothing_without_a_policy(void **state)
{
    (void)state;
    struct ww_decision d = ww_decide("example.com", NULL, NULL);
    assert_int_equal(d.level, WW_LEVEL_NONE);
    assert_null(d.policy);
}

#define NO_POLICY (-1)

static const struct {
    enum ww_override_level override;
    const char *mx;
    int mode; /* enum ww_policy_mode, or NO_POLICY */
    enum ww_level level;
    bool policy; /* it is applied, */
    bool made;   /* and the override has made the decision */
    const char *patterns;
} override_cases[] = {
    {WW_OVERRIDE_OFF, "", WW_MODE_ENFORCE, WW_LEVEL_NONE, false, true, ""},
    {WW_OVERRIDE_OFF, "", NO_POLICY, WW_LEVEL_NONE, false, true, ""},
    {WW_OVERRIDE_MAY, "", WW_MODE_ENFORCE, WW_LEVEL_MAY, false, true, ""},
    {WW_OVERRIDE_MAY, "", NO_POLICY, WW_LEVEL_MAY, false, true, ""},
    {WW_OVERRIDE_ENCRYPT, "", WW_MODE_ENFORCE, WW_LEVEL_ENCRYPT, false, true, ""},
    {WW_OVERRIDE_ENCRYPT, "", WW_MODE_NONE, WW_LEVEL_ENCRYPT, false, true, ""},
    {WW_OVERRIDE_SECURE, "", WW_MODE_ENFORCE, WW_LEVEL_SECURE, true, true, "mx.policy.example "},
    {WW_OVERRIDE_SECURE, "", WW_MODE_TESTING, WW_LEVEL_SECURE, true, true, "mx.policy.example "},
    {WW_OVERRIDE_SECURE, "", WW_MODE_NONE, WW_LEVEL_SECURE, false, true, ""},
    {WW_OVERRIDE_SECURE, "", NO_POLICY, WW_LEVEL_SECURE, false, true, ""},
    {WW_OVERRIDE_SECURE, "a.example *.b.example", WW_MODE_ENFORCE, WW_LEVEL_SECURE, false, true,
     "a.example *.b.example "},
    {WW_OVERRIDE_SECURE, "a.example", NO_POLICY, WW_LEVEL_SECURE, false, true, "a.example "},
    {WW_OVERRIDE_ENFORCE_TESTING, "", WW_MODE_TESTING, WW_LEVEL_SECURE, true, true, "mx.policy.example "},
    {WW_OVERRIDE_ENFORCE_TESTING, "", WW_MODE_ENFORCE, WW_LEVEL_SECURE, true, false, "mx.policy.example "},
    {WW_OVERRIDE_ENFORCE_TESTING, "", WW_MODE_NONE, WW_LEVEL_NONE, false, false, ""},
    {WW_OVERRIDE_ENFORCE_TESTING, "", NO_POLICY, WW_LEVEL_NONE, false, false, ""},
};

static const char *const bodies[] = {
    [WW_MODE_NONE] = "version: STSv1\nmode: none\nmx: mx.policy.example\nmax_age: 9\n",
    [WW_MODE_TESTING] = "version: STSv1\nmode: testing\nmx: mx.policy.example\nmax_age: 9\n",
    [WW_MODE_ENFORCE] = "version: STSv1\nmode: enforce\nmx: mx.policy.example\nmax_age: 9\n",
};

static void overrides_go_before_the_policy(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof override_cases / sizeof override_cases[0]; i++) {
        const struct ww_override o = {.key = "example.com",
                                      .level = override_cases[i].override,
                                      .mx = override_cases[i].mx,
                                      .reason = "",
                                      .who = ""};
        struct ww_policy policy;
        const struct ww_policy *known = NULL;
        size_t offset;
        if (override_cases[i].mode != NO_POLICY) {
            const char *body = bodies[override_cases[i].mode];
            assert_int_equal(ww_policy_parse(body, strlen(body), &policy, &offset), WW_OK);
            known = &policy;
        }
        struct ww_decision d = ww_decide("example.com", known, &o);
        char text[256];
        struct ww_buf b = ww_buf(text, sizeof text);
        struct ww_slice mx;
        for (size_t pos = 0; ww_decision_next_mx(&d, &pos, &mx);) {
            ww_buf_slice(&b, mx);
            ww_buf_char(&b, ' ');
        }
        if (d.level != override_cases[i].level || d.policy != (override_cases[i].policy ? known : NULL) ||
            d.override != (override_cases[i].made ? &o : NULL) ||
            !ww_slice_is(ww_slice(b.p, b.n), override_cases[i].patterns))
            fail_msg("case %zu: %s, patterns %.*s", i, ww_level_name(d.level), (int)b.n, b.p);
    }
}

static void knows_what_may_hold_mail(void **state)
{
    (void)state;
    assert_true(ww_level_demands(WW_LEVEL_SECURE) && ww_level_demands(WW_LEVEL_ENCRYPT) &&
                ww_level_demands(WW_LEVEL_HOLD) && ww_level_demands(WW_LEVEL_DANE) &&
                ww_level_demands(WW_LEVEL_DANE_ONLY));
    assert_false(ww_level_demands(WW_LEVEL_NONE) || ww_level_demands(WW_LEVEL_MAY) ||
                 ww_level_demands(WW_LEVEL_TESTING));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(follows_the_mode),
        cmocka_unit_test(demands_nothing_without_a_policy),
        cmocka_unit_test(overrides_go_before_the_policy),
        cmocka_unit_test(knows_what_may_hold_mail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
