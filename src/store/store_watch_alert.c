#include "store/store_watch.h"
#include "store/store_watch_private.h"

/* False for a row that we cannot have written. */
static bool read_finding(sqlite3_stmt *st, struct ww_alert_state *s)
{
    int severity = sqlite3_column_int(st, 3), said = sqlite3_column_int(st, 8);
    *s = (struct ww_alert_state){
        .severity = (enum ww_severity)severity,
        .first_seen = sqlite3_column_int64(st, 4),
        .last_seen = sqlite3_column_int64(st, 5),
        .misses = (uint16_t)sqlite3_column_int(st, 6),
        .told = sqlite3_column_int(st, 7) != 0,
        .said = (enum ww_severity)said,
        .told_at = sqlite3_column_int64(st, 9),
        .reminders = (uint16_t)sqlite3_column_int(st, 10),
        .acked_until = sqlite3_column_int64(st, 11),
        .not_after = sqlite3_column_int64(st, 12),
        .days = (uint16_t)sqlite3_column_int(st, 13),
    };
    return ww_store_column_text(st, 0, s->check, sizeof s->check) &&
           ww_store_column_text(st, 1, s->where, sizeof s->where) &&
           ww_store_column_text(st, 2, s->seen, sizeof s->seen) && severity >= 0 &&
           severity <= WW_SEVERITY_INFO && said >= 0 && said <= WW_SEVERITY_INFO &&
           ww_store_column_text(st, 14, s->acked_by, sizeof s->acked_by) &&
           ww_store_column_text(st, 15, s->reason, sizeof s->reason);
}

enum ww_err ww_watch_findings(struct ww_store *store, const char *domain, ww_watch_finding_cb *cb, void *ctx)
{
    sqlite3_stmt *st = store->watch[WW_WATCH_FINDING_LIST];
    int rc = ww_store_bind_text(st, 1, domain);
    if (rc == SQLITE_OK)
        rc = sqlite3_bind_int(st, 2, WW_WATCH_FINDINGS_MAX);
    if (rc == SQLITE_OK)
        rc = sqlite3_step(st);
    for (; rc == SQLITE_ROW; rc = sqlite3_step(st)) {
        struct ww_alert_state state;
        if (read_finding(st, &state))
            cb(ctx, &state);
    }
    return ww_store_done(store, st, rc);
}

static int bind_finding(sqlite3_stmt *st, const char *domain, const struct ww_alert_state *s)
{
    const char *const texts[] = {domain, s->check, s->where, s->seen};
    const int64_t numbers[] = {s->severity, s->first_seen, s->last_seen,   s->misses,    s->told, s->said,
                               s->told_at,  s->reminders,  s->acked_until, s->not_after, s->days};
    int rc = SQLITE_OK;
    for (int i = 0; rc == SQLITE_OK && i < 4; i++)
        rc = ww_store_bind_text(st, 1 + i, texts[i]);
    for (int i = 0; rc == SQLITE_OK && i < 11; i++)
        rc = sqlite3_bind_int64(st, 5 + i, numbers[i]);
    if (rc == SQLITE_OK)
        rc = ww_store_bind_text(st, 16, s->acked_by);
    return rc == SQLITE_OK ? ww_store_bind_text(st, 17, s->reason) : rc;
}

enum ww_err ww_watch_put_findings(struct ww_store *store, const char *domain,
                                  const struct ww_alert_state *states, size_t count)
{
    sqlite3_stmt *st = store->watch[WW_WATCH_FINDING_PUT];
    enum ww_err err = ww_watch_step(store, WW_WATCH_REMOVE_FINDINGS,
                                    ww_store_bind_text(store->watch[WW_WATCH_REMOVE_FINDINGS], 1, domain));
    for (size_t i = 0; err == WW_OK && i < count; i++)
        if (!states[i].gone)
            err = ww_watch_step(store, WW_WATCH_FINDING_PUT, bind_finding(st, domain, &states[i]));
    return err;
}

enum ww_err ww_watch_ack(struct ww_store *store, const char *domain, const char *check, int64_t until,
                         const char *who, const char *reason, int *count)
{
    sqlite3_stmt *st = store->watch[WW_WATCH_ACK];
    int rc = ww_store_bind_text(st, 1, domain);
    if (rc == SQLITE_OK)
        rc = ww_store_bind_text(st, 2, check);
    if (rc == SQLITE_OK)
        rc = sqlite3_bind_int64(st, 3, until);
    if (rc == SQLITE_OK)
        rc = ww_store_bind_text(st, 4, who);
    if (rc == SQLITE_OK)
        rc = ww_store_bind_text(st, 5, reason);
    enum ww_err err = ww_watch_step(store, WW_WATCH_ACK, rc);
    *count = err == WW_OK ? sqlite3_changes(store->db) : 0;
    return err;
}

enum ww_err ww_watch_alerts_expire(struct ww_store *store, int64_t now)
{
    sqlite3_stmt *st = store->watch[WW_WATCH_ALERT_EXPIRE];
    int rc = sqlite3_bind_int64(st, 1, now - WW_WATCH_ALERT_SECONDS);
    if (rc == SQLITE_OK)
        rc = sqlite3_bind_int(st, 2, WW_WATCH_ALERTS_MAX);
    return ww_watch_step(store, WW_WATCH_ALERT_EXPIRE, rc);
}

enum ww_err ww_watch_put_alert(struct ww_store *store, const char *domain, int64_t at,
                               struct ww_slice content, uint64_t *number)
{
    sqlite3_stmt *st = store->watch[WW_WATCH_ALERT_PUT];
    int rc = sqlite3_bind_int64(st, 1, at);
    if (rc == SQLITE_OK)
        rc = ww_store_bind_text(st, 2, domain);
    if (rc == SQLITE_OK)
        rc = ww_store_bind_blob(st, 3, content);
    enum ww_err err = ww_watch_step(store, WW_WATCH_ALERT_PUT, rc);
    *number = err == WW_OK ? (uint64_t)sqlite3_last_insert_rowid(store->db) : 0;
    return err == WW_OK ? ww_watch_alerts_expire(store, at) : err;
}

enum ww_err ww_watch_alerts(struct ww_store *store, uint64_t after, size_t max, ww_watch_alert_cb *cb,
                            void *ctx)
{
    sqlite3_stmt *st = store->watch[WW_WATCH_ALERT_LIST];
    int rc = sqlite3_bind_int64(st, 1, (sqlite3_int64)after);
    if (rc == SQLITE_OK)
        rc = sqlite3_bind_int64(st, 2, (sqlite3_int64)max);
    if (rc == SQLITE_OK)
        rc = sqlite3_step(st);
    for (; rc == SQLITE_ROW; rc = sqlite3_step(st)) {
        struct ww_watch_alert alert = {
            .number = (uint64_t)sqlite3_column_int64(st, 0),
            .at = sqlite3_column_int64(st, 1),
            .domain = (const char *)sqlite3_column_text(st, 2),
            .delivered = (const char *)sqlite3_column_text(st, 3),
        };
        const char *content = sqlite3_column_blob(st, 4);
        alert.content = ww_slice(content, (size_t)sqlite3_column_bytes(st, 4));
        if (alert.domain != NULL && alert.delivered != NULL && content != NULL)
            cb(ctx, &alert);
    }
    return ww_store_done(store, st, rc);
}

enum ww_err ww_watch_alert_done(struct ww_store *store, uint64_t number)
{
    int rc = sqlite3_bind_int64(store->watch[WW_WATCH_ALERT_DONE], 1, (sqlite3_int64)number);
    return ww_watch_step(store, WW_WATCH_ALERT_DONE, rc);
}

enum ww_err ww_watch_alert_delivered(struct ww_store *store, uint64_t number, const char *channel)
{
    sqlite3_stmt *st = store->watch[WW_WATCH_ALERT_DELIVERED];
    int rc = sqlite3_bind_int64(st, 1, (sqlite3_int64)number);
    if (rc == SQLITE_OK)
        rc = ww_store_bind_text(st, 2, channel);
    return ww_watch_step(store, WW_WATCH_ALERT_DELIVERED, rc);
}

enum ww_err ww_watch_alert_count(struct ww_store *store, uint64_t *count)
{
    int64_t n;
    enum ww_err err = ww_watch_number(store, WW_WATCH_ALERT_COUNT, &n);
    *count = (uint64_t)n;
    return err;
}
