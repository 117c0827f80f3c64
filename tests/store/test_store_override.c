#include "store/store_override.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>
#include <sqlite3.h>

static char directory[64];
static char path[96];

static struct ww_store *open_store(void)
{
    char detail[256];
    enum ww_err err;
    struct ww_store *store = ww_store_open(path, &err, detail, sizeof detail);
    if (store == NULL)
        fail_msg("%s: %s", ww_err_id(err), detail);
    return store;
}

static struct ww_override override_of(const char *key, enum ww_override_level level, int64_t until)
{
    return (struct ww_override){.key = key,
                                .level = level,
                                .mx = level == WW_OVERRIDE_SECURE ? "mx.example *.b.example" : "",
                                .until = until,
                                .reason = "because",
                                .who = "alice",
                                .set_at = 1000};
}

static void put(struct ww_store *store, const char *key, enum ww_override_level level, int64_t until)
{
    struct ww_override o = override_of(key, level, until);
    assert_int_equal(ww_store_put_override(store, &o), WW_OK);
}

static char listing[2048];

static void list_one(void *ctx, const struct ww_override *o)
{
    (void)ctx;
    size_t n = strlen(listing);
    (void)snprintf(listing + n, sizeof listing - n, "%s/%s/%lld/%s ", o->key,
                   ww_override_level_name(o->level), (long long)o->until, o->mx);
    assert_string_equal(o->reason, "because");
    assert_string_equal(o->who, "alice");
    assert_int_equal(o->set_at, 1000);
    assert_false(o->configured);
}

static const char *list(struct ww_store *store)
{
    listing[0] = '\0';
    assert_int_equal(ww_store_each_override(store, list_one, NULL), WW_OK);
    return listing;
}

static void keeps_them_over_a_restart(void **state)
{
    (void)state;
    struct ww_store *store = open_store();
    put(store, "b.example", WW_OVERRIDE_MAY, 5000);
    put(store, ".a.example", WW_OVERRIDE_SECURE, 0);
    put(store, "b.example", WW_OVERRIDE_OFF, 6000);
    ww_store_close(store);
    store = open_store();
    assert_string_equal(list(store), ".a.example/secure/0/mx.example *.b.example b.example/off/6000/ ");
    ww_store_close(store);
}

static void adding_leaves_what_is_there(void **state)
{
    (void)state;
    struct ww_store *store = open_store();
    put(store, "b.example", WW_OVERRIDE_MAY, 5000);
    struct ww_override o = override_of("b.example", WW_OVERRIDE_OFF, 0);
    assert_int_equal(ww_store_add_override(store, &o), WW_OK);
    o.key = "c.example";
    assert_int_equal(ww_store_add_override(store, &o), WW_OK);
    assert_string_equal(list(store), "b.example/may/5000/ c.example/off/0/ ");
    ww_store_close(store);
}

static void removes_one(void **state)
{
    (void)state;
    struct ww_store *store = open_store();
    bool found;
    put(store, "b.example", WW_OVERRIDE_MAY, 5000);
    put(store, ".b.example", WW_OVERRIDE_MAY, 5000);
    assert_int_equal(ww_store_remove_override(store, "b.example", &found), WW_OK);
    assert_true(found);
    assert_int_equal(ww_store_remove_override(store, "b.example", &found), WW_OK);
    assert_false(found);
    assert_string_equal(list(store), ".b.example/may/5000/ ");
    ww_store_close(store);
}

static void counts_all_but_one(void **state)
{
    (void)state;
    struct ww_store *store = open_store();
    size_t count = 9;
    assert_int_equal(ww_store_count_overrides(store, "a.example", &count), WW_OK);
    assert_int_equal(count, 0);
    put(store, "a.example", WW_OVERRIDE_MAY, 5000);
    put(store, "b.example", WW_OVERRIDE_MAY, 5000);
    assert_int_equal(ww_store_count_overrides(store, "a.example", &count), WW_OK);
    assert_int_equal(count, 1);
    ww_store_close(store);
}

static void deletes_what_has_ended_and_tells_of_it(void **state)
{
    (void)state;
    struct ww_store *store = open_store();
    int64_t next;
    put(store, "a.example", WW_OVERRIDE_MAY, 0);
    assert_int_equal(ww_store_next_override_end(store, &next), WW_OK);
    assert_int_equal(next, 0);
    put(store, "b.example", WW_OVERRIDE_MAY, 5000);
    put(store, "c.example", WW_OVERRIDE_OFF, 4000);
    assert_int_equal(ww_store_next_override_end(store, &next), WW_OK);
    assert_int_equal(next, 4000);
    listing[0] = '\0';
    assert_int_equal(ww_store_expire_overrides(store, 3999, list_one, NULL), WW_OK);
    assert_string_equal(listing, "");
    assert_int_equal(ww_store_expire_overrides(store, 4000, list_one, NULL), WW_OK);
    assert_string_equal(listing, "c.example/off/4000/ ");
    assert_string_equal(list(store), "a.example/may/0/ b.example/may/5000/ ");
    assert_int_equal(ww_store_next_override_end(store, &next), WW_OK);
    assert_int_equal(next, 5000);
    ww_store_close(store);
}

static void run(const char *sql)
{
    sqlite3 *db = NULL;
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    char *error = NULL;
    if (sqlite3_exec(db, sql, NULL, NULL, &error) != SQLITE_OK)
        fail_msg("%s: %s", sql, error);
    sqlite3_close(db);
}

static void leaves_out_rows_that_make_no_sense(void **state)
{
    (void)state;
    static const char *const rows[] = {
        "'Upper.example', 1, '', 0, '', '', 0",   "'a b', 1, '', 0, '', '', 0",
        "'a.example', 9, '', 0, '', '', 0",       "'b.example', -1, '', 0, '', '', 0",
        "'c.example', 1, 'mx', 0, '', '', 0",     "'d.example', 1, '', -5, '', '', 0",
        "'e.example', 1, '', 0, char(10), '', 0", "'f.example', 1, '', 0, 'a' || char(0) || 'b', '', 0",
    };
    ww_store_close(open_store());
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char sql[256];
        (void)snprintf(sql, sizeof sql,
                       "INSERT INTO override (domain, level, mx, until, reason, who, set_at)"
                       " VALUES (%s)",
                       rows[i]);
        run(sql);
    }
    run("INSERT INTO override (domain, level, mx, until, reason, who, set_at)"
        " VALUES ('good.example', 1, '', 0, 'because', 'alice', 1000)");
    struct ww_store *store = open_store();
    assert_string_equal(list(store), "good.example/may/0/ ");
    ww_store_close(store);
}

/* The file of a release that knew policies alone. */
static void a_store_of_version_1_keeps_its_policies(void **state)
{
    (void)state;
    run("CREATE TABLE policy (domain TEXT NOT NULL PRIMARY KEY, id TEXT NOT NULL, body BLOB NOT NULL,"
        " mode INTEGER NOT NULL, fetched INTEGER NOT NULL, expires INTEGER NOT NULL, checked INTEGER NOT NULL"
        ") STRICT, WITHOUT ROWID;"
        "INSERT INTO policy VALUES ('a.example', '1', x'76', 2, 1, 5000, 1);"
        "PRAGMA application_id = 1466005623; PRAGMA user_version = 1;");
    struct ww_store *store = open_store();
    assert_false(ww_store_is_new(store));
    assert_string_equal(list(store), "");
    put(store, "b.example", WW_OVERRIDE_MAY, 0);
    ww_store_close(store);
    store = open_store();
    assert_string_equal(list(store), "b.example/may/0/ ");
    ww_store_close(store);
    run("CREATE TEMP TABLE one (x CHECK (x = 1)); INSERT INTO one SELECT count(*) FROM policy"
        " WHERE domain = 'a.example' AND id = '1' AND body = x'76' AND expires = 5000");
}

static int setup(void **state)
{
    (void)state;
    strcpy(directory, "/tmp/waxwing-override-XXXXXX");
    if (mkdtemp(directory) == NULL)
        return -1;
    (void)snprintf(path, sizeof path, "%s/waxwing.db", directory);
    return 0;
}

static int teardown(void **state)
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

#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(keeps_them_over_a_restart),
        CASE(adding_leaves_what_is_there),
        CASE(removes_one),
        CASE(counts_all_but_one),
        CASE(deletes_what_has_ended_and_tells_of_it),
        CASE(leaves_out_rows_that_make_no_sense),
        CASE(a_store_of_version_1_keeps_its_policies),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
