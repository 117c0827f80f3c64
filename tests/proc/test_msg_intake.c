#include "proc/msg_intake.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof(array)[0])
#define SLICE(text)            \
    {                          \
        text, sizeof(text) - 1 \
    }

static char space[256 * 1024], again[256 * 1024];

/*
 * What an encoder writes its decoder takes, whole or nothing: each beginning is refused, and one octet more.
 * But the last `open` octets, which tell their number by the end of the message. What was taken is encoded
 * the same again.
 */
#define COMES_BACK(name, value, open)                                                                     \
    do {                                                                                                  \
        static struct ww_msg_##name back;                                                                 \
        struct ww_buf first = ww_buf(space, sizeof space - 1), second = ww_buf(again, sizeof again);      \
        ww_msg_put_##name(&first, value);                                                                 \
        assert_false(first.failed);                                                                       \
        for (size_t n = 0; n < first.n - (open); n++)                                                     \
            assert_int_equal(ww_msg_get_##name(ww_slice(space, n), &back), WW_E_MSG_MALFORMED);           \
        if ((open) == 0)                                                                                  \
            assert_int_equal(ww_msg_get_##name(ww_slice(space, first.n + 1), &back), WW_E_MSG_MALFORMED); \
        memset(&back, 0xa5, sizeof back);                                                                 \
        assert_int_equal(ww_msg_get_##name(ww_slice(space, first.n), &back), WW_OK);                      \
        ww_msg_put_##name(&second, &back);                                                                \
        assert_false(second.failed);                                                                      \
        assert_int_equal(second.n, first.n);                                                              \
        assert_memory_equal(again, space, first.n);                                                       \
    } while (0)

/* With this it is refused. */
#define IS_REFUSED(name, value)                                                                   \
    do {                                                                                          \
        static struct ww_msg_##name back;                                                         \
        struct ww_buf first = ww_buf(space, sizeof space);                                        \
        ww_msg_put_##name(&first, value);                                                         \
        assert_true(first.failed || ww_msg_get_##name(ww_slice(space, first.n), &back) != WW_OK); \
    } while (0)

static const struct ww_msg_decode decode = {
    .job = UINT64_MAX,
    .stage = WW_DECODE_WHOLE,
    .mail = true,
    .now = 1795824000,
    .key_count = 2,
    .keys = {{"s1._domainkey.post.example", WW_DKIM_KEY_FOUND, SLICE("v=DKIM1; p=AA\0==")},
             {"s2._domainkey.post.example", WW_DKIM_KEY_NOT_NOW, SLICE("")}},
    .octets = SLICE("From: a@post.example\r\n\r\n\0"),
};

/* NOLINTNEXTLINE(readability-function-size): one assertion a field */
static void jobs_come_back(void **state)
{
    struct ww_msg_decode m = decode;
    struct ww_msg_decode got;
    (void)state;
    COMES_BACK(decode, &decode, decode.octets.n);
    struct ww_buf b = ww_buf(space, sizeof space);
    ww_msg_put_decode(&b, &decode);
    assert_int_equal(ww_msg_get_decode(ww_slice(b.p, b.n), &got), WW_OK);
    assert_true(got.job == UINT64_MAX && got.stage == WW_DECODE_WHOLE && got.mail && got.now == decode.now);
    assert_true(ww_slice_eq(got.octets, decode.octets));
    assert_string_equal(got.keys[1].name, decode.keys[1].name);
    assert_true(ww_slice_eq(got.keys[0].record, decode.keys[0].record));
    m.key_count = WW_DKIM_SIGNATURES_MAX;
    m.keys[2] = m.keys[3] = m.keys[0];
    COMES_BACK(decode, &m, m.octets.n);
    m.stage = WW_DECODE_STAGES;
    IS_REFUSED(decode, &m);
    m = decode;
    m.keys[0].found = WW_DKIM_KEY_FINDS;
    IS_REFUSED(decode, &m);
    m = decode;
    m.keys[0].record = ww_slice(again, WW_DKIM_KEY_RECORD_MAX + 1);
    IS_REFUSED(decode, &m);
    (void)snprintf(m.keys[0].name, sizeof m.keys[0].name, "a name.example");
    m.keys[0].record.n = 0;
    IS_REFUSED(decode, &m);
}

/* A count that no array of it may have. */
static void counts_are_bounded(void **state)
{
    static struct ww_msg_decode got;
    static struct ww_msg_decoded got_decoded;
    struct ww_buf b = ww_buf(space, sizeof space);
    (void)state;
    ww_msg_put_decode(&b, &decode);
    space[8 + 2 + 2 + 8 + 1] = WW_DKIM_SIGNATURES_MAX + 1;
    assert_int_equal(ww_msg_get_decode(ww_slice(b.p, b.n), &got), WW_E_MSG_MALFORMED);
    b = ww_buf(space, sizeof space);
    static const struct ww_msg_decoded none = {.job = 1};
    ww_msg_put_decoded(&b, &none);
    space[8 + 2 + 1] = WW_DKIM_SIGNATURES_MAX + 1;
    assert_int_equal(ww_msg_get_decoded(ww_slice(b.p, b.n), &got_decoded), WW_E_MSG_MALFORMED);
}

static const struct ww_msg_decoded decoded = {
    .job = 7,
    .stage = WW_DECODE_NAMES,
    .names = {.names = {"s1._domainkey.post.example", "s2._domainkey.post.example"}, .count = 2},
    .mail = {.from = "t\xc3\xa4st@post.example",
             .message_id = "1@post.example",
             .submitter = "post.example",
             .about = "example.com",
             .dkim = {.result = WW_DKIM_UNUSABLE,
                      .domain = "post.example",
                      .selector = "s1",
                      .aligned = true,
                      .detail = "the key is for mail alone"}},
    .deviations = {.list = {{WW_E_REPORT_COUNT_TEXT, WW_SEVERITY_WARNING, 3, "policies[0].summary"},
                            {WW_E_REPORT_JSON, WW_SEVERITY_ERROR, UINT32_MAX, "line 1, column 2"}},
                   .count = 2},
    .report = SLICE("not looked at\0here"),
    .content = SLICE("\x1f\x8b"),
};

/* NOLINTNEXTLINE(readability-function-size): one assertion a field */
static void what_was_decoded_comes_back(void **state)
{
    static struct ww_msg_decoded m;
    static struct ww_msg_decoded got;
    (void)state;
    COMES_BACK(decoded, &decoded, 0);
    struct ww_buf b = ww_buf(space, sizeof space);
    ww_msg_put_decoded(&b, &decoded);
    assert_int_equal(ww_msg_get_decoded(ww_slice(b.p, b.n), &got), WW_OK);
    assert_true(got.job == 7 && got.names.count == 2 && got.mail.dkim.aligned && got.deviations.count == 2);
    assert_string_equal(got.mail.from, decoded.mail.from);
    assert_string_equal(got.mail.dkim.detail, decoded.mail.dkim.detail);
    assert_int_equal(got.deviations.list[0].rule, WW_E_REPORT_COUNT_TEXT);
    assert_int_equal(ww_deviations_error(&got.deviations)->count, UINT32_MAX);
    assert_true(ww_slice_eq(got.report, decoded.report) && ww_slice_eq(got.content, decoded.content));
    m = decoded;
    m.deviations.count = WW_DEVIATIONS_MAX;
    for (size_t i = 2; i < WW_DEVIATIONS_MAX; i++)
        m.deviations.list[i] = m.deviations.list[0];
    COMES_BACK(decoded, &m, 0);
    m = decoded;
    m.deviations.list[1].rule = WW_ERR_COUNT;
    IS_REFUSED(decoded, &m);
    m = decoded;
    m.mail.dkim.result = WW_DKIM_RESULTS;
    IS_REFUSED(decoded, &m);
    m = decoded;
    (void)snprintf(m.deviations.list[0].at, sizeof m.deviations.list[0].at, "\x1b[2J");
    IS_REFUSED(decoded, &m);
    m = decoded;
    memset(m.mail.from, 'x', sizeof m.mail.from);
    IS_REFUSED(decoded, &m);
}

static void what_is_taken_comes_back(void **state)
{
    const struct ww_msg_take take = {
        .job = 1,
        .channel = WW_CHANNEL_HTTPS,
        .came_at = 1795824000,
        .peer = "192.0.2.1 port 25",
        .mail = true,
        .decoded = SLICE("a payload\0"),
        .octets = SLICE("{}\0"),
    };
    const struct ww_msg_taken taken = {
        .job = 2,
        .err = WW_E_STORE_FULL,
        .taken = WW_TAKEN_NOT_OURS,
        .number = UINT64_MAX,
        .why = WW_E_REPORT_JSON,
        .at = "line 1, column 2",
    };
    struct ww_msg_take other_take = take;
    struct ww_msg_taken other = taken;
    (void)state;
    COMES_BACK(take, &take, 0);
    COMES_BACK(taken, &taken, 0);
    other_take.channel = WW_CHANNELS;
    IS_REFUSED(take, &other_take);
    other.taken = WW_TAKENS;
    IS_REFUSED(taken, &other);
    other = taken;
    other.why = WW_ERR_COUNT;
    IS_REFUSED(taken, &other);
    assert_string_equal(ww_channel_name(WW_CHANNEL_LMTP), "lmtp");
    assert_string_equal(ww_channel_name(WW_CHANNELS), "");
    assert_string_equal(ww_taken_name(WW_TAKEN_NOT_OURS), "not-ours");
    assert_string_equal(ww_taken_name(WW_TAKENS), "");
}

/* NOLINTNEXTLINE(readability-function-size): one assertion a field */
static void questions_come_back(void **state)
{
    const struct ww_msg_received_ask ask = {
        .what = WW_RECEIVED_ASK_STATS,
        .number = 3,
        .domain = "example.com",
        .sender = "B\xc3\xa4r Post",
        .result = "validation-failure",
        .since = -1,
        .until = INT64_MAX,
        .failed = true,
        .by = WW_RECEIVED_BY_MX,
        .after = 4,
        .max = UINT32_MAX,
    };
    static struct ww_msg_advise_ask advise = {
        .domain = "example.com",
        .days = 30,
        .looked = true,
        .at = 1795824000,
        .outlook = "warning",
        .mode = "testing",
        .id = "20261128",
        .mx = "mx1.example.com *.example.com",
        .count = 1,
        .faults = {{WW_SEVERITY_ERROR, "mx-certificate", "mx1.example.com", "it has expired"}},
    };
    struct ww_msg_received_ask other = ask;
    (void)state;
    COMES_BACK(received_ask, &ask, 0);
    COMES_BACK(advise_ask, &advise, 0);
    other.what = WW_RECEIVED_ASKS;
    IS_REFUSED(received_ask, &other);
    other = ask;
    other.by = WW_RECEIVED_BYS;
    IS_REFUSED(received_ask, &other);
    assert_string_equal(ww_received_by_name(WW_RECEIVED_BY_MX), "mx");
    assert_string_equal(ww_received_by_name(WW_RECEIVED_BYS), "");
    advise.count = WW_MSG_ADVISE_FAULTS_MAX;
    for (size_t i = 1; i < WW_MSG_ADVISE_FAULTS_MAX; i++)
        advise.faults[i] = advise.faults[0];
    COMES_BACK(advise_ask, &advise, 0);
    advise.faults[7].severity = (enum ww_severity)(WW_SEVERITY_INFO + 1);
    IS_REFUSED(advise_ask, &advise);
}

/* ---- a report ---- */

static const struct ww_received_detail details[] = {
    {.type = SLICE("certificate-expired"),
     .sending_ip = SLICE("192.0.2.1"),
     .receiving_mx = SLICE("mx1.example.com"),
     .helo = SLICE("mx1"),
     .receiving_ip = SLICE("198.51.100.7"),
     .info = SLICE("https://post.example/1"),
     .reason = SLICE("X509"),
     .sessions = INT64_MAX},
    {.sessions = 0},
    {.type = SLICE("made-up"), .sessions = 1},
};
static const struct ww_received_policy policies[] = {
    {.type = SLICE("sts"),
     .domain = "example.com",
     .strings = SLICE("version: STSv1\nmode: testing\n"),
     .mx_hosts = SLICE("*.example.com\n"),
     .success = 5,
     .failure = 1,
     .details = details,
     .detail_count = 2},
    {.type = SLICE("no-policy-found")},
    {.details = details + 2, .detail_count = 1},
};
static const struct ww_received report = {
    .organization = SLICE("Example Post"),
    .contact = SLICE("tls@post.example"),
    .report_id = SLICE("1"),
    .begin = 1795824000,
    .end = 1795910399,
    .policies = policies,
    .count = COUNT(policies),
    .success = 5,
    .failure = 1,
};

static struct ww_slice encoded(const struct ww_received *m)
{
    struct ww_buf b = ww_buf(space, sizeof space - 1);
    ww_msg_put_received(&b, m);
    assert_false(b.failed);
    return ww_slice(b.p, b.n);
}

static void reports_come_back(void **state)
{
    struct ww_slice whole = encoded(&report);
    enum ww_err err;
    (void)state;
    for (size_t n = 0; n < whole.n; n++) {
        assert_null(ww_msg_get_received(ww_slice(whole.p, n), &err));
        assert_int_equal(err, WW_E_MSG_MALFORMED);
    }
    assert_null(ww_msg_get_received(ww_slice(whole.p, whole.n + 1), &err));
    struct ww_received *got = ww_msg_get_received(whole, &err);
    assert_non_null(got);
    assert_int_equal(got->count, COUNT(policies));
    assert_true(got->policies[0].details[0].sessions == INT64_MAX);
    assert_true(ww_slice_eq(got->policies[2].details[0].type, details[2].type));
    assert_true(ww_slice_eq(got->policies[0].strings, policies[0].strings));
    assert_string_equal(got->policies[0].domain, "example.com");
    struct ww_buf b = ww_buf(again, sizeof again);
    ww_msg_put_received(&b, got);
    assert_true(ww_slice_eq(ww_slice(b.p, b.n), whole));
    free(got);
}

/* Each breaks one rule. */
/* NOLINTNEXTLINE(readability-function-size): one assertion a field */
static void bad_reports_are_refused(void **state)
{
    struct ww_received_detail d[] = {details[0]};
    struct ww_received_policy p[] = {policies[0]};
    struct ww_received m = report;
    enum ww_err err;
    (void)state;
    p[0].details = d;
    p[0].detail_count = 1;
    m.policies = p;
    m.count = 1;
    free(ww_msg_get_received(encoded(&m), &err));
    assert_int_equal(err, WW_OK);
#define REFUSES(field, value)                                \
    do {                                                     \
        __typeof__(field) before = field;                    \
        field = value;                                       \
        assert_null(ww_msg_get_received(encoded(&m), &err)); \
        assert_int_equal(err, WW_E_MSG_MALFORMED);           \
        field = before;                                      \
    } while (0)
    REFUSES(m.success, -1);
    REFUSES(m.failure, -1);
    REFUSES(m.organization, ww_slice(again, WW_RECEIVED_NAME_MAX + 1));
    REFUSES(m.report_id, ww_slice(again, WW_RECEIVED_NAME_MAX + 1));
    REFUSES(p[0].success, -1);
    REFUSES(p[0].failure, INT64_MIN);
    REFUSES(p[0].type, ww_slice(again, WW_RECEIVED_WORD_MAX + 1));
    REFUSES(p[0].strings, ww_slice(again, WW_RECEIVED_STRINGS_MAX + 1));
    REFUSES(p[0].mx_hosts, ww_slice(again, WW_RECEIVED_MX_HOSTS_MAX + 1));
    REFUSES(d[0].sessions, -1);
    REFUSES(d[0].reason, ww_slice(again, WW_RECEIVED_TEXT_MAX + 1));
#undef REFUSES
}

/* Counts that promise more than there is allocate nothing. */
static void counts_of_a_report_are_bounded(void **state)
{
    static const struct {
        uint32_t policies, details;
    } cases[] = {
        {WW_RECEIVED_POLICIES_MAX + 1, 0},
        {0, WW_RECEIVED_DETAILS_MAX + 1},
        {UINT32_MAX, UINT32_MAX},
        {WW_RECEIVED_POLICIES_MAX, 0},
        {0, WW_RECEIVED_DETAILS_MAX},
        {COUNT(policies), 2},
        {COUNT(policies), 4},
        {COUNT(policies) - 1, 3},
    };
    struct ww_slice whole = encoded(&report);
    const size_t at = 3 * 4 + report.organization.n + report.contact.n + report.report_id.n + 4 * 8;
    enum ww_err err;
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct ww_buf b = ww_buf(space + at, 8);
        ww_buf_u32(&b, cases[i].policies);
        ww_buf_u32(&b, cases[i].details);
        assert_null(ww_msg_get_received(whole, &err));
        assert_int_equal(err, WW_E_MSG_MALFORMED);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(jobs_come_back),
        cmocka_unit_test(counts_are_bounded),
        cmocka_unit_test(what_was_decoded_comes_back),
        cmocka_unit_test(what_is_taken_comes_back),
        cmocka_unit_test(questions_come_back),
        cmocka_unit_test(reports_come_back),
        cmocka_unit_test(bad_reports_are_refused),
        cmocka_unit_test(counts_of_a_report_are_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
