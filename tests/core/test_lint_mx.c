#include "core/lint_mx.h"

#include "findings.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

static const struct lint_case {
    const char *pattern, *host;
    bool san;
    enum ww_verdict verdict;
    const char *findings;
} lint_cases[] = {
    {"mail.a.example", "MAIL.a.example.", false, WW_VERDICT_MATCH, ""},
    {"*.a.example", "mail.a.example", false, WW_VERDICT_MATCH, ""},
    {"*.a.example", "mail.a.example", true, WW_VERDICT_MATCH, ""},
    {"*.example", "a.example", false, WW_VERDICT_MATCH, ""},
    {"mail.a.example", "mail.b.example", false, WW_VERDICT_NO_MATCH, ""},
    {"*.a.example", "mail.b.example", false, WW_VERDICT_NO_MATCH, ""},
    {"*.a.example", "x.mail.a.example", false, WW_VERDICT_NO_MATCH, "info mx-one-label 0"},
    {"*.a.example", "A.example.", false, WW_VERDICT_NO_MATCH, "info mx-one-label 0"},
    {"*.a.example", "xa.example", false, WW_VERDICT_NO_MATCH, ""},
    {"*.a.example", "x.y.a.example", true, WW_VERDICT_NO_MATCH, "info mx-one-label 0"},
    {"*.example", "a.example", true, WW_VERDICT_NO_MATCH, "warning san-wildcard 0"},
    {"m*.a.example", "mail.a.example", true, WW_VERDICT_NO_MATCH, "warning san-wildcard 0"},
    {"*", "mail", true, WW_VERDICT_NO_MATCH, "warning san-wildcard 0"},
    {"m*.a.example", "mail.a.example", false, WW_VERDICT_INVALID, "error mx-wildcard 1"},
    {"*", "mail", false, WW_VERDICT_INVALID, "error mx-wildcard 0"},
    {"", "mail", false, WW_VERDICT_INVALID, "error mx-empty 0"},
    {"", "mail", true, WW_VERDICT_INVALID, "error dname-empty 0"},
    {".a.example", "b.a.example", false, WW_VERDICT_INVALID,
     "error dname-label-empty 0, error mx-leading-dot 0"},
    {"mail.a.example.", "mail.a.example", false, WW_VERDICT_INVALID, "error dname-root-dot 14"},
    {"192.0.2.1", "192.0.2.1", false, WW_VERDICT_INVALID, "error dname-numeric 8, error mx-host 8"},
    {"a.example", "a_b.example", false, WW_VERDICT_INVALID, "error mx-host 1"},
    {"a.example", "b\xc3\xbc.example", false, WW_VERDICT_INVALID, "error mx-host 1"},
    {"a.example", "", false, WW_VERDICT_INVALID, "error mx-host 0"},
    {"a.example", ".", false, WW_VERDICT_INVALID, "error mx-host 0"},
    {"a.example", "a.example..", false, WW_VERDICT_INVALID, "error mx-host 9"},
};

static void lints_patterns(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(lint_cases); i++) {
        const struct lint_case *c = &lint_cases[i];
        struct ww_lint_mx lint;
        char findings[FINDINGS_TEXT_SIZE];
        ww_lint_mx(ww_slice_str(c->pattern), ww_slice_str(c->host), c->san, &lint);
        findings_text(&lint.findings, findings);
        if (lint.verdict != c->verdict || strcmp(findings, c->findings) != 0)
            fail_msg("%s %s: %s, %s", c->pattern, c->host, ww_verdict_name(lint.verdict), findings);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lints_patterns),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
