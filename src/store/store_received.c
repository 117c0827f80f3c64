#include "store/store_received.h"

#include "store/store_received_private.h"

enum ww_err ww_received_step(struct ww_store *store, enum ww_received_statement which, int rc)
{
    sqlite3_stmt *st = store->received[which];
    return ww_store_done(store, st, rc == SQLITE_OK ? sqlite3_step(st) : rc);
}

enum ww_err ww_received_number(struct ww_store *store, sqlite3_stmt *st, int rc, int64_t *out)
{
    *out = 0;
    if (rc == SQLITE_OK)
        rc = sqlite3_step(st);
    if (rc == SQLITE_ROW) {
        *out = sqlite3_column_int64(st, 0);
        rc = sqlite3_step(st);
    }
    return ww_store_done(store, st, rc);
}

int ww_received_bind_texts(sqlite3_stmt *st, int i, const char *const *texts, int count)
{
    int rc = SQLITE_OK;
    for (int k = 0; rc == SQLITE_OK && k < count; k++)
        rc = ww_store_bind_text(st, i + k, texts[k]);
    return rc;
}

int ww_received_bind_numbers(sqlite3_stmt *st, int i, const int64_t *numbers, int count)
{
    int rc = SQLITE_OK;
    for (int k = 0; rc == SQLITE_OK && k < count; k++)
        rc = sqlite3_bind_int64(st, i + k, numbers[k]);
    return rc;
}

enum ww_err ww_received_get(struct ww_store *store, uint64_t number, struct ww_received_facts *out)
{
    sqlite3_stmt *st = store->received[WW_RECEIVED_SQL_GET];
    bool found = false;
    int rc = sqlite3_bind_int64(st, 1, (sqlite3_int64)number);
    if (rc == SQLITE_OK)
        rc = sqlite3_step(st);
    if (rc == SQLITE_ROW) {
        found = ww_received_read_facts(st, out);
        rc = sqlite3_step(st);
    }
    enum ww_err err = ww_store_done(store, st, rc);
    return err == WW_OK && !found ? WW_E_NOT_KNOWN : err;
}

enum ww_err ww_received_blob(struct ww_store *store, sqlite3_stmt *st, uint64_t number,
                             ww_received_octets_cb *cb, void *ctx)
{
    bool found = false;
    int rc = sqlite3_bind_int64(st, 1, (sqlite3_int64)number);
    if (rc == SQLITE_OK)
        rc = sqlite3_step(st);
    if (rc == SQLITE_ROW) {
        const char *p = sqlite3_column_blob(st, 0);
        found = p != NULL;
        if (found)
            cb(ctx, ww_slice(p, (size_t)sqlite3_column_bytes(st, 0)));
        rc = sqlite3_step(st);
    }
    enum ww_err err = ww_store_done(store, st, rc);
    return err == WW_OK && !found ? WW_E_NOT_KNOWN : err;
}

enum ww_err ww_received_content(struct ww_store *store, uint64_t number, ww_received_octets_cb *cb, void *ctx)
{
    return ww_received_blob(store, store->received[WW_RECEIVED_SQL_CONTENT], number, cb, ctx);
}

static enum ww_err add_to(struct ww_store *store, enum ww_received_statement which, const char *key,
                          const struct ww_received_counted *c, int n)
{
    sqlite3_stmt *st = store->received[which];
    const int64_t success = n * c->success, failure = n * c->failure;
    const int64_t numbers[] = {
        c->day, n, success, failure, c->verified ? success : 0, c->verified ? failure : 0,
    };
    int rc = ww_store_bind_text(st, 1, key);
    if (rc == SQLITE_OK)
        rc = ww_received_bind_numbers(st, 2, numbers, 6);
    return ww_received_step(store, which, rc);
}

static enum ww_err trim(struct ww_store *store, enum ww_received_statement which, const char *key,
                        int64_t day)
{
    sqlite3_stmt *st = store->received[which];
    int rc = ww_store_bind_text(st, 1, key);
    if (rc == SQLITE_OK)
        rc = sqlite3_bind_int64(st, 2, day);
    return ww_received_step(store, which, rc);
}

static enum ww_err run_pair(struct ww_store *store, enum ww_received_statement which,
                            const struct ww_received_counted *c)
{
    sqlite3_stmt *st = store->received[which];
    const char *const texts[] = {c->domain, c->sender};
    int rc = ww_received_bind_texts(st, 1, texts, 2);
    if (rc == SQLITE_OK && which == WW_RECEIVED_SQL_PAIR_ADD)
        rc = sqlite3_bind_int64(st, 3, c->day);
    return ww_received_step(store, which, rc);
}

enum ww_err ww_received_add(struct ww_store *store, const struct ww_received_counted *c)
{
    enum ww_err err = add_to(store, WW_RECEIVED_SQL_DAY_ADD, c->domain, c, 1);
    if (err == WW_OK)
        err = add_to(store, WW_RECEIVED_SQL_SENDER_ADD, c->sender, c, 1);
    return err == WW_OK ? run_pair(store, WW_RECEIVED_SQL_PAIR_ADD, c) : err;
}

enum ww_err ww_received_take_back(struct ww_store *store, const struct ww_received_counted *c)
{
    enum ww_err err = add_to(store, WW_RECEIVED_SQL_DAY_ADD, c->domain, c, -1);
    if (err == WW_OK)
        err = add_to(store, WW_RECEIVED_SQL_SENDER_ADD, c->sender, c, -1);
    if (err == WW_OK)
        err = run_pair(store, WW_RECEIVED_SQL_PAIR_TAKE, c);
    if (err == WW_OK)
        err = run_pair(store, WW_RECEIVED_SQL_PAIR_TRIM, c);
    if (err == WW_OK)
        err = trim(store, WW_RECEIVED_SQL_DAY_TRIM, c->domain, c->day);
    return err == WW_OK ? trim(store, WW_RECEIVED_SQL_SENDER_TRIM, c->sender, c->day) : err;
}

enum ww_err ww_received_save(struct ww_store *store)
{
    return ww_received_step(store, WW_RECEIVED_SQL_SAVE, SQLITE_OK);
}

enum ww_err ww_received_save_done(struct ww_store *store)
{
    return ww_received_step(store, WW_RECEIVED_SQL_SAVE_DONE, SQLITE_OK);
}

enum ww_err ww_received_save_back(struct ww_store *store)
{
    enum ww_err err = ww_received_step(store, WW_RECEIVED_SQL_SAVE_BACK, SQLITE_OK);
    return err == WW_OK ? ww_received_save_done(store) : err;
}
