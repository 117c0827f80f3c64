/* What reports say, as evidence; rows are put by SQL, as the tables have them. */
#include "store/store_db.h"
#include "store/store_evidence.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

static char directory[64], path[96], listing[4096];
static struct ww_store *store;

static void run(const char *format, ...) __attribute__((format(printf, 1, 2)));

static void run(const char *format, ...)
{
    char sql[2048], *why = NULL;
    va_list args;
    va_start(args, format);
    (void)vsnprintf(sql, sizeof sql, format, args);
    va_end(args);
    if (sqlite3_exec(store->db, sql, NULL, NULL, &why) != SQLITE_OK)
        fail_msg("%s: %s", why, sql);
}

static void put_report(int number, int day, const char *sender, int verified, long long success,
                       long long failure)
{
    run("INSERT INTO received_domain VALUES ('example.com', %d, %d, '%s', %d, 'o', 'id%d', 0, 0, %lld, %lld)",
        number, day, sender, verified, number, success, failure);
}

static void put_policy(int number, int place, const char *type, const char *digest, long long success,
                       long long failure)
{
    run("INSERT INTO received_policy VALUES ('example.com', %d, %d, '%s', 'example.com', CAST('%s' AS BLOB), "
        "%lld, "
        "%lld)",
        number, place, type, digest, success, failure);
}

static void put_failure(int number, int detail, int day, const char *sender, int verified, const char *result,
                        const char *mx, long long sessions)
{
    run("INSERT INTO received_failure VALUES ('example.com', %d, 0, %d, %d, '%s', %d, '%s', '', '%s', '', "
        "'', '', '', "
        "%lld)",
        number, detail, day, sender, verified, result, mx, sessions);
}

static int begin(void **state)
{
    char detail[256];
    enum ww_err err;
    (void)state;
    (void)snprintf(directory, sizeof directory, "/tmp/ww-evidence-XXXXXX");
    if (mkdtemp(directory) == NULL)
        return -1;
    (void)snprintf(path, sizeof path, "%s/store.db", directory);
    store = ww_store_open(path, &err, detail, sizeof detail);
    listing[0] = '\0';
    return store != NULL ? 0 : -1;
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

static void note(const char *format, ...) __attribute__((format(printf, 1, 2)));

static void note(const char *format, ...)
{
    size_t n = strlen(listing);
    va_list args;
    va_start(args, format);
    (void)vsnprintf(listing + n, sizeof listing - n, format, args);
    va_end(args);
}

static void on_day(void *ctx, const struct ww_evidence_day_row *r)
{
    (void)ctx;
    note("%lld:%lld:%lld:%lld ", (long long)r->day, (long long)r->senders, (long long)r->success,
         (long long)r->failure);
}

static void on_sender(void *ctx, const struct ww_evidence_sender_row *r)
{
    (void)ctx;
    note("%s:%lld-%lld:%lld:%lld:%lld:%lld ", r->sender, (long long)r->first_day, (long long)r->last_day,
         (long long)r->days, (long long)r->reports, (long long)r->success, (long long)r->failure);
}

static void on_use(void *ctx, const struct ww_evidence_use_row *r)
{
    (void)ctx;
    note("%s:%.*s:%.*s:%lld-%lld:%lld:%lld:%lld ", r->type, (int)r->policy.n, r->policy.p, (int)r->strings.n,
         r->strings.p, (long long)r->first_day, (long long)r->last_day, (long long)r->senders,
         (long long)r->success, (long long)r->failure);
}

static void on_cause(void *ctx, const struct ww_evidence_cause_row *r)
{
    (void)ctx;
    note("%s:%s:%s:%.*s:%s:%lld:%lld:%lld:%lld-%lld ", r->result, r->mx, r->type, (int)r->policy.n,
         r->policy.p, r->sender, (long long)r->senders, (long long)r->sessions, (long long)r->recent,
         (long long)r->first_day, (long long)r->last_day);
}

static const struct ww_evidence_span span = {"example.com", 100, 10};

static void put_all(void)
{
    put_report(1, 100, "a.example", 1, 10, 3);
    put_report(2, 101, "a.example", 1, 20, 0);
    put_report(3, 101, "b.example", 1, 30, 5);
    put_report(4, 99, "a.example", 1, 1000, 1000);  /* too old */
    put_report(5, 101, "c.example", 0, 2000, 2000); /* nobody's */
    put_policy(1, 0, "sts", "old", 10, 3);
    put_policy(2, 0, "sts", "new", 20, 0);
    put_policy(3, 0, "sts", "new", 30, 5);
    put_policy(4, 0, "sts", "new", 1000, 1000);
    put_policy(5, 0, "sts", "new", 2000, 2000);
    put_failure(1, 0, 100, "a.example", 1, "certificate-expired", "mx2.example.com", 2);
    put_failure(1, 1, 100, "a.example", 1, "starttls-not-supported", "mx1.example.com", 1);
    put_failure(3, 0, 101, "b.example", 1, "certificate-expired", "mx2.example.com", 3);
    put_failure(4, 0, 99, "a.example", 1, "certificate-expired", "mx2.example.com", 1000);
    put_failure(5, 0, 101, "c.example", 0, "certificate-expired", "mx2.example.com", 2000);
    run("INSERT INTO received_strings VALUES ('example.com', CAST('new' AS BLOB), 'mode: enforce', 'mx', 0, "
        "0)");
}

static void summed_up(void **state)
{
    struct ww_evidence_unverified u;
    (void)state;
    put_all();
    assert_int_equal(ww_evidence_days(store, &span, on_day, NULL), WW_OK);
    assert_string_equal(listing, "100:1:10:3 101:2:50:5 ");
    listing[0] = '\0';
    assert_int_equal(ww_evidence_senders(store, &span, on_sender, NULL), WW_OK);
    assert_string_equal(listing, "a.example:100-101:2:2:30:3 b.example:101-101:1:1:30:5 ");
    listing[0] = '\0';
    assert_int_equal(ww_evidence_uses(store, &span, on_use, NULL), WW_OK);
    assert_string_equal(listing, "sts:new:mode: enforce:101-101:2:50:5 sts:old::100-100:1:10:3 ");
    listing[0] = '\0';
    /* two of b.example's failures have no detail */
    assert_int_equal(ww_evidence_causes(store, &span, 101, on_cause, NULL), WW_OK);
    assert_string_equal(listing, "certificate-expired:mx2.example.com:sts:new:b.example:1:3:3:101-101 "
                                 "certificate-expired:mx2.example.com:sts:old:a.example:1:2:0:100-100 "
                                 "starttls-not-supported:mx1.example.com:sts:old:a.example:1:1:0:100-100 "
                                 "::sts:new:b.example:1:2:2:101-101 ");
    assert_int_equal(ww_evidence_unverified(store, &span, &u), WW_OK);
    assert_int_equal(u.reports, 1);
    assert_int_equal(u.success, 2000);
}

static void rows_are_bounded(void **state)
{
    const struct ww_evidence_span one = {"example.com", 0, 1};
    (void)state;
    put_all();
    assert_int_equal(ww_evidence_days(store, &one, on_day, NULL), WW_OK);
    assert_string_equal(listing, "99:1:1000:1000 ");
    listing[0] = '\0';
    assert_int_equal(ww_evidence_senders(store, &one, on_sender, NULL), WW_OK);
    assert_string_equal(listing, "a.example:99-101:3:3:1030:1003 ");
    listing[0] = '\0';
    assert_int_equal(ww_evidence_uses(store, &one, on_use, NULL), WW_OK);
    assert_string_equal(listing, "sts:new:mode: enforce:99-101:2:1050:1005 ");
}

static void sums_do_not_overflow(void **state)
{
    (void)state;
    for (int i = 1; i <= 3; i++) {
        put_report(i, 100, "a.example", 1, INT64_MAX, INT64_MAX);
        put_policy(i, 0, "sts", "new", INT64_MAX, INT64_MAX);
        put_failure(i, 0, 100, "a.example", 1, "certificate-expired", "mx", INT64_MAX);
    }
    assert_int_equal(ww_evidence_days(store, &span, on_day, NULL), WW_OK);
    assert_string_equal(listing, "100:1:1000000000000000:1000000000000000 ");
    assert_int_equal(ww_evidence_senders(store, &span, on_sender, NULL), WW_OK);
    assert_int_equal(ww_evidence_uses(store, &span, on_use, NULL), WW_OK);
    listing[0] = '\0';
    assert_int_equal(ww_evidence_causes(store, &span, 0, on_cause, NULL), WW_OK);
    assert_string_equal(
        listing, "certificate-expired:mx:sts:new:a.example:1:1000000000000000:1000000000000000:100-100 ");
}

static void nothing_is_there(void **state)
{
    struct ww_evidence_unverified u;
    (void)state;
    assert_int_equal(ww_evidence_days(store, &span, on_day, NULL), WW_OK);
    assert_int_equal(ww_evidence_causes(store, &span, 0, on_cause, NULL), WW_OK);
    assert_string_equal(listing, "");
    assert_int_equal(ww_evidence_unverified(store, &span, &u), WW_OK);
    assert_int_equal(u.reports + u.success, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(summed_up, begin, end),
        cmocka_unit_test_setup_teardown(rows_are_bounded, begin, end),
        cmocka_unit_test_setup_teardown(sums_do_not_overflow, begin, end),
        cmocka_unit_test_setup_teardown(nothing_is_there, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
