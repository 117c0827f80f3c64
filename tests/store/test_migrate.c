#include "store/migrate.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static const char *const steps[] = {
    "CREATE TABLE a (x INTEGER) STRICT",
    "ALTER TABLE a ADD COLUMN y INTEGER; UPDATE a SET y = x + 1",
    "CREATE TABLE b (z TEXT) STRICT; INSERT INTO b SELECT 'n' || y FROM a",
};
static const char *const broken_steps[] = {
    "CREATE TABLE a (x INTEGER) STRICT",
    "CREATE TABLE c (w TEXT); INSERT INTO nowhere VALUES (1)",
};

enum { MARK = 0x1234 };

static const struct ww_schema first = {MARK, steps, 1};
static const struct ww_schema third = {MARK, steps, 3};
static const struct ww_schema broken = {MARK, broken_steps, 2};
static const struct ww_schema other = {MARK + 1, steps, 3};

static void run(sqlite3 *db, const char *sql)
{
    char *error = NULL;
    if (sqlite3_exec(db, sql, NULL, NULL, &error) != SQLITE_OK)
        fail_msg("%s: %s", sql, error);
}

static int number(sqlite3 *db, const char *sql)
{
    sqlite3_stmt *st = NULL;
    assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &st, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(st), SQLITE_ROW);
    int value = sqlite3_column_int(st, 0);
    sqlite3_finalize(st);
    return value;
}

static int setup(void **state)
{
    return sqlite3_open(":memory:", (sqlite3 **)state) == SQLITE_OK ? 0 : -1;
}

static int teardown(void **state)
{
    return sqlite3_close(*state) == SQLITE_OK ? 0 : -1;
}

static void makes_an_empty_database(void **state)
{
    sqlite3 *db = *state;
    char detail[128];
    int before;
    assert_int_equal(ww_migrate(db, &third, &before, detail, sizeof detail), WW_OK);
    assert_int_equal(before, 0);
    assert_int_equal(number(db, "PRAGMA user_version"), 3);
    assert_int_equal(number(db, "PRAGMA application_id"), MARK);
    assert_int_equal(number(db, "SELECT count(*) FROM b"), 0);
}

static void brings_an_older_one_forward_with_its_rows(void **state)
{
    sqlite3 *db = *state;
    char detail[128];
    int before;
    assert_int_equal(ww_migrate(db, &first, &before, detail, sizeof detail), WW_OK);
    run(db, "INSERT INTO a VALUES (7)");
    assert_int_equal(ww_migrate(db, &third, &before, detail, sizeof detail), WW_OK);
    assert_int_equal(before, 1);
    assert_int_equal(number(db, "SELECT y FROM a"), 8);
    assert_int_equal(number(db, "SELECT z = 'n8' FROM b"), 1);
    assert_int_equal(ww_migrate(db, &third, &before, detail, sizeof detail), WW_OK);
    assert_int_equal(number(db, "SELECT count(*) FROM b"), 1);
}

static void refuses_a_newer_one(void **state)
{
    sqlite3 *db = *state;
    char detail[128];
    int before;
    assert_int_equal(ww_migrate(db, &third, &before, detail, sizeof detail), WW_OK);
    assert_int_equal(ww_migrate(db, &first, &before, detail, sizeof detail), WW_E_STORE_NEWER);
    assert_non_null(strstr(detail, "version 3"));
    assert_int_equal(number(db, "PRAGMA user_version"), 3);
}

static void refuses_what_is_not_ours(void **state)
{
    sqlite3 *db = *state;
    char detail[128];
    int before;
    run(db, "CREATE TABLE mine (x)");
    assert_int_equal(ww_migrate(db, &third, &before, detail, sizeof detail), WW_E_STORE_FOREIGN);
    run(db, "DROP TABLE mine; PRAGMA user_version = 2");
    assert_int_equal(ww_migrate(db, &third, &before, detail, sizeof detail), WW_E_STORE_FOREIGN);
    run(db, "PRAGMA user_version = 0");
    assert_int_equal(ww_migrate(db, &third, &before, detail, sizeof detail), WW_OK);
    assert_int_equal(ww_migrate(db, &other, &before, detail, sizeof detail), WW_E_STORE_FOREIGN);
}

static void a_failing_step_changes_nothing(void **state)
{
    sqlite3 *db = *state;
    char detail[128];
    int before;
    assert_int_equal(ww_migrate(db, &first, &before, detail, sizeof detail), WW_OK);
    assert_int_equal(ww_migrate(db, &broken, &before, detail, sizeof detail), WW_E_STORE_FAILED);
    assert_non_null(strstr(detail, "nowhere"));
    assert_int_equal(number(db, "PRAGMA user_version"), 1);
    assert_int_equal(number(db, "SELECT count(*) FROM sqlite_schema WHERE name = 'c'"), 0);
    assert_int_equal(ww_migrate(db, &third, &before, detail, sizeof detail), WW_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(makes_an_empty_database, setup, teardown),
        cmocka_unit_test_setup_teardown(brings_an_older_one_forward_with_its_rows, setup, teardown),
        cmocka_unit_test_setup_teardown(refuses_a_newer_one, setup, teardown),
        cmocka_unit_test_setup_teardown(refuses_what_is_not_ours, setup, teardown),
        cmocka_unit_test_setup_teardown(a_failing_step_changes_nothing, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
