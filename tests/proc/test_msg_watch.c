/* The messages about watched domains, there and back. */
#include "proc/chan.h"
#include "proc/msg_watch.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>
#include <stdint.h>

static char bytes[WW_MSG_WATCHED_MAX];

static struct ww_buf fresh(void)
{
    memset(bytes, 0x55, sizeof bytes);
    return ww_buf(bytes, sizeof bytes);
}

static void fill(char *out, size_t size, char c)
{
    memset(out, c, size - 1);
    out[size - 1] = '\0';
}

/* Each octet less than what was written is too few, and one more is too many. */
#define ASSERT_WHOLE(b, get, m)                                                   \
    do {                                                                          \
        for (size_t n = 0; n < (b).n; n++)                                        \
            assert_int_equal(get(ww_slice((b).p, n), m), WW_E_MSG_MALFORMED);     \
        assert_int_equal(get(ww_slice((b).p, (b).n + 1), m), WW_E_MSG_MALFORMED); \
        assert_int_equal(get(ww_slice((b).p, (b).n), m), WW_OK);                  \
    } while (0)

static void alerts(void **state)
{
    (void)state;
    static struct ww_msg_alert in, out;
    in = (struct ww_msg_alert){.number = UINT64_MAX, .at = -1, .errors = 3, .warnings = 2, .left_out = 1};
    fill(in.domain, sizeof in.domain, 'd');
    fill(in.group, sizeof in.group, ' ');
    in.delivered_count = WW_MSG_ALERT_CHANNELS_MAX;
    for (size_t i = 0; i < in.delivered_count; i++)
        fill(in.delivered[i], sizeof in.delivered[i], 'c');
    in.count = WW_MSG_ALERT_ITEMS_MAX;
    for (size_t i = 0; i < in.count; i++) {
        struct ww_msg_alert_item *item = &in.items[i];
        item->kind = WW_ALERT_KINDS - 1;
        item->severity = WW_SEVERITY_INFO;
        item->since = INT64_MIN;
        fill(item->check, sizeof item->check, 'c');
        fill(item->where, sizeof item->where, 'w');
        fill(item->seen, sizeof item->seen, 's');
    }
    struct ww_buf b = fresh();
    ww_msg_put_alert(&b, &in);
    assert_false(b.failed);
    assert_true(b.n <= WW_MSG_ALERT_MAX);
    assert_int_equal(ww_msg_get_alert(ww_slice(b.p, b.n), &out), WW_OK);
    assert_int_equal(out.number, UINT64_MAX);
    assert_int_equal(out.at, -1);
    assert_string_equal(out.domain, in.domain);
    assert_string_equal(out.group, in.group);
    assert_int_equal(out.errors, 3);
    assert_int_equal(out.warnings, 2);
    assert_int_equal(out.left_out, 1);
    assert_string_equal(out.delivered[7], in.delivered[7]);
    assert_int_equal(out.items[31].kind, WW_ALERT_REMINDER);
    assert_int_equal(out.items[31].severity, WW_SEVERITY_INFO);
    assert_int_equal(out.items[31].since, INT64_MIN);
    assert_string_equal(out.items[31].check, in.items[31].check);
    assert_string_equal(out.items[31].where, in.items[31].where);
    assert_string_equal(out.items[31].seen, in.items[31].seen);

    in.count = 1;
    b = fresh();
    ww_msg_put_alert(&b, &in);
    ASSERT_WHOLE(b, ww_msg_get_alert, &out);
    in.items[0].seen[0] = '\n'; /* strangers' text is escaped before it gets here */
    b = fresh();
    ww_msg_put_alert(&b, &in);
    assert_int_equal(ww_msg_get_alert(ww_slice(b.p, b.n), &out), WW_E_MSG_MALFORMED);
    in.count = 0;
    b = fresh();
    ww_msg_put_alert(&b, &in);
    assert_int_equal(ww_msg_get_alert(ww_slice(b.p, b.n), &out), WW_E_MSG_MALFORMED);
}

static void alerted(void **state)
{
    (void)state;
    struct ww_msg_alerted in = {.number = 7, .done = true, .delivered = false}, out;
    fill(in.channel, sizeof in.channel, 'c');
    fill(in.detail, sizeof in.detail, ' ');
    struct ww_buf b = fresh();
    ww_msg_put_alerted(&b, &in);
    ASSERT_WHOLE(b, ww_msg_get_alerted, &out);
    assert_int_equal(out.number, 7);
    assert_true(out.done);
    assert_false(out.delivered);
    assert_string_equal(out.channel, in.channel);
    assert_string_equal(out.detail, in.detail);
}

static void watches(void **state)
{
    (void)state;
    static struct ww_msg_watch in, out;
    struct ww_msg_watch_room room = {.room = 9};
    struct ww_buf b = fresh();
    ww_msg_put_watch_room(&b, &room);
    ASSERT_WHOLE(b, ww_msg_get_watch_room, &room);
    assert_int_equal(room.room, 9);
    in = (struct ww_msg_watch){.has_past = true, .count = WW_MSG_WATCH_VERSIONS_MAX, .testing_since = 5};
    fill(in.domain, sizeof in.domain, 'd');
    fill(in.mx, sizeof in.mx, 'm');
    memset(in.mx_hash, 0xff, sizeof in.mx_hash);
    for (size_t i = 0; i < in.count; i++) {
        in.versions[i] =
            (struct ww_msg_watch_version){.mode = WW_MODE_ENFORCE, .max_age = UINT32_MAX, .last_seen = 6};
        fill(in.versions[i].id, sizeof in.versions[i].id, 'i');
        memset(in.versions[i].hash, 0xee, sizeof in.versions[i].hash);
    }
    b = fresh();
    ww_msg_put_watch(&b, &in);
    ASSERT_WHOLE(b, ww_msg_get_watch, &out);
    assert_true(out.has_past);
    assert_int_equal(out.count, WW_MSG_WATCH_VERSIONS_MAX);
    assert_string_equal(out.versions[7].id, in.versions[7].id);
    assert_memory_equal(out.versions[7].hash, in.versions[7].hash, sizeof in.versions[7].hash);
    assert_int_equal(out.versions[7].max_age, UINT32_MAX);
    assert_int_equal(out.versions[7].last_seen, 6);
    assert_int_equal(out.testing_since, 5);
    assert_string_equal(out.mx, in.mx);
    assert_memory_equal(out.mx_hash, in.mx_hash, sizeof in.mx_hash);
}

static void watched(void **state)
{
    (void)state;
    static struct ww_msg_watched in, out;
    in = (struct ww_msg_watched){.at = 1, .ms = 2, .severity = WW_SEVERITY_INFO + 1, .errors = 4};
    in.warnings = 5;
    in.infos = 6;
    in.body = ww_slice("b\0dy", 4);
    in.report = ww_slice_str("{}");
    in.silent = ww_slice_str("s");
    in.findings = ww_slice_str("ff");
    in.ends = ww_slice_str("eee");
    fill(in.domain, sizeof in.domain, 'd');
    fill(in.outlook, sizeof in.outlook, 'o');
    fill(in.mode, sizeof in.mode, 'm');
    fill(in.id, sizeof in.id, 'i');
    fill(in.mx, sizeof in.mx, ' ');
    struct ww_buf b = fresh();
    ww_msg_put_watched(&b, &in);
    ASSERT_WHOLE(b, ww_msg_get_watched, &out);
    assert_int_equal(out.at, 1);
    assert_int_equal(out.ms, 2);
    assert_int_equal(out.severity, WW_SEVERITY_INFO + 1);
    assert_int_equal(out.errors + out.warnings * 10 + out.infos * 100, 654);
    assert_true(ww_slice_eq(out.body, in.body));
    assert_true(ww_slice_eq(out.report, in.report));
    assert_true(ww_slice_eq(out.silent, in.silent));
    assert_true(ww_slice_eq(out.findings, in.findings));
    assert_true(ww_slice_eq(out.ends, in.ends));
    assert_string_equal(out.id, in.id);
    assert_string_equal(out.mx, in.mx);
}

static void parts(void **state)
{
    (void)state;
    struct ww_msg_watch_finding finding = {.severity = WW_SEVERITY_WARNING}, finding_out;
    struct ww_msg_watch_end an_end = {.not_after = 8}, end_out;
    struct ww_slice octets;
    bool last;
    fill(finding.check, sizeof finding.check, 'c');
    fill(finding.where, sizeof finding.where, 'w');
    fill(finding.seen, sizeof finding.seen, ' ');
    struct ww_buf b = fresh();
    ww_msg_put_watch_finding(&b, &finding);
    ASSERT_WHOLE(b, ww_msg_get_watch_finding, &finding_out);
    assert_int_equal(finding_out.severity, WW_SEVERITY_WARNING);
    assert_string_equal(finding_out.seen, finding.seen);
    fill(an_end.where, sizeof an_end.where, 'w');
    b = fresh();
    ww_msg_put_watch_end(&b, &an_end);
    ASSERT_WHOLE(b, ww_msg_get_watch_end, &end_out);
    assert_int_equal(end_out.not_after, 8);
    b = fresh();
    ww_msg_put_piece(&b, true, ww_slice_str("abc"));
    assert_int_equal(ww_msg_get_piece(ww_slice(b.p, b.n), &last, &octets), WW_OK);
    assert_true(last);
    assert_true(ww_slice_is(octets, "abc"));
    assert_int_equal(ww_msg_get_piece(ww_slice(b.p, 1), &last, &octets), WW_E_MSG_MALFORMED);
    assert_int_equal(ww_msg_get_piece(ww_slice(b.p, WW_MSG_PIECE_MAX + 3), &last, &octets),
                     WW_E_MSG_MALFORMED);
}

static void asks(void **state)
{
    (void)state;
    struct ww_msg_watch_ask in = {.what = WW_WATCH_ASKS - 1, .all = true, .every = 9, .until = INT64_MAX};
    struct ww_msg_watch_ask out;
    fill(in.group, sizeof in.group, 'g');
    fill(in.after, sizeof in.after, 'a');
    fill(in.check, sizeof in.check, 'c');
    fill(in.who, sizeof in.who, '\xc3');
    fill(in.reason, sizeof in.reason, '\n');
    in.domains = ww_slice_str("parts");
    struct ww_buf b = fresh();
    ww_msg_put_watch_ask(&b, &in);
    assert_int_equal(ww_msg_get_watch_ask(ww_slice(b.p, b.n), &out), WW_OK);
    assert_int_equal(out.what, WW_WATCH_ASK_REPORT);
    assert_true(out.all);
    assert_int_equal(out.every, 9);
    assert_int_equal(out.until, INT64_MAX);
    assert_string_equal(out.group, in.group);
    assert_string_equal(out.after, in.after);
    assert_string_equal(out.check, in.check);
    assert_string_equal(out.who, in.who);
    assert_string_equal(out.reason, in.reason);
    assert_true(ww_slice_is(out.domains, "parts"));
    for (size_t n = 0; n < b.n - 5; n++)
        assert_int_equal(ww_msg_get_watch_ask(ww_slice(b.p, n), &out), WW_E_MSG_MALFORMED);
    in.what = WW_WATCH_ASKS;
    b = fresh();
    ww_msg_put_watch_ask(&b, &in);
    assert_int_equal(ww_msg_get_watch_ask(ww_slice(b.p, b.n), &out), WW_E_MSG_MALFORMED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(alerts),  cmocka_unit_test(alerted), cmocka_unit_test(watches),
        cmocka_unit_test(watched), cmocka_unit_test(parts),   cmocka_unit_test(asks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
