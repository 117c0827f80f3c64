#include "store/store.h"

#include "base/buf.h"
#include "core/sts_record.h"
#include "store/migrate.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* Another process (a backup, sqlite3) may hold the lock for a moment. */
#define BUSY_MS 2000

#define COLUMNS "domain, id, body, mode, fetched, expires, checked"

enum statement {
    BEGIN,
    COMMIT,
    ROLLBACK,
    PUT,
    CONFIRM,
    EXPIRE,
    WALK_ENFORCED,
    WALK_OTHERS,
    STATEMENT_COUNT,
};

static const char *const statement_sql[STATEMENT_COUNT] = {
    [BEGIN] = "BEGIN IMMEDIATE",
    [COMMIT] = "COMMIT",
    [ROLLBACK] = "ROLLBACK",
    [PUT] = "REPLACE INTO policy (" COLUMNS ") VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    [CONFIRM] = "UPDATE policy SET fetched = ?2, expires = ?3, checked = ?4 WHERE domain = ?1",
    [EXPIRE] = "DELETE FROM policy WHERE expires < min(?1, (SELECT max(fetched) FROM policy))",
    /* 2 is WW_MODE_ENFORCE */
    [WALK_ENFORCED] = "SELECT " COLUMNS " FROM policy WHERE domain > ?1 AND mode = 2 AND expires > ?2"
                      " ORDER BY domain LIMIT ?3",
    [WALK_OTHERS] = "SELECT " COLUMNS " FROM policy WHERE domain > ?1 AND mode <> 2 AND expires > ?2"
                    " ORDER BY domain LIMIT ?3",
};
_Static_assert(WW_MODE_ENFORCE == 2, "the statements above say 2");

struct ww_store {
    sqlite3 *db;
    sqlite3_stmt *statements[STATEMENT_COUNT];
    char detail[256];
};

static enum ww_err failed(struct ww_store *store, int rc)
{
    snprintf(store->detail, sizeof store->detail, "%s", sqlite3_errmsg(store->db));
    return ww_store_err(rc);
}

/* Runs a bound statement that yields no rows. */
static enum ww_err run(struct ww_store *store, enum statement which)
{
    sqlite3_stmt *st = store->statements[which];
    int rc = sqlite3_step(st);
    enum ww_err err = rc == SQLITE_DONE ? WW_OK : failed(store, rc);
    (void)sqlite3_reset(st);
    (void)sqlite3_clear_bindings(st);
    return err;
}

/*
 * Makes the file ourselves, for its mode; SQLite gives its companions the same. Closed before SQLite opens
 * it: closing a descriptor drops all POSIX locks of the process on that file.
 */
static bool check_file(const char *path, int flags, char *detail, size_t detail_size)
{
    int fd = open(path, flags | O_CLOEXEC | O_NONBLOCK, 0600);
    if (fd < 0) {
        snprintf(detail, detail_size, "%s", strerror(errno));
        return false;
    }
    struct stat st;
    bool regular = fstat(fd, &st) == 0 && S_ISREG(st.st_mode);
    close(fd);
    if (!regular)
        snprintf(detail, detail_size, "it is no regular file");
    return regular;
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

static int prepare(struct ww_store *store)
{
    int rc = SQLITE_OK;
    for (int i = 0; rc == SQLITE_OK && i < STATEMENT_COUNT; i++)
        rc = sqlite3_prepare_v3(store->db, statement_sql[i], -1, SQLITE_PREPARE_PERSISTENT,
                                &store->statements[i], NULL);
    return rc;
}

/* The path, or with SQLITE_OPEN_URI the URI, of a file that is there. */
static enum ww_err open_database(struct ww_store *store, const char *name, int flags, char *detail,
                                 size_t detail_size)
{
    int rc = sqlite3_open_v2(name, &store->db, flags | SQLITE_OPEN_NOMUTEX, NULL);
    if (rc == SQLITE_OK) {
        /* The file may come from elsewhere: nothing in its schema may act on its own. */
        (void)sqlite3_db_config(store->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
        (void)sqlite3_db_config(store->db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
        (void)sqlite3_busy_timeout(store->db, BUSY_MS);
        enum ww_err err = ww_migrate(store->db, &ww_store_schema, detail, detail_size);
        if (err != WW_OK)
            return err;
        if ((flags & SQLITE_OPEN_READWRITE) != 0)
            rc = configure(store->db);
    }
    if (rc == SQLITE_OK)
        rc = prepare(store);
    if (rc != SQLITE_OK)
        snprintf(detail, detail_size, "%s", store->db != NULL ? sqlite3_errmsg(store->db) : "out of memory");
    return ww_store_err(rc);
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
    ww_store_close(store);
    return NULL;
}

struct ww_store *ww_store_open(const char *path, enum ww_err *err, char *detail, size_t detail_size)
{
    *err = WW_E_STORE_OPEN;
    if (!check_file(path, O_RDWR | O_CREAT, detail, detail_size))
        return NULL;
    return store_open(path, SQLITE_OPEN_READWRITE, err, detail, detail_size);
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

/* The shared memory of the write-ahead log is a file as well: without a place for it, or one from before,
 * SQLite reads a database alone that it takes for one that nobody changes. */
struct ww_store *ww_store_open_to_read(const char *path, enum ww_err *err, char *detail, size_t detail_size)
{
    static const char *const queries[] = {"", "?immutable=1"};
    struct ww_store *store = NULL;
    *err = WW_E_STORE_OPEN;
    if (!check_file(path, O_RDONLY, detail, detail_size))
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
    for (int i = 0; i < STATEMENT_COUNT; i++)
        sqlite3_finalize(store->statements[i]);
    (void)sqlite3_close(store->db);
    free(store);
}

static int bind_text(sqlite3_stmt *st, int i, const char *s)
{
    return sqlite3_bind_text(st, i, s, -1, SQLITE_STATIC);
}

/* Binds what both writes have in common; times come in the order fetched, expires, checked from column i on.
 */
static int bind_times(sqlite3_stmt *st, int i, const int64_t times[3])
{
    int rc = SQLITE_OK;
    for (int t = 0; rc == SQLITE_OK && t < 3; t++)
        rc = sqlite3_bind_int64(st, i + t, times[t]);
    return rc;
}

enum ww_err ww_store_put_policy(struct ww_store *store, const struct ww_stored_policy *policy)
{
    sqlite3_stmt *st = store->statements[PUT];
    const int64_t times[3] = {policy->fetched, policy->expires, policy->checked};
    int rc = bind_text(st, 1, policy->domain);
    if (rc == SQLITE_OK)
        rc = bind_text(st, 2, policy->id);
    if (rc == SQLITE_OK)
        rc = sqlite3_bind_blob64(st, 3, policy->body.n > 0 ? policy->body.p : "", policy->body.n,
                                 SQLITE_STATIC);
    if (rc == SQLITE_OK)
        rc = sqlite3_bind_int(st, 4, (int)policy->mode);
    if (rc == SQLITE_OK)
        rc = bind_times(st, 5, times);
    return rc == SQLITE_OK ? run(store, PUT) : failed(store, rc);
}

enum ww_err ww_store_confirm_policy(struct ww_store *store, const char *domain, int64_t fetched,
                                    int64_t expires, int64_t checked)
{
    sqlite3_stmt *st = store->statements[CONFIRM];
    const int64_t times[3] = {fetched, expires, checked};
    int rc = bind_text(st, 1, domain);
    if (rc == SQLITE_OK)
        rc = bind_times(st, 2, times);
    return rc == SQLITE_OK ? run(store, CONFIRM) : failed(store, rc);
}

enum ww_err ww_store_expire(struct ww_store *store, int64_t now)
{
    int rc = sqlite3_bind_int64(store->statements[EXPIRE], 1, now);
    return rc == SQLITE_OK ? run(store, EXPIRE) : failed(store, rc);
}

enum ww_err ww_store_begin(struct ww_store *store)
{
    return run(store, BEGIN);
}

enum ww_err ww_store_commit(struct ww_store *store)
{
    return run(store, COMMIT);
}

void ww_store_rollback(struct ww_store *store)
{
    /* After some failures SQLite has rolled back by itself. The words on the first failure are kept. */
    if (sqlite3_get_autocommit(store->db) == 0) {
        (void)sqlite3_step(store->statements[ROLLBACK]);
        (void)sqlite3_reset(store->statements[ROLLBACK]);
    }
}

/* False for a row that we cannot have written. */
static bool read_row(sqlite3_stmt *st, struct ww_stored_policy *out)
{
    out->domain = (const char *)sqlite3_column_text(st, 0);
    int domain_n = sqlite3_column_bytes(st, 0);
    out->id = (const char *)sqlite3_column_text(st, 1);
    int id_n = sqlite3_column_bytes(st, 1);
    const char *body = sqlite3_column_blob(st, 2);
    int body_n = sqlite3_column_bytes(st, 2);
    int mode = sqlite3_column_int(st, 3);
    out->fetched = sqlite3_column_int64(st, 4);
    out->expires = sqlite3_column_int64(st, 5);
    out->checked = sqlite3_column_int64(st, 6);
    if (out->domain == NULL || out->id == NULL || body == NULL || strlen(out->domain) != (size_t)domain_n ||
        strlen(out->id) != (size_t)id_n || domain_n > WW_DNAME_MAX || id_n > WW_STS_ID_MAX ||
        body_n > WW_POLICY_BODY_MAX || mode < WW_MODE_NONE || mode > WW_MODE_ENFORCE)
        return false;
    out->body = ww_slice(body, (size_t)body_n);
    out->mode = (enum ww_policy_mode)mode;
    return true;
}

enum ww_err ww_store_walk(struct ww_store *store, int64_t now, struct ww_store_place *place, size_t max,
                          ww_store_policy_cb *cb, void *ctx)
{
    if (place->phase == WW_STORE_END)
        return WW_OK;
    sqlite3_stmt *st = store->statements[place->phase == WW_STORE_ENFORCED ? WALK_ENFORCED : WALK_OTHERS];
    struct ww_store_place next = *place;
    size_t rows = 0;
    int rc = bind_text(st, 1, place->after);
    if (rc == SQLITE_OK)
        rc = sqlite3_bind_int64(st, 2, now);
    if (rc == SQLITE_OK)
        rc = sqlite3_bind_int64(st, 3, (sqlite3_int64)max);
    if (rc == SQLITE_OK)
        rc = sqlite3_step(st);
    for (; rc == SQLITE_ROW; rc = sqlite3_step(st)) {
        struct ww_stored_policy policy;
        rows++;
        if (!read_row(st, &policy))
            continue;
        memcpy(next.after, policy.domain, strlen(policy.domain) + 1);
        cb(ctx, &policy);
    }
    enum ww_err err = rc == SQLITE_DONE ? WW_OK : failed(store, rc);
    if (err == WW_OK && rows == max && strcmp(next.after, place->after) <= 0) {
        snprintf(store->detail, sizeof store->detail, "rows of the table policy make no sense");
        err = WW_E_STORE_CORRUPT;
    }
    (void)sqlite3_reset(st);
    (void)sqlite3_clear_bindings(st);
    if (err != WW_OK)
        return err;
    if (rows < max)
        next = (struct ww_store_place){.phase = place->phase + 1};
    *place = next;
    return WW_OK;
}

const char *ww_store_detail(const struct ww_store *store)
{
    return store->detail;
}
