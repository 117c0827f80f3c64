/* Advice out of a store that the tests have filled, as control asks the keeper for it. */
#include "core/sessions.h"
#include "daemon/keeper_advise.h"
#include "daemon/keeper_known.h"
#include "store/history.h"
#include "store/store_db.h"
#include "store/store_watch.h"

#include "fake_peer.h"

#include <stdio.h>
#include <time.h>

#define DOMAIN "example.com"
#define MX "mx1.example.com mx2.example.com mx3.example.com"
#define POLICY(mode, ...) "version: STSv1\nmode: " mode "\n" __VA_ARGS__ "max_age: 604800\n"
#define TWO "mx: mx1.example.com\nmx: mx2.example.com\n"
#define THREE TWO "mx: mx3.example.com\n"

static struct {
    char folder[64], path[96];
    struct event_base *base;
    struct ww_stats stats;
    struct ww_keeper_store *keeping;
    struct ww_asked *asked;
    struct fake_peer control;
    struct ww_msg_advise_ask m;
    int64_t now, today;
    int number;
    json_t *answer;
} t;

static size_t on_well(void *ctx)
{
    (void)ctx;
    return 0;
}

static void on_asked(void *ctx, const struct ww_msg_ask *ask, struct ww_question_ref ref)
{
    (void)ctx;
    ww_keeper_advise_asked(t.keeping, t.asked, ask, ref);
}

static int setup(void **state)
{
    (void)state;
    memset(&t, 0, sizeof t);
    (void)snprintf(t.folder, sizeof t.folder, "/tmp/waxwing-test-XXXXXX");
    assert_non_null(mkdtemp(t.folder));
    (void)snprintf(t.path, sizeof t.path, "%s/waxwing.db", t.folder);
    ww_history_prepare();
    t.now = (int64_t)time(NULL);
    t.today = ww_day_of(t.now);
    t.base = event_base_new();
    t.keeping = ww_keeper_store_new(t.base, t.path, &t.stats, on_well, NULL);
    ww_keeper_store_open(t.keeping);
    t.asked = ww_asked_new(t.base, on_asked, NULL);
    ww_asked_peer(t.asked, fake_peer_open(&t.control, t.base));
    (void)snprintf(t.m.domain, sizeof t.m.domain, DOMAIN);
    return 0;
}

static int teardown(void **state)
{
    static const char *const ends[] = {"", "-wal", "-shm"};
    (void)state;
    json_decref(t.answer);
    ww_asked_free(t.asked);
    ww_keeper_store_free(t.keeping);
    fake_peer_close(&t.control);
    test_settle(t.base);
    event_base_free(t.base);
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        char path[112];
        (void)snprintf(path, sizeof path, "%s%s", t.path, ends[i]);
        (void)unlink(path);
    }
    return rmdir(t.folder);
}

static struct ww_store *store(void)
{
    struct ww_store *s = ww_keeper_store_to_write(t.keeping);
    assert_non_null(s);
    return s;
}

static void run(const char *format, ...) __attribute__((format(printf, 1, 2)));

static void run(const char *format, ...)
{
    char sql[4096], *why = NULL;
    va_list args;
    va_start(args, format);
    (void)vsnprintf(sql, sizeof sql, format, args);
    va_end(args);
    if (sqlite3_exec(store()->db, sql, NULL, NULL, &why) != SQLITE_OK)
        fail_msg("%s: %s", why, sql);
}

static void put_strings(const char *digest, const char *strings)
{
    run("INSERT INTO received_strings VALUES ('" DOMAIN "', CAST('%s' AS BLOB), '%s', '', 0, 0)", digest,
        strings);
}

/* A report of so many days ago. result NULL: nothing failed. */
static void put_report(int ago, const char *sender, bool verified, const char *digest, int success,
                       const char *result, const char *mx, int failure)
{
    int day = (int)t.today - ago, n = ++t.number;
    run("INSERT INTO received_domain VALUES ('" DOMAIN "', %d, %d, '%s', %d, 'o', 'id%d', 0, 0, %d, %d)", n,
        day, sender, verified, n, success, failure);
    run("INSERT INTO received_policy VALUES ('" DOMAIN "', %d, 0, 'sts', '" DOMAIN
        "', CAST('%s' AS BLOB), %d, %d)",
        n, digest, success, failure);
    if (result != NULL)
        run("INSERT INTO received_failure VALUES ('" DOMAIN
            "', %d, 0, 0, %d, '%s', %d, '%s', '', '%s', '', '', '', "
            "'', %d)",
            n, day, sender, verified, result, mx, failure);
}

static void publish(const char *id, const char *body, enum ww_policy_mode mode, int ago)
{
    const struct ww_stored_policy p = {.domain = DOMAIN,
                                       .id = id,
                                       .body = ww_slice_str(body),
                                       .mode = mode,
                                       .fetched = t.now - ago * WW_DAY_SECONDS,
                                       .expires = t.now + 604800,
                                       .checked = t.now - ago * WW_DAY_SECONDS};
    assert_int_equal(ww_store_put_policy(store(), &p), WW_OK);
    assert_int_equal(ww_history_put(store(), &p, 10), WW_OK);
}

static void two_weeks_of_reports(void)
{
    put_strings("new", POLICY("testing", THREE));
    put_strings("old", POLICY("testing", TWO));
    for (int ago = 1; ago <= 20; ago++) {
        put_report(ago, "a.example", true, "new", 900, NULL, "", 0);
        put_report(ago, "b.example", true, "new", 100, NULL, "", 0);
    }
    publish("20260112", POLICY("testing", TWO), WW_MODE_TESTING, 60);
    publish("20261020", POLICY("testing", THREE), WW_MODE_TESTING, 40);
}

static void inspected(const char *outlook, const char *mode)
{
    t.m.looked = true;
    t.m.at = t.now;
    (void)snprintf(t.m.outlook, sizeof t.m.outlook, "%s", outlook);
    (void)snprintf(t.m.mode, sizeof t.m.mode, "%s", mode);
    (void)snprintf(t.m.id, sizeof t.m.id, "20261020");
    (void)snprintf(t.m.mx, sizeof t.m.mx, MX);
    t.m.body = ww_slice_str(POLICY("testing", THREE));
}

/* With its pieces put together. */
static const json_t *ask(void)
{
    static char room[WW_CHAN_MESSAGE_MAX], payload[WW_CHAN_MESSAGE_MAX], whole[1 << 20];
    struct ww_buf p = ww_buf(payload, sizeof payload), b = ww_buf(room, sizeof room);
    struct ww_msg_told told = {.more = true};
    size_t n = 0;
    ww_msg_put_advise_ask(&p, &t.m);
    assert_false(p.failed);
    const struct ww_msg_ask question = {.number = 7, .what = WW_ASK_ADVISE, .payload = ww_slice(p.p, p.n)};
    ww_msg_put_ask(&b, &question);
    fake_peer_send(&t.control, WW_MSG_ASK, &b);
    test_settle(t.base);
    while (told.more) {
        const struct fake_message *m = fake_peer_next(&t.control);
        assert_non_null(m);
        assert_int_equal(ww_msg_get_told(m->payload, &told), WW_OK);
        assert_int_equal(told.err, WW_OK);
        memcpy(whole + n, told.payload.p, told.payload.n);
        n += told.payload.n;
    }
    json_decref(t.answer);
    t.answer = json_loadb(whole, n, 0, NULL);
    assert_non_null(t.answer);
    return t.answer;
}

static const char *text(const json_t *json, const char *key)
{
    const char *s = json_string_value(json_object_get(json, key));
    return s != NULL ? s : "";
}

static const json_t *find(const char *list, const char *key, const char *value)
{
    const json_t *array = json_object_get(t.answer, list), *item;
    size_t i;
    if (array == NULL)
        array = json_object_get(json_object_get(t.answer, "evidence"), list);
    json_array_foreach(array, i, item)
    {
        if (strcmp(text(item, key), value) == 0)
            return item;
    }
    return NULL;
}

static void all_is_well(void **state)
{
    (void)state;
    two_weeks_of_reports();
    inspected("testing", "testing");
    put_report(2, "c.example", false, "new", 10, "certificate-expired", "mx1.example.com", 5000);
    ask();
    assert_string_equal(text(t.answer, "recommendation"), "enforce");
    const json_t *e = json_object_get(t.answer, "evidence");
    assert_int_equal(json_integer_value(json_object_get(e, "success")), 20000);
    assert_int_equal(json_integer_value(json_object_get(e, "failure")), 0);
    assert_int_equal(json_integer_value(json_object_get(json_object_get(e, "not_counted"), "failure")), 5000);
    assert_int_equal(json_array_size(json_object_get(e, "senders")), 2);
    assert_string_equal(text(find("senders", "sender", "a.example"), "verified"), "");
    assert_string_equal(text(json_object_get(t.answer, "policy"), "id"), "20261020");
    assert_string_equal(text(json_object_get(t.answer, "inspected"), "by"), "asker");
    assert_non_null(find("reasons", "id", "not-counted"));
    assert_null(find("senders", "sender", "c.example"));
}

static void old_policy_is_told_of(void **state)
{
    (void)state;
    two_weeks_of_reports();
    inspected("testing", "testing");
    put_report(1, "a.example", true, "old", 0, "certificate-host-mismatch", "mx3.example.com", 700);
    ask();
    assert_string_equal(text(t.answer, "recommendation"), "enforce");
    const json_t *cause = find("causes", "result", "certificate-host-mismatch");
    assert_string_equal(text(cause, "verdict"), "stale");
    assert_string_equal(text(cause, "policy"), "older");
    assert_string_equal(text(cause, "policy_id"), "20260112");
    const char *first = json_string_value(json_array_get(json_object_get(cause, "known"), 0));
    assert_non_null(strstr(first, "this sender still used the policy of"));
}

static void what_breaks(void **state)
{
    (void)state;
    two_weeks_of_reports();
    inspected("testing", "testing");
    t.m.count = 3;
    t.m.faults[0] = (struct ww_msg_advise_fault){WW_SEVERITY_WARNING, "mx-expired",
                                                 "mx2.example.com [192.0.2.2]", "the certificate has ended"};
    t.m.faults[1] = (struct ww_msg_advise_fault){WW_SEVERITY_ERROR, "no-such-check", "mx2.example.com", "?"};
    t.m.faults[2] = (struct ww_msg_advise_fault){WW_SEVERITY_WARNING, "cover-mx-unused", DOMAIN, "a pattern"};
    ask();
    assert_string_equal(text(t.answer, "recommendation"), "fix");
    assert_int_equal(json_array_size(json_object_get(t.answer, "breaks")), 1);
    assert_string_equal(text(find("breaks", "id", "mx-expired"), "source"), "inspection");
    put_report(1, "a.example", true, "new", 0, "certificate-expired", "mx2.example.com", 70);
    ask();
    assert_int_equal(json_array_size(json_object_get(t.answer, "breaks")), 2);
    assert_string_equal(text(find("breaks", "id", "certificate-expired"), "source"), "reports");
}

static void the_watch_stands_in(void **state)
{
    struct ww_watch watch = {.last = {.at = t.now - 3600, .outlook = "testing", .mode = "testing"}, .mx = MX};
    struct ww_alert_state s = {.check = "mx-expired",
                               .where = "mx2.example.com [192.0.2.2]",
                               .seen = "the certificate has ended",
                               .first_seen = t.now - 86400,
                               .last_seen = t.now};
    (void)state;
    two_weeks_of_reports();
    ask();
    assert_string_equal(text(t.answer, "recommendation"), "wait");
    assert_non_null(find("reasons", "id", "not-inspected"));
    assert_int_equal(ww_watch_put(store(), DOMAIN, "", 0, t.now), WW_OK);
    (void)snprintf(watch.domain, sizeof watch.domain, DOMAIN);
    assert_int_equal(ww_watch_ran(store(), &watch, ww_slice("", 0)), WW_OK);
    ask();
    assert_string_equal(text(t.answer, "recommendation"), "enforce");
    assert_string_equal(text(json_object_get(t.answer, "inspected"), "by"), "watch");
    assert_int_equal(ww_watch_put_findings(store(), DOMAIN, &s, 1), WW_OK);
    ask();
    assert_string_equal(text(t.answer, "recommendation"), "fix");
    assert_string_not_equal(text(find("breaks", "id", "mx-expired"), "since"), "");
    /* a run of long ago tells nothing of today */
    watch.last.at = t.now - WW_EVIDENCE_LOOK_SECONDS - 3600;
    run("DELETE FROM watch_run");
    assert_int_equal(ww_watch_ran(store(), &watch, ww_slice("", 0)), WW_OK);
    ask();
    assert_non_null(find("reasons", "id", "not-inspected"));
}

static void nothing_is_known(void **state)
{
    (void)state;
    ask();
    assert_string_equal(text(t.answer, "recommendation"), "wait");
    assert_true(json_is_null(json_object_get(t.answer, "policy")));
    assert_true(json_is_null(json_object_get(t.answer, "inspected")));
}

/* However much strangers report, the answer fits. */
static void answer_is_bounded(void **state)
{
    char name[256];
    (void)state;
    inspected("testing", "testing");
    run("BEGIN");
    for (int i = 0; i < 300; i++) {
        char digest[16];
        (void)snprintf(digest, sizeof digest, "p%d", i);
        (void)snprintf(name, sizeof name, "s%d.%0200d.example", i, 0);
        put_strings(digest, POLICY("testing", "mx: other.example\n"));
        put_report(1, name, true, digest, 1, "validation-failure", name, 1000 + i);
    }
    run("COMMIT");
    ask();
    const json_t *e = json_object_get(t.answer, "evidence");
    assert_int_equal(json_array_size(json_object_get(e, "senders")), 100);
    assert_int_equal(json_array_size(json_object_get(e, "causes")), 40);
    assert_int_equal(json_integer_value(json_object_get(json_object_get(e, "left_out"), "causes")),
                     WW_EVIDENCE_CAUSES_MAX - 40);
    char *all = json_dumps(t.answer, JSON_COMPACT);
    assert_in_range(strlen(all), 1, 200 * 1024);
    free(all);
}

static json_t *known(const char *result, const char *mx, const char *strings)
{
    const struct ww_received_detail detail = {.type = ww_slice_str(result), .receiving_mx = ww_slice_str(mx)};
    const struct ww_keeper_known_want want = {.domain = ww_slice_str(DOMAIN),
                                              .type = ww_slice_str("sts"),
                                              .strings = ww_slice_str(strings),
                                              .mx_hosts = ww_slice("", 0),
                                              .detail = &detail,
                                              .day = t.today - 1,
                                              .now = t.now};
    json_decref(t.answer);
    t.answer = ww_keeper_known(store(), &want);
    return t.answer;
}

static void known_of_one_failure(void **state)
{
    char name[WW_RECEIVED_TEXT_MAX + 3];
    (void)state;
    two_weeks_of_reports();
    known("certificate-host-mismatch", "mx3.example.com", POLICY("testing", TWO));
    assert_int_equal(json_array_size(t.answer), 2);
    assert_non_null(strstr(json_string_value(json_array_get(t.answer, 0)), "still used the policy of"));
    assert_non_null(strstr(json_string_value(json_array_get(t.answer, 1)), "is in the one of now"));
    memset(name, 'a', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    assert_int_equal(json_array_size(known("certificate-host-mismatch", name, "")), 0);
}

static void malformed_is_refused(void **state)
{
    char room[256];
    struct ww_buf b = ww_buf(room, sizeof room);
    struct ww_msg_told told;
    const struct ww_msg_ask question = {.number = 7, .what = WW_ASK_ADVISE, .payload = ww_slice_str("???")};
    (void)state;
    ww_msg_put_ask(&b, &question);
    fake_peer_send(&t.control, WW_MSG_ASK, &b);
    test_settle(t.base);
    const struct fake_message *m = fake_peer_next(&t.control);
    assert_non_null(m);
    assert_int_equal(ww_msg_get_told(m->payload, &told), WW_OK);
    assert_int_equal(told.err, WW_E_MSG_MALFORMED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(all_is_well, setup, teardown),
        cmocka_unit_test_setup_teardown(old_policy_is_told_of, setup, teardown),
        cmocka_unit_test_setup_teardown(what_breaks, setup, teardown),
        cmocka_unit_test_setup_teardown(the_watch_stands_in, setup, teardown),
        cmocka_unit_test_setup_teardown(nothing_is_known, setup, teardown),
        cmocka_unit_test_setup_teardown(answer_is_bounded, setup, teardown),
        cmocka_unit_test_setup_teardown(known_of_one_failure, setup, teardown),
        cmocka_unit_test_setup_teardown(malformed_is_refused, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
