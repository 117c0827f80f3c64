#include "core/lint_policy.h"

#include "findings.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof(array)[0])
#define TEXT(literal) literal, sizeof literal - 1

#define V "version: STSv1\r\n"                                    /* 16 octets */
#define GOOD V "mode: enforce\r\nmx: a.b\r\nmax_age: 1209600\r\n" /* 58 octets */

static const struct lint_case {
    const char *p;
    size_t n;
    enum ww_verdict verdict;
    const char *findings;
} lint_cases[] = {
    {TEXT(GOOD), WW_VERDICT_VALID, ""},
    {TEXT(GOOD "note: x\r\nmode: none\r\nMode: none\r\n"), WW_VERDICT_VALID,
     "info policy-extension 58, warning policy-duplicate 67, warning policy-case 79"},
    {TEXT(GOOD "note: a\xc3\xa4\xc3\xa4\r\n"), WW_VERDICT_VALID,
     "info policy-extension 58, warning policy-non-ascii 65"},
    {TEXT(GOOD "mx: a\r\nmx: *.b\r\nmx: *.b.c\r\n"), WW_VERDICT_VALID,
     "warning mx-single-label 62, warning mx-broad 69"},
    {TEXT(V "mode: none\r\nmax_age: 60\r\n"), WW_VERDICT_VALID, "warning policy-none 16"},
    {TEXT(V "mode: testing\r\nmx: a.b\r\nmax_age: 86400\r\n"), WW_VERDICT_VALID, "warning policy-testing 16"},
    {TEXT(V "mode: testing\r\nmx: a.b\r\nmax_age: 86399\r\n"), WW_VERDICT_VALID,
     "warning policy-testing 16, warning policy-max-age-short 40"},
    {TEXT(V "mode: enforce\r\nmx: a.b\r\nmax_age: 1209599"), WW_VERDICT_VALID,
     "warning policy-max-age-weeks 40"},
    {TEXT(V "mode: enforce\r\nmx: a.b\r\nmax_age: 0"), WW_VERDICT_VALID, "warning policy-max-age-short 40"},
    {TEXT("version: STSv1\nmode: none\r\nmax_age: 1\nx: y\r\n"), WW_VERDICT_VALID,
     "info policy-bare-lf 14, warning policy-none 15, warning policy-mixed-ends 26, info policy-extension "
     "38"},
    {TEXT(""), WW_VERDICT_INVALID, "error policy-empty 0"},
    {TEXT("\xef\xbb\xbf" GOOD), WW_VERDICT_INVALID, "error policy-bom 0"},
    {TEXT("<html>\r\n</html>\r\n"), WW_VERDICT_INVALID,
     "error policy-html 0, error policy-key 0, error policy-key 8, error policy-version-missing 17"},
    {TEXT(GOOD "\r\n mx: a\r\nx\r\n"), WW_VERDICT_INVALID,
     "error policy-blank-line 58, error policy-space 60, error policy-colon 69"},
    {TEXT(V "mode: Report\r\nmx: a.b\r\nmax_age: 1d\r\n"), WW_VERDICT_INVALID,
     "error policy-mode 22, error policy-mode-report 22, error policy-max-age 49"},
    {TEXT(V "mode:\r\nmx: a b\r\nmax_age: 1\r\n"), WW_VERDICT_INVALID,
     "error policy-value-empty 21, error mx-list 27, error dname-character 28"},
    {TEXT(V "mode: none\r\nmax_age: 1\r\nmx: .a.b\r\nmx: a.b,c.d\r\nmx: mx*.a\r\n"), WW_VERDICT_INVALID,
     "error dname-label-empty 44, error mx-leading-dot 44, error mx-list 54, error dname-character 57, "
     "error mx-wildcard 69"},
    {TEXT(V "mode: enforce\r\nmax_age: 1\r\n"), WW_VERDICT_INVALID, "error policy-mx-missing 43"},
    {TEXT(V "mode: none\r\nmax_age: 1\r\nmx: 192.0.2.1\r\nmx: [2001:db8::1]\r\n"), WW_VERDICT_INVALID,
     "error mx-address 44, error dname-numeric 52, error dname-character 59, error mx-address 59"},
    {TEXT(GOOD "mx: *.Mail.Protection.Outlook.COM\r\nmx: *.eu.iphmx.com\r\n"), WW_VERDICT_VALID,
     "warning mx-shared 62, warning mx-shared 97"},
    {TEXT(GOOD "rua: mailto:a@b.c\r\n"), WW_VERDICT_VALID, "warning policy-tlsrpt 58"},
    {TEXT(GOOD "_smtp-tlsrpt: x\r\n"), WW_VERDICT_INVALID, "error policy-key 58, error policy-tlsrpt 58"},
    {TEXT("{ \"version\": \"STSv1\" }"), WW_VERDICT_INVALID,
     "error policy-json 0, error policy-key 0, error policy-version-missing 22"},
};

static void finds(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(lint_cases); i++) {
        const struct lint_case *c = &lint_cases[i];
        struct ww_lint_policy lint;
        char findings[FINDINGS_TEXT_SIZE];
        ww_lint_policy(c->p, c->n, &lint);
        findings_text(&lint.findings, findings);
        if (lint.verdict != c->verdict || strcmp(findings, c->findings) != 0)
            fail_msg("%s: %s, %s", c->p, ww_verdict_name(lint.verdict), findings);
    }
}

static void judges_length(void **state)
{
    (void)state;
    static char body[WW_POLICY_BODY_MAX + 1];
    struct ww_lint_policy lint;
    char findings[FINDINGS_TEXT_SIZE];
    memset(body, 'y', sizeof body);
    memcpy(body, GOOD "x: ", strlen(GOOD "x: "));
    ww_lint_policy(body, WW_POLICY_BODY_MAX, &lint);
    findings_text(&lint.findings, findings);
    assert_int_equal(lint.verdict, WW_VERDICT_VALID);
    assert_string_equal(findings, "info policy-extension 58, warning policy-large 4096");
    ww_lint_policy(body, WW_POLICY_BODY_MAX + 1, &lint);
    findings_text(&lint.findings, findings);
    assert_int_equal(lint.verdict, WW_VERDICT_INVALID);
    assert_string_equal(findings, "error policy-too-long 65536");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds),
        cmocka_unit_test(judges_length),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
