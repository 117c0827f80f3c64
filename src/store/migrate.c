#include "store/migrate.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

/* SQLite has the file open already: what it may not do now is to write, or to make a companion of it. */
static enum ww_err os_err(int error)
{
    switch (error) {
    case ENOSPC:
    case EDQUOT:
        return WW_E_STORE_FULL;
    case EROFS:
    case EACCES:
    case EPERM:
        return WW_E_STORE_READONLY;
    default:
        return WW_E_STORE_FAILED;
    }
}

enum ww_err ww_store_err(sqlite3 *db, int rc)
{
    switch (rc & 0xff) {
    case SQLITE_OK:
    case SQLITE_ROW:
    case SQLITE_DONE:
        return WW_OK;
    case SQLITE_NOMEM:
        return WW_E_NO_MEMORY;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return WW_E_STORE_BUSY;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        return WW_E_STORE_CORRUPT;
    case SQLITE_FULL:
        return WW_E_STORE_FULL;
    case SQLITE_READONLY:
        return WW_E_STORE_READONLY;
    case SQLITE_IOERR:
    case SQLITE_CANTOPEN:
        return os_err(sqlite3_system_errno(db));
    default:
        return WW_E_STORE_FAILED;
    }
}

/* The first column of the first row. */
static int read_number(sqlite3 *db, const char *sql, int64_t *out)
{
    sqlite3_stmt *st = NULL;
    int rc = sqlite3_prepare_v2(db, sql, -1, &st, NULL);
    if (rc == SQLITE_OK && (rc = sqlite3_step(st)) == SQLITE_ROW) {
        *out = sqlite3_column_int64(st, 0);
        rc = SQLITE_OK;
    }
    sqlite3_finalize(st);
    return rc;
}

static int write_number(sqlite3 *db, const char *pragma, int value)
{
    char sql[64];
    snprintf(sql, sizeof sql, "PRAGMA %s = %d", pragma, value);
    return sqlite3_exec(db, sql, NULL, NULL, NULL);
}

/* Whose database it is, and how far it has come. */
static enum ww_err examine(sqlite3 *db, const struct ww_schema *schema, int64_t *version, char *detail,
                           size_t detail_size)
{
    int64_t application = 0;
    int64_t objects = 0;
    int rc = read_number(db, "PRAGMA application_id", &application);
    if (rc == SQLITE_OK)
        rc = read_number(db, "PRAGMA user_version", version);
    if (rc == SQLITE_OK)
        rc = read_number(db, "SELECT count(*) FROM sqlite_schema", &objects);
    if (rc != SQLITE_OK)
        return ww_store_err(db, rc);

    bool empty = application == 0 && *version == 0 && objects == 0;
    if (!empty && (application != schema->application_id || *version < 1)) {
        snprintf(detail, detail_size, "it is a database of another program");
        return WW_E_STORE_FOREIGN;
    }
    if (*version > schema->count) {
        snprintf(detail, detail_size, "its schema has version %lld, this program knows versions up to %d",
                 (long long)*version, schema->count);
        return WW_E_STORE_NEWER;
    }
    return WW_OK;
}

static enum ww_err bring_forward(sqlite3 *db, const struct ww_schema *schema, int64_t version)
{
    int rc = SQLITE_OK;
    for (int64_t i = version; rc == SQLITE_OK && i < schema->count; i++)
        rc = sqlite3_exec(db, schema->steps[i], NULL, NULL, NULL);
    if (rc == SQLITE_OK)
        rc = write_number(db, "application_id", schema->application_id);
    if (rc == SQLITE_OK)
        rc = write_number(db, "user_version", schema->count);
    if (rc == SQLITE_OK)
        rc = sqlite3_exec(db, "COMMIT", NULL, NULL, NULL);
    return ww_store_err(db, rc);
}

/* Examines in a transaction, and with `change` brings forward what is older. */
static enum ww_err transact(sqlite3 *db, const struct ww_schema *schema, bool change, int64_t *version,
                            char *detail, size_t detail_size)
{
    const char *begin = change ? "BEGIN IMMEDIATE" : "BEGIN";
    enum ww_err err = ww_store_err(db, sqlite3_exec(db, begin, NULL, NULL, NULL));
    if (err == WW_OK)
        err = examine(db, schema, version, detail, detail_size);
    if (err == WW_OK && change)
        err = bring_forward(db, schema, *version);
    if (err != WW_OK && detail[0] == '\0')
        snprintf(detail, detail_size, "%s", sqlite3_errmsg(db));
    if (sqlite3_get_autocommit(db) == 0)
        (void)sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL);
    return err;
}

/* What is up to date needs no lock: a program that holds it must not keep us from reading. */
enum ww_err ww_migrate(sqlite3 *db, const struct ww_schema *schema, int *before, char *detail,
                       size_t detail_size)
{
    int64_t version = 0;
    detail[0] = '\0';
    enum ww_err err = transact(db, schema, false, &version, detail, detail_size);
    if (err == WW_OK && version < schema->count)
        err = transact(db, schema, true, &version, detail, detail_size);
    *before = (int)version;
    return err;
}
