/* The outbox in the store: reports, where they go, destinations, days that are open, age. */
#include "store/store_outbox.h"

#include <setjmp.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#define NOW INT64_C(1796000000)
#define DAY (NOW / WW_DAY_SECONDS)

static char directory[64];
static char path[96];
static char listing[4096];
static struct ww_store *store;

static void open_store(void)
{
    char detail[256];
    enum ww_err err;
    store = ww_store_open(path, &err, detail, sizeof detail);
    if (store == NULL)
        fail_msg("%s: %s", ww_err_id(err), detail);
}

static void reopen(void)
{
    ww_store_close(store);
    open_store();
}

static int begin(void **state)
{
    (void)snprintf(directory, sizeof directory, "/tmp/ww-outbox-XXXXXX");
    assert_non_null(mkdtemp(directory));
    (void)snprintf(path, sizeof path, "%s/store.db", directory);
    *state = NULL;
    open_store();
    return 0;
}

static int end(void **state)
{
    static const char *const suffixes[] = {"", "-wal", "-shm"};
    (void)state;
    ww_store_close(store);
    for (size_t i = 0; i < 3; i++) {
        char name[128];
        (void)snprintf(name, sizeof name, "%s%s", path, suffixes[i]);
        (void)unlink(name);
    }
    return rmdir(directory);
}

static struct ww_outbox_report report(const char *domain, int64_t day, uint32_t part)
{
    struct ww_outbox_report r = {.day = day,
                                 .part = part,
                                 .state = WW_REPORT_WAITING,
                                 .made = NOW,
                                 .due = NOW + 60,
                                 .policies = 2,
                                 .success = 17,
                                 .failure = 3,
                                 .contact = "tls@reporter.example",
                                 .organization = "Reporter",
                                 .record = "v=TLSRPTv1; rua=mailto:tls@example.com"};
    (void)snprintf(r.domain, sizeof r.domain, "%s", domain);
    (void)snprintf(r.id, sizeof r.id, "%lld.%u.%s", (long long)day, part, domain);
    return r;
}

static uint64_t put(const struct ww_outbox_report *r)
{
    uint64_t number;
    assert_int_equal(ww_outbox_put(store, r, ww_slice_str("content"), &number), WW_OK);
    return number;
}

static uint64_t put_new(const char *domain, int64_t day, uint32_t part)
{
    struct ww_outbox_report r = report(domain, day, part);
    return put(&r);
}

static void note(const char *text)
{
    size_t n = strlen(listing);
    (void)snprintf(listing + n, sizeof listing - n, "%s ", text);
}

static void on_report(void *ctx, const struct ww_outbox_report *r)
{
    char text[64];
    (void)ctx;
    (void)snprintf(text, sizeof text, "%llu", (unsigned long long)r->number);
    note(text);
}

static const char *list(uint64_t before, const char *domain, enum ww_report_state state, size_t max)
{
    const struct ww_outbox_filter filter = {before, domain, state};
    listing[0] = '\0';
    assert_int_equal(ww_outbox_list(store, &filter, max, on_report, NULL), WW_OK);
    return listing;
}

static void on_content(void *ctx, struct ww_slice content)
{
    (void)ctx;
    assert_true(ww_slice_eq(content, ww_slice_str("content")));
    note("content");
}

static void a_report_is_kept_as_it_is(void **state)
{
    struct ww_outbox_report r = report("example.com", DAY, 2), out;
    (void)state;
    r.number = put(&r);
    reopen();
    assert_int_equal(ww_outbox_get(store, r.number, &out), WW_OK);
    r.content_n = strlen("content");
    assert_int_equal(out.number, r.number);
    assert_string_equal(out.domain, r.domain);
    assert_int_equal(out.day, DAY);
    assert_int_equal(out.part, 2);
    assert_string_equal(out.id, r.id);
    assert_int_equal(out.state, WW_REPORT_WAITING);
    assert_int_equal(out.made, NOW);
    assert_int_equal(out.due, NOW + 60);
    assert_string_equal(out.contact, r.contact);
    assert_string_equal(out.organization, r.organization);
    assert_string_equal(out.record, r.record);
    assert_int_equal(out.policies, 2);
    assert_int_equal(out.success, 17);
    assert_int_equal(out.failure, 3);
    assert_int_equal(out.content_n, 7);
    assert_int_equal(out.ended, 0);
    assert_false(out.known);
    listing[0] = '\0';
    assert_int_equal(ww_outbox_content(store, r.number, on_content, NULL), WW_OK);
    assert_string_equal(listing, "content ");
    assert_int_equal(ww_outbox_drop_content(store, r.number), WW_OK);
    assert_int_equal(ww_outbox_content(store, r.number, on_content, NULL), WW_E_NOT_KNOWN);
    assert_int_equal(ww_outbox_get(store, r.number, &out), WW_OK);
    assert_int_equal(out.content_n, 0);
    assert_int_equal(ww_outbox_get(store, r.number + 1, &out), WW_E_NOT_KNOWN);
}

/* A day that was closed once is not closed once more, whoever asks for it. */
static void there_is_one_of_a_part(void **state)
{
    struct ww_outbox_report r = report("example.com", DAY, 1);
    uint64_t number;
    (void)state;
    (void)put(&r);
    (void)snprintf(r.id, sizeof r.id, "another");
    assert_int_not_equal(ww_outbox_put(store, &r, ww_slice_str("content"), &number), WW_OK);
    r = report("example.com", DAY, 1);
    r.part = 2; /* with the same id */
    assert_int_not_equal(ww_outbox_put(store, &r, ww_slice_str("content"), &number), WW_OK);
    (void)put_new("example.com", DAY, 2);
    r = report("example.com", DAY, 3);
    assert_int_equal(ww_outbox_put(store, &r, ww_slice("", WW_OUTBOX_CONTENT_MAX + 1), &number),
                     WW_E_TOO_LONG);
}

static void lists(void **state)
{
    struct ww_outbox_report r, out;
    (void)state;
    assert_string_equal(list(0, "", WW_REPORT_STATES, 10), "");
    (void)put_new("a.example", DAY - 1, 1);
    (void)put_new("b.example", DAY, 1);
    r = report("a.example", DAY, 1);
    r.state = WW_REPORT_HELD;
    (void)put(&r);
    (void)put_new("a.example", DAY - 2, 1);
    assert_string_equal(list(0, "", WW_REPORT_STATES, 10), "4 3 2 1 ");
    assert_string_equal(list(0, "", WW_REPORT_STATES, 2), "4 3 ");
    assert_string_equal(list(3, "", WW_REPORT_STATES, 2), "2 1 ");
    assert_string_equal(list(0, "a.example", WW_REPORT_STATES, 9), "4 3 1 ");
    assert_string_equal(list(0, "", WW_REPORT_HELD, 9), "3 ");
    assert_string_equal(list(0, "b.example", WW_REPORT_HELD, 9), "");
    /* The latest is that of the latest day, not the one that was made last. */
    assert_int_equal(ww_outbox_latest(store, "a.example", &out), WW_OK);
    assert_int_equal(out.number, 3);
    assert_int_equal(ww_outbox_latest(store, "c.example", &out), WW_E_NOT_KNOWN);
}

static void what_is_due(void **state)
{
    struct ww_outbox_report r;
    uint64_t number;
    int64_t due;
    (void)state;
    assert_int_equal(ww_outbox_next_due(store, &due), WW_OK);
    assert_int_equal(due, 0);
    static const struct {
        const char *domain;
        enum ww_report_state state;
        int64_t due;
    } rows[] = {{"a.example", WW_REPORT_HELD, NOW - 9},
                {"b.example", WW_REPORT_WAITING, NOW + 5},
                {"c.example", WW_REPORT_WAITING, NOW}};
    for (size_t i = 0; i < 3; i++) {
        r = report(rows[i].domain, DAY, 1);
        r.state = rows[i].state;
        r.due = rows[i].due;
        (void)put(&r);
    }
    assert_int_equal(ww_outbox_due(store, NOW - 1, &number), WW_OK);
    assert_int_equal(number, 0);
    assert_int_equal(ww_outbox_due(store, NOW, &number), WW_OK);
    assert_int_equal(number, 3);
    assert_int_equal(ww_outbox_next_due(store, &due), WW_OK);
    assert_int_equal(due, NOW);
    assert_int_equal(ww_outbox_get(store, 3, &r), WW_OK);
    r.state = WW_REPORT_SENT;
    r.ended = NOW + 1;
    r.known = true;
    r.tries = 2;
    r.first_try = NOW - 8;
    r.last_try = NOW - 4;
    (void)snprintf(r.detail, sizeof r.detail, "words");
    assert_int_equal(ww_outbox_set(store, &r), WW_OK);
    reopen();
    assert_int_equal(ww_outbox_get(store, 3, &r), WW_OK);
    assert_int_equal(r.state, WW_REPORT_SENT);
    assert_int_equal(r.ended, NOW + 1);
    assert_true(r.known);
    assert_int_equal(r.tries, 2);
    assert_int_equal(r.first_try, NOW - 8);
    assert_int_equal(r.last_try, NOW - 4);
    assert_string_equal(r.detail, "words");
    assert_int_equal(ww_outbox_next_due(store, &due), WW_OK);
    assert_int_equal(due, NOW + 5);
}

static void where_it_goes(void **state)
{
    struct ww_outbox_target out[WW_OUTBOX_TARGETS_MAX];
    struct ww_outbox_target t = {.uri = "mailto:b@example.com",
                                 .at = {WW_TARGET_WAITING, 3, NOW - 5, NOW + 5},
                                 .tried = NOW,
                                 .redirected = true,
                                 .detail = "450 later"};
    size_t count;
    (void)state;
    assert_int_equal(ww_outbox_put_target(store, 7, &t), WW_OK);
    t.at.state = WW_TARGET_SENT;
    t.insecure = true;
    assert_int_equal(ww_outbox_put_target(store, 7, &t), WW_OK);
    assert_int_equal(ww_outbox_put_target(store, 8, &t), WW_OK);
    (void)snprintf(t.uri, sizeof t.uri, "https://a.example/");
    assert_int_equal(ww_outbox_put_target(store, 7, &t), WW_OK);
    reopen();
    assert_int_equal(ww_outbox_targets(store, 7, out, &count), WW_OK);
    assert_int_equal(count, 2);
    assert_string_equal(out[0].uri, "https://a.example/");
    assert_string_equal(out[1].uri, "mailto:b@example.com");
    assert_int_equal(out[1].at.state, WW_TARGET_SENT);
    assert_int_equal(out[1].at.tries, 3);
    assert_int_equal(out[1].at.first_try, NOW - 5);
    assert_int_equal(out[1].at.due, NOW + 5);
    assert_int_equal(out[1].tried, NOW);
    assert_true(out[1].insecure);
    assert_true(out[1].redirected);
    assert_string_equal(out[1].detail, "450 later");
    assert_int_equal(ww_outbox_drop_targets(store, 7), WW_OK);
    assert_int_equal(ww_outbox_targets(store, 7, out, &count), WW_OK);
    assert_int_equal(count, 0);
    assert_int_equal(ww_outbox_targets(store, 8, out, &count), WW_OK);
    assert_int_equal(count, 1);
    for (int i = 0; i < WW_OUTBOX_TARGETS_MAX + 3; i++) {
        (void)snprintf(t.uri, sizeof t.uri, "mailto:%d@example.com", i);
        assert_int_equal(ww_outbox_put_target(store, 9, &t), WW_OK);
    }
    assert_int_equal(ww_outbox_targets(store, 9, out, &count), WW_OK);
    assert_int_equal(count, WW_OUTBOX_TARGETS_MAX);
}

static void on_destination(void *ctx, const struct ww_outbox_destination *d)
{
    (void)ctx;
    note(d->uri);
}

static const char *suppressed(int64_t now, const char *after, size_t max)
{
    listing[0] = '\0';
    assert_int_equal(ww_outbox_suppressed(store, now, after, max, on_destination, NULL), WW_OK);
    return listing;
}

static void destinations(void **state)
{
    static const struct {
        const char *uri;
        unsigned refusals;
        int64_t until;
    } rows[] = {{"mailto:a@x.example", 3, NOW + 10},
                {"mailto:b@x.example", 0, INT64_MAX},
                {"mailto:c@x.example", 2, 0},
                {"mailto:d@x.example", 3, NOW - 10}};
    struct ww_outbox_destination d = {.since = NOW, .who = "uid 0", .reason = "they asked"}, out;
    (void)state;
    assert_int_equal(ww_outbox_destination(store, "mailto:a@x.example", &out), WW_OK);
    assert_int_equal(out.standing.refusals + out.since, 0);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        (void)snprintf(d.uri, sizeof d.uri, "%s", rows[i].uri);
        d.standing = (struct ww_courier_standing){rows[i].refusals, rows[i].until};
        assert_int_equal(ww_outbox_put_destination(store, &d), WW_OK);
    }
    reopen();
    assert_string_equal(suppressed(NOW, "", 9), "mailto:a@x.example mailto:b@x.example ");
    assert_string_equal(suppressed(NOW, "", 1), "mailto:a@x.example ");
    assert_string_equal(suppressed(NOW, "mailto:a@x.example", 9), "mailto:b@x.example ");
    assert_string_equal(suppressed(NOW + 10, "", 9), "mailto:b@x.example ");
    assert_int_equal(ww_outbox_destination(store, "mailto:a@x.example", &out), WW_OK);
    assert_int_equal(out.standing.refusals, 3);
    assert_int_equal(out.standing.suppressed_until, NOW + 10);
    assert_int_equal(out.since, NOW);
    assert_string_equal(out.who, "uid 0");
    assert_string_equal(out.reason, "they asked");
    out.standing = (struct ww_courier_standing){0, 0};
    assert_int_equal(ww_outbox_put_destination(store, &out), WW_OK);
    assert_string_equal(suppressed(NOW, "", 9), "mailto:b@x.example ");
}

static void on_open_day(void *ctx, const struct ww_outbox_open_day *d)
{
    char text[512];
    struct ww_outbox_open_day *last = ctx;
    (void)snprintf(text, sizeof text, "%s/%lld/%u:%lld+%lld-%lld", d->domain, (long long)(d->day - DAY),
                   d->part, (long long)d->success, (long long)d->unverified, (long long)d->failure);
    note(text);
    *last = *d;
}

static const char *open_days(const char *domain, struct ww_outbox_open_day *after, bool goes_on, size_t max)
{
    listing[0] = '\0';
    assert_int_equal(ww_outbox_open_days(store, domain, goes_on ? after : NULL, max, on_open_day, after),
                     WW_OK);
    return listing;
}

/* Its tables are of those who collect; all that is known of a day here is what it comes to. */
static void days_that_are_open(void **state)
{
    static const char *const rows =
        "INSERT INTO result_day VALUES ('a.example', 20787, 1, '', 1, 5), ('a.example', 20787, 2, '', 1, 5),"
        " ('b.example', 20786, 1, '', 1, 5);"
        "INSERT INTO result_policy VALUES ('a.example', 20787, 1, x'01', 9, '', '', '', 5, 1, 2),"
        " ('a.example', 20787, 1, x'02', 1, '', '', '', 3, 0, 1)";
    struct ww_outbox_open_day last;
    sqlite3 *db;
    (void)state;
    assert_int_equal(DAY, 20787);
    assert_string_equal(open_days("", &last, false, 9), "");
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, rows, NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
    assert_string_equal(open_days("", &last, false, 2), "a.example/0/1:8+1-3 a.example/0/2:0+0-0 ");
    assert_string_equal(open_days("", &last, true, 2), "b.example/-1/1:0+0-0 ");
    assert_string_equal(open_days("", &last, true, 2), "");
    assert_string_equal(open_days("b.example", &last, false, 2), "b.example/-1/1:0+0-0 ");
}

static void counts_and_age(void **state)
{
    static const struct {
        enum ww_report_state state;
        int64_t made, ended;
    } rows[] = {{WW_REPORT_WAITING, NOW - 100, 0}, {WW_REPORT_HELD, NOW - 100, 0},
                {WW_REPORT_HELD, NOW - 10, 0},     {WW_REPORT_SENT, NOW - 100, NOW - 50},
                {WW_REPORT_SENT, NOW - 100, NOW},  {WW_REPORT_GIVEN_UP, NOW - 100, NOW - 49},
                {WW_REPORT_NOT_ASKED, NOW, NOW}};
    struct ww_outbox_counts counts;
    struct ww_outbox_target t = {.uri = "mailto:a@example.com", .at = {.state = WW_TARGET_REFUSED}}, out[16];
    size_t count;
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct ww_outbox_report r = report("example.com", DAY, (uint32_t)i + 1);
        r.state = rows[i].state;
        r.made = rows[i].made;
        r.number = put(&r);
        r.ended = rows[i].ended;
        assert_int_equal(ww_outbox_set(store, &r), WW_OK);
        assert_int_equal(ww_outbox_put_target(store, r.number, &t), WW_OK);
    }
    assert_int_equal(ww_outbox_counts(store, NOW, &counts), WW_OK);
    assert_int_equal(counts.reports[WW_REPORT_WAITING], 1);
    assert_int_equal(counts.reports[WW_REPORT_HELD], 2);
    assert_int_equal(counts.reports[WW_REPORT_SENT], 2);
    assert_int_equal(counts.reports[WW_REPORT_GIVEN_UP], 1);
    assert_int_equal(counts.reports[WW_REPORT_NOT_ASKED], 1);
    assert_int_equal(counts.targets[WW_TARGET_REFUSED], 7);
    assert_int_equal(counts.suppressed, 0);
    assert_int_equal(counts.oldest_due, NOW + 60);
    assert_int_equal(ww_outbox_purge(store, NOW - 49, 1), WW_OK);
    assert_string_equal(list(0, "", WW_REPORT_STATES, 10), "7 6 5 4 3 1 ");
    assert_int_equal(ww_outbox_purge(store, NOW - 49, 100), WW_OK);
    assert_string_equal(list(0, "", WW_REPORT_STATES, 10), "7 6 5 3 1 ");
    assert_int_equal(ww_outbox_targets(store, 4, out, &count), WW_OK);
    assert_int_equal(count, 0);
    assert_int_equal(ww_outbox_targets(store, 5, out, &count), WW_OK);
    assert_int_equal(count, 1);
    /* A number is never given twice. */
    assert_int_equal(ww_outbox_purge(store, NOW + 1, 100), WW_OK);
    assert_string_equal(list(0, "", WW_REPORT_STATES, 10), "1 ");
    assert_int_equal(put_new("example.net", DAY, 1), 8);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_report_is_kept_as_it_is, begin, end),
        cmocka_unit_test_setup_teardown(there_is_one_of_a_part, begin, end),
        cmocka_unit_test_setup_teardown(lists, begin, end),
        cmocka_unit_test_setup_teardown(what_is_due, begin, end),
        cmocka_unit_test_setup_teardown(where_it_goes, begin, end),
        cmocka_unit_test_setup_teardown(destinations, begin, end),
        cmocka_unit_test_setup_teardown(days_that_are_open, begin, end),
        cmocka_unit_test_setup_teardown(counts_and_age, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
