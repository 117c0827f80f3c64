#include "store/store_outbox.h"

#include "store/store_outbox_private.h"

enum ww_err ww_outbox_step(struct ww_store *store, enum ww_outbox_statement which, int rc)
{
    sqlite3_stmt *st = store->outbox[which];
    return ww_store_done(store, st, rc == SQLITE_OK ? sqlite3_step(st) : rc);
}

enum ww_err ww_outbox_number(struct ww_store *store, enum ww_outbox_statement which, int rc, int64_t *out)
{
    sqlite3_stmt *st = store->outbox[which];
    *out = 0;
    if (rc == SQLITE_OK)
        rc = sqlite3_step(st);
    if (rc == SQLITE_ROW) {
        *out = sqlite3_column_int64(st, 0);
        rc = sqlite3_step(st);
    }
    return ww_store_done(store, st, rc);
}

int ww_outbox_bind_texts(sqlite3_stmt *st, int i, const char *const *texts, int count)
{
    int rc = SQLITE_OK;
    for (int k = 0; rc == SQLITE_OK && k < count; k++)
        rc = ww_store_bind_text(st, i + k, texts[k]);
    return rc;
}

int ww_outbox_bind_numbers(sqlite3_stmt *st, int i, const int64_t *numbers, int count)
{
    int rc = SQLITE_OK;
    for (int k = 0; rc == SQLITE_OK && k < count; k++)
        rc = sqlite3_bind_int64(st, i + k, numbers[k]);
    return rc;
}

enum ww_err ww_outbox_put(struct ww_store *store, const struct ww_outbox_report *r, struct ww_slice content,
                          uint64_t *number)
{
    sqlite3_stmt *st = store->outbox[WW_OUTBOX_PUT];
    const char *const texts[] = {r->detail, r->contact, r->organization, r->record};
    const int64_t numbers[] = {r->state, r->made, r->due};
    const int64_t sums[] = {r->policies, r->success, r->failure};
    if (content.n > WW_OUTBOX_CONTENT_MAX)
        return WW_E_TOO_LONG;
    int rc = ww_store_bind_text(st, 1, r->domain);
    if (rc == SQLITE_OK)
        rc = sqlite3_bind_int64(st, 2, r->day);
    if (rc == SQLITE_OK)
        rc = sqlite3_bind_int64(st, 3, r->part);
    if (rc == SQLITE_OK)
        rc = ww_store_bind_text(st, 4, r->id);
    if (rc == SQLITE_OK)
        rc = ww_outbox_bind_numbers(st, 5, numbers, 3);
    if (rc == SQLITE_OK)
        rc = ww_outbox_bind_texts(st, 8, texts, 4);
    if (rc == SQLITE_OK)
        rc = ww_outbox_bind_numbers(st, 12, sums, 3);
    if (rc == SQLITE_OK)
        rc = ww_store_bind_blob(st, 15, content);
    enum ww_err err = ww_outbox_step(store, WW_OUTBOX_PUT, rc);
    *number = err == WW_OK ? (uint64_t)sqlite3_last_insert_rowid(store->db) : 0;
    return err;
}

/* False for a row that we cannot have written. */
static bool read_report(sqlite3_stmt *st, struct ww_outbox_report *r)
{
    int state = sqlite3_column_int(st, 13);
    *r = (struct ww_outbox_report){
        .number = (uint64_t)sqlite3_column_int64(st, 0),
        .day = sqlite3_column_int64(st, 2),
        .part = (uint32_t)sqlite3_column_int64(st, 3),
        .made = sqlite3_column_int64(st, 5),
        .policies = (unsigned)sqlite3_column_int64(st, 9),
        .success = sqlite3_column_int64(st, 10),
        .failure = sqlite3_column_int64(st, 11),
        .content_n = (size_t)sqlite3_column_int64(st, 12),
        .state = (enum ww_report_state)state,
        .due = sqlite3_column_int64(st, 14),
        .ended = sqlite3_column_int64(st, 15),
        .known = sqlite3_column_int(st, 16) != 0,
        .tries = (unsigned)sqlite3_column_int64(st, 17),
        .first_try = sqlite3_column_int64(st, 18),
        .last_try = sqlite3_column_int64(st, 19),
    };
    return ww_store_column_text(st, 1, r->domain, sizeof r->domain) &&
           ww_store_column_text(st, 4, r->id, sizeof r->id) &&
           ww_store_column_text(st, 6, r->contact, sizeof r->contact) &&
           ww_store_column_text(st, 7, r->organization, sizeof r->organization) &&
           ww_store_column_text(st, 8, r->record, sizeof r->record) && state >= 0 &&
           state < WW_REPORT_STATES && ww_store_column_text(st, 20, r->detail, sizeof r->detail);
}

static enum ww_err get(struct ww_store *store, enum ww_outbox_statement which, int rc,
                       struct ww_outbox_report *out)
{
    sqlite3_stmt *st = store->outbox[which];
    bool found = false;
    if (rc == SQLITE_OK)
        rc = sqlite3_step(st);
    if (rc == SQLITE_ROW) {
        found = read_report(st, out);
        rc = sqlite3_step(st);
    }
    enum ww_err err = ww_store_done(store, st, rc);
    return err == WW_OK && !found ? WW_E_NOT_KNOWN : err;
}

enum ww_err ww_outbox_get(struct ww_store *store, uint64_t number, struct ww_outbox_report *out)
{
    int rc = sqlite3_bind_int64(store->outbox[WW_OUTBOX_GET], 1, (sqlite3_int64)number);
    return get(store, WW_OUTBOX_GET, rc, out);
}

enum ww_err ww_outbox_latest(struct ww_store *store, const char *domain, struct ww_outbox_report *out)
{
    int rc = ww_store_bind_text(store->outbox[WW_OUTBOX_LATEST], 1, domain);
    return get(store, WW_OUTBOX_LATEST, rc, out);
}

enum ww_err ww_outbox_by_id(struct ww_store *store, const char *left, struct ww_outbox_report *out)
{
    int rc = ww_store_bind_text(store->outbox[WW_OUTBOX_BY_ID], 1, left);
    return get(store, WW_OUTBOX_BY_ID, rc, out);
}

enum ww_err ww_outbox_content(struct ww_store *store, uint64_t number, ww_outbox_content_cb *cb, void *ctx)
{
    sqlite3_stmt *st = store->outbox[WW_OUTBOX_CONTENT];
    bool found = false;
    int rc = sqlite3_bind_int64(st, 1, (sqlite3_int64)number);
    if (rc == SQLITE_OK)
        rc = sqlite3_step(st);
    if (rc == SQLITE_ROW) {
        const char *p = sqlite3_column_blob(st, 0);
        size_t n = (size_t)sqlite3_column_bytes(st, 0);
        found = p != NULL && n <= WW_OUTBOX_CONTENT_MAX;
        if (found)
            cb(ctx, ww_slice(p, n));
        rc = sqlite3_step(st);
    }
    enum ww_err err = ww_store_done(store, st, rc);
    return err == WW_OK && !found ? WW_E_NOT_KNOWN : err;
}

enum ww_err ww_outbox_list(struct ww_store *store, const struct ww_outbox_filter *filter, size_t max,
                           ww_outbox_report_cb *cb, void *ctx)
{
    sqlite3_stmt *st = store->outbox[WW_OUTBOX_LIST];
    int64_t state = filter->state == WW_REPORT_STATES ? -1 : (int64_t)filter->state;
    int rc = sqlite3_bind_int64(st, 1, (sqlite3_int64)filter->before);
    if (rc == SQLITE_OK)
        rc = ww_store_bind_text(st, 2, filter->domain);
    if (rc == SQLITE_OK)
        rc = sqlite3_bind_int64(st, 3, state);
    if (rc == SQLITE_OK)
        rc = sqlite3_bind_int64(st, 4, (sqlite3_int64)max);
    if (rc == SQLITE_OK)
        rc = sqlite3_step(st);
    for (; rc == SQLITE_ROW; rc = sqlite3_step(st)) {
        struct ww_outbox_report report;
        if (read_report(st, &report))
            cb(ctx, &report);
    }
    return ww_store_done(store, st, rc);
}

enum ww_err ww_outbox_due(struct ww_store *store, int64_t now, uint64_t *number)
{
    int64_t n;
    int rc = sqlite3_bind_int64(store->outbox[WW_OUTBOX_DUE], 1, now);
    enum ww_err err = ww_outbox_number(store, WW_OUTBOX_DUE, rc, &n);
    *number = (uint64_t)n;
    return err;
}

enum ww_err ww_outbox_next_due(struct ww_store *store, int64_t *due)
{
    return ww_outbox_number(store, WW_OUTBOX_NEXT_DUE, SQLITE_OK, due);
}

enum ww_err ww_outbox_set(struct ww_store *store, const struct ww_outbox_report *r)
{
    sqlite3_stmt *st = store->outbox[WW_OUTBOX_SET];
    const int64_t numbers[] = {(int64_t)r->number, r->state, r->due,       r->ended,
                               r->known,           r->tries, r->first_try, r->last_try};
    int rc = ww_outbox_bind_numbers(st, 1, numbers, 8);
    if (rc == SQLITE_OK)
        rc = ww_store_bind_text(st, 9, r->detail);
    return ww_outbox_step(store, WW_OUTBOX_SET, rc);
}

enum ww_err ww_outbox_drop_content(struct ww_store *store, uint64_t number)
{
    int rc = sqlite3_bind_int64(store->outbox[WW_OUTBOX_DROP_CONTENT], 1, (sqlite3_int64)number);
    return ww_outbox_step(store, WW_OUTBOX_DROP_CONTENT, rc);
}

enum ww_err ww_outbox_open_days(struct ww_store *store, const char *domain,
                                const struct ww_outbox_open_day *after, size_t max, ww_outbox_open_day_cb *cb,
                                void *ctx)
{
    sqlite3_stmt *st = store->outbox[WW_OUTBOX_OPEN_DAYS];
    const char *const texts[] = {domain, after != NULL ? after->domain : ""};
    const int64_t numbers[] = {after != NULL ? after->day : 0, after != NULL ? after->part : 0, (int64_t)max};
    int rc = ww_outbox_bind_texts(st, 1, texts, 2);
    if (rc == SQLITE_OK)
        rc = ww_outbox_bind_numbers(st, 3, numbers, 3);
    if (rc == SQLITE_OK)
        rc = sqlite3_step(st);
    for (; rc == SQLITE_ROW; rc = sqlite3_step(st)) {
        struct ww_outbox_open_day day = {
            .day = sqlite3_column_int64(st, 1),
            .part = (uint32_t)sqlite3_column_int64(st, 2),
            .last_at = sqlite3_column_int64(st, 3),
            .success = sqlite3_column_int64(st, 4),
            .unverified = sqlite3_column_int64(st, 5),
            .failure = sqlite3_column_int64(st, 6),
        };
        if (ww_store_column_text(st, 0, day.domain, sizeof day.domain))
            cb(ctx, &day);
    }
    return ww_store_done(store, st, rc);
}

/* The destinations first: they are found by their reports. */
enum ww_err ww_outbox_purge(struct ww_store *store, int64_t before, size_t max)
{
    static const enum ww_outbox_statement both[] = {WW_OUTBOX_PURGE_TARGETS, WW_OUTBOX_PURGE};
    const int64_t numbers[] = {before, (int64_t)max};
    enum ww_err err = WW_OK;
    for (size_t i = 0; err == WW_OK && i < 2; i++)
        err = ww_outbox_step(store, both[i], ww_outbox_bind_numbers(store->outbox[both[i]], 1, numbers, 2));
    return err;
}

static enum ww_err count(struct ww_store *store, enum ww_outbox_statement which, uint64_t *out, int states)
{
    sqlite3_stmt *st = store->outbox[which];
    int rc = sqlite3_step(st);
    for (; rc == SQLITE_ROW; rc = sqlite3_step(st)) {
        int state = sqlite3_column_int(st, 0);
        if (state >= 0 && state < states)
            out[state] = (uint64_t)sqlite3_column_int64(st, 1);
    }
    return ww_store_done(store, st, rc);
}

enum ww_err ww_outbox_counts(struct ww_store *store, int64_t now, struct ww_outbox_counts *out)
{
    int64_t suppressed = 0;
    *out = (struct ww_outbox_counts){.suppressed = 0};
    enum ww_err err = count(store, WW_OUTBOX_COUNT, out->reports, WW_REPORT_STATES);
    if (err == WW_OK)
        err = count(store, WW_OUTBOX_COUNT_TARGETS, out->targets, WW_TARGET_STATES);
    if (err == WW_OK)
        err = ww_outbox_number(store, WW_OUTBOX_COUNT_SUPPRESSED,
                               sqlite3_bind_int64(store->outbox[WW_OUTBOX_COUNT_SUPPRESSED], 1, now),
                               &suppressed);
    out->suppressed = (uint64_t)suppressed;
    return err == WW_OK ? ww_outbox_next_due(store, &out->oldest_due) : err;
}
