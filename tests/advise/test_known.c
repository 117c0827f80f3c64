#include "advise/known.h"

#include "domain.h"

#include <string.h>

#define OLD_DAY (TODAY - 321) /* 2026-01-12 */

static struct ww_evidence_version versions[3];
static const struct ww_evidence_fault faults[] = {
    {WW_FAULT_REFUSES, true, "mx-expired", "mx2.example.com [192.0.2.2]",
     "the certificate ended on 2026-11-20", (TODAY - 9) * WW_DAY_SECONDS},
    {WW_FAULT_POLICY, true, "host-status", "mta-sts.example.com", "status 503", 0},
    {WW_FAULT_REFUSES, true, "mx-expired", "mx1.example.community", "that is another one", 0},
    {WW_FAULT_DANE, false, "dane-tlsa-missing", "mx1.example.com", "there is no record", 0},
};
static struct ww_evidence e;

static int setup(void **state)
{
    (void)state;
    versions[0] = version("20261101", LINES("enforce", THREE), TODAY - 28, TODAY);
    versions[1] = version("20260901", LINES("testing", THREE), TODAY - 89, TODAY - 28);
    versions[2] = version("20260112", LINES("testing", TWO), OLD_DAY, TODAY - 89);
    e = (struct ww_evidence){
        .domain = "example.com",
        .now = NOW,
        .versions = versions,
        .version_count = 3,
        .look = {.looked = true,
                 .at = NOW,
                 .outlook = "partly",
                 .mode = "enforce",
                 .mx = MX,
                 .faults = faults,
                 .count = 4},
    };
    return 0;
}

#define NEW_LINES LINES("enforce", THREE)

static const struct {
    const char *result, *mx, *type, *strings, *hosts;
    const char *ids;   /* all of them, in their order */
    const char *words; /* somewhere in them */
} cases[] = {
    {"certificate-host-mismatch", "mx3.example.com", "sts", LINES("testing", TWO), "",
     "policy-older mx-new mx-well",
     "mx3.example.com is not in that policy, and is in the one of now, since 2026-09-01"},
    {"certificate-host-mismatch", "mx3.example.com", "sts", LINES("testing", TWO), "",
     "policy-older mx-new mx-well",
     "this sender still used the policy of 2026-01-12 (id 20260112), which was last seen on 2026-09-01"},
    {"certificate-expired", "mx2.example.com", "sts", NEW_LINES, "", "policy-current fault",
     "mx2.example.com [192.0.2.2]: the certificate ended on 2026-11-20; found by the watch since 2026-11-20 "
     "(mx-expired)"},
    {"validation-failure", "mx1.example.com", "sts", LINES("enforce", "mx: evil.example\n"), "",
     "policy-unknown mx-well", "served by somebody else"},
    {"certificate-host-mismatch", "mx.old.example", "sts", NEW_LINES, "",
     "policy-current mx-not-ours mx-not-in-policy", "mx.old.example is no MX host of the domain"},
    {"sts-policy-fetch-error", "", "no-policy-found", "", "", "fault", "status 503; found on 2026-11-29"},
    {"starttls-not-supported", "mx1.example.com", "no-policy-found", "", "", "policy-not-found mx-well",
     "though one (id 20261101) was there since 2026-11-01"},
    {"validation-failure", "mx1.example.com", "sts", "", "", "policy-not-said mx-well", "does not tell"},
    {"tlsa-invalid", "mx1.example.com", "tlsa", "3 1 1 00\n", "", "policy-dane fault", "TLSA"},
    {"dane-required", "mx1.example.com", "sts", NEW_LINES, "", "policy-current fault", "dane-tlsa-missing"},
    {"certificate-expired", "mx1.example.com", "tlsa", "3 1 1 00\n", "", "policy-dane fault",
     "there is no record"},
    /* senders write a policy in their own ways */
    {"certificate-expired", "", "sts",
     "mode: enforce\nmx: MX1.example.com\nmx: mx3.example.com\nmx: mx2.example.com\n", "", "policy-current",
     "20261101"},
    {"certificate-expired", "", "sts", "version: STSv1\r\nmode: testing\r\n",
     "mx1.example.com\nmx2.example.com\n", "policy-older", "20260112"},
    {"certificate-expired", "", "sts", "", "mx1.example.com\nmx2.example.com\n", "policy-older", "20260112"},
    {"certificate-expired", "", "sts", "mode:enforce\nmax_age:604800", "", "policy-current", "20261101"},
    {"certificate-expired", "", "sts", "mode: enforce\nmax_age: 86400\n", "", "policy-unknown",
     "none that we"},
    {"certificate-expired", "", "sts", "mode: enforce\nmax_age: 99999999999999999999\n", "", "policy-unknown",
     "none"},
    {"certificate-expired", "", "sts", "mode: enforce\nmx: mx1.example.com\n", "", "policy-unknown",
     "none that we"},
    {"certificate-expired", "", "sts", "mode: testing\n" THREE "mx: mx9.example.com\n", "", "policy-unknown",
     "none"},
    {"certificate-expired", "", "sts", "mode: testing\n" TWO, "mx9.example.com\n", "policy-older",
     "20260112"},
    {"certificate-expired", "", "sts", "mode: enforce\nmax_age: 18446744073710156416\n", "", "policy-unknown",
     "none"},
    {"tlsa-invalid", "mx.old.example", "tlsa", "", "", "policy-dane mx-not-ours", "mx.old.example"},
    {"certificate-expired", "\033[2Jmx", "sts", NEW_LINES, "", "policy-current mx-not-ours mx-not-in-policy",
     "\\027[2Jmx is no MX host"},
};

static void known_of_each(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct ww_known_failure f = {.result = cases[i].result,
                                           .mx = cases[i].mx,
                                           .type = cases[i].type,
                                           .strings = ww_slice_str(cases[i].strings),
                                           .mx_hosts = ww_slice_str(cases[i].hosts),
                                           .day = TODAY - 1};
        struct ww_known known[WW_KNOWN_MAX];
        char ids[256] = "", words[WW_KNOWN_MAX * WW_KNOWN_WORDS_SIZE] = "";
        size_t count = ww_known_of(&e, &f, known);
        for (size_t k = 0; k < count; k++) {
            (void)snprintf(ids + strlen(ids), sizeof ids - strlen(ids), "%s%s", k > 0 ? " " : "",
                           known[k].id);
            (void)snprintf(words + strlen(words), sizeof words - strlen(words), "%s\n", known[k].words);
        }
        if (strcmp(ids, cases[i].ids) != 0 || strstr(words, cases[i].words) == NULL)
            fail_msg("case %zu: [%s]\n%s", i, ids, words);
        for (const char *p = words; *p != '\0'; p++)
            assert_true(*p == '\n' || (*p >= ' ' && *p < 127));
    }
}

static void without_an_inspection_and_history(void **state)
{
    const struct ww_known_failure f = {.result = "certificate-expired",
                                       .mx = "mx2.example.com",
                                       .type = "sts",
                                       .strings = ww_slice_str(NEW_LINES),
                                       .mx_hosts = ww_slice("", 0)};
    struct ww_known known[WW_KNOWN_MAX];
    (void)state;
    e.look = (struct ww_evidence_look){.looked = false, .mx = "", .outlook = "", .mode = ""};
    e.version_count = 0;
    assert_int_equal(ww_known_of(&e, &f, known), 1);
    assert_string_equal(known[0].id, "policy-unknown");
}

/* The sender could not know of it. */
static void before_there_was_a_policy(void **state)
{
    const struct ww_known_failure f = {.result = "validation-failure",
                                       .mx = "",
                                       .type = "no-policy-found",
                                       .strings = ww_slice("", 0),
                                       .mx_hosts = ww_slice("", 0),
                                       .day = TODAY - 28};
    struct ww_known known[WW_KNOWN_MAX];
    (void)state;
    assert_int_equal(ww_known_of(&e, &f, known), 0);
}

/* A body that was too long to be kept fits nothing, and names nobody. */
static void versions_without_a_body(void **state)
{
    const struct ww_known_failure f = {.result = "certificate-expired",
                                       .mx = "mx2.example.com",
                                       .type = "sts",
                                       .strings = ww_slice_str(NEW_LINES),
                                       .mx_hosts = ww_slice("", 0)};
    struct ww_known known[WW_KNOWN_MAX];
    (void)state;
    versions[0].has_policy = false;
    assert_true(ww_known_of(&e, &f, known) > 0);
    assert_string_equal(known[0].id, "policy-unknown");
    assert_int_equal(ww_versions_name_since(versions, 3, "mx2.example.com"), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(known_of_each, setup),
        cmocka_unit_test_setup(without_an_inspection_and_history, setup),
        cmocka_unit_test_setup(before_there_was_a_policy, setup),
        cmocka_unit_test_setup(versions_without_a_body, setup),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
