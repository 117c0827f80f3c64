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
        struct ww_decision d = ww_decide("example.com", &policy);
        bool has_policy = cases[i].level == WW_LEVEL_SECURE || cases[i].level == WW_LEVEL_TESTING;
        assert_int_equal(d.level, cases[i].level);
        assert_string_equal(ww_level_name(d.level), cases[i].name);
        assert_string_equal(d.domain, "example.com");
        assert_ptr_equal(d.policy, has_policy ? &policy : NULL);
        assert_int_equal(d.reason != NULL, cases[i].level == WW_LEVEL_HOLD);
    }
}

static void demands_nothing_without_a_policy(void **state)
{
    (void)state;
    struct ww_decision d = ww_decide("example.com", NULL);
    assert_int_equal(d.level, WW_LEVEL_NONE);
    assert_null(d.policy);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(follows_the_mode),
        cmocka_unit_test(demands_nothing_without_a_policy),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
