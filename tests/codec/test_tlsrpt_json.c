#include "codec/tlsrpt_json.h"
#include "codec/tlsrpt_read.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>
#include <jansson.h>

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

/* Slices of constants. */
#define S(text)                \
    {                          \
        text, sizeof(text) - 1 \
    }

#define BEGIN INT64_C(1795824000) /* 2026-11-28 */

#define HEAD                                                                                          \
    "{\"organization-name\":\"Example\",\"date-range\":{\"start-datetime\":\"2026-11-28T00:00:00Z\"," \
    "\"end-datetime\":\"2026-11-28T23:59:59Z\"},\"contact-info\":\"tls@reporter.example\","           \
    "\"report-id\":\"2026-11-28.1.example.com.9f86@reporter.example\",\"policies\":["

#define SUMMARY(good, bad) \
    "\"summary\":{\"total-successful-session-count\":" good ",\"total-failure-session-count\":" bad "}"

static const struct ww_sessions_detail expired[] = {
    {.type = WW_RESULT_CERTIFICATE_EXPIRED,
     .sending_ip = S("192.0.2.1"),
     .receiving_mx = S("mx.example.com"),
     .helo = S("mx.example.com ready"),
     .receiving_ip = S("2001:db8::7"),
     .info = S("data:,a%20look"),
     .reason = S("certificate has \"expired\" \xC3\xBC"),
     .count = 2},
    {.type = WW_RESULT_STARTTLS_NOT_SUPPORTED, .count = 1},
    {.type = WW_RESULT_VALIDATION_FAILURE, .count = 0},
    {.type = WW_RESULT_VALIDATION_FAILURE, .count = -1},
    {.type = WW_RESULT_NONE, .count = 1},
};

static const struct ww_sessions_detail strange[] = {
    {.type = WW_RESULT_DNSSEC_INVALID,
     .reason = S("a\xEF\xBF\xBE"
                 "b\xF0\x9F\xBF\xBF"
                 "c\xEF\xB7\x90"
                 "d\xFF\xED\xA0\x80"
                 "e\xEF\xBF\xBD"),
     .count = INT64_MAX},
};

static const struct {
    const char *label;
    struct ww_report_policy policy;
    const char *json;
    const char *noted; /* by our own reader */
} cases[] = {
    {"an MTA-STS policy, a line an element",
     {.policy = {.type = WW_POLICY_TYPE_STS,
                 .domain = "example.com",
                 .strings = S("version: STSv1\nmode: enforce\nmx: mx.example.com\nmx: *.example.net\n"
                              "max_age: 86400\n"),
                 .mx_hosts = S("mx.example.com\n*.example.net\n")},
      .success = 17,
      .failure = 3,
      .details = expired,
      .detail_count = COUNT(expired)},
     "{\"policy\":{\"policy-type\":\"sts\",\"policy-string\":[\"version: STSv1\",\"mode: enforce\","
     "\"mx: mx.example.com\",\"mx: *.example.net\",\"max_age: 86400\"],\"policy-domain\":\"example.com\","
     "\"mx-host\":[\"mx.example.com\",\"*.example.net\"]}," SUMMARY(
         "17",
         "3") ",\"failure-details\":["
              "{\"result-type\":\"certificate-expired\",\"sending-mta-ip\":\"192.0.2.1\","
              "\"receiving-mx-hostname\":\"mx.example.com\",\"receiving-mx-helo\":\"mx.example.com ready\","
              "\"receiving-ip\":\"2001:db8::7\",\"failed-session-count\":2,"
              "\"additional-information\":\"data:,a%20look\","
              "\"failure-reason-code\":\"certificate has \\\"expired\\\" \xC3\xBC\"},"
              "{\"result-type\":\"starttls-not-supported\",\"failed-session-count\":1}]}",
     "report-reason-text"},
    {"a policy that could not be fetched has no strings",
     {.policy = {.type = WW_POLICY_TYPE_STS, .domain = "example.com"}, .failure = 1},
     "{\"policy\":{\"policy-type\":\"sts\",\"policy-domain\":\"example.com\"}," SUMMARY("0", "1") "}",
     "report-details-missing"},
    {"a last line without line feed, and an empty one",
     {.policy = {.type = WW_POLICY_TYPE_STS,
                 .domain = "example.com",
                 .strings = S("version: STSv1\n\nmx: a")}},
     "{\"policy\":{\"policy-type\":\"sts\",\"policy-string\":[\"version: STSv1\",\"\",\"mx: a\"],"
     "\"policy-domain\":\"example.com\"}," SUMMARY("0", "0") "}",
     ""},
    {"DANE: a record an element, of the MX host, and no mx-host",
     {.policy = {.type = WW_POLICY_TYPE_TLSA,
                 .domain = "mx.example.com",
                 .strings = S("3 1 1 1F850A33\n2 0 1 AA\n"),
                 .mx_hosts = S("mx.example.com\n")},
      .success = 1},
     "{\"policy\":{\"policy-type\":\"tlsa\",\"policy-string\":[\"3 1 1 1F850A33\",\"2 0 1 AA\"],"
     "\"policy-domain\":\"mx.example.com\"}," SUMMARY("1", "0") "}",
     ""},
    {"a policy domain that is not known is that of the recipients",
     {.policy = {.type = WW_POLICY_TYPE_TLSA}, .success = 1},
     "{\"policy\":{\"policy-type\":\"tlsa\",\"policy-domain\":\"example.com\"}," SUMMARY("1", "0") "}",
     ""},
    {"no policy has neither strings nor patterns, and the domain of the recipients",
     {.policy = {.type = WW_POLICY_TYPE_NONE,
                 .domain = "mx.example.com",
                 .strings = S("x\n"),
                 .mx_hosts = S("y\n")},
      .success = 5},
     "{\"policy\":{\"policy-type\":\"no-policy-found\",\"policy-domain\":\"example.com\"}," SUMMARY("5",
                                                                                                    "0") "}",
     ""},
    {"counts that are none, and more than I-JSON holds",
     {.policy = {.type = WW_POLICY_TYPE_NONE}, .success = -3, .failure = INT64_C(9007199254740992)},
     "{\"policy\":{\"policy-type\":\"no-policy-found\",\"policy-domain\":\"example.com\"}," SUMMARY(
         "0", "9007199254740991") "}",
     "report-details-missing"},
    {"noncharacters and what is no UTF-8 cost a character each, and no report",
     {.policy = {.type = WW_POLICY_TYPE_NONE}, .details = strange, .detail_count = COUNT(strange)},
     "{\"policy\":{\"policy-type\":\"no-policy-found\",\"policy-domain\":\"example.com\"}," SUMMARY(
         "0", "0") ",\"failure-details\":[{\"result-type\":\"dnssec-invalid\",\"failed-session-count\":"
                   "9007199254740991,"
                   "\"failure-reason-code\":\"a\xEF\xBF\xBD"
                   "b\xEF\xBF\xBD"
                   "c\xEF\xBF\xBD"
                   "d\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD"
                   "e\xEF\xBF\xBD\"}]}",
     "report-details-sum"},
};

static struct ww_report report_of(const struct ww_report_policy *policies, size_t count)
{
    return (struct ww_report){.organization = "Example",
                              .contact = "tls@reporter.example",
                              .id = "2026-11-28.1.example.com.9f86@reporter.example",
                              .domain = "example.com",
                              .begin = BEGIN,
                              .end = BEGIN + WW_DAY_SECONDS - 1,
                              .policies = policies,
                              .count = count};
}

/* What our own reader finds unusual about a report of ours. */
static void is_noted(const char *text, size_t n, const char *wanted)
{
    struct ww_deviations deviations = {.count = 0};
    char noted[512] = "";
    struct ww_tlsrpt_read *read = ww_tlsrpt_read(ww_slice(text, n), &deviations);
    assert_non_null(read);
    for (size_t i = 0; i < deviations.count; i++)
        (void)snprintf(noted + strlen(noted), sizeof noted - strlen(noted), "%s%s", i > 0 ? " " : "",
                       ww_err_id(deviations.list[i].rule));
    assert_string_equal(noted, wanted);
    ww_tlsrpt_read_free(read);
}

static void a_policy_is_an_object(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        const struct ww_report report = report_of(&cases[i].policy, 1);
        char expected[4096];
        size_t n;
        (void)snprintf(expected, sizeof expected, "%s%s]}", HEAD, cases[i].json);
        char *text = ww_tlsrpt_json(&report, &n);
        assert_non_null(text);
        if (strcmp(text, expected) != 0)
            print_error("%s\n", cases[i].label);
        assert_string_equal(text, expected);
        assert_int_equal(n, strlen(text));
        is_noted(text, n, cases[i].noted);
        free(text);
    }
}

static void a_report_has_all_policies(void **state)
{
    (void)state;
    const struct ww_report_policy policies[] = {cases[0].policy, cases[3].policy};
    const struct ww_report report = report_of(policies, 2), empty = report_of(NULL, 0);
    char expected[4096];
    size_t n;
    (void)snprintf(expected, sizeof expected, "%s%s,%s]}", HEAD, cases[0].json, cases[3].json);
    char *text = ww_tlsrpt_json(&report, &n);
    assert_string_equal(text, expected);
    free(text);
    text = ww_tlsrpt_json(&empty, &n);
    assert_string_equal(text, HEAD "]}");
    free(text);
}

/* The journal of a day of trouble: as many details as a report may ever have. */
static void a_report_may_be_large(void **state)
{
    (void)state;
    enum { details = 10000 };
    struct ww_sessions_detail *list = calloc(details, sizeof *list);
    assert_non_null(list);
    for (size_t i = 0; i < details; i++) {
        list[i] = expired[0];
        list[i].count = (int64_t)i + 1;
    }
    const struct ww_report_policy policy = {
        .policy = cases[0].policy.policy, .failure = 1, .details = list, .detail_count = details};
    const struct ww_report report = report_of(&policy, 1);
    size_t n;
    char *text = ww_tlsrpt_json(&report, &n);
    json_t *json = json_loadb(text, n, JSON_REJECT_DUPLICATES, NULL);
    json_t *first = json_array_get(json_object_get(json, "policies"), 0);
    json_t *found = json_object_get(first, "failure-details");
    assert_int_equal(json_array_size(found), details);
    json_t *last = json_array_get(found, details - 1);
    assert_int_equal(json_integer_value(json_object_get(last, "failed-session-count")), details);
    json_decref(json);
    free(text);
    free(list);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_policy_is_an_object),
        cmocka_unit_test(a_report_has_all_policies),
        cmocka_unit_test(a_report_may_be_large),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
