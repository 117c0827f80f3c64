/* What the keeper tells control of reports of others. */
#include "keeper_received_fixture.h"

#define ANSWERS 1200

static struct {
    json_t *items[ANSWERS];
    struct ww_slice octets[ANSWERS];
    size_t count;
    enum ww_err err;
    json_int_t after; /* 0: null */
} got;

static void forget(void)
{
    for (size_t i = 0; i < got.count; i++)
        json_decref(got.items[i]);
    memset(&got, 0, sizeof got);
}

/* One page. */
static void ask(struct ww_msg_received_ask *m)
{
    char room[2048], whole[4096];
    struct ww_buf b = ww_buf(room, sizeof room), a = ww_buf(whole, sizeof whole);
    bool more = true;
    if (m->until == 0)
        m->until = NOW + 400 * WW_DAY_SECONDS;
    forget();
    ww_msg_put_received_ask(&b, m);
    const struct ww_msg_ask put = {.number = 1, .what = WW_ASK_RECEIVED, .payload = ww_slice(b.p, b.n)};
    ww_msg_put_ask(&a, &put);
    fake_peer_send(&t.control, WW_MSG_ASK, &a);
    test_settle(t.base);
    while (more) {
        const struct fake_message *f = fake_peer_next(&t.control);
        struct ww_msg_told told;
        assert_non_null(f);
        assert_int_equal(ww_msg_get_told(f->payload, &told), WW_OK);
        more = told.more;
        got.err = told.err;
        json_t *json = json_loadb(told.payload.p, told.payload.n, 0, NULL);
        if (more) {
            assert_true(got.count < ANSWERS);
            got.octets[got.count] = told.payload;
            got.items[got.count++] = json;
        } else {
            got.after = json_integer_value(json_object_get(json, "after"));
            json_decref(json);
        }
    }
}

static void expect(size_t i, const char *key, const char *value)
{
    assert_true(i < got.count);
    char *text = json_dumps(json_object_get(got.items[i], key), JSON_COMPACT | JSON_ENCODE_ANY);
    assert_non_null(text);
    assert_string_equal(text, value);
    free(text);
}

static void come_in(int count)
{
    for (int i = 0; i < count; i++) {
        struct coming c = simple;
        char id[16];
        (void)snprintf(id, sizeof id, "%d", i);
        c.id = id;
        c.domain = i % 2 == 0 ? "example.com" : "example.net";
        c.unsigned_mail = i % 3 == 0;
        (void)take(&c);
    }
}

static void a_list_has_rows(void **state)
{
    struct ww_msg_received_ask m = {.what = WW_RECEIVED_ASK_LIST};
    (void)state;
    come_in(120);
    ask(&m);
    assert_int_equal(got.count, 100);
    assert_int_equal(got.after, 21);
    expect(0, "number", "120");
    expect(0, "domain", "\"example.net\"");
    expect(0, "sender", "\"sender.example\"");
    expect(0, "verified", "true");
    expect(0, "organization", "\"Sender\"");
    expect(0, "report_id", "\"119\"");
    expect(0, "begin", "\"2026-11-29T00:00:00Z\"");
    expect(0, "end", "\"2026-11-29T23:59:59Z\"");
    expect(0, "came", "\"2026-11-29T11:06:40Z\"");
    expect(0, "channel", "\"lmtp\"");
    expect(0, "policies", "1");
    expect(0, "success", "10");
    expect(0, "failure", "2");
    expect(0, "findings", "1");
    m.after = (uint64_t)got.after;
    ask(&m);
    assert_int_equal(got.count, 20);
    assert_int_equal(got.after, 0);
    m = (struct ww_msg_received_ask){
        .what = WW_RECEIVED_ASK_LIST, .domain = "example.com", .sender = "sender", .max = 3};
    ask(&m);
    assert_int_equal(got.count, 3);
    expect(0, "verified", "false");
    m.until = DAY * WW_DAY_SECONDS; /* the day begins then, and is not before it */
    ask(&m);
    assert_int_equal(got.count, 0);
    m.until++;
    ask(&m);
    assert_int_equal(got.count, 3);
    m.since = DAY * WW_DAY_SECONDS + 1;
    m.until = NOW + WW_DAY_SECONDS;
    ask(&m);
    assert_int_equal(got.count, 0);
}

static void one_is_shown(void **state)
{
    struct ww_msg_received_ask m = {.what = WW_RECEIVED_ASK_SHOW, .number = 1};
    (void)state;
    come_in(2);
    ask(&m);
    assert_int_equal(got.err, WW_OK);
    assert_int_equal(got.count, 3);
    json_t *report = json_object_get(got.items[0], "report");
    assert_int_equal(json_object_size(report), 21);
    assert_string_equal(json_string_value(json_object_get(report, "contact")), "tls@sender.example");
    assert_string_equal(json_string_value(json_object_get(report, "submitter")), "Submitter.example");
    json_t *finding = json_array_get(json_object_get(report, "findings"), 0);
    assert_string_equal(json_string_value(json_object_get(finding, "id")), "dkim-key");
    assert_string_equal(json_string_value(json_object_get(finding, "at")), "policies[0].summary");
    assert_string_equal(json_string_value(json_object_get(finding, "source")), "RFC 6376 section 3.3");
    assert_string_equal(json_string_value(json_object_get(json_object_get(report, "dkim"), "result")),
                        "none");
    expect(
        1, "policy",
        "{\"place\":0,\"domain\":\"example.com\",\"type\":\"sts\",\"policy_domain\":\"example.com\","
        "\"strings\":[\"version: STSv1\",\"mode: enforce\"],\"mx_hosts\":[\"*.example.com\"],\"success\":10,"
        "\"failure\":2,\"failures\":[]}");
    expect(2, "place", "0");
    json_t *detail = json_object_get(got.items[2], "detail");
    assert_string_equal(json_string_value(json_object_get(detail, "result")), "certificate-expired");
    assert_int_equal(json_integer_value(json_object_get(detail, "sessions")), 2);
    assert_true(json_is_null(json_object_get(detail, "helo")));
    assert_true(json_is_array(json_object_get(detail, "known")));
    m.number = 99;
    ask(&m);
    assert_int_equal(got.err, WW_E_RECEIVED_NONE);
}

static void it_is_given_as_it_came(void **state)
{
    struct ww_msg_received_ask m = {.what = WW_RECEIVED_ASK_RAW, .number = 1};
    struct coming c = simple;
    (void)state;
    come_in(1);
    ask(&m);
    assert_int_equal(got.count, 1);
    assert_true(ww_slice_is(got.octets[0], "gzipped JSON"));
    m.number = 9;
    ask(&m);
    assert_int_equal(got.err, WW_E_RECEIVED_NONE);
    assert_int_equal(sqlite3_exec(ww_keeper_store_to_write(t.keeping)->db,
                                  "UPDATE received SET content = NULL", NULL, NULL, NULL),
                     SQLITE_OK);
    m.number = 1;
    ask(&m);
    assert_int_equal(got.err, WW_E_RECEIVED_NOT_KEPT);
    static char large[120001];
    memset(large, 'x', sizeof large - 1);
    c.error = WW_E_GZIP;
    c.octets = large;
    (void)take(&c);
    m.what = WW_RECEIVED_ASK_QUARANTINE_RAW;
    ask(&m);
    assert_int_equal(got.count, 3);
    assert_int_equal(got.octets[0].n + got.octets[1].n + got.octets[2].n, sizeof large - 1);
}

static void it_is_added_up(void **state)
{
    struct ww_msg_received_ask m = {.what = WW_RECEIVED_ASK_STATS};
    (void)state;
    come_in(6);
    ask(&m);
    assert_int_equal(got.count, 1);
    expect(0, "key", "\"2026-11-29\"");
    expect(0, "reports", "6");
    expect(0, "success", "60");
    expect(0, "failure", "12");
    expect(0, "verified_success", "40");
    expect(0, "verified_failure", "8");
    expect(0, "senders", "2");
    expect(0, "domains", "2");
    m.by = WW_RECEIVED_BY_MX;
    ask(&m);
    expect(0, "key", "\"mx1.example.com\"");
    expect(0, "sessions", "12");
    expect(0, "verified_sessions", "8");
    expect(0, "last", "\"2026-11-29T00:00:00Z\"");
    m.by = WW_RECEIVED_BY_SENDER;
    (void)snprintf(m.domain, sizeof m.domain, "example.net");
    ask(&m);
    assert_int_equal(got.count, 2);
    expect(0, "key", "\"sender.example\"");
    m.max = 1;
    ask(&m);
    assert_int_equal(got.count, 1);
}

/* Rows of several reports, over the ends of pages, each once. */
static void all_is_exported(void **state)
{
    struct ww_msg_received_ask m = {.what = WW_RECEIVED_ASK_EXPORT};
    static struct ww_received_policy policies[250];
    struct ww_received report = {.report_id = ww_slice_str("large"),
                                 .begin = DAY * WW_DAY_SECONDS,
                                 .end = DAY * WW_DAY_SECONDS + 86399,
                                 .policies = policies,
                                 .count = 250};
    struct coming c = simple;
    size_t rows = 0, pages = 0;
    json_int_t success = 0;
    (void)state;
    for (unsigned i = 0; i < 250; i++) {
        policies[i] = (struct ww_received_policy){.type = ww_slice_str("sts"), .success = i};
        (void)snprintf(policies[i].domain, sizeof policies[i].domain, "d.example");
    }
    come_in(3);
    c.report = &report;
    (void)take(&c);
    c.report = NULL;
    (void)take(&c);
    do {
        ask(&m);
        assert_int_equal(got.err, WW_OK);
        for (size_t i = 0; i < got.count; i++)
            success += json_integer_value(json_object_get(got.items[i], "success"));
        rows += got.count;
        m.after = (uint64_t)got.after;
    } while (m.after != 0 && ++pages < 10);
    assert_int_equal(rows, 254);
    assert_int_equal(success, 249 * 250 / 2 + 4 * 10);
    (void)snprintf(m.sender, sizeof m.sender, "sender");
    ask(&m);
    assert_int_equal(got.count, 1);
    assert_int_equal(json_object_size(got.items[0]), 21);
    expect(0, "result", "\"certificate-expired\"");
    expect(0, "sessions", "2");
    expect(0, "policy_type", "\"sts\"");
}

static void a_large_report_is_shown_in_pages(void **state)
{
    struct ww_msg_received_ask m = {.what = WW_RECEIVED_ASK_SHOW, .number = 1};
    static struct ww_received_detail details[250];
    struct ww_received_policy policy = {.type = ww_slice_str("sts"),
                                        .domain = "d.example",
                                        .failure = 250,
                                        .details = details,
                                        .detail_count = 250};
    struct ww_received report = {
        .report_id = ww_slice_str("large"), .begin = 1, .end = 2, .policies = &policy, .count = 1};
    struct coming c = simple;
    size_t failures = 0, pages = 0;
    (void)state;
    for (unsigned i = 0; i < 250; i++)
        details[i] = (struct ww_received_detail){.type = ww_slice_str("validation-failure"), .sessions = 1};
    c.report = &report;
    (void)take(&c);
    do {
        ask(&m);
        for (size_t i = 0; i < got.count; i++)
            failures += json_object_get(got.items[i], "detail") != NULL;
        m.after = (uint64_t)got.after;
    } while (m.after != 0 && ++pages < 10);
    assert_int_equal(failures, 250);
    assert_int_equal(pages, 2);
}

static void what_is_removed_is_gone(void **state)
{
    struct ww_msg_received_ask m = {.what = WW_RECEIVED_ASK_REMOVE, .number = 1};
    struct coming c = simple;
    (void)state;
    come_in(1);
    c.error = WW_E_GZIP;
    for (int i = 0; i < 205; i++) {
        char octets[16];
        (void)snprintf(octets, sizeof octets, "%d", i);
        c.octets = octets;
        (void)take(&c);
    }
    ask(&m);
    expect(0, "removed", "1");
    ask(&m);
    assert_int_equal(got.err, WW_E_RECEIVED_NONE);
    assert_int_equal(number("SELECT count(*) FROM received_day"), 0);
    m = (struct ww_msg_received_ask){.what = WW_RECEIVED_ASK_QUARANTINE};
    ask(&m);
    assert_int_equal(got.count, 100);
    assert_int_equal(got.after, 106);
    expect(
        0, "why",
        "{\"id\":\"gzip\",\"message\":\"the octets are no gzip, or they end too early\",\"at\":\"octet 7\"}");
    expect(0, "mail_from", "\"noreply@sender.example\"");
    m = (struct ww_msg_received_ask){.what = WW_RECEIVED_ASK_QUARANTINE_SHOW, .number = 7};
    ask(&m);
    expect(0, "size", "1");
    m.what = WW_RECEIVED_ASK_QUARANTINE_REMOVE;
    ask(&m);
    expect(0, "removed", "1");
    ask(&m);
    assert_int_equal(got.err, WW_E_RECEIVED_NONE);
    m.number = 0;
    ask(&m);
    expect(0, "removed", "200");
    assert_int_equal(got.after, 1);
    ask(&m);
    expect(0, "removed", "4");
    assert_int_equal(got.after, 0);
}

static int end(void **state)
{
    forget();
    return teardown(state);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, end)
    const struct CMUnitTest tests[] = {
        TEST(a_list_has_rows),         TEST(one_is_shown),    TEST(it_is_given_as_it_came),
        TEST(it_is_added_up),          TEST(all_is_exported), TEST(a_large_report_is_shown_in_pages),
        TEST(what_is_removed_is_gone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
