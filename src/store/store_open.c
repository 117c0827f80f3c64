#include "store/aside.h"
#include "store/migrate.h"
#include "store/store_db.h"

#include "base/buf.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/*
 * Another process may hold the lock for a moment. Who waits for it does nothing else meanwhile, so what takes
 * longer is trouble, and tried again later.
 */
#define BUSY_MS 500

/* Whose it is, and who we are: what the operator has to bring together. */
static void tell_owner(const char *path, char *detail, size_t detail_size)
{
    char folder[PATH_MAX];
    const char *slash = strrchr(path, '/');
    struct stat st;
    const char *what = "the file";
    if (stat(path, &st) != 0) {
        what = "the directory";
        snprintf(folder, sizeof folder, "%.*s", slash == NULL ? 1 : (int)(slash - path) + 1,
                 slash == NULL ? "." : path);
        if (stat(folder, &st) != 0) {
            snprintf(detail, detail_size, "this runs as user id %u, which may not look into %s",
                     (unsigned)geteuid(), folder);
            return;
        }
    }
    snprintf(detail, detail_size, "%s belongs to user id %u and has mode %04o; this runs as user id %u", what,
             (unsigned)st.st_uid, (unsigned)(st.st_mode & 07777), (unsigned)geteuid());
}

static enum ww_err refused(const char *path, int error, char *detail, size_t detail_size)
{
    snprintf(detail, detail_size, "%s", strerror(error));
    switch (error) {
    case ENOENT:
    case ENOTDIR:
        return WW_E_STORE_NO_FOLDER;
    case EISDIR:
        return WW_E_STORE_NO_FILE;
    case ENOSPC:
    case EDQUOT:
        return WW_E_STORE_FULL;
    case EROFS:
        return WW_E_STORE_READONLY;
    case EACCES:
    case EPERM:
        tell_owner(path, detail, detail_size);
        return faccessat(AT_FDCWD, path, R_OK, AT_EACCESS) == 0 ? WW_E_STORE_READONLY : WW_E_STORE_DENIED;
    default:
        return WW_E_STORE_OPEN;
    }
}

/*
 * Makes the file ourselves, for its mode; SQLite gives its companions the same. Closed before SQLite opens
 * it: closing a descriptor drops all POSIX locks of the process on that file.
 */
static enum ww_err check_file(const char *path, int flags, char *detail, size_t detail_size)
{
    int fd = open(path, flags | O_CLOEXEC | O_NONBLOCK, 0600);
    if (fd < 0)
        return refused(path, errno, detail, detail_size);
    struct stat st;
    bool regular = fstat(fd, &st) == 0 && S_ISREG(st.st_mode);
    close(fd);
    if (regular)
        return WW_OK;
    snprintf(detail, detail_size, "it is no regular file");
    return WW_E_STORE_NO_FILE;
}

/*
 * synchronous=FULL: in WAL mode NORMAL survives kill -9 as well, but a power cut may take the last commits,
 * and with them a domain's protection until it is asked for again. The price is one fsync a batch.
 */
static int configure(sqlite3 *db)
{
    return sqlite3_exec(db,
                        "PRAGMA journal_mode = WAL;"
                        "PRAGMA synchronous = FULL;"
                        "PRAGMA journal_size_limit = 67108864;"
                        "PRAGMA temp_store = MEMORY;", /* a confined role has no other place */
                        NULL, NULL, NULL);
}

static int prepare(sqlite3 *db, const char *const *sql, int count, sqlite3_stmt **out)
{
    int rc = SQLITE_OK;
    for (int i = 0; rc == SQLITE_OK && i < count; i++)
        rc = sqlite3_prepare_v3(db, sql[i], -1, SQLITE_PREPARE_PERSISTENT, &out[i], NULL);
    return rc;
}

static int prepare_all(struct ww_store *store)
{
    int rc = prepare(store->db, ww_store_sql, WW_STORE_STATEMENTS, store->statements);
    if (rc == SQLITE_OK)
        rc = prepare(store->db, ww_history_sql, WW_HISTORY_STATEMENTS, store->history);
    if (rc == SQLITE_OK)
        rc = prepare(store->db, ww_watch_sql, WW_WATCH_STATEMENTS, store->watch);
    if (rc == SQLITE_OK)
        rc = prepare(store->db, ww_outbox_sql, WW_OUTBOX_STATEMENTS, store->outbox);
    if (rc == SQLITE_OK)
        rc = prepare(store->db, ww_results_sql, WW_RESULTS_STATEMENTS, store->results);
    if (rc == SQLITE_OK)
        rc = prepare(store->db, ww_received_sql, WW_RECEIVED_SQL_STATEMENTS, store->received);
    if (rc == SQLITE_OK)
        rc = prepare(store->db, ww_quarantine_sql, WW_QUARANTINE_STATEMENTS, store->quarantine);
    if (rc == SQLITE_OK)
        rc = prepare(store->db, ww_report_alert_sql, WW_REPORT_ALERT_STATEMENTS, store->report_alerts);
    if (rc == SQLITE_OK)
        rc = prepare(store->db, ww_publish_sql, WW_PUBLISH_STATEMENTS, store->publish);
    return rc;
}

/* The path, or with SQLITE_OPEN_URI the URI, of a file that is there. */
static enum ww_err open_database(struct ww_store *store, const char *name, int flags, char *detail,
                                 size_t detail_size)
{
    int before = 0;
    int rc = sqlite3_open_v2(name, &store->db, flags | SQLITE_OPEN_NOMUTEX, NULL);
    if (rc == SQLITE_OK) {
        /* The file may come from elsewhere: nothing in its schema may act on its own. */
        (void)sqlite3_db_config(store->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
        (void)sqlite3_db_config(store->db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
        (void)sqlite3_busy_timeout(store->db, BUSY_MS);
        enum ww_err err = ww_migrate(store->db, &ww_store_schema, &before, detail, detail_size);
        if (err != WW_OK)
            return err;
        store->is_new = before == 0;
        if ((flags & SQLITE_OPEN_READWRITE) != 0)
            rc = configure(store->db);
    }
    if (rc == SQLITE_OK)
        rc = prepare_all(store);
    if (rc != SQLITE_OK)
        snprintf(detail, detail_size, "%s", store->db != NULL ? sqlite3_errmsg(store->db) : "out of memory");
    /* It says that it is ours, but a table is not there. */
    return rc == SQLITE_ERROR ? WW_E_STORE_CORRUPT : ww_store_err(store->db, rc);
}

static struct ww_store *store_open(const char *name, int flags, enum ww_err *err, char *detail,
                                   size_t detail_size)
{
    struct ww_store *store = calloc(1, sizeof *store);
    if (store == NULL) {
        snprintf(detail, detail_size, "out of memory");
        *err = WW_E_NO_MEMORY;
        return NULL;
    }
    *err = open_database(store, name, flags, detail, detail_size);
    if (*err == WW_OK)
        return store;
    if (*err == WW_E_STORE_CORRUPT && store->db != NULL)
        (void)sqlite3_db_config(store->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
    ww_store_close(store);
    return NULL;
}

struct ww_store *ww_store_open(const char *path, enum ww_err *err, char *detail, size_t detail_size)
{
    *err = check_file(path, O_RDWR | O_CREAT, detail, detail_size);
    if (*err != WW_OK)
        return NULL;
    struct ww_store *store = store_open(path, SQLITE_OPEN_READWRITE, err, detail, detail_size);
    if (*err == WW_E_STORE_CORRUPT && !ww_store_was_ours(path))
        *err = WW_E_STORE_FOREIGN;
    return store;
}

static void put_uri(struct ww_buf *b, const char *path, const char *query)
{
    static const char digits[] = "0123456789ABCDEF";
    ww_buf_str(b, "file:");
    for (; *path != '\0'; path++) {
        unsigned c = (unsigned char)*path;
        const char escape[] = {'%', digits[c >> 4], digits[c & 15]};
        bool plain = *path != '%' && *path != '?' && *path != '#';
        ww_buf_bytes(b, plain ? path : escape, plain ? 1 : sizeof escape);
    }
    ww_buf_str(b, query);
    ww_buf_char(b, '\0');
}

/*
 * The shared memory of the write-ahead log is a file as well: without a place for it, or one from before,
 * SQLite reads a database alone that it takes for one that nobody changes.
 */
struct ww_store *ww_store_open_to_read(const char *path, enum ww_err *err, char *detail, size_t detail_size)
{
    static const char *const queries[] = {"", "?immutable=1"};
    struct ww_store *store = NULL;
    *err = check_file(path, O_RDONLY, detail, detail_size);
    if (*err != WW_OK)
        return NULL;
    for (size_t i = 0; store == NULL && i < sizeof queries / sizeof queries[0]; i++) {
        char uri[3 * PATH_MAX];
        struct ww_buf b = ww_buf(uri, sizeof uri);
        put_uri(&b, path, queries[i]);
        if (!b.failed)
            store = store_open(uri, SQLITE_OPEN_READONLY | SQLITE_OPEN_URI, err, detail, detail_size);
    }
    return store;
}

void ww_store_close(struct ww_store *store)
{
    if (store == NULL)
        return;
    for (int i = 0; i < WW_STORE_STATEMENTS; i++)
        sqlite3_finalize(store->statements[i]);
    for (int i = 0; i < WW_HISTORY_STATEMENTS; i++)
        sqlite3_finalize(store->history[i]);
    for (int i = 0; i < WW_WATCH_STATEMENTS; i++)
        sqlite3_finalize(store->watch[i]);
    for (int i = 0; i < WW_OUTBOX_STATEMENTS; i++)
        sqlite3_finalize(store->outbox[i]);
    for (int i = 0; i < WW_RESULTS_STATEMENTS; i++)
        sqlite3_finalize(store->results[i]);
    for (int i = 0; i < WW_RECEIVED_SQL_STATEMENTS; i++)
        sqlite3_finalize(store->received[i]);
    for (int i = 0; i < WW_QUARANTINE_STATEMENTS; i++)
        sqlite3_finalize(store->quarantine[i]);
    for (int i = 0; i < WW_REPORT_ALERT_STATEMENTS; i++)
        sqlite3_finalize(store->report_alerts[i]);
    for (int i = 0; i < WW_PUBLISH_STATEMENTS; i++)
        sqlite3_finalize(store->publish[i]);
    (void)sqlite3_close(store->db);
    free(store);
}

bool ww_store_is_new(const struct ww_store *store)
{
    return store->is_new;
}
