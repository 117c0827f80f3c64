#include "mail_sight.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
/* cmocka wants the above before it */
#include <cmocka.h>

#define COUNT(a) (sizeof(a) / sizeof(a)[0])

#define FIRST "mx: mx1.good.example\r\n"
#define SECOND "mx: mx2.good.example\r\n"

static const struct {
    enum ww_mx_outcome outcome;
    enum ww_err why;
    const char *policy;
    const char *findings;
    const char *where;
    enum ww_check_state missed, unused; /* of the checks of patterns */
} cases[] = {
    {WW_MX_LISTED, WW_OK, MAIL_ENFORCE, "", NULL, WW_CHECK_SILENT, WW_CHECK_SILENT},
    {WW_MX_LISTED, WW_OK, MAIL_POLICY("enforce", "mx: *.good.example\r\n"), "", NULL, WW_CHECK_SILENT,
     WW_CHECK_SILENT},
    {WW_MX_LISTED, WW_OK, MAIL_POLICY("enforce", FIRST), "cover-mx-missed", MAIL_SECOND, WW_CHECK_FOUND,
     WW_CHECK_SILENT},
    {WW_MX_LISTED, WW_OK, MAIL_POLICY("testing", SECOND), "cover-mx-missed", MAIL_FIRST, WW_CHECK_FOUND,
     WW_CHECK_SILENT},
    {WW_MX_LISTED, WW_OK, MAIL_POLICY("enforce", FIRST SECOND "mx: old.good.example\r\n"), "cover-mx-unused",
     MAIL_DOMAIN, WW_CHECK_SILENT, WW_CHECK_FOUND},
    {WW_MX_LISTED, WW_OK, MAIL_POLICY("enforce", FIRST "mx: *.mx2.good.example\r\n"),
     "cover-mx-missed cover-mx-unused", MAIL_SECOND, WW_CHECK_FOUND, WW_CHECK_FOUND},
    {WW_MX_LISTED, WW_OK, MAIL_POLICY("none", ""), "", NULL, WW_CHECK_NOT_MADE, WW_CHECK_NOT_MADE},
    {WW_MX_LISTED, WW_OK, "no policy", "", NULL, WW_CHECK_NOT_TESTED, WW_CHECK_NOT_TESTED},
    {WW_MX_IMPLICIT, WW_OK, MAIL_ENFORCE, "cover-no-mx", MAIL_DOMAIN, WW_CHECK_SILENT, WW_CHECK_SILENT},
    {WW_MX_NULL, WW_OK, MAIL_ENFORCE, "cover-null-mx", MAIL_DOMAIN, WW_CHECK_NOT_MADE, WW_CHECK_NOT_MADE},
    {WW_MX_NO_DOMAIN, WW_OK, MAIL_ENFORCE, "", NULL, WW_CHECK_NOT_MADE, WW_CHECK_NOT_MADE},
    {WW_MX_FAILED, WW_E_DNS_SERVFAIL, MAIL_ENFORCE, "cover-mx-lookup", MAIL_DOMAIN, WW_CHECK_NOT_TESTED,
     WW_CHECK_NOT_TESTED},
    {WW_MX_FAILED, WW_E_DNS_TIMEOUT, MAIL_ENFORCE, "", NULL, WW_CHECK_NOT_TESTED, WW_CHECK_NOT_TESTED},
    {WW_MX_FAILED, WW_E_DNS_BOGUS, MAIL_ENFORCE, "", NULL, WW_CHECK_NOT_TESTED, WW_CHECK_NOT_TESTED},
};

static void compares_policy_and_hosts(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct ww_check_report report = {.enforced = true};
        struct ww_sight *sight = mail_sight();
        mail_policy(sight, cases[i].policy);
        sight->survey.outcome = cases[i].outcome;
        sight->survey.why = cases[i].why;
        if (cases[i].outcome != WW_MX_LISTED && cases[i].outcome != WW_MX_IMPLICIT)
            sight->survey.count = 0;
        ww_judge_cover(sight, &report);
        ww_check_report_end(&report);
        if (strcmp(mail_findings(&report), cases[i].findings) != 0)
            fail_msg("case %zu: \"%s\" for \"%s\"", i, mail_findings(&report), cases[i].findings);
        if (cases[i].where != NULL)
            assert_string_equal(report.findings[0].where, cases[i].where);
        assert_int_equal(report.states[WW_CHECK_COVER_MX_MISSED], cases[i].missed);
        assert_int_equal(report.states[WW_CHECK_COVER_MX_UNUSED], cases[i].unused);
        ww_check_report_clear(&report);
        ww_sight_free(sight);
    }
}

static void of_many_hosts_no_pattern_is_called_unused(void **state)
{
    (void)state;
    struct ww_check_report report = {.enforced = true};
    struct ww_sight *sight = mail_sight();
    mail_policy(sight, MAIL_POLICY("enforce", FIRST SECOND "mx: old.good.example\r\n"));
    sight->survey.more = true;
    ww_judge_cover(sight, &report);
    assert_int_equal(report.count, 0);
    assert_int_equal(report.states[WW_CHECK_COVER_MX_UNUSED], WW_CHECK_NOT_TESTED);
    ww_check_report_clear(&report);
    ww_sight_free(sight);
}

static void without_mx_records_nothing_is_compared(void **state)
{
    (void)state;
    struct ww_check_report report = {.enforced = true};
    struct ww_sight *sight = mail_sight();
    sight->surveyed = false;
    ww_judge_cover(sight, &report);
    assert_int_equal(report.count, 0);
    assert_int_equal(report.states[WW_CHECK_COVER_NULL_MX], WW_CHECK_NOT_TESTED);
    assert_int_equal(report.states[WW_CHECK_COVER_MX_MISSED], WW_CHECK_NOT_TESTED);
    ww_check_report_clear(&report);
    ww_sight_free(sight);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(compares_policy_and_hosts),
        cmocka_unit_test(of_many_hosts_no_pattern_is_called_unused),
        cmocka_unit_test(without_mx_records_nothing_is_compared),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
