#include "check/judges.h"

#include "found.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
/* cmocka wants the above before it */
#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

#define V "version: STSv1\r\n"
#define M "mode: enforce\r\n"
#define A "max_age: 2592000\r\n"
#define MX(pattern) "mx: " pattern "\r\n"
#define GOOD V M MX("mx.example.com") A

static const struct policy_case {
    const char *body;
    const char *found;
    const char *seen; /* of the first */
} cases[] = {
    {GOOD, "", ""},
    {"", "error policy-empty", "a body without an octet"},
    {"\xef\xbb\xbf" GOOD, "error policy-bom", "line 1: \"\\239\\187\\191version: STSv1\""},
    {"<html>\r\nIt works\r\n</html>\r\n", "error policy-html", "line 1: \"<html>\""},
    {"{ \"version\": \"STSv1\",\r\n \"mode\": \"report\" }\r\n", "error policy-json", NULL},
    {"version: STSv1\nmode: enforce\nmx: mx.example.com\nmax_age: 2592000\n", "info policy-bare-lf", NULL},
    {V "mode: enforce\nmx: mx.example.com\n" A, "warning policy-mixed-ends", "line 2: \"mode: enforce\""},
    {V M "mx: mx.example.com\r" A, "error policy-line-end", NULL},
    {GOOD "\r\n", "error policy-blank-line", "line 5: \"\""},
    {V " mode: enforce\r\n" MX("a.b") A, "error policy-space", "line 2: \" mode: enforce\""},
    {GOOD "x_: 1\r\n-y: 2\r\n", "error policy-key, info policy-extension", NULL},
    {V "mode enforce\r\n" MX("a.b") A, "error policy-colon", "line 2, column 5: \"mode enforce\""},
    {V M MX("a.b") "max_age:\r\n", "error policy-value-empty", NULL},
    {GOOD "x: \x01\r\n", "error policy-octet", NULL},
    {GOOD "x: \xff\r\n", "error policy-utf8", NULL},
    {GOOD "x: \xc3\xa4\r\n", "warning policy-non-ascii, info policy-extension",
     "line 5, column 4: \"x: \\195\\164\""},
    {"version: STSv2\r\n" M MX("a.b") A, "error policy-version", NULL},
    {M MX("a.b") A, "error policy-version-missing", "none of its 3 lines has it"},
    {V "mode: on\r\n" MX("a.b") A, "error policy-mode", "line 2, column 7: \"mode: on\""},
    {V "mode: report\r\n" MX("a.b") A, "error policy-mode-report", NULL},
    {V MX("a.b") A, "error policy-mode-missing", NULL},
    {V M MX("a.b") "max_age: 30d\r\n", "error policy-max-age", NULL},
    {V M MX("a.b") "max_age: 31557601\r\n", "error policy-max-age-range", NULL},
    {V M MX("a.b"), "error policy-max-age-missing", NULL},
    {V M A, "error policy-mx-missing", "none of its 3 lines has it"},
    {GOOD M, "warning policy-duplicate", NULL},
    {GOOD "Mode: none\r\n", "warning policy-case", NULL},
    {GOOD "x: 1\r\ny: 2\r\nz: 3\r\n", "info policy-extension", "line 5: \"x: 1\"; and 2 more like it"},
    {GOOD "_smtp-tlsrpt: v=TLSRPTv1\r\n", "error policy-tlsrpt", NULL},
    {GOOD "rua: mailto:tls@example.com\r\n", "error policy-tlsrpt", NULL},
    {V "mode: testing\r\n" MX("a.b") A, "warning policy-testing", NULL},
    {V "mode: none\r\n" A, "warning policy-none", NULL},
    {V M MX("a.b") "max_age: 3600\r\n", "warning policy-max-age-short", NULL},
    {V M MX("a.b") "max_age: 604800\r\n", "warning policy-max-age-weeks", NULL},
    {V M MX("mx.*.example.com") A, "error mx-wildcard", NULL},
    {V M MX(".example.com") A, "error mx-leading-dot", "line 3, column 5: \"mx: .example.com\""},
    {V M MX("a.b, c.d") A, "error mx-list", NULL},
    {V M MX("a.b;c.d") MX("192.0.2.1") MX("e.f g.h") A, "error mx-list, error mx-address", NULL},
    {V M MX("192.0.2.1") A, "error mx-address", NULL},
    {V M MX("2001:db8::1") A, "error mx-address", NULL},
    {V M MX("[192.0.2.1]") A, "error dname-character", NULL},
    {V M MX("mx") A, "warning mx-single-label", NULL},
    {V M MX("*.com") A, "warning mx-broad", NULL},
    {V M MX("*.mail.protection.outlook.com") A, "warning mx-shared",
     "line 3, column 5: \"mx: *.mail.protection.outlook.com\": each customer of Exchange Online has a host "
     "there"},
    {V M MX("mx.example.com.") A, "error dname-root-dot", NULL},
    {V M MX("mx.b\xc3\xbc"
            "cher.example") A,
     "error dname-non-ascii", NULL},
    {V M MX("*.") A, "error dname-empty", NULL},
    {V M MX("mx..example.com") A, "error dname-label-empty", NULL},
    {V M MX("mx.under_score.example") A, "error dname-character", NULL},
    {V M MX("mx.-a.example") A, "error dname-hyphen", NULL},
    {V M MX("mx.example.7") A, "error dname-numeric", NULL},
};

static void judge(const char *domain, const char *body, size_t n, bool enforced,
                  struct ww_check_report *report)
{
    struct ww_sight *sight = ww_sight_new(domain, 1000000000);
    assert_non_null(sight);
    *report = (struct ww_check_report){.enforced = enforced};
    if (body != NULL) {
        char *copy = malloc(n + 1);
        assert_non_null(copy);
        memcpy(copy, body, n);
        sight->host.body = ww_slice(copy, n);
    }
    ww_judge_policy(sight, report);
    ww_check_report_end(report);
    ww_sight_free(sight);
}

static void one_fault_is_one_finding(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct ww_check_report report;
        char found[FOUND_SIZE];
        judge("example.com", cases[i].body, strlen(cases[i].body), true, &report);
        found_text(&report, found);
        if (strcmp(found, cases[i].found) != 0)
            fail_msg("%s: %s", cases[i].body, found);
        if (cases[i].seen != NULL && report.count > 0)
            assert_string_equal(report.findings[0].seen, cases[i].seen);
        if (report.count > 0)
            assert_string_equal(report.findings[0].where,
                                "https://mta-sts.example.com/.well-known/mta-sts.txt");
        ww_check_report_clear(&report);
    }
}

static void long_names_and_bodies_are_told(void **state)
{
    static char label[] = MX("xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx.example.com");
    static char body[70000];
    struct ww_check_report report;
    char found[FOUND_SIZE];
    (void)state;
    (void)snprintf(body, sizeof body, V M "%s" A, label);
    judge("example.com", body, strlen(body), true, &report);
    found_text(&report, found);
    assert_string_equal(found, "error dname-label-too-long");
    ww_check_report_clear(&report);

    size_t n = (size_t)snprintf(body, sizeof body, V M A "mx: a");
    for (; n < 400; n += 2)
        memcpy(body + n, ".a", 3);
    judge("example.com", body, n, true, &report);
    found_text(&report, found);
    assert_string_equal(found, "error dname-too-long");
    ww_check_report_clear(&report);

    n = (size_t)snprintf(body, sizeof body, GOOD "x: ");
    memset(body + n, 'y', sizeof body - n);
    judge("example.com", body, 5000, true, &report);
    found_text(&report, found);
    assert_string_equal(found, "warning policy-large, info policy-extension");
    assert_string_equal(report.findings[0].seen, "5000 octets");
    ww_check_report_clear(&report);
    judge("example.com", body, sizeof body, true, &report);
    found_text(&report, found);
    assert_string_equal(found, "error policy-too-long");
    ww_check_report_clear(&report);
}

static void severity_depends_on_the_mode(void **state)
{
    struct ww_check_report report;
    char found[FOUND_SIZE];
    const char body[] = V M MX("a.b") "max_age: 604800\r\n";
    (void)state;
    judge("example.com", body, strlen(body), false, &report);
    found_text(&report, found);
    assert_string_equal(found, "info policy-max-age-weeks");
    ww_check_report_clear(&report);
}

static void a_provider_may_name_its_own_hosts(void **state)
{
    struct ww_check_report report;
    const char body[] = V M MX("*.mail.protection.outlook.com") A;
    (void)state;
    judge("outlook.com", body, strlen(body), true, &report);
    assert_int_equal(report.count, 0);
    ww_check_report_clear(&report);
}

/* Each rule that the linter has for a policy is a check, or it would be found in silence. */
static void every_rule_is_a_check(void **state)
{
    (void)state;
    for (unsigned i = 1; i < WW_ERR_COUNT; i++) {
        const char *id = ww_err_id((enum ww_err)i);
        bool of_policy = strncmp(id, "policy-", 7) == 0 || strncmp(id, "dname-", 6) == 0;
        if (of_policy && ww_check_of_rule((enum ww_err)i) == WW_CHECKS)
            fail_msg("%s", id);
    }
}

static void the_state_says_what_was_made(void **state)
{
    struct ww_check_report report;
    (void)state;
    judge("example.com", NULL, 0, true, &report);
    assert_int_equal(report.states[WW_CHECK_POLICY_MODE], WW_CHECK_NOT_TESTED);
    ww_check_report_clear(&report);
    judge("example.com", GOOD, strlen(GOOD), true, &report);
    assert_int_equal(report.states[WW_CHECK_POLICY_MODE], WW_CHECK_SILENT);
    assert_int_equal(report.states[WW_CHECK_MX_SHARED], WW_CHECK_SILENT);
    ww_check_report_clear(&report);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_fault_is_one_finding),     cmocka_unit_test(long_names_and_bodies_are_told),
        cmocka_unit_test(severity_depends_on_the_mode), cmocka_unit_test(a_provider_may_name_its_own_hosts),
        cmocka_unit_test(every_rule_is_a_check),        cmocka_unit_test(the_state_says_what_was_made),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
