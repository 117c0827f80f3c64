#include "core/sts_record.h"
#include "store/migrate.h"
#include "store/store_db.h"

#include <stdio.h>
#include <time.h>

#define COLUMNS "domain, id, body, mode, fetched, expires, checked"
#define ANCHOR_COLUMNS "digest, tag, algorithm, digest_type, state, since, seen, held"
#define OVERRIDE_COLUMNS "domain, mx, reason, who, level, until, set_at"

/* Instructions of SQLite's machine between two looks at the clock. */
#define STEPS_A_LOOK 10000

const char *const ww_store_sql[WW_STORE_STATEMENTS] = {
    [WW_STORE_BEGIN] = "BEGIN IMMEDIATE",
    [WW_STORE_COMMIT] = "COMMIT",
    [WW_STORE_ROLLBACK] = "ROLLBACK",
    [WW_STORE_PUT] = "REPLACE INTO policy (" COLUMNS ") VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    [WW_STORE_CONFIRM] = "UPDATE policy SET checked = ?3 WHERE domain = ?1 AND id = ?2",
    [WW_STORE_GET] = "SELECT " COLUMNS " FROM policy WHERE domain = ?1",
    [WW_STORE_EXPIRE] = "DELETE FROM policy WHERE expires < min(?1, (SELECT max(fetched) FROM policy))",
    [WW_STORE_FORGET] = "DELETE FROM policy WHERE domain = ?1",
    [WW_STORE_FORGET_ALL] = "DELETE FROM policy",
    /* 2 is WW_MODE_ENFORCE */
    [WW_STORE_WALK_ENFORCED] =
        "SELECT " COLUMNS " FROM policy WHERE domain > ?1 AND mode = 2 AND expires > ?2"
        " ORDER BY domain LIMIT ?3",
    [WW_STORE_WALK_OTHERS] = "SELECT " COLUMNS " FROM policy WHERE domain > ?1 AND mode <> 2 AND expires > ?2"
                             " ORDER BY domain LIMIT ?3",
    [WW_STORE_OVERRIDE_PUT] =
        "REPLACE INTO override (" OVERRIDE_COLUMNS ") VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    [WW_STORE_OVERRIDE_ADD] =
        "INSERT OR IGNORE INTO override (" OVERRIDE_COLUMNS ") VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    [WW_STORE_OVERRIDE_REMOVE] = "DELETE FROM override WHERE domain = ?1",
    [WW_STORE_OVERRIDE_EACH] = "SELECT " OVERRIDE_COLUMNS " FROM override ORDER BY domain",
    [WW_STORE_OVERRIDE_EXPIRE] =
        ("DELETE FROM override WHERE until <> 0 AND until <= ?1 RETURNING " OVERRIDE_COLUMNS),
    [WW_STORE_OVERRIDE_COUNT] = "SELECT count(*) FROM override WHERE domain <> ?1",
    [WW_STORE_OVERRIDE_NEXT_END] = "SELECT coalesce(min(until), 0) FROM override WHERE until <> 0",
    [WW_STORE_ANCHOR_POINT] = "SELECT seed, confirmed, retry FROM trust_point WHERE owner = '.'",
    [WW_STORE_ANCHOR_POINT_PUT] =
        "REPLACE INTO trust_point (owner, seed, confirmed, retry) VALUES ('.', ?1, ?2, ?3)",
    [WW_STORE_ANCHOR_EACH] =
        "SELECT " ANCHOR_COLUMNS " FROM trust_anchor WHERE owner = '.' ORDER BY since, tag",
    [WW_STORE_ANCHOR_PUT] = "REPLACE INTO trust_anchor (owner, " ANCHOR_COLUMNS ")"
                            " VALUES ('.', ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
    [WW_STORE_ANCHOR_CLEAR] = "DELETE FROM trust_anchor WHERE owner = '.'",
};
_Static_assert(WW_MODE_ENFORCE == 2, "the statements above say 2");

/* Closing must not write to what is damaged, so that it is kept as it was found. */
static enum ww_err keep_error(struct ww_store *store, enum ww_err err)
{
    if (err == WW_E_STORE_CORRUPT)
        (void)sqlite3_db_config(store->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
    return err;
}

enum ww_err ww_store_fail(struct ww_store *store, int rc)
{
    snprintf(store->detail, sizeof store->detail, "%s", sqlite3_errmsg(store->db));
    return keep_error(store, ww_store_err(store->db, rc));
}

enum ww_err ww_store_done(struct ww_store *store, sqlite3_stmt *st, int rc)
{
    enum ww_err err = rc == SQLITE_DONE ? WW_OK : ww_store_fail(store, rc);
    (void)sqlite3_reset(st);
    (void)sqlite3_clear_bindings(st);
    return err;
}

enum ww_err ww_store_run(struct ww_store *store, enum ww_store_statement which)
{
    sqlite3_stmt *st = store->statements[which];
    return ww_store_done(store, st, sqlite3_step(st));
}

int ww_store_bind_text(sqlite3_stmt *st, int i, const char *s)
{
    return sqlite3_bind_text(st, i, s, -1, SQLITE_STATIC);
}

/* SQLite takes NULL for no blob at all. */
bool ww_store_column_text(sqlite3_stmt *st, int column, char *out, size_t size)
{
    const char *text = (const char *)sqlite3_column_text(st, column);
    size_t n = (size_t)sqlite3_column_bytes(st, column);
    out[0] = '\0';
    if (text == NULL || n >= size || strlen(text) != n)
        return false;
    memcpy(out, text, n + 1);
    return true;
}

int ww_store_bind_slice(sqlite3_stmt *st, int i, struct ww_slice text)
{
    return sqlite3_bind_text64(st, i, text.n > 0 ? text.p : "", text.n, SQLITE_STATIC, SQLITE_UTF8);
}

int ww_store_bind_blob(sqlite3_stmt *st, int i, struct ww_slice blob)
{
    return sqlite3_bind_blob64(st, i, blob.n > 0 ? blob.p : "", blob.n, SQLITE_STATIC);
}

enum ww_err ww_store_put_policy(struct ww_store *store, const struct ww_stored_policy *policy)
{
    sqlite3_stmt *st = store->statements[WW_STORE_PUT];
    int rc = ww_store_bind_text(st, 1, policy->domain);
    if (rc == SQLITE_OK)
        rc = ww_store_bind_text(st, 2, policy->id);
    if (rc == SQLITE_OK)
        rc = ww_store_bind_blob(st, 3, policy->body);
    if (rc == SQLITE_OK)
        rc = sqlite3_bind_int(st, 4, (int)policy->mode);
    if (rc == SQLITE_OK)
        rc = sqlite3_bind_int64(st, 5, policy->fetched);
    if (rc == SQLITE_OK)
        rc = sqlite3_bind_int64(st, 6, policy->expires);
    if (rc == SQLITE_OK)
        rc = sqlite3_bind_int64(st, 7, policy->checked);
    store->last_fetch = policy->fetched;
    return rc == SQLITE_OK ? ww_store_run(store, WW_STORE_PUT) : ww_store_fail(store, rc);
}

enum ww_err ww_store_confirm_policy(struct ww_store *store, const char *domain, const char *id,
                                    int64_t checked)
{
    sqlite3_stmt *st = store->statements[WW_STORE_CONFIRM];
    int rc = ww_store_bind_text(st, 1, domain);
    if (rc == SQLITE_OK)
        rc = ww_store_bind_text(st, 2, id);
    if (rc == SQLITE_OK)
        rc = sqlite3_bind_int64(st, 3, checked);
    return rc == SQLITE_OK ? ww_store_run(store, WW_STORE_CONFIRM) : ww_store_fail(store, rc);
}

enum ww_err ww_store_expire(struct ww_store *store, int64_t now)
{
    int rc = sqlite3_bind_int64(store->statements[WW_STORE_EXPIRE], 1, now);
    return rc == SQLITE_OK ? ww_store_run(store, WW_STORE_EXPIRE) : ww_store_fail(store, rc);
}

enum ww_err ww_store_forget_policy(struct ww_store *store, const char *domain)
{
    int rc = ww_store_bind_text(store->statements[WW_STORE_FORGET], 1, domain);
    return rc == SQLITE_OK ? ww_store_run(store, WW_STORE_FORGET) : ww_store_fail(store, rc);
}

enum ww_err ww_store_forget_policies(struct ww_store *store)
{
    return ww_store_run(store, WW_STORE_FORGET_ALL);
}

enum ww_err ww_store_begin(struct ww_store *store)
{
    int moved = 0;
    /* What is written to a file that has gone would be lost, and SQLite does not say so. */
    if (sqlite3_file_control(store->db, "main", SQLITE_FCNTL_HAS_MOVED, &moved) == SQLITE_OK && moved != 0) {
        snprintf(store->detail, sizeof store->detail, "another file, or none, stands at the path");
        return WW_E_STORE_MOVED;
    }
    return ww_store_run(store, WW_STORE_BEGIN);
}

enum ww_err ww_store_commit(struct ww_store *store)
{
    return ww_store_run(store, WW_STORE_COMMIT);
}

void ww_store_rollback(struct ww_store *store)
{
    /* After some failures SQLite has rolled back by itself. The words on the first failure are kept. */
    if (sqlite3_get_autocommit(store->db) == 0) {
        (void)sqlite3_step(store->statements[WW_STORE_ROLLBACK]);
        (void)sqlite3_reset(store->statements[WW_STORE_ROLLBACK]);
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
    out->origin = NULL;
    if (out->domain == NULL || out->id == NULL || body == NULL || strlen(out->domain) != (size_t)domain_n ||
        strlen(out->id) != (size_t)id_n || domain_n > WW_DNAME_MAX || id_n > WW_STS_ID_MAX ||
        body_n > WW_POLICY_BODY_MAX || mode < WW_MODE_NONE || mode > WW_MODE_ENFORCE)
        return false;
    out->body = ww_slice(body, (size_t)body_n);
    out->mode = (enum ww_policy_mode)mode;
    return true;
}

enum ww_err ww_store_get_policy(struct ww_store *store, const char *domain, ww_store_policy_cb *cb, void *ctx)
{
    sqlite3_stmt *st = store->statements[WW_STORE_GET];
    struct ww_stored_policy policy;
    int rc = ww_store_bind_text(st, 1, domain);
    if (rc == SQLITE_OK)
        rc = sqlite3_step(st);
    if (rc == SQLITE_ROW) {
        if (read_row(st, &policy))
            cb(ctx, &policy);
        rc = sqlite3_step(st);
    }
    return ww_store_done(store, st, rc);
}

enum ww_err ww_store_walk(struct ww_store *store, int64_t now, struct ww_store_place *place, size_t max,
                          ww_store_policy_cb *cb, void *ctx)
{
    if (place->phase == WW_STORE_END)
        return WW_OK;
    sqlite3_stmt *st =
        store->statements[place->phase == WW_STORE_ENFORCED ? WW_STORE_WALK_ENFORCED : WW_STORE_WALK_OTHERS];
    struct ww_store_place next = *place;
    size_t rows = 0;
    int rc = ww_store_bind_text(st, 1, place->after);
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
    enum ww_err err = rc == SQLITE_DONE ? WW_OK : ww_store_fail(store, rc);
    if (err == WW_OK && rows == max && strcmp(next.after, place->after) <= 0) {
        snprintf(store->detail, sizeof store->detail, "rows of the table policy make no sense");
        err = keep_error(store, WW_E_STORE_CORRUPT);
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

enum ww_err ww_store_try(struct ww_store *store)
{
    char sql[64];
    snprintf(sql, sizeof sql, "PRAGMA user_version = %d", ww_store_schema.count);
    enum ww_err err = ww_store_begin(store);
    if (err != WW_OK)
        return err;
    int rc = sqlite3_exec(store->db, sql, NULL, NULL, NULL);
    err = rc == SQLITE_OK ? ww_store_commit(store) : ww_store_fail(store, rc);
    if (err != WW_OK)
        ww_store_rollback(store);
    return err;
}

static int64_t monotonic_ms(void)
{
    struct timespec ts;
    (void)clock_gettime(CLOCK_MONOTONIC, &ts);
    return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

static int time_is_up(void *arg)
{
    return monotonic_ms() >= *(const int64_t *)arg;
}

static enum ww_err get_octets(struct ww_store *store, int64_t *octets)
{
    static const char sql[] = "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size";
    sqlite3_stmt *st = NULL;
    int rc = sqlite3_prepare_v2(store->db, sql, -1, &st, NULL);
    if (rc == SQLITE_OK)
        rc = sqlite3_step(st);
    *octets = rc == SQLITE_ROW ? sqlite3_column_int64(st, 0) : 0;
    enum ww_err err = rc == SQLITE_ROW ? WW_OK : ww_store_fail(store, rc);
    sqlite3_finalize(st);
    return err;
}

enum ww_err ww_store_check(struct ww_store *store, unsigned max_ms)
{
    int64_t end = monotonic_ms() + max_ms, octets;
    sqlite3_stmt *st = NULL;
    enum ww_err err = get_octets(store, &octets);
    if (err != WW_OK || octets > (int64_t)max_ms * WW_STORE_CHECK_OCTETS)
        return err;
    sqlite3_progress_handler(store->db, STEPS_A_LOOK, time_is_up, &end);
    int rc = sqlite3_prepare_v2(store->db, "PRAGMA quick_check(1)", -1, &st, NULL);
    if (rc == SQLITE_OK)
        rc = sqlite3_step(st);
    const char *says = rc == SQLITE_ROW ? (const char *)sqlite3_column_text(st, 0) : NULL;
    if (says != NULL && strcmp(says, "ok") != 0) {
        snprintf(store->detail, sizeof store->detail, "%s", says);
        err = keep_error(store, WW_E_STORE_CORRUPT);
    } else if (says == NULL && rc != SQLITE_INTERRUPT) {
        err = ww_store_fail(store, rc);
    }
    sqlite3_finalize(st);
    sqlite3_progress_handler(store->db, 0, NULL, NULL);
    return err;
}

const char *ww_store_detail(const struct ww_store *store)
{
    return store->detail;
}
