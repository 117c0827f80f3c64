#include "check/check.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
/* cmocka wants the above before it */
#include <cmocka.h>

static bool is_sentence(const char *text)
{
    return text != NULL && text[0] != '\0';
}

static void every_check_has_its_words(void **state)
{
    (void)state;
    for (unsigned i = 0; i < WW_CHECKS; i++) {
        const struct ww_check_info *info = ww_check_info((enum ww_check)i);
        if (!is_sentence(info->id) || !is_sentence(info->title) || !is_sentence(info->why) ||
            !is_sentence(info->fix) || info->title[strlen(info->title) - 1] == '.' ||
            info->otherwise < info->severity)
            fail_msg("%s", info->id);
        assert_int_equal(ww_check_find(info->id), i); /* so that no id stands twice */
    }
    assert_int_equal(ww_check_find("no-such-check"), WW_CHECKS);
    assert_int_equal(ww_check_of_rule(WW_OK), WW_CHECKS);
    assert_int_equal(ww_check_of_rule(WW_E_POLICY_TESTING), WW_CHECK_POLICY_TESTING);
}

static void findings_are_kept_once_and_bounded(void **state)
{
    (void)state;
    struct ww_check_report report = {.enforced = true};
    for (int i = 0; i < 2 * WW_CHECK_FINDINGS_PER_CHECK; i++) {
        ww_check_found(&report, WW_CHECK_POLICY_TESTING, "here", "so often: %d\n", i);
        ww_check_found(&report, WW_CHECK_POLICY_TESTING, "here", "so often: %d\n", i);
    }
    ww_check_report_end(&report);
    assert_int_equal(report.count, WW_CHECK_FINDINGS_PER_CHECK);
    assert_true(report.left_out >= WW_CHECK_FINDINGS_PER_CHECK);
    assert_string_equal(report.findings[0].seen, "so often: 0?");
    assert_int_equal(ww_check_count(&report, WW_SEVERITY_WARNING), WW_CHECK_FINDINGS_PER_CHECK);
    ww_check_report_clear(&report);
}

static void the_state_says_what_was_made(void **state)
{
    (void)state;
    struct ww_check_report report = {.enforced = false};
    assert_int_equal(report.states[WW_CHECK_POLICY_TESTING], WW_CHECK_NOT_MADE);
    ww_check_not_tested(&report, WW_CHECK_POLICY_TESTING, "no network");
    assert_int_equal(report.states[WW_CHECK_POLICY_TESTING], WW_CHECK_NOT_TESTED);
    ww_check_made(&report, WW_CHECK_POLICY_TESTING);
    assert_int_equal(report.states[WW_CHECK_POLICY_TESTING], WW_CHECK_SILENT);
    ww_check_not_tested(&report, WW_CHECK_POLICY_TESTING, "no network");
    assert_int_equal(report.states[WW_CHECK_POLICY_TESTING], WW_CHECK_SILENT);
    ww_check_found(&report, WW_CHECK_POLICY_TESTING, "here", "so");
    ww_check_made(&report, WW_CHECK_POLICY_TESTING);
    assert_int_equal(report.states[WW_CHECK_POLICY_TESTING], WW_CHECK_FOUND);
    ww_check_report_clear(&report);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_check_has_its_words),
        cmocka_unit_test(findings_are_kept_once_and_bounded),
        cmocka_unit_test(the_state_says_what_was_made),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
