/* Reports added up. */
#include "store/store_received_private.h"

static enum ww_received_statement by_day(bool domain, bool sender)
{
    if (domain && sender)
        return WW_RECEIVED_SQL_BY_DAY_BOTH;
    return domain   ? WW_RECEIVED_SQL_BY_DAY_DOMAIN
           : sender ? WW_RECEIVED_SQL_BY_DAY_SENDER
                    : WW_RECEIVED_SQL_BY_DAY;
}

static enum ww_received_statement by_domain(bool domain, bool sender)
{
    if (domain && sender)
        return WW_RECEIVED_SQL_BY_BOTH;
    return domain   ? WW_RECEIVED_SQL_BY_DOMAIN_ONE
           : sender ? WW_RECEIVED_SQL_BY_DOMAIN_SENDER
                    : WW_RECEIVED_SQL_BY_DOMAIN;
}

static enum ww_received_statement by_sender(bool domain, bool sender)
{
    if (domain && sender)
        return WW_RECEIVED_SQL_BY_BOTH;
    return domain   ? WW_RECEIVED_SQL_BY_SENDER_DOMAIN
           : sender ? WW_RECEIVED_SQL_BY_SENDER_ONE
                    : WW_RECEIVED_SQL_BY_SENDER;
}

static enum ww_received_statement statement_for(enum ww_received_sums by, const struct ww_received_filter *f)
{
    const bool domain = f->domain[0] != '\0', sender = f->sender[0] != '\0';
    switch (by) {
    case WW_RECEIVED_SUMS_DOMAIN:
        return by_domain(domain, sender);
    case WW_RECEIVED_SUMS_SENDER:
        return by_sender(domain, sender);
    case WW_RECEIVED_SUMS_RESULT:
        return domain ? WW_RECEIVED_SQL_BY_RESULT_DOMAIN : WW_RECEIVED_SQL_BY_RESULT;
    case WW_RECEIVED_SUMS_MX:
        return domain ? WW_RECEIVED_SQL_BY_MX_DOMAIN : WW_RECEIVED_SQL_BY_MX;
    case WW_RECEIVED_SUMS_DAY:
        break;
    }
    return by_day(domain, sender);
}

/* Statements use what they need of these. */
static int bind(sqlite3_stmt *st, enum ww_received_sums by, const struct ww_received_filter *f, size_t max)
{
    const bool of_failures = by == WW_RECEIVED_SUMS_RESULT || by == WW_RECEIVED_SUMS_MX;
    const char *key = by == WW_RECEIVED_SUMS_DOMAIN ? f->domain : f->sender;
    const char *const texts[] = {f->domain, f->sender, of_failures ? f->result : key};
    const int64_t numbers[] = {f->first_day, f->end_day, (int64_t)max};
    const int count = sqlite3_bind_parameter_count(st);
    int rc = ww_received_bind_numbers(st, 1, numbers, 3);
    return rc == SQLITE_OK ? ww_received_bind_texts(st, 4, texts, count - 3) : rc;
}

static void read_sum(sqlite3_stmt *st, enum ww_received_sums by, struct ww_received_sum *s)
{
    const char *key = by != WW_RECEIVED_SUMS_DAY ? (const char *)sqlite3_column_text(st, 0) : NULL;
    *s = (struct ww_received_sum){
        .key = ww_slice(key != NULL ? key : "", key != NULL ? (size_t)sqlite3_column_bytes(st, 0) : 0)};
    if (by == WW_RECEIVED_SUMS_RESULT || by == WW_RECEIVED_SUMS_MX) {
        s->sessions = sqlite3_column_int64(st, 1);
        s->verified_sessions = sqlite3_column_int64(st, 2);
        s->senders = sqlite3_column_int64(st, 3);
        s->domains = sqlite3_column_int64(st, 4);
        s->last = sqlite3_column_int64(st, 5);
        return;
    }
    s->day = by == WW_RECEIVED_SUMS_DAY ? sqlite3_column_int64(st, 0) : 0;
    s->reports = sqlite3_column_int64(st, 1);
    s->success = sqlite3_column_int64(st, 2);
    s->failure = sqlite3_column_int64(st, 3);
    s->verified_success = sqlite3_column_int64(st, 4);
    s->verified_failure = sqlite3_column_int64(st, 5);
    s->senders = sqlite3_column_int64(st, 6);
    s->domains = sqlite3_column_int64(st, 7);
}

enum ww_err ww_received_sums(struct ww_store *store, enum ww_received_sums by,
                             const struct ww_received_filter *filter, size_t max, ww_received_sum_cb *cb,
                             void *ctx)
{
    sqlite3_stmt *st = store->received[statement_for(by, filter)];
    int rc = bind(st, by, filter, max);
    if (rc == SQLITE_OK)
        rc = sqlite3_step(st);
    for (; rc == SQLITE_ROW; rc = sqlite3_step(st)) {
        struct ww_received_sum sum;
        read_sum(st, by, &sum);
        cb(ctx, &sum);
    }
    return ww_store_done(store, st, rc);
}
