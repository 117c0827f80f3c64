/* How much is kept, and for how long. */
#include "store/store_received_private.h"

#include <stdio.h>

enum ww_err ww_received_has_room(struct ww_store *store, int64_t came_at, int64_t octets, int64_t per_day)
{
    sqlite3_stmt *st = store->received[WW_RECEIVED_SQL_VOLUME];
    int64_t taken;
    enum ww_err err = ww_received_number(store, st, sqlite3_bind_int64(st, 1, ww_day_of(came_at)), &taken);
    if (err != WW_OK)
        return err;
    return octets <= per_day && taken <= per_day - octets ? WW_OK : WW_E_RECEIVED_TODAY;
}

enum ww_err ww_received_volume(struct ww_store *store, int64_t came_at, int64_t octets, int reports,
                               int quarantined)
{
    const int64_t numbers[] = {ww_day_of(came_at), octets, reports, quarantined};
    int rc = ww_received_bind_numbers(store->received[WW_RECEIVED_SQL_VOLUME_ADD], 1, numbers, 4);
    return ww_received_step(store, WW_RECEIVED_SQL_VOLUME_ADD, rc);
}

/* What is said of a domain, or with NULL of any. WW_E_NOT_KNOWN: nothing is. */
static enum ww_err get_counted(struct ww_store *store, uint64_t number, const char *domain,
                               struct ww_received_counted *out)
{
    sqlite3_stmt *st = store->received[WW_RECEIVED_SQL_DOMAIN_FIRST];
    bool found = false;
    int rc = sqlite3_bind_int64(st, 1, (sqlite3_int64)number);
    if (rc == SQLITE_OK && domain != NULL)
        rc = ww_store_bind_text(st, 2, domain);
    if (rc == SQLITE_OK)
        rc = sqlite3_step(st);
    if (rc == SQLITE_ROW) {
        found = ww_store_column_text(st, 0, out->domain, sizeof out->domain) &&
                ww_store_column_text(st, 2, out->sender, sizeof out->sender);
        out->day = sqlite3_column_int64(st, 1);
        out->verified = sqlite3_column_int(st, 3) != 0;
        out->success = sqlite3_column_int64(st, 4);
        out->failure = sqlite3_column_int64(st, 5);
        rc = sqlite3_step(st);
    }
    enum ww_err err = ww_store_done(store, st, rc);
    return err == WW_OK && !found ? WW_E_NOT_KNOWN : err;
}

static enum ww_err remove_rows(struct ww_store *store, const struct ww_received_counted *c, uint64_t number,
                               int *policies)
{
    static const enum ww_received_statement all[] = {
        WW_RECEIVED_SQL_FAILURE_REMOVE, WW_RECEIVED_SQL_DOMAIN_REMOVE, WW_RECEIVED_SQL_POLICY_REMOVE};
    enum ww_err err = WW_OK;
    for (size_t i = 0; err == WW_OK && i < sizeof all / sizeof *all; i++) {
        sqlite3_stmt *st = store->received[all[i]];
        int rc = sqlite3_bind_int64(st, 1, (sqlite3_int64)number);
        if (rc == SQLITE_OK)
            rc = ww_store_bind_text(st, 2, c->domain);
        err = ww_received_step(store, all[i], rc);
    }
    *policies = sqlite3_changes(store->db);
    return err == WW_OK ? ww_received_take_back(store, c) : err;
}

static enum ww_err remove_head(struct ww_store *store, uint64_t number)
{
    sqlite3_stmt *st = store->received[WW_RECEIVED_SQL_REMOVE];
    int64_t came_at;
    enum ww_err err =
        ww_received_number(store, st, sqlite3_bind_int64(st, 1, (sqlite3_int64)number), &came_at);
    if (err == WW_OK && sqlite3_changes(store->db) == 0)
        return WW_E_NOT_KNOWN;
    return err == WW_OK ? ww_received_volume(store, came_at, 0, -1, 0) : err;
}

static enum ww_err shrink(struct ww_store *store, uint64_t number, const struct ww_received_counted *c,
                          int policies)
{
    sqlite3_stmt *st = store->received[WW_RECEIVED_SQL_SHRINK];
    const int64_t numbers[] = {(int64_t)number, policies, c->success, c->failure};
    return ww_received_step(store, WW_RECEIVED_SQL_SHRINK, ww_received_bind_numbers(st, 1, numbers, 4));
}

enum ww_err ww_received_remove_domain(struct ww_store *store, uint64_t number, const char *domain)
{
    struct ww_received_counted c, other;
    int policies;
    enum ww_err err = get_counted(store, number, domain, &c);
    if (err == WW_OK)
        err = remove_rows(store, &c, number, &policies);
    if (err != WW_OK)
        return err;
    err = get_counted(store, number, NULL, &other);
    if (err == WW_E_NOT_KNOWN)
        return remove_head(store, number);
    return err == WW_OK ? shrink(store, number, &c, policies) : err;
}

enum ww_err ww_received_remove(struct ww_store *store, uint64_t number)
{
    struct ww_received_counted c;
    int policies;
    enum ww_err err;
    do {
        err = get_counted(store, number, NULL, &c);
        if (err == WW_OK)
            err = remove_rows(store, &c, number, &policies);
    } while (err == WW_OK);
    return err == WW_E_NOT_KNOWN ? remove_head(store, number) : err;
}

/* The number of the oldest that came before that; 0: there is none. */
static enum ww_err find_old(struct ww_store *store, sqlite3_stmt *st, int64_t before, uint64_t *number)
{
    int64_t n;
    enum ww_err err = ww_received_number(store, st, sqlite3_bind_int64(st, 1, before), &n);
    *number = (uint64_t)n;
    return err;
}

static enum ww_err purge_reports(struct ww_store *store, int64_t before, size_t max, bool *more)
{
    uint64_t number = 0;
    enum ww_err err = WW_OK;
    for (size_t i = 0; err == WW_OK && i < max; i++) {
        err = find_old(store, store->received[WW_RECEIVED_SQL_OLD], before, &number);
        if (err == WW_OK && number == 0)
            return WW_OK;
        if (err == WW_OK)
            err = ww_received_remove(store, number);
    }
    *more = true;
    return err;
}

static enum ww_err purge_quarantine(struct ww_store *store, int64_t before, size_t max, bool *more)
{
    uint64_t number = 0, removed;
    enum ww_err err = WW_OK;
    for (size_t i = 0; err == WW_OK && i < max; i++) {
        err = find_old(store, store->quarantine[WW_QUARANTINE_OLD], before, &number);
        if (err == WW_OK && number == 0)
            return WW_OK;
        if (err == WW_OK)
            err = ww_received_quarantine_remove(store, number, 1, &removed);
    }
    *more = true;
    return err;
}

static enum ww_err purge_by(struct ww_store *store, enum ww_received_statement which, int64_t before,
                            size_t max, bool *more)
{
    const int64_t numbers[] = {before, (int64_t)max};
    int rc = ww_received_bind_numbers(store->received[which], 1, numbers, 2);
    enum ww_err err = ww_received_step(store, which, rc);
    *more |= err == WW_OK && (size_t)sqlite3_changes(store->db) >= max;
    return err;
}

enum ww_err ww_received_purge(struct ww_store *store, const struct ww_received_ages *before, size_t max,
                              bool *more)
{
    *more = false;
    enum ww_err err = purge_reports(store, before->reports, max, more);
    if (err == WW_OK)
        err = purge_by(store, WW_RECEIVED_SQL_OLD_CONTENT, before->contents, max, more);
    if (err == WW_OK)
        err = purge_by(store, WW_RECEIVED_SQL_OLD_STRINGS, ww_day_of(before->reports), max, more);
    if (err == WW_OK)
        err = purge_quarantine(store, before->quarantine, max, more);
    if (err != WW_OK)
        return err;
    int64_t oldest = before->reports < before->quarantine ? before->reports : before->quarantine;
    int rc = sqlite3_bind_int64(store->received[WW_RECEIVED_SQL_VOLUME_TRIM], 1, ww_day_of(oldest));
    return ww_received_step(store, WW_RECEIVED_SQL_VOLUME_TRIM, rc);
}

enum ww_err ww_received_count(struct ww_store *store, int64_t day, struct ww_received_counts *out)
{
    sqlite3_stmt *st = store->received[WW_RECEIVED_SQL_VOLUME_TOTALS];
    *out = (struct ww_received_counts){.reports = 0};
    int rc = sqlite3_bind_int64(st, 1, day);
    if (rc == SQLITE_OK)
        rc = sqlite3_step(st);
    if (rc == SQLITE_ROW) {
        out->reports = (uint64_t)sqlite3_column_int64(st, 0);
        out->quarantined = (uint64_t)sqlite3_column_int64(st, 1);
        out->octets = (uint64_t)sqlite3_column_int64(st, 2);
        rc = sqlite3_step(st);
    }
    return ww_store_done(store, st, rc);
}
