/* test_tlsrpt_read FOLDER: with the sample reports. */
#include "codec/tlsrpt_read.h"
#include "codec/tlsrpt_scan.h"
#include "report_show.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

static const char *folder;
static char shown[64 * 1024], noted[8 * 1024];
static struct ww_deviations deviations;

/* Puts words for it into `shown` and `noted`. */
static struct ww_tlsrpt_read *read_text(struct ww_slice text)
{
    struct ww_buf s = ww_buf(shown, sizeof shown - 1), n = ww_buf(noted, sizeof noted - 1);
    deviations.count = 0;
    struct ww_tlsrpt_read *read = ww_tlsrpt_read(text, &deviations);
    assert_non_null(read);
    show_report(&s, ww_tlsrpt_report(read));
    shown[s.n] = '\0';
    for (size_t i = 0; i < deviations.count; i++) {
        const struct ww_deviation *d = &deviations.list[i];
        ww_buf_str(&n, ww_severity_name(d->severity));
        ww_buf_str(&n, " ");
        ww_buf_str(&n, ww_err_id(d->rule));
        ww_buf_str(&n, " ");
        ww_buf_str(&n, d->at);
        if (d->count > 1)
            show_count(&n, " *", d->count);
        ww_buf_str(&n, "\n");
    }
    assert_false(n.failed);
    noted[n.n] = '\0';
    return read;
}

/* A copy of just its size, so that no octet behind it is read unnoticed. */
static struct ww_tlsrpt_read *read_file(const char *name)
{
    static char text[64 * 1024];
    char path[1024];
    (void)snprintf(path, sizeof path, "%s/%s.json", folder, name);
    FILE *f = fopen(path, "rb");
    if (f == NULL)
        fail_msg("%s", path);
    size_t n = fread(text, 1, sizeof text, f);
    (void)fclose(f);
    char *copy = malloc(n + 1);
    assert_non_null(copy);
    memcpy(copy + 1, text, n);
    struct ww_tlsrpt_read *read = read_text(ww_slice(copy + 1, n));
    free(copy);
    return read;
}

static const char plain[] =
    "Example Post contact=tls@post.example id=2026-11-28T00:00:00Z_example.com 2026-11-28T00:00:00Z "
    "2026-11-28T23:59:59Z 5/2 [sts of=example.com strings=version: STSv1|mode: enforce|mx: "
    "*.example.com|max_age: 86400| hosts=*.example.com| 5/2 {2 certificate-expired from=192.0.2.1 "
    "mx=mx1.example.com helo=mx1 ip=198.51.100.7 info=https://post.example/1 why=X509_V_ERR}]";

/* What was noted, and what differs from the plain one. */
static const struct {
    const char *name;
    const char *noted;
    const char *part;
} accepted[] = {
    {"addresses",
     "info report-address policies[0].failure-details[0].sending-mta-ip *2\n"
     "warning report-text-list policies[0].failure-details[0].receiving-ip\n",
     "from=here mx=mx1.example.com helo=mx1 ip=[::1]"},
    {"byte-order-mark", "warning report-bom line 1, column 1\n", NULL},
    {"contact-null", "info report-contact-missing contact-info\n",
     "Example Post id=2026-11-28T00:00:00Z_example.com"},
    {"control-characters", "warning report-text-control organization-name *2\n",
     "Ex [2J  ample contact=tls@post.example id=2026-11-28T00:00:00Z_example.com 2026-11-28T00:00:00Z "
     "2026-11-28T23:59:59Z 5/2 [sts of=example.com strings=a b|mode:|"},
    {"count-float", "warning report-count-float policies[0].summary.total-successful-session-count\n", NULL},
    {"count-largest", "",
     "9223372036854775805/2 [sts of=example.com strings=version: STSv1|mode: enforce|mx: "
     "*.example.com|max_age: 86400| hosts=*.example.com| 9223372036854775805/2"},
    {"count-minus-zero", "",
     "0/2 [sts of=example.com strings=version: STSv1|mode: enforce|mx: *.example.com|max_age: 86400| "
     "hosts=*.example.com| 0/2"},
    {"count-missing", "warning report-count-missing policies[0].summary.total-successful-session-count\n",
     "0/2 [sts of=example.com strings=version: STSv1|mode: enforce|mx: *.example.com|max_age: 86400| "
     "hosts=*.example.com| 0/2"},
    {"count-null", "warning report-count-missing policies[0].summary.total-successful-session-count *2\n",
     "0/0 [sts of=example.com strings=version: STSv1|mode: enforce|mx: *.example.com|max_age: 86400| "
     "hosts=*.example.com| 0/0]"},
    {"count-text", "warning report-count-text policies[0].summary.total-successful-session-count *3\n", NULL},
    {"date-day", "warning report-date-day date-range.start-datetime *2\n", NULL},
    {"date-no-zone", "warning report-date-no-zone date-range.start-datetime *2\n", NULL},
    {"date-space", "warning report-date-space date-range.start-datetime *2\n", NULL},
    {"date-zone-right", "", NULL},
    {"date-zone-short", "warning report-date-zone date-range.start-datetime *2\n", NULL},
    {"date-zone",
     "warning report-date-zone date-range.start-datetime *2\n"
     "warning report-date-space date-range.end-datetime\n",
     NULL},
    {"deep-32-levels", "info report-key-unknown x\n", NULL},
    {"detail-count-missing",
     "warning report-count-missing policies[0].failure-details[0].failed-session-count\n"
     "warning report-details-sum policies[0].failure-details\n",
     "hosts=*.example.com| 5/2 {0"},
    {"domain-no-name", "warning report-domain policies[0].policy.policy-domain\n",
     "2026-11-28T23:59:59Z 5/2 [sts strings=version:"},
    {"domain-root-dot", "info report-domain-form policies[0].policy.policy-domain\n", NULL},
    {"domain-unicode", "info report-domain-form policies[0].policy.policy-domain\n",
     "of=xn--bcher-kva.example"},
    {"direction-characters", "warning report-text-control organization-name *2\n",
     "Example  tsoP  contact=tls@post.example"},
    {"end-is-midnight", "info report-end-is-midnight date-range.end-datetime\n", "2026-11-29T00:00:00Z"},
    {"failure-details-object", "warning report-list-object policies[0].failure-details\n", NULL},
    {"failure-no-object", "warning report-detail-type policies[0].failure-details[1]\n", NULL},
    {"failures-do-not-sum", "warning report-details-sum policies[0].failure-details\n",
     "why=X509_V_ERR} {1 validation-failure}]"},
    {"failures-not-described", "warning report-details-missing policies[0].failure-details\n",
     "hosts=*.example.com| 5/2]"},
    {"id-number",
     "warning report-text-type report-id\n"
     "warning report-id-missing report-id\n",
     "contact=tls@post.example 2026-11-28T00:00:00Z"},
    {"info-uri", "info report-info-uri policies[0].failure-details[0].additional-info-uri\n", NULL},
    {"key-unknown-huge-number", "info report-key-unknown version\n", NULL},
    {"keys-unknown", "info report-key-unknown date-range.x *5\n", NULL},
    {"lists-empty", "info report-list-empty policies[0].policy.policy-string *2\n",
     "5/0 [sts of=example.com 5/0]"},
    {"lists-missing", "", "5/0 [sts of=example.com 5/0]"},
    {"lists-null", "info report-list-null policies[0].policy.policy-string *3\n",
     "5/0 [sts of=example.com 5/0]"},
    {"lists-other-types", "warning report-list-type policies[0].policy.policy-string *3\n",
     "5/0 [sts of=example.com 5/0]"},
    {"mx-host-and-pattern", "warning report-mx-host-pattern policies[0].policy.mx-host-pattern\n", NULL},
    {"mx-host-pattern-string",
     "warning report-mx-host-pattern policies[0].policy.mx-host-pattern\n"
     "warning report-mx-host-string policies[0].policy.mx-host-pattern\n",
     NULL},
    {"mx-host-pattern", "warning report-mx-host-pattern policies[0].policy.mx-host-pattern\n",
     "hosts=*.example.com|mx.example.net|"},
    {"mx-host-string", "warning report-mx-host-string policies[0].policy.mx-host\n",
     "86400| hosts=mx1.example.com|"},
    {"mx-name", "info report-mx-name policies[0].failure-details[0].receiving-mx-hostname\n",
     "from=192.0.2.1 mx=mx_1.example.com"},
    {"no-policy-found-without-domain", "info report-domain-missing policies[0].policy.policy-domain\n",
     "[no-policy-found"},
    {"organization-list", "warning report-text-list organization-name\n", NULL},
    {"organization-missing", "warning report-organization-missing organization-name\n",
     " contact=tls@post.example id=2026"},
    {"plain", "", NULL},
    {"policies-object", "warning report-list-object policies\n", NULL},
    {"policy-missing", "warning report-policy-missing policies[0].policy\n", "2026-11-28T23:59:59Z 5/2 ["},
    {"policy-null", "warning report-policy-missing policies[0].policy\n", "2026-11-28T23:59:59Z 5/2 ["},
    {"policy-string-empty-string", "warning report-policy-string-string policies[0].policy.policy-string\n",
     "of=example.com hosts=*.example.com|"},
    {"policy-string-json-broken", "", "strings=[\"version: STSv1\"|"},
    {"policy-string-json",
     "warning report-text-type policies[0].policy.policy-string[0]\n"
     "warning report-policy-string-json policies[0].policy.policy-string[0]\n",
     "STSv1|mode: testing|"},
    {"policy-string-numbers", "warning report-text-type policies[0].policy.policy-string[0] *2\n",
     "strings=mode: none|"},
    {"policy-string-string-json",
     "warning report-policy-string-string policies[0].policy.policy-string\n"
     "warning report-policy-string-json policies[0].policy.policy-string\n",
     "strings=version: STSv1|"},
    {"policy-string-string", "warning report-policy-string-string policies[0].policy.policy-string\n",
     "STSv1|mode: testing|"},
    {"policy-type-case", "info report-word-case policies[0].policy.policy-type\n", NULL},
    {"policy-type-missing", "warning report-policy-type-missing policies[0].policy.policy-type\n",
     "2026-11-28T23:59:59Z 5/2 ["},
    {"policy-type-unknown", "warning report-policy-type-unknown policies[0].policy.policy-type\n",
     "2026-11-28T23:59:59Z 5/2 [sts2"},
    {"range-backwards", "warning report-range-backwards date-range\n",
     "2026-11-28T23:59:59Z 2026-11-28T00:00:00Z"},
    {"range-hour", "info report-range-short date-range\n", "2026-11-28T07:00:00Z 2026-11-28T07:59:59Z"},
    {"range-week", "info report-range-long date-range\n",
     "id=2026-11-28T00:00:00Z_example.com 2026-11-22T00:00:00Z"},
    {"reason-text", "info report-reason-text policies[0].failure-details[0].failure-reason-code\n",
     "why=certificate has expired}]"},
    {"result-case", "info report-word-case policies[0].failure-details[0].result-type\n", NULL},
    {"result-missing", "warning report-result-missing policies[0].failure-details[0].result-type\n",
     "hosts=*.example.com| 5/2 {2 from=192.0.2.1"},
    {"result-unknown", "warning report-result-unknown policies[0].failure-details[0].result-type\n",
     "sts-webpki-funny"},
    {"text-long",
     "info report-text-cut organization-name *3\n"
     "warning report-result-unknown policies[0].failure-details[0].result-type\n",
     "\342\202\254 contact="},
    {"tlsa-recipient-domain", "info report-tlsa-domain policies[2].policy.policy-domain\n",
     "[tlsa of=mx1.example.com strings=3 1 1 AB| 1/0] [tlsa of=example.com strings=3 1 1 AB| 1/0]"},
};

static void deviations_are_accepted_and_noted(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(accepted); i++) {
        struct ww_tlsrpt_read *read = read_file(accepted[i].name);
        if (strcmp(noted, accepted[i].noted) != 0)
            fail_msg("%s: %s", accepted[i].name, noted);
        if (accepted[i].part == NULL ? strcmp(shown, plain) != 0 : strstr(shown, accepted[i].part) == NULL)
            fail_msg("%s: %s", accepted[i].name, shown);
        if ((accepted[i].part == NULL) != (strcmp(shown, plain) == 0))
            fail_msg("%s is as the plain one", accepted[i].name);
        ww_tlsrpt_read_free(read);
    }
}

/* What was noted; policies, sessions that went well and that failed, as far as it was read. */
static const struct {
    const char *name;
    const char *noted;
    const char *sums;
} refused[] = {
    {"count-blanks-text", "error report-count policies[0].summary.total-failure-session-count\n", "1 5/0"},
    {"count-empty-text", "error report-count policies[0].summary.total-failure-session-count\n", "1 5/0"},
    {"count-fraction-text", "error report-count policies[0].summary.total-failure-session-count\n", "1 5/0"},
    {"count-fraction", "error report-count-fraction policies[0].summary.total-failure-session-count\n",
     "1 5/0"},
    {"count-list", "error report-count policies[0].summary.total-failure-session-count\n", "1 5/0"},
    {"count-many-digits", "error report-count-overflow policies[0].summary.total-successful-session-count\n",
     "1 0/2"},
    {"count-negative-float", "error report-count-negative policies[0].summary.total-failure-session-count\n",
     "1 5/0"},
    {"count-negative-text", "error report-count-negative policies[0].summary.total-failure-session-count\n",
     "1 5/0"},
    {"count-negative", "error report-count-negative policies[0].summary.total-failure-session-count\n",
     "1 5/0"},
    {"count-overflow-exponent",
     "error report-count-overflow policies[0].summary.total-successful-session-count\n", "1 0/2"},
    {"count-overflow-float",
     "error report-count-overflow policies[0].summary.total-successful-session-count\n", "1 0/2"},
    {"count-overflow-negative",
     "error report-count-negative policies[0].summary.total-successful-session-count\n", "1 0/2"},
    {"count-overflow-text",
     "error report-count-overflow policies[0].failure-details[0].failed-session-count\n", "1 5/2"},
    {"count-overflow", "error report-count-overflow policies[0].summary.total-successful-session-count\n",
     "1 0/2"},
    {"count-true", "error report-count policies[0].failure-details[0].failed-session-count\n", "1 5/2"},
    {"date-missing", "error report-date date-range.end-datetime\n", "1 5/2"},
    {"date-nonsense", "error report-date date-range.start-datetime *2\n", "1 5/2"},
    {"date-number", "error report-date date-range.start-datetime *2\n", "1 5/2"},
    {"date-range-missing", "error report-date-range-missing date-range\n", "1 5/2"},
    {"date-range-null", "error report-date-range-missing date-range\n", "1 5/2"},
    {"deep-33-levels", "error report-deep line 42, column 38\n", "0 0/0"},
    {"deep-lists", "error report-deep line 1, column 37\n", "0 0/0"},
    {"deep-objects", "error report-deep line 1, column 161\n", "0 0/0"},
    {"empty", "error report-not-object line 1, column 1\n", "0 0/0"},
    {"key-twice-unknown", "error report-key-twice line 39, column 14\n", "0 0/0"},
    {"key-twice", "error report-key-twice line 8, column 16\n", "0 0/0"},
    {"not-json", "error report-json line 41, column 2\n", "0 0/0"},
    {"not-object", "error report-not-object line 1, column 1\n", "0 0/0"},
    {"policies-empty", "error report-policies-missing policies\n", "0 0/0"},
    {"policies-missing", "error report-policies-missing policies\n", "0 0/0"},
    {"policies-null", "error report-policies-missing policies\n", "0 0/0"},
    {"policies-text", "error report-policies-missing policies\n", "0 0/0"},
    {"policy-no-object",
     "warning report-policy-missing policies[1].policy\n"
     "error report-summary-missing policies[1].summary\n",
     "2 5/2"},
    {"sum-overflow-both", "error report-sum-overflow policies\n", "1 9223372036854775806/2"},
    {"sum-overflow-failures",
     "error report-sum-overflow policies[0].failure-details[2].failed-session-count\n", "1 5/2"},
    {"sum-overflow", "error report-sum-overflow policies[1]\n", "2 9223372036854775799/4"},
    {"summary-missing", "error report-summary-missing policies[1].summary\n", "2 5/2"},
    {"summary-null", "error report-summary-missing policies[0].summary\n", "1 0/0"},
    {"two-objects", "error report-not-object line 43, column 2\n", "0 0/0"},
    {"utf-16", "error report-not-object line 1, column 1\n", "0 0/0"},
    {"utf8-half-surrogate", "error report-json line 2, column 31\n", "0 0/0"},
    {"utf8-invalid", "error report-utf8 line 2, column 33\n", "0 0/0"},
};

static void what_cannot_count_is_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(refused); i++) {
        char sums[64];
        struct ww_tlsrpt_read *read = read_file(refused[i].name);
        const struct ww_received *m = ww_tlsrpt_report(read);
        (void)snprintf(sums, sizeof sums, "%zu %lld/%lld", m->count, (long long)m->success,
                       (long long)m->failure);
        if (strcmp(noted, refused[i].noted) != 0)
            fail_msg("%s: %s", refused[i].name, noted);
        if (strcmp(sums, refused[i].sums) != 0)
            fail_msg("%s: %s", refused[i].name, sums);
        ww_tlsrpt_read_free(read);
    }
}

/* ---- limits ---- */

#define HEAD                                                                             \
    "{\"organization-name\":\"A\",\"contact-info\":\"a@b.example\",\"report-id\":\"1\"," \
    "\"date-range\":{\"start-datetime\":\"2026-11-28T00:00:00Z\","                       \
    "\"end-datetime\":\"2026-11-28T23:59:59Z\"},\"policies\":["
#define ENTRY(details)                                                                      \
    "{\"policy\":{\"policy-type\":\"sts\",\"policy-domain\":\"example.com\"},"              \
    "\"summary\":{\"total-successful-session-count\":3,\"total-failure-session-count\":0}," \
    "\"failure-details\":[" details "]}"
#define DETAIL "{\"result-type\":\"validation-failure\",\"failed-session-count\":0}"
#define LARGE ((size_t)80 << 20)

static char *large;
static struct ww_buf b;

static int make_large(void **state)
{
    (void)state;
    large = malloc(LARGE);
    b = ww_buf(large, LARGE);
    return large != NULL ? 0 : -1;
}

static int free_large(void **state)
{
    (void)state;
    free(large);
    return 0;
}

static void repeat(const char *text, size_t count, const char *between)
{
    for (size_t i = 0; i < count; i++) {
        ww_buf_str(&b, i > 0 ? between : "");
        ww_buf_str(&b, text);
    }
}

/* Whether it is accepted; else the first error and its place are noted alone. */
static bool is_accepted(size_t *policies)
{
    struct ww_deviations d = {.count = 0};
    assert_false(b.failed);
    struct ww_tlsrpt_read *read = ww_tlsrpt_read(ww_slice(b.p, b.n), &d);
    assert_non_null(read);
    *policies = ww_tlsrpt_report(read)->count;
    ww_tlsrpt_read_free(read);
    b.n = 0;
    const struct ww_deviation *error = ww_deviations_error(&d);
    if (error != NULL)
        (void)snprintf(noted, sizeof noted, "%s %s", ww_err_id(error->rule), error->at);
    return error == NULL;
}

static bool with_policies(size_t count, size_t *policies)
{
    ww_buf_str(&b, HEAD);
    repeat(ENTRY(""), count, ",");
    ww_buf_str(&b, "]}");
    return is_accepted(policies);
}

static bool with_details(size_t count)
{
    size_t policies;
    ww_buf_str(&b, HEAD ENTRY("") ",");
    ww_buf_str(&b, "{\"policy\":{},\"summary\":{},\"failure-details\":[");
    repeat(DETAIL, count, ",");
    ww_buf_str(&b, "]}]}");
    return is_accepted(&policies);
}

static void too_many_are_refused(void **state)
{
    size_t policies;
    (void)state;
    assert_true(with_policies(5000, &policies));
    assert_int_equal(policies, 5000);
    assert_true(with_policies(WW_RECEIVED_POLICIES_MAX, &policies));
    assert_int_equal(policies, WW_RECEIVED_POLICIES_MAX);
    assert_false(with_policies(WW_RECEIVED_POLICIES_MAX + 1, &policies));
    assert_string_equal(noted, "report-policies-many policies");
    assert_true(with_details(WW_RECEIVED_DETAILS_MAX));
    assert_false(with_details(WW_RECEIVED_DETAILS_MAX + 1));
    assert_string_equal(noted, "report-details-many policies");
}

/* So many values fit, each more is refused before memory is taken for them. */
static void too_many_values_are_refused(void **state)
{
    size_t policies;
    (void)state;
    ww_buf_str(&b, "{\"x\":[");
    repeat("[]", WW_TLSRPT_VALUES_MAX, ",");
    ww_buf_str(&b, "]}");
    assert_false(is_accepted(&policies));
    assert_memory_equal(noted, "report-values line 1, column ", 29);
    ww_buf_str(&b, HEAD ENTRY("") "],\"x\":\"");
    repeat("[[[[[[[[[[[[[[[[[[[,,,,,,:::\\\"{{{{{{{{{{{{{{{{{", 100000, "");
    ww_buf_str(&b, "\"}");
    assert_true(is_accepted(&policies));
}

static void too_long_ones_are_refused(void **state)
{
    size_t policies;
    static const char end[] = "\"}";
    for (size_t more = 0; more < 2; more++) {
        ww_buf_str(&b, HEAD ENTRY("") "],\"x\":\"");
        memset(b.p + b.n, 'x', WW_TLSRPT_JSON_MAX);
        b.n = WW_TLSRPT_JSON_MAX + more - strlen(end);
        ww_buf_str(&b, end);
        assert_true(is_accepted(&policies) == (more == 0));
    }
    assert_string_equal(noted, "report-large line 1, column 1");
    (void)state;
}

/* What other roles could not be given. */
static void what_is_too_long_when_encoded_is_refused(void **state)
{
    size_t policies;
    (void)state;
    ww_buf_str(&b, HEAD);
    for (size_t i = 0; i < 1100; i++) {
        ww_buf_str(&b, i > 0 ? "," : "");
        ww_buf_str(&b, "{\"summary\":{},\"policy\":{\"policy-string\":[\"");
        repeat("0123456789abcdef", WW_RECEIVED_STRINGS_MAX / 16 - 1, "");
        ww_buf_str(&b, "\"]}}");
    }
    ww_buf_str(&b, "]}");
    assert_false(is_accepted(&policies));
    assert_string_equal(noted, "report-large policies");
}

static void lists_are_cut_at_a_line(void **state)
{
    (void)state;
    ww_buf_str(&b, HEAD "{\"summary\":{},\"policy\":{\"policy-string\":[\"a\",\"");
    repeat("b", WW_RECEIVED_STRINGS_MAX - 2, "");
    ww_buf_str(&b, "\",\"c\"],\"mx-host\":[\"a\",\"");
    repeat("B", WW_RECEIVED_MX_HOSTS_MAX - 3, "");
    ww_buf_str(&b, "\"]}}]}");
    struct ww_tlsrpt_read *read = read_text(ww_slice(b.p, b.n));
    const struct ww_received_policy *p = ww_tlsrpt_report(read)->policies;
    assert_true(ww_slice_is(p->strings, "a\n"));
    assert_int_equal(p->mx_hosts.n, WW_RECEIVED_MX_HOSTS_MAX);
    assert_memory_equal(p->mx_hosts.p, "a\nbbb", 5);
    assert_non_null(strstr(noted, "info report-text-cut policies[0].policy.policy-string[1]\n"));
    ww_tlsrpt_read_free(read);
    b.n = 0;
}

static void texts_are_cut_at_a_character(void **state)
{
    (void)state;
    struct ww_tlsrpt_read *read = read_file("text-long");
    const struct ww_received *m = ww_tlsrpt_report(read);
    assert_int_equal(m->organization.n, WW_RECEIVED_NAME_MAX);
    assert_int_equal(m->policies[0].details[0].type.n, WW_RECEIVED_WORD_MAX);
    assert_int_equal(m->policies[0].details[0].helo.n, WW_RECEIVED_TEXT_MAX);
    ww_tlsrpt_read_free(read);
}

/* ---- numbers that Jansson refuses ---- */

static void too_large_numbers_are_tamed(void **state)
{
    static const struct {
        const char *text, *tamed;
    } cases[] = {
        {"[9223372036854775807]", "[9223372036854775807]"},
        {"[9223372036854775808]", "[1e99               ]"},
        {"-9223372036854775809", "-1e99               "},
        {"-9223372036854775808", "-9223372036854775808"},
        {"[1e308,1e309,-1E+309]", "[1e308,1e99 ,-1e99  ]"},
        {"\"1e999\"1e999", "\"1e999\"1e99 "},
        {"\"\\\"1e999\"", "\"\\\"1e999\""},
        {"123456.5e-999 x", "123456.5e-999 x"},
        {"1-2-3-4-5-6-7", "1-2-3-4-5-6-7"},
        {"\"1e999", "\"1e999"},
        {"", ""},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        char text[64];
        (void)snprintf(text, sizeof text, "%s", cases[i].text);
        ww_tlsrpt_scan_tame(text, strlen(text));
        assert_string_equal(text, cases[i].tamed);
    }
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(deviations_are_accepted_and_noted),
        cmocka_unit_test(what_cannot_count_is_refused),
        cmocka_unit_test(too_many_are_refused),
        cmocka_unit_test(too_many_values_are_refused),
        cmocka_unit_test(too_long_ones_are_refused),
        cmocka_unit_test(what_is_too_long_when_encoded_is_refused),
        cmocka_unit_test(lists_are_cut_at_a_line),
        cmocka_unit_test(texts_are_cut_at_a_character),
        cmocka_unit_test(too_large_numbers_are_tamed),
    };
    if (argc != 2)
        return 2;
    folder = argv[1];
    return cmocka_run_group_tests(tests, make_large, free_large);
}
