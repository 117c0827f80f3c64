#include "core/lint.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

static void keeps_findings_in_order(void **state)
{
    (void)state;
    static const size_t offsets[] = {5, 1, 5, 0, 9};
    struct ww_findings f = {.count = 0};
    for (size_t i = 0; i < 5; i++)
        ww_findings_add(&f, (enum ww_err)(WW_E_STS_VERSION + (int)i), WW_SEVERITY_ERROR, offsets[i]);
    static const struct {
        size_t offset;
        int rule; /* of two at one place, the earlier comes first */
    } expected[] = {{0, 3}, {1, 1}, {5, 0}, {5, 2}, {9, 4}};
    assert_int_equal(f.count, 5);
    for (size_t i = 0; i < 5; i++) {
        assert_int_equal(f.list[i].offset, expected[i].offset);
        assert_int_equal(f.list[i].rule, WW_E_STS_VERSION + expected[i].rule);
    }
}

static void keeps_room_for_errors(void **state)
{
    (void)state;
    struct ww_findings f = {.count = 0};
    for (size_t i = 0; i < WW_FINDINGS_MAX; i++)
        ww_findings_add(&f, WW_E_STS_EXTENSION, WW_SEVERITY_INFO, i);
    assert_int_equal(f.count, WW_FINDINGS_MAX / 2);
    assert_int_equal(f.left_out, WW_FINDINGS_MAX / 2);
    assert_false(ww_findings_has_room(&f, WW_SEVERITY_WARNING));
    assert_true(ww_findings_has_room(&f, WW_SEVERITY_ERROR));
    for (size_t i = 0; i < WW_FINDINGS_MAX; i++)
        ww_findings_add(&f, WW_E_STS_ID, WW_SEVERITY_ERROR, 0);
    assert_int_equal(f.count, WW_FINDINGS_MAX);
    assert_int_equal(f.left_out, WW_FINDINGS_MAX);
    assert_int_equal(f.list[0].severity, WW_SEVERITY_INFO);
    assert_int_equal(f.list[1].severity, WW_SEVERITY_ERROR);
}

static void names_verdicts_and_severities(void **state)
{
    (void)state;
    assert_string_equal(ww_verdict_name(WW_VERDICT_VALID), "valid");
    assert_string_equal(ww_verdict_name(WW_VERDICT_NONE), "none");
    assert_string_equal(ww_verdict_name(WW_VERDICT_INVALID), "invalid");
    assert_string_equal(ww_verdict_name(WW_VERDICT_MATCH), "match");
    assert_string_equal(ww_verdict_name(WW_VERDICT_NO_MATCH), "no-match");
    assert_string_equal(ww_severity_name(WW_SEVERITY_ERROR), "error");
    assert_string_equal(ww_severity_name(WW_SEVERITY_WARNING), "warning");
    assert_string_equal(ww_severity_name(WW_SEVERITY_INFO), "info");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keeps_findings_in_order),
        cmocka_unit_test(keeps_room_for_errors),
        cmocka_unit_test(names_verdicts_and_severities),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
