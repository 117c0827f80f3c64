/* Watched domains in the store: the list, runs, findings, alerts, and a store of the version before them. */
#include "store/migrate.h"
#include "store/store_watch.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#define NOW INT64_C(1796000000)
#define DAY INT64_C(86400)

static char directory[64];
static char path[96];
static char listing[4096];

static struct ww_store *open_store(void)
{
    char detail[256];
    enum ww_err err;
    struct ww_store *store = ww_store_open(path, &err, detail, sizeof detail);
    if (store == NULL)
        fail_msg("%s: %s", ww_err_id(err), detail);
    return store;
}

static int begin(void **state)
{
    (void)snprintf(directory, sizeof directory, "/tmp/ww-watch-XXXXXX");
    assert_non_null(mkdtemp(directory));
    (void)snprintf(path, sizeof path, "%s/store.db", directory);
    *state = NULL;
    return 0;
}

static int end(void **state)
{
    (void)state;
    static const char *const suffixes[] = {"", "-wal", "-shm"};
    for (size_t i = 0; i < 3; i++) {
        char name[128];
        (void)snprintf(name, sizeof name, "%s%s", path, suffixes[i]);
        (void)unlink(name);
    }
    return rmdir(directory);
}

static void note(const char *text)
{
    size_t n = strlen(listing);
    (void)snprintf(listing + n, sizeof listing - n, "%s ", text);
}

static void on_watch(void *ctx, const struct ww_watch *w)
{
    char text[512];
    (void)ctx;
    (void)snprintf(text, sizeof text, "%s/%s/%lld", w->domain, w->group, (long long)w->every);
    note(text);
}

static const char *list(struct ww_store *store, const char *after, size_t max)
{
    listing[0] = '\0';
    assert_int_equal(ww_watch_list(store, after, max, on_watch, NULL), WW_OK);
    return listing;
}

static void put(struct ww_store *store, const char *domain, const char *group, int64_t every, int64_t now)
{
    assert_int_equal(ww_watch_put(store, domain, group, every, now), WW_OK);
}

static void the_list(void **state)
{
    (void)state;
    struct ww_store *store = open_store();
    char domain[WW_DNAME_SIZE];
    int64_t due;
    struct ww_watch_totals totals;
    bool found;
    assert_int_equal(ww_watch_next_due(store, &due), WW_OK);
    assert_int_equal(due, 0);
    put(store, "b.example", "", 0, NOW + 1);
    put(store, "a.example", "acme", 3600, NOW);
    put(store, "c.example", "", 0, NOW + 2);
    assert_string_equal(list(store, "", 10), "a.example/acme/3600 b.example//0 c.example//0 ");
    assert_string_equal(list(store, "a.example", 1), "b.example//0 ");
    put(store, "a.example", "other", 0, NOW + 9); /* due as it was */
    assert_string_equal(list(store, "", 1), "a.example/other/0 ");
    assert_int_equal(ww_watch_totals(store, &totals), WW_OK);
    assert_int_equal(totals.domains, 3);
    assert_int_equal(ww_watch_next_due(store, &due), WW_OK);
    assert_int_equal(due, NOW);
    assert_int_equal(ww_watch_due(store, NOW - 1, domain), WW_OK);
    assert_string_equal(domain, "");
    assert_int_equal(ww_watch_due(store, NOW + 5, domain), WW_OK);
    assert_string_equal(domain, "a.example");
    assert_int_equal(ww_watch_set_due(store, "a.example", NOW + 99, &found), WW_OK);
    assert_true(found);
    assert_int_equal(ww_watch_set_due(store, "z.example", NOW, &found), WW_OK);
    assert_false(found);
    assert_int_equal(ww_watch_due(store, NOW + 5, domain), WW_OK);
    assert_string_equal(domain, "b.example");
    assert_int_equal(ww_watch_remove(store, "b.example", &found), WW_OK);
    assert_true(found);
    assert_int_equal(ww_watch_remove(store, "b.example", &found), WW_OK);
    assert_false(found);
    ww_store_close(store);
    store = open_store();
    assert_string_equal(list(store, "", 10), "a.example/other/0 c.example//0 ");
    ww_store_close(store);
}

static void on_run(void *ctx, const struct ww_watch_run *run)
{
    int64_t *last = ctx;
    assert_true(*last == 0 || run->at < *last);
    *last = run->at;
    assert_string_equal(run->outlook, "protected");
    note("run");
}

static void on_report(void *ctx, struct ww_slice report)
{
    (void)ctx;
    assert_true(ww_slice_is(report, "{}"));
    note("report");
}

static void ran(struct ww_store *store, int64_t at)
{
    struct ww_watch w = {.domain = "a.example", .due = at + 60, .mx = "mx.a.example"};
    w.last = (struct ww_watch_run){.at = at, .ms = 5, .severity = 1, .warnings = 2, .outlook = "protected"};
    w.mx_hash[0] = 7;
    assert_int_equal(ww_watch_ran(store, &w, ww_slice_str("{}")), WW_OK);
}

static void runs(void **state)
{
    (void)state;
    struct ww_store *store = open_store();
    struct ww_watch w = {.domain = "gone.example"};
    int64_t last = 0;
    bool found;
    assert_int_equal(ww_watch_ran(store, &w, ww_slice(NULL, 0)), WW_E_NOT_KNOWN);
    put(store, "a.example", "", 0, NOW);
    assert_int_equal(ww_store_begin(store), WW_OK);
    for (int64_t at = NOW; at < NOW + 400 * DAY; at += DAY / 4)
        ran(store, at);
    assert_int_equal(ww_store_commit(store), WW_OK);
    assert_int_equal(ww_watch_get(store, "a.example", &w), WW_OK);
    assert_int_equal(w.last.at, NOW + 400 * DAY - DAY / 4);
    assert_int_equal(w.due, w.last.at + 60);
    assert_int_equal(w.last.warnings, 2);
    assert_string_equal(w.mx, "mx.a.example");
    struct ww_watch_totals totals;
    assert_int_equal(ww_watch_totals(store, &totals), WW_OK);
    assert_int_equal(totals.warnings, 2);
    assert_int_equal(totals.errors, 0);
    assert_int_equal(w.mx_hash[0], 7);
    listing[0] = '\0';
    assert_int_equal(ww_watch_runs(store, "a.example", 10000, on_run, &last), WW_OK);
    size_t kept = strlen(listing) / strlen("run ");
    assert_in_range(kept, WW_WATCH_RUNS_KEPT + 350, WW_WATCH_RUNS_KEPT + WW_WATCH_DAYS_KEPT);
    assert_true(last >= w.last.at - WW_WATCH_DAYS_KEPT * DAY);
    listing[0] = '\0';
    assert_int_equal(ww_watch_report(store, "a.example", on_report, NULL), WW_OK);
    assert_string_equal(listing, "report ");
    assert_int_equal(ww_watch_remove(store, "a.example", &found), WW_OK);
    listing[0] = '\0';
    assert_int_equal(ww_watch_report(store, "a.example", on_report, NULL), WW_OK);
    assert_int_equal(ww_watch_runs(store, "a.example", 10, on_run, &last), WW_OK);
    assert_string_equal(listing, "");
    assert_int_equal(ww_watch_get(store, "a.example", &w), WW_E_NOT_KNOWN);
    ww_store_close(store);
}

static void on_finding(void *ctx, const struct ww_alert_state *s)
{
    (void)ctx;
    note(s->check);
    if (strcmp(s->check, "mx-tls") != 0)
        return;
    assert_string_equal(s->where, "mx.a.example");
    assert_string_equal(s->seen, "so");
    assert_int_equal(s->first_seen, 1);
    assert_int_equal(s->last_seen, 2);
    assert_int_equal(s->misses, 3);
    assert_true(s->told);
    assert_int_equal(s->said, WW_SEVERITY_WARNING);
    assert_int_equal(s->told_at, 4);
    assert_int_equal(s->reminders, 5);
    assert_int_equal(s->not_after, 7);
    assert_int_equal(s->days, 8);
    if (s->acked_until != 6)
        return;
    note(s->acked_by);
    note(s->reason);
}

static const char *findings(struct ww_store *store)
{
    listing[0] = '\0';
    assert_int_equal(ww_watch_findings(store, "a.example", on_finding, NULL), WW_OK);
    return listing;
}

static void kept_findings(void **state)
{
    (void)state;
    struct ww_store *store = open_store();
    struct ww_alert_state states[2] = {
        {.check = "mx-tls",
         .where = "mx.a.example",
         .seen = "so",
         .severity = WW_SEVERITY_ERROR,
         .first_seen = 1,
         .last_seen = 2,
         .misses = 3,
         .told = true,
         .said = WW_SEVERITY_WARNING,
         .told_at = 4,
         .reminders = 5,
         .not_after = 7,
         .days = 8},
        {.check = "note", .severity = WW_SEVERITY_INFO},
    };
    int count;
    assert_int_equal(ww_watch_put_findings(store, "a.example", states, 2), WW_OK);
    assert_int_equal(ww_watch_put_findings(store, "a.example.net", states, 1), WW_OK);
    assert_string_equal(findings(store), "mx-tls note ");
    assert_int_equal(ww_watch_ack(store, "a.example", "mx-tls", 6, "alice", "known", &count), WW_OK);
    assert_int_equal(count, 1);
    assert_int_equal(ww_watch_ack(store, "a.example", "other", 6, "alice", "known", &count), WW_OK);
    assert_int_equal(count, 0);
    assert_string_equal(findings(store), "mx-tls alice known note ");
    states[0].gone = true;
    assert_int_equal(ww_watch_put_findings(store, "a.example", states, 2), WW_OK);
    assert_string_equal(findings(store), "note ");
    assert_int_equal(ww_watch_put_findings(store, "a.example", NULL, 0), WW_OK);
    assert_string_equal(findings(store), "");
    ww_store_close(store);
}

static void on_alert(void *ctx, const struct ww_watch_alert *a)
{
    uint64_t *last = ctx;
    char text[512];
    assert_true(a->number > *last);
    *last = a->number;
    (void)snprintf(text, sizeof text, "%s/%.*s/%s", a->domain, (int)a->content.n, a->content.p, a->delivered);
    for (char *p = text; *p != '\0'; p++)
        *p = *p == '\n' ? '+' : *p;
    note(text);
}

static const char *alerts(struct ww_store *store)
{
    uint64_t last = 0;
    listing[0] = '\0';
    assert_int_equal(ww_watch_alerts(store, 0, 20, on_alert, &last), WW_OK);
    return listing;
}

static void outbox(void **state)
{
    (void)state;
    struct ww_store *store = open_store();
    uint64_t first, second, third, count;
    assert_int_equal(ww_watch_put_alert(store, "a.example", NOW, ww_slice_str("A"), &first), WW_OK);
    assert_int_equal(ww_watch_put_alert(store, "b.example", NOW, ww_slice_str("B"), &second), WW_OK);
    assert_int_equal(ww_watch_alert_delivered(store, first, "mail"), WW_OK);
    assert_int_equal(ww_watch_alert_delivered(store, first, "hook"), WW_OK);
    ww_store_close(store);
    store = open_store();
    assert_string_equal(alerts(store), "a.example/A/mail+hook+ b.example/B/ ");
    assert_int_equal(ww_watch_alert_done(store, second), WW_OK);
    assert_int_equal(ww_watch_alert_done(store, second), WW_OK);
    /* its number is not given again */
    assert_int_equal(ww_watch_put_alert(store, "c.example", NOW + 31 * DAY, ww_slice_str("C"), &third),
                     WW_OK);
    assert_true(third > second);
    assert_string_equal(alerts(store), "c.example/C/ "); /* the first one is too old */
    assert_int_equal(ww_store_begin(store), WW_OK);
    for (int i = 0; i < WW_WATCH_ALERTS_MAX + 5; i++)
        assert_int_equal(ww_watch_put_alert(store, "d.example", NOW + 32 * DAY, ww_slice_str("D"), &third),
                         WW_OK);
    assert_int_equal(ww_store_commit(store), WW_OK);
    assert_int_equal(ww_watch_alert_count(store, &count), WW_OK);
    assert_int_equal(count, WW_WATCH_ALERTS_MAX);
    ww_store_close(store);
}

/* A store as the version before has left it. */
static void migrated(void **state)
{
    (void)state;
    sqlite3 *db = NULL;
    char sql[128];
    struct ww_schema before = ww_store_schema;
    int version;
    char detail[256];
    before.count = 4;
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(ww_migrate(db, &before, &version, detail, sizeof detail), WW_OK);
    (void)snprintf(sql, sizeof sql, "INSERT INTO override VALUES ('a.example', 1, '', 0, 'why', 'who', 1)");
    assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
    struct ww_store *store = open_store();
    put(store, "a.example", "", 0, NOW);
    assert_string_equal(list(store, "", 10), "a.example//0 ");
    ww_store_close(store);
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    sqlite3_stmt *st = NULL;
    assert_int_equal(sqlite3_prepare_v2(db, "SELECT count(*) FROM override", -1, &st, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(st), SQLITE_ROW);
    assert_int_equal(sqlite3_column_int(st, 0), 1);
    sqlite3_finalize(st);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_list, begin, end),
        cmocka_unit_test_setup_teardown(runs, begin, end),
        cmocka_unit_test_setup_teardown(kept_findings, begin, end),
        cmocka_unit_test_setup_teardown(outbox, begin, end),
        cmocka_unit_test_setup_teardown(migrated, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
