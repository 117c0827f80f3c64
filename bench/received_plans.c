/* How SQLite goes about the statistics over reports of others, a line each: received_plans FILE */
#include "store/store_db.h"

#include <stdio.h>

static const struct {
    enum ww_received_statement which;
    const char *name;
} statements[] = {
    {WW_RECEIVED_SQL_BY_DAY, "day"},
    {WW_RECEIVED_SQL_BY_DAY_DOMAIN, "day, of one domain"},
    {WW_RECEIVED_SQL_BY_DAY_SENDER, "day, of one sender"},
    {WW_RECEIVED_SQL_BY_DAY_BOTH, "day, of one domain and sender"},
    {WW_RECEIVED_SQL_BY_DOMAIN, "domain"},
    {WW_RECEIVED_SQL_BY_DOMAIN_SENDER, "domain, of one sender"},
    {WW_RECEIVED_SQL_BY_SENDER, "sender"},
    {WW_RECEIVED_SQL_BY_SENDER_DOMAIN, "sender, of one domain"},
    {WW_RECEIVED_SQL_BY_RESULT, "result"},
    {WW_RECEIVED_SQL_BY_RESULT_DOMAIN, "result, of one domain"},
    {WW_RECEIVED_SQL_BY_MX, "mx"},
    {WW_RECEIVED_SQL_BY_MX_DOMAIN, "mx, of one domain"},
};

static int print_plan(sqlite3 *db, const char *name, const char *sql)
{
    static char text[16 * 1024];
    sqlite3_stmt *st = NULL;
    int rc = SQLITE_TOOBIG;
    if (snprintf(text, sizeof text, "EXPLAIN QUERY PLAN %s", sql) < (int)sizeof text)
        rc = sqlite3_prepare_v2(db, text, -1, &st, NULL);
    if (rc != SQLITE_OK)
        return rc;
    printf("%s:", name);
    const char *before = " ";
    for (; (rc = sqlite3_step(st)) == SQLITE_ROW; before = "; ")
        printf("%s%s", before, (const char *)sqlite3_column_text(st, 3));
    printf("\n");
    sqlite3_finalize(st);
    return rc == SQLITE_DONE ? SQLITE_OK : rc;
}

int main(int argc, char **argv)
{
    sqlite3 *db = NULL;
    if (argc != 2) {
        fprintf(stderr, "usage: received_plans FILE\n");
        return 64;
    }
    int rc = sqlite3_open_v2(argv[1], &db, SQLITE_OPEN_READONLY, NULL);
    for (size_t i = 0; rc == SQLITE_OK && i < sizeof statements / sizeof *statements; i++)
        rc = print_plan(db, statements[i].name, ww_received_sql[statements[i].which]);
    if (rc != SQLITE_OK)
        fprintf(stderr, "received_plans: %s: %s\n", argv[1], sqlite3_errmsg(db));
    sqlite3_close(db);
    return rc == SQLITE_OK ? 0 : 1;
}
