/* Reports that are looked for, and what one says. */
#include "store/store_received_private.h"

/* Numbers that are looked at in one call: whoever asks for what is rare must not hold up the others. */
#define NUMBERS 20000

/* ?1 and ?2 are bounds that are not meant themselves. */
static int bind_filter(sqlite3_stmt *st, const struct ww_received_filter *f, uint64_t above, uint64_t below)
{
    const int64_t numbers[] = {(int64_t)above, (int64_t)below, f->first_day, f->end_day};
    int rc = ww_received_bind_numbers(st, 1, numbers, 4);
    if (rc == SQLITE_OK)
        rc = ww_store_bind_text(st, 5, f->sender);
    if (rc == SQLITE_OK)
        rc = sqlite3_bind_int(st, 6, f->failed);
    if (rc == SQLITE_OK)
        rc = ww_store_bind_text(st, 7, f->result);
    return rc == SQLITE_OK && f->domain[0] != '\0' ? ww_store_bind_text(st, 8, f->domain) : rc;
}

/* The number of the latest report that there is. */
static enum ww_err last_number(struct ww_store *store, uint64_t *out)
{
    sqlite3_stmt *st = store->received[WW_RECEIVED_SQL_LAST];
    int64_t n;
    enum ww_err err = ww_received_number(store, st, SQLITE_OK, &n);
    *out = (uint64_t)n;
    return err;
}

enum ww_err ww_received_list(struct ww_store *store, const struct ww_received_filter *filter, uint64_t before,
                             size_t max, ww_received_facts_cb *cb, void *ctx, uint64_t *next)
{
    const bool of_domain = filter->domain[0] != '\0';
    sqlite3_stmt *st = store->received[of_domain ? WW_RECEIVED_SQL_LIST_DOMAIN : WW_RECEIVED_SQL_LIST];
    size_t rows = 0;
    uint64_t last;
    *next = 0;
    enum ww_err err = last_number(store, &last);
    if (err != WW_OK)
        return err;
    const uint64_t below = before == 0 || before > last ? last + 1 : before;
    const uint64_t above = below > NUMBERS ? below - NUMBERS - 1 : 0;
    uint64_t at = above + 1;
    int rc = bind_filter(st, filter, above, below);
    if (rc == SQLITE_OK)
        rc = sqlite3_bind_int64(st, 9, (sqlite3_int64)max);
    if (rc == SQLITE_OK)
        rc = sqlite3_step(st);
    for (; rc == SQLITE_ROW; rc = sqlite3_step(st)) {
        static struct ww_received_facts facts;
        if (++rows == max)
            at = (uint64_t)sqlite3_column_int64(st, 0);
        if (ww_received_read_facts(st, &facts))
            cb(ctx, &facts);
    }
    *next = at > 1 ? at : 0;
    return ww_store_done(store, st, rc);
}

enum ww_err ww_received_after(struct ww_store *store, const struct ww_received_filter *filter, uint64_t after,
                              uint64_t *number, uint64_t *next)
{
    const bool of_domain = filter->domain[0] != '\0';
    sqlite3_stmt *st = store->received[of_domain ? WW_RECEIVED_SQL_AFTER_DOMAIN : WW_RECEIVED_SQL_AFTER];
    uint64_t last;
    int64_t n;
    *number = *next = 0;
    enum ww_err err = last_number(store, &last);
    if (err != WW_OK || after >= last)
        return err;
    err = ww_received_number(store, st, bind_filter(st, filter, after, after + NUMBERS), &n);
    *number = (uint64_t)n;
    *next = n != 0 ? (uint64_t)n : after + NUMBERS - 1;
    if (*next >= last && n == 0)
        *next = 0;
    return err;
}

static struct ww_slice text(sqlite3_stmt *st, int column)
{
    const char *p = (const char *)sqlite3_column_text(st, column);
    return ww_slice(p != NULL ? p : "", p != NULL ? (size_t)sqlite3_column_bytes(st, column) : 0);
}

static void read_row(sqlite3_stmt *st, struct ww_received_row *row)
{
    *row = (struct ww_received_row){
        .domain = text(st, 0),
        .place = sqlite3_column_int64(st, 1),
        .type = text(st, 2),
        .policy_domain = text(st, 3),
        .strings = text(st, 4),
        .mx_hosts = text(st, 5),
        .success = sqlite3_column_int64(st, 6),
        .failure = sqlite3_column_int64(st, 7),
        .has_failure = sqlite3_column_type(st, 8) != SQLITE_NULL,
    };
    row->is_first = !row->has_failure || sqlite3_column_int64(st, 8) == 0;
    if (!row->has_failure)
        return;
    row->detail = (struct ww_received_detail){
        .type = text(st, 9),
        .sending_ip = text(st, 10),
        .receiving_mx = text(st, 11),
        .helo = text(st, 12),
        .receiving_ip = text(st, 13),
        .info = text(st, 14),
        .reason = text(st, 15),
        .sessions = sqlite3_column_int64(st, 16),
    };
}

enum ww_err ww_received_rows(struct ww_store *store, uint64_t number, const char *domain, uint64_t skip,
                             size_t max, ww_received_row_cb *cb, void *ctx)
{
    sqlite3_stmt *st = store->received[WW_RECEIVED_SQL_ROWS];
    const int64_t bounds[] = {(int64_t)max, (int64_t)skip};
    int rc = sqlite3_bind_int64(st, 1, (sqlite3_int64)number);
    if (rc == SQLITE_OK)
        rc = ww_store_bind_text(st, 2, domain);
    if (rc == SQLITE_OK)
        rc = ww_received_bind_numbers(st, 3, bounds, 2);
    if (rc == SQLITE_OK)
        rc = sqlite3_step(st);
    for (; rc == SQLITE_ROW; rc = sqlite3_step(st)) {
        struct ww_received_row row;
        read_row(st, &row);
        cb(ctx, &row);
    }
    return ww_store_done(store, st, rc);
}
