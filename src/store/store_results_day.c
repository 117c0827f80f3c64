#include "store/store_results.h"

#include "store/store_results_private.h"

#include <stdlib.h>

struct ww_results_text {
    struct ww_results_text *next;
    char octets[];
};

/* domain, day, part, first_at, last_at. False for a row that we cannot have written. */
static bool read_open(sqlite3_stmt *st, struct ww_results_open *out)
{
    int64_t part = sqlite3_column_int64(st, 2);
    out->day = sqlite3_column_int64(st, 1);
    out->part = (uint32_t)part;
    out->first_at = sqlite3_column_int64(st, 3);
    out->last_at = sqlite3_column_int64(st, 4);
    return ww_store_column_text(st, 0, out->domain, sizeof out->domain) && part > 0 && part <= UINT32_MAX;
}

enum ww_err ww_results_list(struct ww_store *store, const struct ww_results_open *after, int64_t last,
                            size_t max, ww_results_open_cb *cb, void *ctx)
{
    sqlite3_stmt *st = store->results[WW_RESULTS_DAY_LIST];
    int rc = sqlite3_bind_int64(st, 1, after != NULL ? after->day : -1);
    if (rc == SQLITE_OK)
        rc = ww_store_bind_text(st, 2, after != NULL ? after->domain : "");
    if (rc == SQLITE_OK)
        rc = sqlite3_bind_int64(st, 3, last);
    if (rc == SQLITE_OK)
        rc = sqlite3_bind_int64(st, 4, (sqlite3_int64)max);
    if (rc == SQLITE_OK)
        rc = sqlite3_step(st);
    for (; rc == SQLITE_ROW; rc = sqlite3_step(st)) {
        struct ww_results_open open;
        if (read_open(st, &open))
            cb(ctx, &open);
    }
    return ww_store_done(store, st, rc);
}

enum ww_err ww_results_latest(struct ww_store *store, const char *domain, struct ww_results_open *out)
{
    sqlite3_stmt *st = store->results[WW_RESULTS_DAY_LATEST];
    bool found = false;
    int rc = ww_store_bind_text(st, 1, domain);
    if (rc == SQLITE_OK)
        rc = sqlite3_step(st);
    if (rc == SQLITE_ROW) {
        found = read_open(st, out);
        rc = sqlite3_step(st);
    }
    enum ww_err err = ww_store_done(store, st, rc);
    return err == WW_OK && !found ? WW_E_NOT_KNOWN : err;
}

enum ww_err ww_results_count(struct ww_store *store, uint64_t *count)
{
    int64_t n = 0;
    enum ww_err err = ww_results_number(store, WW_RESULTS_COUNT_ALL, SQLITE_OK, &n);
    *count = n > 0 ? (uint64_t)n : 0;
    return err;
}

static bool keep(struct ww_results_day *day, sqlite3_stmt *st, int column, struct ww_slice *out)
{
    const unsigned char *p = sqlite3_column_text(st, column);
    size_t n = (size_t)sqlite3_column_bytes(st, column);
    *out = ww_slice("", 0);
    if (p == NULL || n == 0)
        return true;
    struct ww_results_text *text = malloc(sizeof *text + n);
    if (text == NULL)
        return false;
    text->next = day->texts;
    day->texts = text;
    memcpy(text->octets, p, n);
    *out = ww_slice(text->octets, n);
    return true;
}

/* Room for one more, by doubling. */
static bool room(void **items, size_t count, size_t size)
{
    if (count != 0 && (count < 4 || (count & (count - 1)) != 0))
        return true;
    void *more = realloc(*items, (count < 4 ? 4 : count * 2) * size);
    if (more == NULL)
        return false;
    *items = more;
    return true;
}

static int64_t counted(sqlite3_stmt *st, int column)
{
    int64_t n = sqlite3_column_int64(st, column);
    return n > 0 ? n : 0;
}

static bool keep_detail(struct ww_results_day *day, struct ww_results_policy *p, sqlite3_stmt *st)
{
    int type = sqlite3_column_int(st, 1);
    int64_t count = counted(st, 0);
    if (count == 0 || type <= WW_RESULT_NONE || type >= WW_RESULT_TYPES)
        return true; /* it was taken back */
    if (!room((void **)&p->details, p->detail_count, sizeof *p->details))
        return false;
    struct ww_sessions_detail *d = &p->details[p->detail_count];
    struct ww_slice *const texts[] = {&d->sending_ip,   &d->receiving_mx, &d->helo,
                                      &d->receiving_ip, &d->info,         &d->reason};
    *d = (struct ww_sessions_detail){.type = (enum ww_result_type)type, .count = count};
    for (int i = 0; i < 6; i++)
        if (!keep(day, st, 2 + i, texts[i]))
            return false;
    p->detail_count++;
    return true;
}

static int bind_part(sqlite3_stmt *st, const struct ww_results_open *open)
{
    int rc = ww_store_bind_text(st, 1, open->domain);
    if (rc == SQLITE_OK)
        rc = sqlite3_bind_int64(st, 2, open->day);
    return rc == SQLITE_OK ? sqlite3_bind_int64(st, 3, open->part) : rc;
}

static enum ww_err load_details(struct ww_store *store, struct ww_results_day *day,
                                struct ww_results_policy *p, struct ww_slice digest)
{
    sqlite3_stmt *st = store->results[WW_RESULTS_DETAIL_LIST];
    bool good = true;
    int rc = bind_part(st, &day->open);
    if (rc == SQLITE_OK)
        rc = ww_store_bind_blob(st, 4, digest);
    if (rc == SQLITE_OK)
        rc = sqlite3_step(st);
    for (; good && rc == SQLITE_ROW; rc = sqlite3_step(st))
        good = keep_detail(day, p, st);
    enum ww_err err = ww_store_done(store, st, good ? rc : SQLITE_DONE);
    return good ? err : WW_E_NO_MEMORY;
}

static enum ww_err keep_policy(struct ww_store *store, struct ww_results_day *day, sqlite3_stmt *st)
{
    int type = sqlite3_column_int(st, 1);
    if (type < WW_POLICY_TYPE_NONE || type > WW_POLICY_TYPE_TLSA)
        return WW_OK; /* we cannot have written it */
    if (!room((void **)&day->policies, day->count, sizeof *day->policies))
        return WW_E_NO_MEMORY;
    struct ww_results_policy *p = &day->policies[day->count];
    *p = (struct ww_results_policy){.policy.type = (enum ww_policy_type)type,
                                    .success = counted(st, 5),
                                    .unverified = counted(st, 6),
                                    .failure = counted(st, 7)};
    day->count++;
    (void)ww_store_column_text(st, 2, p->policy.domain, sizeof p->policy.domain);
    if (!keep(day, st, 3, &p->policy.strings) || !keep(day, st, 4, &p->policy.mx_hosts))
        return WW_E_NO_MEMORY;
    const char *digest = sqlite3_column_blob(st, 0);
    return load_details(store, day, p, ww_slice(digest, (size_t)sqlite3_column_bytes(st, 0)));
}

static enum ww_err load_policies(struct ww_store *store, struct ww_results_day *day)
{
    sqlite3_stmt *st = store->results[WW_RESULTS_POLICY_LIST];
    enum ww_err err = WW_OK;
    int rc = bind_part(st, &day->open);
    if (rc == SQLITE_OK)
        rc = sqlite3_step(st);
    for (; err == WW_OK && rc == SQLITE_ROW; rc = err == WW_OK ? sqlite3_step(st) : SQLITE_DONE)
        err = keep_policy(store, day, st);
    enum ww_err end = ww_store_done(store, st, rc);
    return err == WW_OK ? end : err;
}

static enum ww_err load_open(struct ww_store *store, struct ww_results_day *day, const char *domain,
                             int64_t number)
{
    sqlite3_stmt *st = store->results[WW_RESULTS_DAY_GET];
    bool found = false;
    bool good = true;
    int rc = ww_results_bind_day(store, WW_RESULTS_DAY_GET, domain, number);
    if (rc == SQLITE_OK)
        rc = sqlite3_step(st);
    if (rc == SQLITE_ROW) {
        found = read_open(st, &day->open);
        good = keep(day, st, 5, &day->record);
        rc = sqlite3_step(st);
    }
    enum ww_err err = ww_store_done(store, st, rc);
    if (err == WW_OK && !good)
        return WW_E_NO_MEMORY;
    return err == WW_OK && !found ? WW_E_NOT_KNOWN : err;
}

struct ww_results_day *ww_results_load(struct ww_store *store, const char *domain, int64_t day,
                                       enum ww_err *err)
{
    struct ww_results_day *out = calloc(1, sizeof *out);
    *err = WW_E_NO_MEMORY;
    if (out == NULL)
        return NULL;
    *err = load_open(store, out, domain, day);
    if (*err == WW_OK)
        *err = load_policies(store, out);
    if (*err == WW_OK)
        return out;
    ww_results_day_free(out);
    return NULL;
}

void ww_results_day_free(struct ww_results_day *day)
{
    if (day == NULL)
        return;
    for (size_t i = 0; i < day->count; i++)
        free(day->policies[i].details);
    for (struct ww_results_text *next; day->texts != NULL; day->texts = next) {
        next = day->texts->next;
        free(day->texts);
    }
    free(day->policies);
    free(day);
}

enum ww_err ww_results_forget(struct ww_store *store, const char *domain, int64_t day)
{
    static const enum ww_results_statement all[] = {WW_RESULTS_DETAIL_REMOVE, WW_RESULTS_POLICY_REMOVE,
                                                    WW_RESULTS_DAY_REMOVE};
    enum ww_err err = WW_OK;
    for (size_t i = 0; err == WW_OK && i < sizeof all / sizeof *all; i++)
        err = ww_results_step(store, all[i], ww_results_bind_day(store, all[i], domain, day));
    int removed = sqlite3_changes(store->db);
    return err == WW_OK && removed > 0 ? ww_results_count_add(store, day, -removed) : err;
}
