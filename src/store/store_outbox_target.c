/* Where reports go. */
#include "store/store_outbox.h"
#include "store/store_outbox_private.h"

/* False for a row that we cannot have written. */
static bool read_target(sqlite3_stmt *st, struct ww_outbox_target *t)
{
    int state = sqlite3_column_int(st, 1);
    *t = (struct ww_outbox_target){
        .at = {.state = (enum ww_target_state)state,
               .tries = (unsigned)sqlite3_column_int64(st, 2),
               .first_try = sqlite3_column_int64(st, 3),
               .due = sqlite3_column_int64(st, 4)},
        .tried = sqlite3_column_int64(st, 5),
        .insecure = sqlite3_column_int(st, 6) != 0,
        .redirected = sqlite3_column_int(st, 7) != 0,
    };
    return state >= 0 && state < WW_TARGET_STATES && ww_store_column_text(st, 0, t->uri, sizeof t->uri) &&
           ww_store_column_text(st, 8, t->detail, sizeof t->detail);
}

enum ww_err ww_outbox_targets(struct ww_store *store, uint64_t number,
                              struct ww_outbox_target out[WW_OUTBOX_TARGETS_MAX], size_t *count)
{
    sqlite3_stmt *st = store->outbox[WW_OUTBOX_TARGETS];
    const int64_t numbers[] = {(int64_t)number, WW_OUTBOX_TARGETS_MAX};
    int rc = ww_outbox_bind_numbers(st, 1, numbers, 2);
    *count = 0;
    if (rc == SQLITE_OK)
        rc = sqlite3_step(st);
    for (; rc == SQLITE_ROW && *count < WW_OUTBOX_TARGETS_MAX; rc = sqlite3_step(st))
        *count += read_target(st, &out[*count]);
    return ww_store_done(store, st, rc);
}

enum ww_err ww_outbox_put_target(struct ww_store *store, uint64_t number, const struct ww_outbox_target *t)
{
    sqlite3_stmt *st = store->outbox[WW_OUTBOX_PUT_TARGET];
    const int64_t numbers[] = {t->at.state, t->at.tries, t->at.first_try, t->at.due,
                               t->tried,    t->insecure, t->redirected};
    int rc = sqlite3_bind_int64(st, 1, (sqlite3_int64)number);
    if (rc == SQLITE_OK)
        rc = ww_store_bind_text(st, 2, t->uri);
    if (rc == SQLITE_OK)
        rc = ww_outbox_bind_numbers(st, 3, numbers, 7);
    if (rc == SQLITE_OK)
        rc = ww_store_bind_text(st, 10, t->detail);
    return ww_outbox_step(store, WW_OUTBOX_PUT_TARGET, rc);
}

enum ww_err ww_outbox_drop_targets(struct ww_store *store, uint64_t number)
{
    int rc = sqlite3_bind_int64(store->outbox[WW_OUTBOX_DROP_TARGETS], 1, (sqlite3_int64)number);
    return ww_outbox_step(store, WW_OUTBOX_DROP_TARGETS, rc);
}

enum ww_err ww_outbox_refused_last(struct ww_store *store, const char *uri, unsigned most, unsigned *in_a_row)
{
    sqlite3_stmt *st = store->outbox[WW_OUTBOX_REFUSED_LAST];
    bool all = true;
    int rc = ww_store_bind_text(st, 1, uri);
    *in_a_row = 0;
    if (rc == SQLITE_OK)
        rc = sqlite3_bind_int64(st, 2, most);
    if (rc == SQLITE_OK)
        rc = sqlite3_step(st);
    for (; rc == SQLITE_ROW; rc = sqlite3_step(st)) {
        all = all && sqlite3_column_int(st, 0) == WW_TARGET_REFUSED;
        *in_a_row += all;
    }
    return ww_store_done(store, st, rc);
}

static bool read_destination(sqlite3_stmt *st, struct ww_outbox_destination *d)
{
    *d = (struct ww_outbox_destination){
        .standing = {.refusals = (unsigned)sqlite3_column_int64(st, 1),
                     .suppressed_until = sqlite3_column_int64(st, 2)},
        .since = sqlite3_column_int64(st, 3),
    };
    return ww_store_column_text(st, 0, d->uri, sizeof d->uri) &&
           ww_store_column_text(st, 4, d->who, sizeof d->who) &&
           ww_store_column_text(st, 5, d->reason, sizeof d->reason);
}

enum ww_err ww_outbox_destination(struct ww_store *store, const char *uri, struct ww_outbox_destination *out)
{
    sqlite3_stmt *st = store->outbox[WW_OUTBOX_DESTINATION];
    int rc = ww_store_bind_text(st, 1, uri);
    *out = (struct ww_outbox_destination){.since = 0};
    if (rc == SQLITE_OK)
        rc = sqlite3_step(st);
    if (rc == SQLITE_ROW) {
        if (!read_destination(st, out))
            *out = (struct ww_outbox_destination){.since = 0};
        rc = sqlite3_step(st);
    }
    return ww_store_done(store, st, rc);
}

enum ww_err ww_outbox_put_destination(struct ww_store *store, const struct ww_outbox_destination *d)
{
    bool known = d->standing.refusals > 0 || d->standing.suppressed_until > 0;
    enum ww_outbox_statement which = known ? WW_OUTBOX_PUT_DESTINATION : WW_OUTBOX_DROP_DESTINATION;
    sqlite3_stmt *st = store->outbox[which];
    const int64_t numbers[] = {d->standing.refusals, d->standing.suppressed_until, d->since};
    const char *const texts[] = {d->who, d->reason};
    int rc = ww_store_bind_text(st, 1, d->uri);
    if (rc == SQLITE_OK && known)
        rc = ww_outbox_bind_numbers(st, 2, numbers, 3);
    if (rc == SQLITE_OK && known)
        rc = ww_outbox_bind_texts(st, 5, texts, 2);
    return ww_outbox_step(store, which, rc);
}

enum ww_err ww_outbox_suppressed(struct ww_store *store, int64_t now, const char *after, size_t max,
                                 ww_outbox_destination_cb *cb, void *ctx)
{
    sqlite3_stmt *st = store->outbox[WW_OUTBOX_SUPPRESSED];
    int rc = sqlite3_bind_int64(st, 1, now);
    if (rc == SQLITE_OK)
        rc = ww_store_bind_text(st, 2, after);
    if (rc == SQLITE_OK)
        rc = sqlite3_bind_int64(st, 3, (sqlite3_int64)max);
    if (rc == SQLITE_OK)
        rc = sqlite3_step(st);
    for (; rc == SQLITE_ROW; rc = sqlite3_step(st)) {
        struct ww_outbox_destination destination;
        if (read_destination(st, &destination))
            cb(ctx, &destination);
    }
    return ww_store_done(store, st, rc);
}
