#include "store/store_report_alerts.h"

#include "store/store_db.h"

#include <stdio.h>

typedef void row_cb(struct ww_report_known *k, sqlite3_stmt *st);

static int bind_days(sqlite3_stmt *st, const char *domain, int64_t first, int64_t last)
{
    int rc = ww_store_bind_text(st, 1, domain);
    if (rc == SQLITE_OK)
        rc = sqlite3_bind_int64(st, 2, first);
    return rc == SQLITE_OK ? sqlite3_bind_int64(st, 3, last) : rc;
}

static enum ww_err each(struct ww_report_known *k, enum ww_report_alert_statement which, int rc, row_cb *cb)
{
    sqlite3_stmt *st = k->store->report_alerts[which];
    if (rc == SQLITE_OK)
        rc = sqlite3_step(st);
    for (; rc == SQLITE_ROW; rc = sqlite3_step(st))
        cb(k, st);
    return ww_store_done(k->store, st, rc);
}

/* Of so many days up to today. */
static enum ww_err each_of_days(struct ww_report_known *k, enum ww_report_alert_statement which, int64_t days,
                                row_cb *cb)
{
    sqlite3_stmt *st = k->store->report_alerts[which];
    return each(k, which, bind_days(st, k->domain, k->past.today - days + 1, k->past.today), cb);
}

static struct ww_report_day *day_at(struct ww_report_known *k, sqlite3_stmt *st)
{
    return &k->past.days[k->past.today - sqlite3_column_int64(st, 0)];
}

static void take_day(struct ww_report_known *k, sqlite3_stmt *st)
{
    struct ww_report_day *day = day_at(k, st);
    int64_t success = sqlite3_column_int64(st, 2), failure = sqlite3_column_int64(st, 3);
    if (sqlite3_column_int(st, 1) != 0) {
        day->success = success;
        day->failure = failure;
    } else {
        day->unverified_success = success;
        day->unverified_failure = failure;
    }
}

static void take_enforced(struct ww_report_known *k, sqlite3_stmt *st)
{
    day_at(k, st)->enforced = sqlite3_column_int64(st, 1);
}

static void take_first_day(struct ww_report_known *k, sqlite3_stmt *st)
{
    k->past.first_day = sqlite3_column_int64(st, 0);
}

static int count_days(uint64_t days)
{
    int count = 0;
    for (; days != 0; days &= days - 1)
        count++;
    return count;
}

/* Rows come by sender. One with too few days to be missed makes room for the next. */
static void take_sender(struct ww_report_known *k, sqlite3_stmt *st)
{
    char name[WW_REPORT_ABOUT_SIZE];
    size_t *count = &k->past.sender_count;
    struct ww_report_sender *last = *count > 0 ? &k->senders[*count - 1] : NULL;
    if (!ww_store_column_text(st, 0, name, sizeof name))
        return;
    if (last == NULL || strcmp(last->name, name) != 0) {
        if (last == NULL || count_days(last->days) >= WW_REPORT_SENDER_DAYS) {
            if (*count == WW_REPORT_SENDERS_MAX)
                return;
            last = &k->senders[(*count)++];
        }
        *last = (struct ww_report_sender){.days = 0};
        memcpy(last->name, name, sizeof name);
    }
    last->days |= UINT64_C(1) << (k->past.today - sqlite3_column_int64(st, 1));
}

static void take_result(struct ww_report_known *k, sqlite3_stmt *st)
{
    struct ww_report_result *r = &k->results[k->past.result_count];
    *r = (struct ww_report_result){.day = sqlite3_column_int64(st, 1),
                                   .sessions = sqlite3_column_int64(st, 2),
                                   .unverified = sqlite3_column_int64(st, 3)};
    k->past.result_count += ww_store_column_text(st, 0, r->name, sizeof r->name);
}

/* False for a row that we cannot have written. */
static bool read_told(sqlite3_stmt *st, struct ww_report_told *t)
{
    char what[WW_ALERT_CHECK_SIZE];
    int severity = sqlite3_column_int(st, 4);
    *t = (struct ww_report_told){
        .severity = (enum ww_severity)severity,
        .since = sqlite3_column_int64(st, 5),
        .at = sqlite3_column_int64(st, 6),
        .day = sqlite3_column_int64(st, 7),
        .lasts = sqlite3_column_int(st, 8) != 0,
        .usual = sqlite3_column_int64(st, 9),
        .acked_until = sqlite3_column_int64(st, 10),
    };
    if (!ww_store_column_text(st, 0, what, sizeof what))
        return false;
    t->what = ww_report_alert_find(what);
    return t->what != WW_REPORT_ALERTS && severity >= 0 && severity <= WW_SEVERITY_INFO &&
           ww_store_column_text(st, 1, t->about, sizeof t->about) &&
           ww_store_column_text(st, 2, t->where, sizeof t->where) &&
           ww_store_column_text(st, 3, t->seen, sizeof t->seen);
}

static void take_told(struct ww_report_known *k, sqlite3_stmt *st)
{
    k->told_count += read_told(st, &k->told[k->told_count]);
}

static enum ww_err get_told(struct ww_report_known *k)
{
    sqlite3_stmt *st = k->store->report_alerts[WW_REPORT_ALERT_TOLD];
    int rc = ww_store_bind_text(st, 1, k->domain);
    if (rc == SQLITE_OK)
        rc = sqlite3_bind_int(st, 2, WW_REPORT_TOLD_MAX);
    return each(k, WW_REPORT_ALERT_TOLD, rc, take_told);
}

static bool was_told(const struct ww_report_known *k, const char *result)
{
    const char *about = ww_report_result_about(result);
    for (size_t i = 0; i < k->told_count; i++)
        if (k->told[i].what == WW_REPORT_NEW_RESULT && strcmp(k->told[i].about, about) == 0)
            return true;
    return false;
}

/* Whether there was one before may take a look at all that is kept: not for what was told. */
static enum ww_err look_before(struct ww_report_known *k, struct ww_report_result *r)
{
    sqlite3_stmt *st = k->store->report_alerts[WW_REPORT_ALERT_HAD_RESULT];
    int rc = ww_store_bind_text(st, 1, k->domain);
    if (rc == SQLITE_OK)
        rc = sqlite3_bind_int64(st, 2, k->past.today - WW_REPORT_NEW_DAYS + 1);
    if (rc == SQLITE_OK)
        rc = ww_store_bind_text(st, 3, r->name);
    if (rc == SQLITE_OK)
        rc = sqlite3_step(st);
    if (rc == SQLITE_ROW) {
        r->known = sqlite3_column_int(st, 0) != 0;
        rc = sqlite3_step(st);
    }
    return ww_store_done(k->store, st, rc);
}

static enum ww_err get_results(struct ww_report_known *k)
{
    sqlite3_stmt *st = k->store->report_alerts[WW_REPORT_ALERT_RESULTS];
    int rc = bind_days(st, k->domain, k->past.today - WW_REPORT_NEW_DAYS + 1, k->past.today);
    if (rc == SQLITE_OK)
        rc = sqlite3_bind_int(st, 4, WW_REPORT_RESULTS_MAX);
    enum ww_err err = each(k, WW_REPORT_ALERT_RESULTS, rc, take_result);
    for (size_t i = 0; err == WW_OK && i < k->past.result_count; i++)
        if (k->results[i].sessions > 0 && !was_told(k, k->results[i].name))
            err = look_before(k, &k->results[i]);
    return err;
}

static void get_worst(struct ww_report_known *k, enum ww_report_alert_statement which, int64_t day,
                      const char *result, char *out, size_t size)
{
    sqlite3_stmt *st = k->store->report_alerts[which];
    int rc = ww_store_bind_text(st, 1, k->domain);
    out[0] = '\0';
    if (rc == SQLITE_OK)
        rc = sqlite3_bind_int64(st, 2, day);
    if (rc == SQLITE_OK && result != NULL)
        rc = ww_store_bind_text(st, 3, result);
    if (rc == SQLITE_OK)
        rc = sqlite3_step(st);
    if (rc == SQLITE_ROW) {
        (void)ww_store_column_text(st, 0, out, size);
        rc = sqlite3_step(st);
    }
    enum ww_err err = ww_store_done(k->store, st, rc);
    k->err = k->err == WW_OK ? err : k->err;
}

static void worst(void *ctx, int64_t day, const char *result, struct ww_report_worst *out)
{
    struct ww_report_known *k = ctx;
    get_worst(k, WW_REPORT_ALERT_WORST_MX, day, result, out->mx, sizeof out->mx);
    get_worst(k, WW_REPORT_ALERT_WORST_RESULT, day, result, out->result, sizeof out->result);
    get_worst(k, WW_REPORT_ALERT_WORST_SENDER, day, result, out->sender, sizeof out->sender);
}

enum ww_err ww_report_known_get(struct ww_store *store, const char *domain, int64_t today,
                                struct ww_report_known *out)
{
    memset(out, 0, sizeof *out);
    out->store = store;
    out->past.today = today;
    out->past.first_day = -1;
    out->past.senders = out->senders;
    out->past.results = out->results;
    out->past.worst = worst;
    out->past.ctx = out;
    (void)snprintf(out->domain, sizeof out->domain, "%s", domain);
    sqlite3_stmt *first = store->report_alerts[WW_REPORT_ALERT_FIRST_DAY];
    enum ww_err err =
        each(out, WW_REPORT_ALERT_FIRST_DAY, ww_store_bind_text(first, 1, domain), take_first_day);
    if (err == WW_OK)
        err = each_of_days(out, WW_REPORT_ALERT_DAY_SUMS, WW_REPORT_PAST_DAYS, take_day);
    if (err == WW_OK)
        err = each_of_days(out, WW_REPORT_ALERT_ENFORCED, WW_REPORT_QUIET_DAYS + 1, take_enforced);
    if (err == WW_OK)
        err = each_of_days(out, WW_REPORT_ALERT_SENDERS, WW_REPORT_PAST_DAYS, take_sender);
    if (err == WW_OK)
        err = get_told(out);
    return err == WW_OK ? get_results(out) : err;
}

static int bind_told(sqlite3_stmt *st, const char *domain, const struct ww_report_told *t)
{
    const char *const texts[] = {domain, ww_report_alert_id(t->what), t->about, t->where, t->seen};
    const int64_t numbers[] = {t->severity, t->since, t->at, t->day, t->lasts, t->usual, t->acked_until};
    int rc = SQLITE_OK;
    for (int i = 0; rc == SQLITE_OK && i < 5; i++)
        rc = ww_store_bind_text(st, 1 + i, texts[i]);
    for (int i = 0; rc == SQLITE_OK && i < 7; i++)
        rc = sqlite3_bind_int64(st, 6 + i, numbers[i]);
    return rc;
}

static enum ww_err run(struct ww_store *store, enum ww_report_alert_statement which, int rc)
{
    sqlite3_stmt *st = store->report_alerts[which];
    return ww_store_done(store, st, rc == SQLITE_OK ? sqlite3_step(st) : rc);
}

enum ww_err ww_report_told_put(struct ww_store *store, const char *domain, const struct ww_report_told *told,
                               size_t count)
{
    sqlite3_stmt *drop = store->report_alerts[WW_REPORT_ALERT_DROP_TOLD];
    sqlite3_stmt *put = store->report_alerts[WW_REPORT_ALERT_PUT_TOLD];
    enum ww_err err = run(store, WW_REPORT_ALERT_DROP_TOLD, ww_store_bind_text(drop, 1, domain));
    for (size_t i = 0; err == WW_OK && i < count; i++)
        if (!told[i].gone)
            err = run(store, WW_REPORT_ALERT_PUT_TOLD, bind_told(put, domain, &told[i]));
    return err;
}

enum ww_err ww_report_told_ack(struct ww_store *store, const char *domain, const char *what, int64_t until,
                               int *count)
{
    sqlite3_stmt *st = store->report_alerts[WW_REPORT_ALERT_ACK];
    int rc = ww_store_bind_text(st, 1, domain);
    if (rc == SQLITE_OK)
        rc = ww_store_bind_text(st, 2, what);
    if (rc == SQLITE_OK)
        rc = sqlite3_bind_int64(st, 3, until);
    enum ww_err err = run(store, WW_REPORT_ALERT_ACK, rc);
    *count = err == WW_OK ? sqlite3_changes(store->db) : 0;
    return err;
}

enum ww_err ww_report_domains_since(struct ww_store *store, uint64_t number, const char *after, size_t max,
                                    ww_report_domain_cb *cb, void *ctx)
{
    sqlite3_stmt *st = store->report_alerts[WW_REPORT_ALERT_DOMAINS_SINCE];
    char domain[WW_DNAME_SIZE];
    int rc = sqlite3_bind_int64(st, 1, (sqlite3_int64)number);
    if (rc == SQLITE_OK)
        rc = ww_store_bind_text(st, 2, after);
    if (rc == SQLITE_OK)
        rc = sqlite3_bind_int64(st, 3, (sqlite3_int64)max);
    if (rc == SQLITE_OK)
        rc = sqlite3_step(st);
    for (; rc == SQLITE_ROW; rc = sqlite3_step(st))
        if (ww_store_column_text(st, 0, domain, sizeof domain))
            cb(ctx, domain);
    return ww_store_done(store, st, rc);
}

enum ww_err ww_report_next_domain(struct ww_store *store, const char *after, char out[WW_DNAME_SIZE])
{
    sqlite3_stmt *st = store->report_alerts[WW_REPORT_ALERT_NEXT_DOMAIN];
    int rc = ww_store_bind_text(st, 1, after);
    out[0] = '\0';
    if (rc == SQLITE_OK)
        rc = sqlite3_step(st);
    if (rc == SQLITE_ROW) {
        if (sqlite3_column_type(st, 0) != SQLITE_NULL)
            (void)ww_store_column_text(st, 0, out, WW_DNAME_SIZE);
        rc = sqlite3_step(st);
    }
    return ww_store_done(store, st, rc);
}
