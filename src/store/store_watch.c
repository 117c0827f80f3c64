#include "store/store_watch.h"

#include "store/store_db.h"
#include "store/store_watch_private.h"

#include <stdio.h>

enum ww_err ww_watch_step(struct ww_store *store, enum ww_watch_statement which, int rc)
{
    sqlite3_stmt *st = store->watch[which];
    return ww_store_done(store, st, rc == SQLITE_OK ? sqlite3_step(st) : rc);
}

enum ww_err ww_watch_number(struct ww_store *store, enum ww_watch_statement which, int64_t *out)
{
    sqlite3_stmt *st = store->watch[which];
    int rc = sqlite3_step(st);
    *out = 0;
    if (rc == SQLITE_ROW) {
        *out = sqlite3_column_int64(st, 0);
        rc = sqlite3_step(st);
    }
    return ww_store_done(store, st, rc);
}

enum ww_err ww_watch_put(struct ww_store *store, const char *domain, const char *group, int64_t every,
                         int64_t now)
{
    sqlite3_stmt *st = store->watch[WW_WATCH_PUT];
    int rc = ww_store_bind_text(st, 1, domain);
    if (rc == SQLITE_OK)
        rc = ww_store_bind_text(st, 2, group);
    if (rc == SQLITE_OK)
        rc = sqlite3_bind_int64(st, 3, every);
    if (rc == SQLITE_OK)
        rc = sqlite3_bind_int64(st, 4, now);
    return ww_watch_step(store, WW_WATCH_PUT, rc);
}

enum ww_err ww_watch_remove(struct ww_store *store, const char *domain, bool *found)
{
    static const enum ww_watch_statement all[] = {WW_WATCH_REMOVE_REPORT, WW_WATCH_REMOVE_RUNS,
                                                  WW_WATCH_REMOVE_FINDINGS, WW_WATCH_REMOVE};
    enum ww_err err = WW_OK;
    for (size_t i = 0; err == WW_OK && i < sizeof all / sizeof *all; i++)
        err = ww_watch_step(store, all[i], ww_store_bind_text(store->watch[all[i]], 1, domain));
    *found = err == WW_OK && sqlite3_changes(store->db) > 0;
    return err;
}

enum ww_err ww_watch_totals(struct ww_store *store, struct ww_watch_totals *out)
{
    sqlite3_stmt *st = store->watch[WW_WATCH_TOTALS];
    int rc = sqlite3_step(st);
    *out = (struct ww_watch_totals){.domains = 0};
    if (rc == SQLITE_ROW) {
        out->domains = (uint64_t)sqlite3_column_int64(st, 0);
        out->errors = (uint64_t)sqlite3_column_int64(st, 1);
        out->warnings = (uint64_t)sqlite3_column_int64(st, 2);
        out->infos = (uint64_t)sqlite3_column_int64(st, 3);
        rc = sqlite3_step(st);
    }
    return ww_store_done(store, st, rc);
}

/* From the column on: ms, severity, errors, warnings, infos, outlook, mode. */
static bool read_run(sqlite3_stmt *st, int column, struct ww_watch_run *out)
{
    int severity = sqlite3_column_int(st, column + 1);
    out->ms = (uint32_t)sqlite3_column_int64(st, column);
    out->severity = (unsigned)severity;
    out->errors = (uint32_t)sqlite3_column_int64(st, column + 2);
    out->warnings = (uint32_t)sqlite3_column_int64(st, column + 3);
    out->infos = (uint32_t)sqlite3_column_int64(st, column + 4);
    return severity >= 0 && severity <= WW_SEVERITY_INFO + 1 &&
           ww_store_column_text(st, column + 5, out->outlook, sizeof out->outlook) &&
           ww_store_column_text(st, column + 6, out->mode, sizeof out->mode);
}

/* False for a row that we cannot have written. */
static bool read_watch(sqlite3_stmt *st, struct ww_watch *out)
{
    bool good = ww_store_column_text(st, 0, out->domain, sizeof out->domain) &&
                ww_store_column_text(st, 1, out->group, sizeof out->group) && read_run(st, 6, &out->last) &&
                ww_store_column_text(st, 14, out->mx, sizeof out->mx);
    out->added = sqlite3_column_int64(st, 2);
    out->every = sqlite3_column_int64(st, 3);
    out->due = sqlite3_column_int64(st, 4);
    out->last.at = sqlite3_column_int64(st, 5);
    const void *hash = sqlite3_column_blob(st, 13);
    memset(out->mx_hash, 0, sizeof out->mx_hash);
    if (hash != NULL && sqlite3_column_bytes(st, 13) == (int)sizeof out->mx_hash)
        memcpy(out->mx_hash, hash, sizeof out->mx_hash);
    return good;
}

static enum ww_err list(struct ww_store *store, const char *from, const char *after, size_t max,
                        ww_watch_cb *cb, void *ctx)
{
    sqlite3_stmt *st = store->watch[WW_WATCH_LIST];
    int rc = ww_store_bind_text(st, 1, from);
    if (rc == SQLITE_OK)
        rc = sqlite3_bind_int64(st, 2, (sqlite3_int64)max);
    if (rc == SQLITE_OK)
        rc = sqlite3_step(st);
    for (; rc == SQLITE_ROW; rc = sqlite3_step(st)) {
        struct ww_watch watch;
        if (read_watch(st, &watch) && (after == NULL || strcmp(watch.domain, after) > 0))
            cb(ctx, &watch);
    }
    return ww_store_done(store, st, rc);
}

/* The domain itself is skipped, and so one more is asked for. */
enum ww_err ww_watch_list(struct ww_store *store, const char *after, size_t max, ww_watch_cb *cb, void *ctx)
{
    return list(store, after, after[0] != '\0' ? after : NULL, max + (after[0] != '\0'), cb, ctx);
}

struct wanted {
    const char *domain;
    struct ww_watch *out;
    bool found;
};

static void take(void *ctx, const struct ww_watch *watch)
{
    struct wanted *w = ctx;
    w->found = strcmp(watch->domain, w->domain) == 0;
    *w->out = *watch;
}

enum ww_err ww_watch_get(struct ww_store *store, const char *domain, struct ww_watch *out)
{
    struct wanted w = {.domain = domain, .out = out};
    enum ww_err err = list(store, domain, NULL, 1, take, &w);
    return err == WW_OK && !w.found ? WW_E_NOT_KNOWN : err;
}

enum ww_err ww_watch_due(struct ww_store *store, int64_t now, char domain[WW_DNAME_SIZE])
{
    sqlite3_stmt *st = store->watch[WW_WATCH_DUE];
    int rc = sqlite3_bind_int64(st, 1, now);
    domain[0] = '\0';
    if (rc == SQLITE_OK)
        rc = sqlite3_step(st);
    if (rc == SQLITE_ROW) {
        (void)ww_store_column_text(st, 0, domain, WW_DNAME_SIZE);
        rc = sqlite3_step(st);
    }
    return ww_store_done(store, st, rc);
}

enum ww_err ww_watch_next_due(struct ww_store *store, int64_t *due)
{
    return ww_watch_number(store, WW_WATCH_NEXT_DUE, due);
}

enum ww_err ww_watch_set_due(struct ww_store *store, const char *domain, int64_t due, bool *found)
{
    sqlite3_stmt *st = store->watch[WW_WATCH_SET_DUE];
    int rc = ww_store_bind_text(st, 1, domain);
    if (rc == SQLITE_OK)
        rc = sqlite3_bind_int64(st, 2, due);
    enum ww_err err = ww_watch_step(store, WW_WATCH_SET_DUE, rc);
    *found = err == WW_OK && sqlite3_changes(store->db) > 0;
    return err;
}

/* From the parameter on, as read_run reads them. */
static int bind_run(sqlite3_stmt *st, int i, const struct ww_watch_run *run)
{
    const int64_t numbers[] = {run->ms, run->severity, run->errors, run->warnings, run->infos};
    int rc = SQLITE_OK;
    for (int k = 0; rc == SQLITE_OK && k < 5; k++)
        rc = sqlite3_bind_int64(st, i + k, numbers[k]);
    if (rc == SQLITE_OK)
        rc = ww_store_bind_text(st, i + 5, run->outlook);
    return rc == SQLITE_OK ? ww_store_bind_text(st, i + 6, run->mode) : rc;
}

static enum ww_err put_run(struct ww_store *store, const struct ww_watch *w)
{
    sqlite3_stmt *st = store->watch[WW_WATCH_RUN_PUT];
    int rc = ww_store_bind_text(st, 1, w->domain);
    if (rc == SQLITE_OK)
        rc = sqlite3_bind_int64(st, 2, w->last.at);
    if (rc == SQLITE_OK)
        rc = bind_run(st, 3, &w->last);
    enum ww_err err = ww_watch_step(store, WW_WATCH_RUN_PUT, rc);
    if (err != WW_OK)
        return err;
    st = store->watch[WW_WATCH_RUN_TRIM];
    rc = ww_store_bind_text(st, 1, w->domain);
    if (rc == SQLITE_OK)
        rc = sqlite3_bind_int(st, 2, WW_WATCH_RUNS_KEPT);
    if (rc == SQLITE_OK)
        rc = sqlite3_bind_int64(st, 3, w->last.at - INT64_C(86400) * WW_WATCH_DAYS_KEPT);
    return ww_watch_step(store, WW_WATCH_RUN_TRIM, rc);
}

static enum ww_err put_report(struct ww_store *store, const char *domain, struct ww_slice report)
{
    enum ww_watch_statement which = report.n > 0 ? WW_WATCH_REPORT_PUT : WW_WATCH_REMOVE_REPORT;
    sqlite3_stmt *st = store->watch[which];
    int rc = ww_store_bind_text(st, 1, domain);
    if (rc == SQLITE_OK && report.n > 0)
        rc = ww_store_bind_blob(st, 2, report);
    return ww_watch_step(store, which, rc);
}

enum ww_err ww_watch_ran(struct ww_store *store, const struct ww_watch *watch, struct ww_slice report)
{
    sqlite3_stmt *st = store->watch[WW_WATCH_RAN];
    int rc = ww_store_bind_text(st, 1, watch->domain);
    if (rc == SQLITE_OK)
        rc = sqlite3_bind_int64(st, 2, watch->due);
    if (rc == SQLITE_OK)
        rc = sqlite3_bind_int64(st, 3, watch->last.at);
    if (rc == SQLITE_OK)
        rc = bind_run(st, 4, &watch->last);
    if (rc == SQLITE_OK)
        rc = ww_store_bind_blob(st, 11, ww_slice((const char *)watch->mx_hash, sizeof watch->mx_hash));
    if (rc == SQLITE_OK)
        rc = ww_store_bind_text(st, 12, watch->mx);
    enum ww_err err = ww_watch_step(store, WW_WATCH_RAN, rc);
    if (err == WW_OK && sqlite3_changes(store->db) == 0)
        return WW_E_NOT_KNOWN; /* it was removed meanwhile */
    if (err == WW_OK)
        err = put_report(store, watch->domain, report);
    return err == WW_OK ? put_run(store, watch) : err;
}

enum ww_err ww_watch_runs(struct ww_store *store, const char *domain, size_t max, ww_watch_run_cb *cb,
                          void *ctx)
{
    sqlite3_stmt *st = store->watch[WW_WATCH_RUN_LIST];
    int rc = ww_store_bind_text(st, 1, domain);
    if (rc == SQLITE_OK)
        rc = sqlite3_bind_int64(st, 2, (sqlite3_int64)max);
    if (rc == SQLITE_OK)
        rc = sqlite3_step(st);
    for (; rc == SQLITE_ROW; rc = sqlite3_step(st)) {
        struct ww_watch_run run = {.at = sqlite3_column_int64(st, 0)};
        if (read_run(st, 1, &run))
            cb(ctx, &run);
    }
    return ww_store_done(store, st, rc);
}

enum ww_err ww_watch_report(struct ww_store *store, const char *domain, ww_watch_blob_cb *cb, void *ctx)
{
    sqlite3_stmt *st = store->watch[WW_WATCH_REPORT];
    int rc = ww_store_bind_text(st, 1, domain);
    if (rc == SQLITE_OK)
        rc = sqlite3_step(st);
    if (rc == SQLITE_ROW) {
        const char *p = sqlite3_column_blob(st, 0);
        size_t n = (size_t)sqlite3_column_bytes(st, 0);
        if (p != NULL && n <= WW_WATCH_REPORT_MAX)
            cb(ctx, ww_slice(p, n));
        rc = sqlite3_step(st);
    }
    return ww_store_done(store, st, rc);
}
