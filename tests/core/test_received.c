#include "core/received.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof(array)[0])
#define POLICIES_MAX 3

/* Policies as "TYPE DOMAIN"; which domain each one's sessions went to. */
static const struct {
    const char *policies[POLICIES_MAX];
    const char *about;
    const char *domains[POLICIES_MAX];
} cases[] = {
    {{"sts example.com"}, "", {"example.com"}},
    /* what a policy says of itself goes before what the mail says */
    {{"sts example.com"}, "example.net", {"example.com"}},
    {{"no-policy-found example.com"}, "example.net", {"example.com"}},
    {{"made-up example.com"}, "example.net", {"example.com"}},
    /* but of DANE, which names an MX host */
    {{"tlsa mx.example.com"}, "example.net", {"example.net"}},
    {{"tlsa mx.example.com", "sts example.com"}, "", {"example.com", "example.com"}},
    {{"tlsa mx.example.com", "sts example.com"}, "example.net", {"example.net", "example.com"}},
    {{"tlsa mx.example.com", "sts a.example", "no-policy-found a.example"},
     "",
     {"a.example", "a.example", "a.example"}},
    {{"tlsa mx.example.com", "sts a.example", "sts b.example"},
     "",
     {"mx.example.com", "a.example", "b.example"}},
    {{"tlsa mx1.example.com", "tlsa mx2.example.com"}, "", {"mx1.example.com", "mx2.example.com"}},
    /* and where none is named */
    {{"no-policy-found"}, "example.net", {"example.net"}},
    {{"no-policy-found", "sts a.example"}, "", {"a.example", "a.example"}},
    {{"no-policy-found", "sts a.example", "sts b.example"}, "", {"", "a.example", "b.example"}},
    {{"no-policy-found", "tlsa mx.example.com"}, "", {"", "mx.example.com"}},
    {{"no-policy-found"}, "", {""}},
    {{""}, "", {""}},
};

static void sessions_belong_to_a_domain(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct ww_received_policy policies[POLICIES_MAX];
        struct ww_received report = {.policies = policies};
        for (; report.count < POLICIES_MAX && cases[i].policies[report.count] != NULL; report.count++) {
            const char *text = cases[i].policies[report.count], *space = strchr(text, ' ');
            struct ww_received_policy *p = &policies[report.count];
            *p = (struct ww_received_policy){.type = ww_slice_str(text)};
            if (space != NULL)
                p->type.n = (size_t)(space - text);
            (void)snprintf(p->domain, sizeof p->domain, "%s", space != NULL ? space + 1 : "");
        }
        for (size_t k = 0; k < report.count; k++) {
            char domain[WW_DNAME_SIZE];
            ww_received_domain(&report, k, cases[i].about, domain);
            if (strcmp(domain, cases[i].domains[k]) != 0)
                fail_msg("case %zu, policy %zu: %s", i, k, domain);
        }
    }
}

static void deviations_are_counted(void **state)
{
    struct ww_deviations d = {.count = 0};
    (void)state;
    ww_deviations_add(&d, WW_E_REPORT_COUNT_TEXT, WW_SEVERITY_INFO, "policies[0]");
    ww_deviations_add(&d, WW_E_REPORT_BOM, WW_SEVERITY_WARNING, "");
    assert_null(ww_deviations_error(&d));
    /* the first place, and the worst severity */
    ww_deviations_add(&d, WW_E_REPORT_COUNT_TEXT, WW_SEVERITY_WARNING, "policies[1]");
    ww_deviations_add(&d, WW_E_REPORT_COUNT_TEXT, WW_SEVERITY_INFO, "policies[2]");
    assert_int_equal(d.count, 2);
    assert_int_equal(d.list[0].count, 3);
    assert_int_equal(d.list[0].severity, WW_SEVERITY_WARNING);
    assert_string_equal(d.list[0].at, "policies[0]");
    d.list[0].count = UINT32_MAX;
    ww_deviations_add(&d, WW_E_REPORT_COUNT_TEXT, WW_SEVERITY_WARNING, "");
    assert_int_equal(d.list[0].count, UINT32_MAX);
    ww_deviations_add(&d, WW_E_REPORT_DATE, WW_SEVERITY_ERROR, "date-range");
    ww_deviations_add(&d, WW_E_REPORT_JSON, WW_SEVERITY_ERROR, "line 1");
    assert_int_equal(ww_deviations_error(&d)->rule, WW_E_REPORT_DATE);
}

static void an_error_has_a_place_in_a_full_list(void **state)
{
    struct ww_deviations d = {.count = 0};
    char at[2 * WW_DEVIATION_AT_SIZE];
    (void)state;
    memset(at, 'a', sizeof at);
    at[sizeof at - 1] = '\0';
    for (int rule = 1; rule <= WW_DEVIATIONS_MAX + 1; rule++)
        ww_deviations_add(&d, (enum ww_err)rule, WW_SEVERITY_WARNING, at);
    assert_int_equal(d.count, WW_DEVIATIONS_MAX);
    assert_int_equal(strlen(d.list[0].at), WW_DEVIATION_AT_SIZE - 1);
    assert_null(ww_deviations_error(&d));
    ww_deviations_add(&d, WW_E_REPORT_JSON, WW_SEVERITY_ERROR, "here");
    assert_int_equal(d.count, WW_DEVIATIONS_MAX);
    assert_int_equal(ww_deviations_error(&d)->rule, WW_E_REPORT_JSON);
    assert_string_equal(ww_deviations_error(&d)->at, "here");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sessions_belong_to_a_domain),
        cmocka_unit_test(deviations_are_counted),
        cmocka_unit_test(an_error_has_a_place_in_a_full_list),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
