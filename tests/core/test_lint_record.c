#include "core/lint_record.h"

#include "findings.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof(array)[0])
#define TEXT(literal) literal, sizeof literal - 1

#define GOOD "\"v=STSv1; id=1\"\n" /* 16 octets */
#define X51 "012345678901234567890123456789012345678901234567890"

struct lint_case {
    const char *p;
    size_t n;
    enum ww_verdict verdict;
    const char *findings;
};

static const struct lint_case sts_cases[] = {
    {TEXT(GOOD), WW_VERDICT_VALID, ""},
    {TEXT("\"v=STSv1;\" \" id=1\""), WW_VERDICT_VALID, ""},
    {TEXT("\r\n \t\r\n" GOOD), WW_VERDICT_VALID, ""},
    {TEXT("a.example.net.\n" GOOD), WW_VERDICT_VALID, "info txt-cname 0"},
    {TEXT(";; note\n" GOOD), WW_VERDICT_VALID, "warning txt-comment 0"},
    {TEXT("\"v=spf1 -all\"\n" GOOD), WW_VERDICT_VALID, "warning sts-unrelated 1"},
    {TEXT(GOOD "\" v=STSv1; id=2\"\n"), WW_VERDICT_VALID, "warning sts-dropped 17"},
    {TEXT("\"v=STSv1 ; id=1; id=2; v=x; Id=3; y=z\""), WW_VERDICT_VALID,
     "warning sts-delimiter-space 8, warning sts-duplicate 17, warning sts-duplicate 23, warning sts-case "
     "28, "
     "info sts-extension 34"},
    {TEXT("\"v=STSv1; \" \"a=\\098\" \"; id=1\""), WW_VERDICT_VALID, "info sts-extension 13"},
    {TEXT(""), WW_VERDICT_NONE, "info sts-none 0"},
    {TEXT("\"\"\n"), WW_VERDICT_NONE, "info sts-none 0, warning sts-unrelated 1"},
    {TEXT("\"v=spf1 -all\"\n\"x\"\n"), WW_VERDICT_NONE,
     "info sts-none 0, warning sts-unrelated 1, warning sts-unrelated 15"},
    {TEXT("\"x\"\n\"v=STSv1 ; id=1\"\n"), WW_VERDICT_NONE,
     "info sts-none 0, warning sts-unrelated 1, warning sts-dropped 5"},
    {TEXT(GOOD GOOD GOOD), WW_VERDICT_INVALID, "error sts-multiple 17, error sts-multiple 33"},
    {TEXT(GOOD "\"v=STSv1;\"\n"), WW_VERDICT_INVALID, "error sts-multiple 17"},
    {TEXT("\"V=STSv1; id=1\""), WW_VERDICT_INVALID, "error sts-version 1"},
    {TEXT("\"v=STSv1; id=-; id=1\""), WW_VERDICT_INVALID, "error sts-id 13, warning sts-duplicate 16"},
    {TEXT("\"v=STSv1 x; a b;; c=\\000\""), WW_VERDICT_INVALID,
     "warning sts-delimiter-space 8, error sts-delimiter 9, error sts-field-name 13, error sts-field-empty "
     "16, "
     "error sts-octet 20, error sts-id-missing 24"},
    {TEXT("v=STSv1; id=1\n"), WW_VERDICT_INVALID, "error txt-unquoted 7"},
    {TEXT(GOOD "\"open\n"), WW_VERDICT_INVALID, "error txt-quote-open 16"},
    {TEXT("\"" X51 X51 X51 X51 X51 "0\"\n" GOOD), WW_VERDICT_INVALID, "error txt-string-too-long 256"},
};

static const struct lint_case tlsrpt_cases[] = {
    {TEXT("\"v=TLSRPTv1; rua=mailto:a@b.example\""), WW_VERDICT_VALID, ""},
    {TEXT("\"v=TLSRPTv1; rua=mailto:a@b,https://c/,ftp://d,mailto:e,https:///f\""), WW_VERDICT_VALID,
     "info tlsrpt-rua-several 13, warning tlsrpt-rua-scheme 39, warning tlsrpt-rua-target 47, "
     "warning tlsrpt-rua-target 56"},
    {TEXT("\"v=TLSRPTv1; rua=mailto:a@b; rua=https://c/?d=e; RUA=x; f=g\""), WW_VERDICT_VALID,
     "warning tlsrpt-duplicate 29, warning tlsrpt-case 49, info tlsrpt-extension 56"},
    {TEXT("\"v=STSv1; id=1\""), WW_VERDICT_NONE, "info tlsrpt-none 0, warning tlsrpt-unrelated 1"},
    {TEXT("\"v=TLSRPv1; rua=mailto:a@b\""), WW_VERDICT_INVALID, "error tlsrpt-version 8"},
    {TEXT("\"v=TLSRPTv1; rua=a@b\""), WW_VERDICT_INVALID, "error uri-scheme 18"},
    {TEXT("\"v=TLSRPTv1; rua=mailto:a@b!5m\""), WW_VERDICT_INVALID, "error tlsrpt-rua-encode 27"},
    {TEXT("\"v=TLSRPTv1;\"\n\"v=TLSRPTv1;\""), WW_VERDICT_INVALID, "error tlsrpt-multiple 15"},
};

static void run(const struct lint_case *cases, size_t count,
                void (*lint_record)(const char *p, size_t n, char *scratch, struct ww_lint_record *out))
{
    for (size_t i = 0; i < count; i++) {
        const struct lint_case *c = &cases[i];
        struct ww_lint_record lint;
        char findings[FINDINGS_TEXT_SIZE];
        char *scratch = malloc(c->n + 1);
        assert_non_null(scratch);
        lint_record(c->p, c->n, scratch, &lint);
        findings_text(&lint.findings, findings);
        free(scratch);
        if (lint.verdict != c->verdict || strcmp(findings, c->findings) != 0)
            fail_msg("%s: %s, %s", c->p, ww_verdict_name(lint.verdict), findings);
    }
}

static void lints_sts_records(void **state)
{
    (void)state;
    run(sts_cases, COUNT(sts_cases), ww_lint_sts_record);
}

static void lints_tlsrpt_records(void **state)
{
    (void)state;
    run(tlsrpt_cases, COUNT(tlsrpt_cases), ww_lint_tlsrpt_record);
}

static void gives_values(void **state)
{
    (void)state;
    struct ww_lint_record lint;
    char scratch[100];
    const char sts[] = "\"v=STSv1; id=\" \"a1\"", tlsrpt[] = "\"v=TLSRPTv1; rua=mailto:a\\064b\"";
    ww_lint_sts_record(sts, sizeof sts - 1, scratch, &lint);
    assert_string_equal(lint.record.sts.id, "a1");
    ww_lint_tlsrpt_record(tlsrpt, sizeof tlsrpt - 1, scratch, &lint);
    assert_true(ww_slice_is(lint.record.tlsrpt.rua, "mailto:a@b"));
}

static void texts_are_judged_as_their_presentation_is(void **state)
{
    (void)state;
    static const struct {
        struct ww_slice texts[3];
        size_t count;
        enum ww_verdict verdict;
        const char *findings;
    } cases[] = {
        {{{TEXT("v=STSv1; id=1")}}, 1, WW_VERDICT_VALID, ""},
        {{{TEXT("v=STSv1; id=1-2")}}, 1, WW_VERDICT_INVALID, "error sts-id 13"},
        {{{TEXT("v=spf1 -all")}, {TEXT("v=STSv1; id=1; x=y")}},
         2,
         WW_VERDICT_VALID,
         "warning sts-unrelated 0, info sts-extension 26"},
        {{{TEXT("v=STSv1;")}, {TEXT("v=STSv1;")}, {TEXT("v=STSv1;")}},
         3,
         WW_VERDICT_INVALID,
         "error sts-multiple 8, error sts-multiple 16"},
        {{{NULL, 0}}, 0, WW_VERDICT_NONE, "info sts-none 0"},
    };
    struct ww_lint_record lint;
    char findings[FINDINGS_TEXT_SIZE];
    for (size_t i = 0; i < COUNT(cases); i++) {
        ww_lint_sts_texts(cases[i].texts, cases[i].count, &lint);
        findings_text(&lint.findings, findings);
        assert_int_equal(lint.verdict, cases[i].verdict);
        assert_string_equal(findings, cases[i].findings);
    }
    const struct ww_slice tlsrpt = {TEXT("v=TLSRPTv1; rua=mailto:a@b,https://c/")};
    ww_lint_tlsrpt_texts(&tlsrpt, 1, &lint);
    findings_text(&lint.findings, findings);
    assert_int_equal(lint.verdict, WW_VERDICT_VALID);
    assert_string_equal(findings, "info tlsrpt-rua-several 12");

    static struct ww_slice many[WW_LINT_RRS_MAX + 1];
    for (size_t i = 0; i < COUNT(many); i++)
        many[i] = ww_slice("x", 1);
    ww_lint_sts_texts(many, COUNT(many), &lint);
    assert_int_equal(lint.verdict, WW_VERDICT_INVALID);
    assert_int_equal(lint.findings.list[lint.findings.count - 1].rule, WW_E_TXT_TOO_MANY);
    ww_lint_sts_texts(many, COUNT(many) - 1, &lint);
    assert_int_equal(lint.verdict, WW_VERDICT_NONE);
}

static void bounds_its_input(void **state)
{
    (void)state;
    struct ww_lint_record lint;
    char findings[FINDINGS_TEXT_SIZE];
    char *text = malloc(WW_LINT_RECORDS_MAX + 1), *scratch = malloc(WW_LINT_RECORDS_MAX + 1);
    assert_non_null(text);
    assert_non_null(scratch);
    memset(text, '\n', WW_LINT_RECORDS_MAX + 1);
    ww_lint_sts_record(text, WW_LINT_RECORDS_MAX + 1, scratch, &lint);
    findings_text(&lint.findings, findings);
    assert_int_equal(lint.verdict, WW_VERDICT_INVALID);
    assert_string_equal(findings, "error too-long 1048576");

    for (size_t i = 0; i <= WW_LINT_RRS_MAX; i++)
        memcpy(text + 4 * i, "\"x\"\n", 4);
    ww_lint_sts_record(text, WW_LINT_RECORDS_MAX, scratch, &lint);
    assert_int_equal(lint.verdict, WW_VERDICT_INVALID);
    const struct ww_finding *last = &lint.findings.list[lint.findings.count - 1];
    assert_int_equal(last->rule, WW_E_TXT_TOO_MANY);
    assert_int_equal(last->offset, 4 * WW_LINT_RRS_MAX);
    ww_lint_sts_record(text, 4 * (size_t)WW_LINT_RRS_MAX, scratch, &lint);
    assert_int_equal(lint.verdict, WW_VERDICT_NONE);
    free(text);
    free(scratch);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lints_sts_records), cmocka_unit_test(lints_tlsrpt_records),
        cmocka_unit_test(gives_values),      cmocka_unit_test(texts_are_judged_as_their_presentation_is),
        cmocka_unit_test(bounds_its_input),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
