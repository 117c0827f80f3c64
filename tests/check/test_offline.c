#include "check/offline.h"

#include "check/check.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
/* cmocka wants the above before it */
#include <cmocka.h>

#define COUNT(a) (sizeof(a) / sizeof(a)[0])

#define DOMAIN "example.com"
#define NO_TEXT "-" /* the file is not there */

#define KEY "5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a"
#define RECORD "_mta-sts TXT \"v=STSv1; id=1;\"\n"
#define REPORTS "_smtp._tls TXT \"v=TLSRPTv1; rua=mailto:tls@example.com\"\n"
#define MX "@ MX 10 mx1\n@ MX 20 mx2.other.example.\n"
#define TLSA "_25._tcp.mx1 TLSA 3 1 1 " KEY "\n"
#define HEAD "$TTL 300\n@ SOA ns hostmaster 1 2 3 4 5\n  NS ns\nns A 192.0.2.1\n"
#define GOOD HEAD RECORD REPORTS MX TLSA
#define POLICY(mode)                                                                                \
    "version: STSv1\r\nmode: " mode "\r\nmx: mx1.example.com\r\nmx: mx2.other.example\r\nmax_age: " \
    "2592000\r\n"

static const struct {
    const char *zone, *policy;
    const char *findings; /* in the order of the report */
    const char *words;    /* of the outlook, or NULL */
} cases[] = {
    {GOOD, POLICY("enforce"), "", "Once this is published, senders deliver by verified TLS alone."},
    {GOOD, POLICY("testing"), NULL,
     "Once this is published, senders report what fails, and deliver all the same."},
    {GOOD, NO_TEXT, "", "What senders will do is not known: there is no valid policy."},
    {NO_TEXT, POLICY("enforce"), "", "Once this is published, senders deliver by verified TLS alone."},
    {RECORD REPORTS, POLICY("enforce"), "", NULL},
    {"$ORIGIN com.\nexample MX 10 mx1.example\nexample MX 20 mx2.other.example.\n"
     "_mta-sts.example TXT (\n \"v=STSv1; \" ; a comment\n \"id=1;\" )\n_smtp._tls.example TXT "
     "v=TLSRPTv1\\;rua=mailto:a@b.example\n",
     POLICY("enforce"), "", NULL},
    {GOOD "@ MX 30 mx3\n", POLICY("enforce"), "cover-mx-missed", NULL},
    {HEAD RECORD REPORTS "@ MX 10 mx1\n", POLICY("enforce"), "cover-mx-unused", NULL},
    {HEAD RECORD REPORTS "@ MX 0 .\n", POLICY("enforce"), "cover-null-mx", NULL},
    {HEAD "_mta-sts TXT \"v=STSv1; id=a-b;\"\n" REPORTS MX, POLICY("enforce"), "sts-id", NULL},
    {HEAD RECORD "_mta-sts TXT \"v=STSv1; id=2;\"\n" REPORTS MX, POLICY("enforce"), "sts-multiple", NULL},
    {HEAD RECORD MX, POLICY("enforce"), "tlsrpt-none", NULL},
    {HEAD REPORTS MX, POLICY("enforce"), "policy-without-record", NULL},
    {HEAD "_mta-sts CNAME sts\nsts TXT \"v=STSv1; id=1;\"\n" REPORTS MX, POLICY("enforce"), "", NULL},
    {GOOD "_25._tcp.mx1 TLSA 1 1 1 " KEY "\n", POLICY("enforce"), "dane-usage", NULL},
    {HEAD RECORD REPORTS MX "_25._tcp.mx1 TLSA 1 1 1 " KEY "\n", POLICY("enforce"), "dane-none-usable", NULL},
    {GOOD "_25._tcp.mx1 TYPE52 \\# 4 03020100\n", POLICY("enforce"), "dane-record", NULL},
};

static struct ww_slice text_of(const char *text)
{
    return strcmp(text, NO_TEXT) == 0 ? ww_slice(NULL, 0) : ww_slice_str(text);
}

static const char *findings_of(const json_t *report)
{
    static char text[1024];
    const json_t *list = json_object_get(report, "findings");
    size_t n = 0;
    text[0] = '\0';
    for (size_t i = 0; i < json_array_size(list) && n < sizeof text - 100; i++)
        n += (size_t)snprintf(text + n, sizeof text - n, "%s%s", i > 0 ? " " : "",
                              json_string_value(json_object_get(json_array_get(list, i), "id")));
    return text;
}

static void judges_files_as_it_judges_the_world(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct ww_offline_fault fault;
        json_t *report =
            ww_check_offline(DOMAIN, text_of(cases[i].zone), text_of(cases[i].policy), 1800000000, &fault);
        if (report == NULL)
            fail_msg("case %zu: line %u, %s", i, fault.line, fault.why);
        const char *words = json_string_value(json_object_get(json_object_get(report, "outlook"), "words"));
        if (cases[i].findings != NULL && strcmp(findings_of(report), cases[i].findings) != 0)
            fail_msg("case %zu: \"%s\" for \"%s\"", i, findings_of(report), cases[i].findings);
        if (cases[i].words != NULL)
            assert_string_equal(words, cases[i].words);
        assert_true(json_is_true(json_object_get(report, "offline")));
        json_decref(report);
    }
}

static const char *why_not_tested(const json_t *report, const char *id)
{
    const json_t *list = json_object_get(report, "not_tested");
    for (size_t i = 0; i < json_array_size(list); i++)
        if (strcmp(json_string_value(json_object_get(json_array_get(list, i), "id")), id) == 0)
            return json_string_value(json_object_get(json_array_get(list, i), "why"));
    return "";
}

static void what_takes_a_network_is_not_tested(void **state)
{
    (void)state;
    struct ww_offline_fault fault;
    json_t *report = ww_check_offline(DOMAIN, ww_slice_str(GOOD), ww_slice_str(POLICY("enforce")), 1, &fault);
    assert_non_null(report);
    assert_string_equal(why_not_tested(report, "dane-no-match"), "without network");
    assert_string_equal(why_not_tested(report, "dane-dnssec-absent"), "without network");
    size_t made = json_array_size(json_object_get(report, "passed"));
    size_t not_tested = json_array_size(json_object_get(report, "not_tested"));
    assert_int_equal(made + not_tested, WW_CHECKS);
    json_decref(report);
}

static void a_file_with_a_fault_names_the_line(void **state)
{
    (void)state;
    static const struct {
        const char *zone;
        unsigned line;
        const char *why; /* a part of it */
    } faults[] = {
        {"", 0, "empty"},
        {"@ A 192.0.2.1\n@ A 192.0.2\n", 2, ""},
        {"@ A 192.0.2.1\n\n\n@ NOTYPE x\n", 4, ""},
        {"@ A 192.0.2.1\n$INCLUDE /etc/passwd\n", 2, "INCLUDE"},
        {"www.example.org. A 192.0.2.1\n", 0, "no record in it is of example.com"},
    };
    for (size_t i = 0; i < COUNT(faults); i++) {
        struct ww_offline_fault fault;
        json_t *report = ww_check_offline(DOMAIN, ww_slice_str(faults[i].zone), ww_slice(NULL, 0), 1, &fault);
        assert_null(report);
        if (fault.line != faults[i].line || strstr(fault.why, faults[i].why) == NULL || fault.why[0] == '\0')
            fail_msg("fault %zu: line %u, %s", i, fault.line, fault.why);
    }
}

/* ldns forgets a record amid which it finds a fault: who checks a file ends soon after that. */
const char *__lsan_default_suppressions(void); /* NOLINT(bugprone-reserved-identifier) */
const char *__lsan_default_suppressions(void)  /* NOLINT(bugprone-reserved-identifier) */
{
    return "leak:libldns";
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(judges_files_as_it_judges_the_world),
        cmocka_unit_test(what_takes_a_network_is_not_tested),
        cmocka_unit_test(a_file_with_a_fault_names_the_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
