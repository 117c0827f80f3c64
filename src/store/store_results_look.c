#include "store/store_results.h"

#include "store/store_results_private.h"

/* Domains without mail that are removed on the way to one that has had some. */
#define REMOVED_AT_ONCE 100

static enum ww_err run(struct ww_store *store, enum ww_results_statement which, const char *domain,
                       int64_t time)
{
    return ww_results_step(store, which, ww_results_bind_day(store, which, domain, time));
}

enum ww_err ww_results_want_look(struct ww_store *store, const char *domain, int64_t now)
{
    int64_t count = 0;
    enum ww_err err = run(store, WW_RESULTS_LOOK_AGAIN, domain, now);
    if (err != WW_OK || sqlite3_changes(store->db) > 0)
        return err;
    err = ww_results_number(store, WW_RESULTS_LOOK_COUNT, SQLITE_OK, &count);
    return err == WW_OK && count < WW_RESULTS_LOOKS_MAX ? run(store, WW_RESULTS_LOOK_FIRST, domain, now)
                                                        : err;
}

static enum ww_err find_due(struct ww_store *store, int64_t now, int64_t latest, char domain[WW_DNAME_SIZE],
                            int64_t *wanted)
{
    sqlite3_stmt *st = store->results[WW_RESULTS_LOOK_DUE];
    domain[0] = '\0';
    int rc = sqlite3_bind_int64(st, 1, now);
    if (rc == SQLITE_OK)
        rc = sqlite3_bind_int64(st, 2, latest);
    if (rc == SQLITE_OK)
        rc = sqlite3_step(st);
    if (rc == SQLITE_ROW) {
        (void)ww_store_column_text(st, 0, domain, WW_DNAME_SIZE);
        *wanted = sqlite3_column_int64(st, 1);
        rc = sqlite3_step(st);
    }
    return ww_store_done(store, st, rc);
}

enum ww_err ww_results_look_due(struct ww_store *store, int64_t now, int64_t since, int64_t latest,
                                char domain[WW_DNAME_SIZE])
{
    for (int i = 0; i < REMOVED_AT_ONCE; i++) {
        int64_t wanted = 0;
        enum ww_err err = find_due(store, now, latest, domain, &wanted);
        if (err != WW_OK || domain[0] == '\0' || wanted > since)
            return err;
        err = ww_results_step(store, WW_RESULTS_LOOK_REMOVE,
                              ww_store_bind_text(store->results[WW_RESULTS_LOOK_REMOVE], 1, domain));
        domain[0] = '\0';
        if (err != WW_OK)
            return err;
    }
    return WW_OK;
}

enum ww_err ww_results_look_set_due(struct ww_store *store, const char *domain, int64_t due)
{
    return run(store, WW_RESULTS_LOOK_SET_DUE, domain, due);
}
