/* How SQLite would run each statement about reports of others: no table is read from end to end, and what has
 * to be sorted is known. */
#include "received_fixture.h"

#include "store/store_db.h"

/* Why a step stands in a plan that would else be wrong. */
static const struct {
    enum ww_received_statement which;
    const char *step; /* how it begins */
} allowed[] = {
    /* The sums of all days are read in the order of their keys: they are fewer than reports, and need no
       sorting. */
    {WW_RECEIVED_SQL_BY_DOMAIN, "SCAN d"},
    {WW_RECEIVED_SQL_BY_SENDER, "SCAN d"},
    /* As many rows as days. */
    {WW_RECEIVED_SQL_VOLUME_TOTALS, "SCAN received_volume"},
    /* The end of an index. */
    {WW_RECEIVED_SQL_LAST, "SEARCH received"},
    /* What is told comes in the order of sums, of which there are as many as there are keys. */
    {WW_RECEIVED_SQL_BY_DOMAIN, "USE TEMP B-TREE FOR ORDER BY"},
    {WW_RECEIVED_SQL_BY_DOMAIN_SENDER, "USE TEMP B-TREE FOR ORDER BY"},
    {WW_RECEIVED_SQL_BY_SENDER, "USE TEMP B-TREE FOR ORDER BY"},
    {WW_RECEIVED_SQL_BY_SENDER_DOMAIN, "USE TEMP B-TREE FOR ORDER BY"},
    {WW_RECEIVED_SQL_BY_RESULT, "USE TEMP B-TREE FOR ORDER BY"},
    {WW_RECEIVED_SQL_BY_RESULT_DOMAIN, "USE TEMP B-TREE FOR ORDER BY"},
    {WW_RECEIVED_SQL_BY_MX, "USE TEMP B-TREE FOR ORDER BY"},
    {WW_RECEIVED_SQL_BY_MX_DOMAIN, "USE TEMP B-TREE FOR ORDER BY"},
    /* Failures are found by day, and there are few of them. */
    {WW_RECEIVED_SQL_BY_RESULT, "USE TEMP B-TREE FOR GROUP BY"},
    {WW_RECEIVED_SQL_BY_RESULT_DOMAIN, "USE TEMP B-TREE FOR GROUP BY"},
    {WW_RECEIVED_SQL_BY_MX, "USE TEMP B-TREE FOR GROUP BY"},
    {WW_RECEIVED_SQL_BY_MX_DOMAIN, "USE TEMP B-TREE FOR GROUP BY"},
    {WW_RECEIVED_SQL_BY_RESULT, "USE TEMP B-TREE FOR count(DISTINCT)"},
    {WW_RECEIVED_SQL_BY_RESULT_DOMAIN, "USE TEMP B-TREE FOR count(DISTINCT)"},
    {WW_RECEIVED_SQL_BY_MX, "USE TEMP B-TREE FOR count(DISTINCT)"},
    {WW_RECEIVED_SQL_BY_MX_DOMAIN, "USE TEMP B-TREE FOR count(DISTINCT)"},
    /* The reports of one sender are found domain by domain. */
    {WW_RECEIVED_SQL_BY_DAY_SENDER, "USE TEMP B-TREE FOR GROUP BY"},
    {WW_RECEIVED_SQL_BY_DAY_SENDER, "USE TEMP B-TREE FOR count(DISTINCT)"},
    /* The senders of one domain on one day. */
    {WW_RECEIVED_SQL_BY_DAY_DOMAIN, "USE TEMP B-TREE FOR count(DISTINCT)"},
};

static bool is_good(enum ww_received_statement which, const char *step)
{
    for (size_t i = 0; i < sizeof allowed / sizeof *allowed; i++)
        if (allowed[i].which == which && strncmp(step, allowed[i].step, strlen(allowed[i].step)) == 0)
            return true;
    return strncmp(step, "SCAN ", 5) != 0 && strncmp(step, "USE TEMP", 8) != 0;
}

/* A SEARCH of a join that is not there yet must not have become one of all: it names what it looks up. */
static void check(sqlite3 *db, const char *sql, enum ww_received_statement which, unsigned *steps)
{
    sqlite3_stmt *st = NULL;
    char explain[4096];
    assert_true((size_t)snprintf(explain, sizeof explain, "EXPLAIN QUERY PLAN %s", sql) < sizeof explain);
    assert_int_equal(sqlite3_prepare_v2(db, explain, -1, &st, NULL), SQLITE_OK);
    while (sqlite3_step(st) == SQLITE_ROW) {
        const char *step = (const char *)sqlite3_column_text(st, 3);
        ++*steps;
        if (!is_good(which, step))
            fail_msg("%s\n  %s", sql, step);
    }
    sqlite3_finalize(st);
}

static void no_statement_reads_it_all(void **state)
{
    sqlite3 *db = NULL;
    unsigned steps = 0;
    (void)state;
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    for (int i = 0; i < WW_RECEIVED_SQL_SAVE; i++)
        check(db, ww_received_sql[i], (enum ww_received_statement)i, &steps);
    for (int i = 0; i < WW_QUARANTINE_STATEMENTS; i++)
        check(db, ww_quarantine_sql[i], WW_RECEIVED_SQL_STATEMENTS, &steps);
    assert_true(steps > 60);
    sqlite3_close(db);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(no_statement_reads_it_all, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
