/*
 * The limit that loading the store is held against: SQLite reads every column of every row of the same file.
 * Frozen.
 *
 * usage: scan FILE
 *
 * Prints one line: rows, octets read, milliseconds.
 */
#include <sqlite3.h>
#include <stdio.h>
#include <time.h>

static double now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static int scan(sqlite3 *db)
{
    sqlite3_stmt *st;
    long long rows = 0;
    long long octets = 0;
    double start = now_ms();
    int rc = sqlite3_prepare_v2(
        db, "SELECT domain, id, body, mode, fetched, expires, checked FROM policy ORDER BY domain", -1, &st,
        NULL);
    if (rc != SQLITE_OK)
        return rc;
    while ((rc = sqlite3_step(st)) == SQLITE_ROW) {
        for (int i = 0; i < 3; i++) {
            (void)sqlite3_column_blob(st, i);
            octets += sqlite3_column_bytes(st, i);
        }
        for (int i = 3; i < 7; i++)
            octets += sqlite3_column_int64(st, i) != 0;
        rows++;
    }
    sqlite3_finalize(st);
    printf("%lld %lld %.1f\n", rows, octets, now_ms() - start);
    return rc == SQLITE_DONE ? SQLITE_OK : rc;
}

int main(int argc, char **argv)
{
    sqlite3 *db = NULL;
    if (argc != 2) {
        fprintf(stderr, "usage: scan FILE\n");
        return 64;
    }
    int rc = sqlite3_open_v2(argv[1], &db, SQLITE_OPEN_READONLY, NULL);
    if (rc == SQLITE_OK)
        rc = scan(db);
    if (rc != SQLITE_OK)
        fprintf(stderr, "scan: %s: %s\n", argv[1], sqlite3_errmsg(db));
    sqlite3_close(db);
    return rc == SQLITE_OK ? 0 : 1;
}
