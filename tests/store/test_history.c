#include "store/history.h"
#include "store/migrate.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>
#include <sqlite3.h>

#define HOUR 3600
#define DAY (24 * HOUR)

static char directory[64];
static char path[96];
static struct ww_store *store;

static struct ww_store *open_store(void)
{
    char detail[256];
    enum ww_err err;
    struct ww_store *opened = ww_store_open(path, &err, detail, sizeof detail);
    if (opened == NULL)
        fail_msg("%s: %s", ww_err_id(err), detail);
    return opened;
}

static void put_as(const char *domain, const char *id, struct ww_slice body, int64_t at,
                   const struct ww_origin *origin, unsigned versions)
{
    const struct ww_stored_policy policy = {
        .domain = domain,
        .id = id,
        .body = body,
        .mode = WW_MODE_ENFORCE,
        .fetched = at,
        .expires = at + 30 * DAY,
        .checked = at,
        .origin = origin,
    };
    assert_int_equal(ww_store_put_policy(store, &policy), WW_OK);
    assert_int_equal(ww_history_put(store, &policy, versions), WW_OK);
}

static void put(const char *domain, const char *id, const char *body, int64_t at)
{
    put_as(domain, id, ww_slice_str(body), at, NULL, 20);
}

static void confirm(const char *domain, const char *id, int64_t at)
{
    assert_int_equal(ww_store_confirm_policy(store, domain, id, at), WW_OK);
    assert_int_equal(ww_history_confirm(store, domain, id, at), WW_OK);
}

struct listing {
    char text[4096];
    int64_t last_turn;
    size_t count;
};

static void list_one(void *ctx, const struct ww_version *version)
{
    struct listing *l = ctx;
    size_t n = strlen(l->text);
    snprintf(l->text + n, sizeof l->text - n, "%s:%.*s %lld-%lld%s%s ", version->id, (int)version->body.n,
             version->body.n > 0 ? version->body.p : "", (long long)version->first_seen,
             (long long)version->last_seen, version->expires != 0 ? "*" : "", version->turns > 1 ? "+" : "");
    assert_true(l->count == 0 || version->turn < l->last_turn);
    l->last_turn = version->turn;
    l->count++;
}

/* All versions, newest first, in pages; '*' marks the one in force, '+' one that came back. */
static const char *list(const char *domain, size_t page)
{
    static struct listing l;
    size_t before;
    l = (struct listing){.last_turn = INT64_MAX};
    do {
        before = l.count;
        assert_int_equal(ww_history_list(store, domain, l.last_turn, page, list_one, &l), WW_OK);
    } while (l.count - before == page);
    return l.text;
}

static void keeps_every_version(void **state)
{
    (void)state;
    put("a.example", "1", "one", 1000);
    put("a.example", "2", "two", 2000);
    put("a.example", "2", "TWO", 3000); /* the body changed under the same id */
    put("b.example", "1", "one", 1000);
    for (size_t page = 1; page < 5; page++)
        assert_string_equal(list("a.example", page), "2:TWO 3000-3000* 2:two 2000-2000 1:one 1000-1000 ");
    assert_string_equal(list("b.example", 5), "1:one 1000-1000* ");
    assert_string_equal(list("example", 5), "");
    ww_store_close(store);
    store = open_store();
    assert_string_equal(list("b.example", 5), "1:one 1000-1000* ");
}

static void a_version_that_comes_back_is_the_same(void **state)
{
    (void)state;
    put("a.example", "1", "one", 1000);
    put("a.example", "1", "one", 1500); /* a refresh */
    put("a.example", "2", "two", 2000);
    put("a.example", "1", "one", 3000);
    put("a.example", "1", "one", 3100);
    assert_string_equal(list("a.example", 5), "1:one 1000-3100*+ 2:two 2000-2000 ");
}

/* The record alone: the present version at once, from the policy; what is older to the hour. */
static void a_confirmed_version_was_seen(void **state)
{
    (void)state;
    put("a.example", "1", "one", 1000);
    confirm("a.example", "1", 1000 + HOUR - 1);
    assert_string_equal(list("a.example", 5), "1:one 1000-4599* ");
    put("a.example", "2", "two", 6000);
    assert_string_equal(list("a.example", 5), "2:two 6000-6000* 1:one 1000-1000 ");
    confirm("a.example", "2", 6000 + HOUR);
    confirm("a.example", "2", 6000 + HOUR + 1);
    confirm("a.example", "1", 9000 + HOUR); /* not the present one: an old answer */
    put("a.example", "3", "three", 20000);
    assert_string_equal(list("a.example", 5), "3:three 20000-20000* 2:two 6000-9600 1:one 1000-1000 ");
}

/* Sent anew after a while: what was known then, and what was confirmed since. */
static void a_policy_sent_anew_was_seen_when_it_was_confirmed(void **state)
{
    (void)state;
    const struct ww_stored_policy policy = {.domain = "a.example",
                                            .id = "1",
                                            .body = ww_slice_str("one"),
                                            .mode = WW_MODE_ENFORCE,
                                            .fetched = 1000,
                                            .expires = 90000,
                                            .checked = 5000};
    assert_int_equal(ww_history_put(store, &policy, 20), WW_OK);
    assert_string_equal(list("a.example", 5), "1:one 1000-5000 ");
}

static void a_clock_set_right_is_believed(void **state)
{
    (void)state;
    put("a.example", "1", "one", 900000);
    put("a.example", "1", "one", 2000);
    assert_string_equal(list("a.example", 5), "1:one 2000-2000* ");
}

static void the_oldest_go_first(void **state)
{
    (void)state;
    for (int i = 1; i <= 9; i++) {
        char id[8];
        snprintf(id, sizeof id, "%d", i);
        put_as("a.example", id, ww_slice_str("x"), 1000 * i, NULL, 3);
        put_as("b.example", id, ww_slice_str("y"), 1000 * i, NULL, 1);
    }
    assert_string_equal(list("a.example", 5), "9:x 9000-9000* 8:x 8000-8000 7:x 7000-7000 ");
    assert_string_equal(list("b.example", 5), "9:y 9000-9000* ");
    /* One that comes back pushes none out, and stays while others come. */
    put_as("a.example", "7", ww_slice_str("x"), 10000, NULL, 3);
    put_as("a.example", "10", ww_slice_str("x"), 11000, NULL, 3);
    assert_string_equal(list("a.example", 5), "10:x 11000-11000* 7:x 7000-10000+ 9:x 9000-9000 ");
    put_as("a.example", "11", ww_slice_str("x"), 12000, NULL, 0);
    assert_string_equal(list("a.example", 5), "11:x 12000-12000* ");
}

static const struct ww_origin origin_a = {
    .address = "192.0.2.1", .cert = {.fingerprint = {1, 2, 3}, .issuer = "CN=A", .not_after = 77}};
static const struct ww_origin origin_b = {.address = "2001:db8::1",
                                          .cert = {.fingerprint = {9}, .issuer = "", .not_after = 78}};
static const struct ww_origin nowhere;

static void keep_version(void *ctx, const struct ww_version *version)
{
    *(struct ww_version *)ctx = *version;
}

static void check_origin(const struct ww_origin *expected)
{
    struct ww_version version;
    assert_int_equal(ww_history_list(store, "a.example", INT64_MAX, 1, keep_version, &version), WW_OK);
    assert_string_equal(version.origin.address, expected->address);
    assert_string_equal(version.origin.cert.issuer, expected->cert.issuer);
    assert_int_equal(version.origin.cert.not_after, expected->cert.not_after);
    assert_memory_equal(version.origin.cert.fingerprint, expected->cert.fingerprint, WW_FINGERPRINT_SIZE);
}

static void knows_the_last_origin(void **state)
{
    (void)state;
    put_as("a.example", "1", ww_slice_str("one"), 1000, NULL, 20);
    check_origin(&nowhere);
    put_as("a.example", "1", ww_slice_str("one"), 2000, &origin_a, 20);
    check_origin(&origin_a);
    put_as("a.example", "1", ww_slice_str("one"), 3000, NULL, 20);
    check_origin(&origin_a);
    put_as("a.example", "1", ww_slice_str("one"), 4000, &nowhere, 20);
    check_origin(&origin_a);
    put_as("a.example", "1", ww_slice_str("one"), 5000, &origin_b, 20);
    check_origin(&origin_b);
}

static void a_long_body_leaves_its_hash(void **state)
{
    (void)state;
    static const uint8_t of_abc[] = {0xba, 0x78, 0x16, 0xbf, 0x8f, 0x01, 0xcf, 0xea};
    static char body[WW_VERSION_BODY_MAX + 1];
    struct ww_version version;
    memset(body, 'x', sizeof body);
    for (size_t n = WW_VERSION_BODY_MAX; n <= WW_VERSION_BODY_MAX + 1; n++) {
        put_as("a.example", "1", ww_slice(body, n), (int64_t)n, NULL, 20);
        assert_int_equal(ww_history_list(store, "a.example", INT64_MAX, 1, keep_version, &version), WW_OK);
        assert_int_equal(version.size, n);
        assert_int_equal(version.body.p != NULL, n == WW_VERSION_BODY_MAX);
        assert_int_equal(version.mode, WW_MODE_ENFORCE);
    }
    put("a.example", "1", "abc", 9000);
    assert_int_equal(ww_history_list(store, "a.example", INT64_MAX, 1, keep_version, &version), WW_OK);
    assert_memory_equal(version.hash, of_abc, sizeof of_abc);
}

static size_t rows(void)
{
    sqlite3 *db = NULL;
    sqlite3_stmt *st = NULL;
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_prepare_v2(db, "SELECT count(*) FROM policy_history", -1, &st, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(st), SQLITE_ROW);
    size_t count = (size_t)sqlite3_column_int64(st, 0);
    sqlite3_finalize(st);
    sqlite3_close(db);
    return count;
}

/* Runs a purge to its end: how many calls that took. */
static unsigned purge(int64_t now, size_t at_a_time)
{
    char place[WW_DNAME_SIZE] = "";
    unsigned calls = 0;
    do {
        assert_int_equal(ww_history_purge(store, now, 10 * DAY, at_a_time, place), WW_OK);
        assert_true(++calls < 100);
    } while (place[0] != '\0');
    return calls;
}

static void what_is_old_goes(void **state)
{
    (void)state;
    int64_t day = DAY;
    for (int i = 0; i < 20; i++) {
        char domain[32];
        snprintf(domain, sizeof domain, "d%02d.example", i);
        put(domain, "1", "one", day);
        put(domain, "2", "two", 2 * day);
    }
    put("last.example", "1", "one", 50 * day);
    assert_true(purge(11 * day, 4) > 5);
    assert_int_equal(rows(), 41);
    /* The first version of each; the second is in force. */
    assert_true(purge(40 * day, 7) > 3);
    assert_int_equal(rows(), 21);
    assert_string_equal(list("d07.example", 5), "2:two 172800-172800* ");
    assert_int_equal(ww_store_expire(store, 40 * day), WW_OK);
    assert_int_equal(purge(40 * day, 1000), 1);
    assert_string_equal(list("d07.example", 5), "");
    assert_string_equal(list("last.example", 5), "1:one 4320000-4320000* ");
}

static void a_clock_far_ahead_purges_nothing(void **state)
{
    (void)state;
    put("a.example", "1", "one", 1000);
    put("a.example", "2", "two", 2000);
    assert_int_equal(purge(INT64_C(4000000000), 10), 1);
    assert_int_equal(rows(), 2);
    ww_store_close(store);
    store = open_store();
    assert_int_equal(purge(INT64_C(4000000000), 10), 1);
    assert_int_equal(rows(), 2);
}

/* The store as its first version made it. */
static void a_store_without_history_gets_one(void **state)
{
    (void)state;
    sqlite3 *db = NULL;
    char pragmas[96];
    ww_store_close(store);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    snprintf(pragmas, sizeof pragmas, "PRAGMA application_id = %d; PRAGMA user_version = 1",
             ww_store_schema.application_id);
    assert_int_equal(sqlite3_exec(db, ww_store_schema.steps[0], NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(
        sqlite3_exec(db, "INSERT INTO policy VALUES ('a.example', '1', x'6f6e65', 2, 1000, 9000, 1000)", NULL,
                     NULL, NULL),
        SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, pragmas, NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(db);

    store = open_store();
    assert_false(ww_store_is_new(store));
    assert_string_equal(list("a.example", 5), "");
    confirm("a.example", "1", 2000);
    put("a.example", "1", "one", 3000);
    assert_string_equal(list("a.example", 5), "1:one 3000-3000* ");
}

/* Rows that we cannot have written are passed by. */
static void nonsense_is_not_listed(void **state)
{
    (void)state;
    static const char *const changes[] = {
        "UPDATE policy_history SET hash = x'00' WHERE id = '1'",
        "UPDATE policy_history SET mode = 7 WHERE id = '1'",
        "UPDATE policy_history SET size = 70000 WHERE id = '1'",
        "UPDATE policy_history SET size = -1 WHERE id = '1'",
        "UPDATE policy_history SET body = x'00' WHERE id = '1'",
        "UPDATE policy_history SET id = '123456789012345678901234567890123' WHERE id = '1'",
    };
    for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++) {
        char domain[16];
        char sql[256];
        sqlite3 *db = NULL;
        snprintf(domain, sizeof domain, "d%zu.example", i);
        put(domain, "1", "one", 1000);
        put(domain, "2", "two", 2000);
        snprintf(sql, sizeof sql, "%s AND domain = '%s'", changes[i], domain);
        assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
        assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
        assert_int_equal(sqlite3_changes(db), 1);
        sqlite3_close(db);
        assert_string_equal(list(domain, 5), "2:two 2000-2000* ");
    }
}

static int setup(void **state)
{
    (void)state;
    snprintf(directory, sizeof directory, "/tmp/waxwing-history-XXXXXX");
    if (mkdtemp(directory) == NULL)
        return -1;
    snprintf(path, sizeof path, "%s/store.db", directory);
    ww_history_prepare();
    store = open_store();
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    static const char *const suffixes[] = {"", "-wal", "-shm"};
    ww_store_close(store);
    for (size_t i = 0; i < sizeof suffixes / sizeof suffixes[0]; i++) {
        char file[128];
        snprintf(file, sizeof file, "%s%s", path, suffixes[i]);
        unlink(file);
    }
    return rmdir(directory);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(keeps_every_version),
        TEST(a_version_that_comes_back_is_the_same),
        TEST(a_confirmed_version_was_seen),
        TEST(a_policy_sent_anew_was_seen_when_it_was_confirmed),
        TEST(a_clock_set_right_is_believed),
        TEST(the_oldest_go_first),
        TEST(knows_the_last_origin),
        TEST(a_long_body_leaves_its_hash),
        TEST(what_is_old_goes),
        TEST(a_clock_far_ahead_purges_nothing),
        TEST(a_store_without_history_gets_one),
        TEST(nonsense_is_not_listed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
