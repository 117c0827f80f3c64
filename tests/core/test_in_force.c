/* What policy_space.csv leaves out: why nothing is in force, where two reasons have one source; and the ages.
 */
#include "core/in_force.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static const char body[] = "version: STSv1\nmode: enforce\nmx: mx.example.com\nmax_age: 60";
static struct ww_policy policy;

static void says_why_nothing_is_in_force(void **state)
{
    (void)state;
    struct ww_discovered d = {.record = WW_RECORD_NONE, .fetch = WW_FETCH_NOT_ATTEMPTED};
    assert_int_equal(ww_in_force(&d).without, WW_RULE_NO_RECORD);
    d.record = WW_RECORD_MULTIPLE;
    assert_int_equal(ww_in_force(&d).without, WW_RULE_SEVERAL_RECORDS);
    d.record = WW_RECORD_NEW;
    assert_int_equal(ww_in_force(&d).without, WW_RULE_NO_POLICY);
    d.cached = &policy;
    d.cached_age = 60;
    assert_int_equal(ww_in_force(&d).without, WW_RULE_CACHE_EXPIRED);
}

static void expires_when_max_age_is_reached(void **state)
{
    (void)state;
    static const struct {
        uint64_t age;
        bool in_force;
    } cases[] = {{0, true}, {59, true}, {60, false}, {61, false}, {UINT64_MAX, false}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const struct ww_discovered d = {.cached = &policy, .cached_age = cases[i].age};
        struct ww_in_force f = ww_in_force(&d);
        assert_ptr_equal(f.policy, cases[i].in_force ? &policy : NULL);
        assert_int_equal(f.cached, cases[i].in_force);
    }
}

static int parse(void **state)
{
    (void)state;
    size_t offset;
    return ww_policy_parse(body, sizeof body - 1, &policy, &offset) != WW_OK;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(says_why_nothing_is_in_force),
        cmocka_unit_test(expires_when_max_age_is_reached),
    };
    return cmocka_run_group_tests(tests, parse, NULL);
}
