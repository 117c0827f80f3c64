#include "store/store_override.h"

#include "store/store_db.h"

static int bind_override(sqlite3_stmt *st, const struct ww_override *o)
{
    const char *const texts[] = {o->key, o->mx, o->reason, o->who};
    const int64_t numbers[] = {o->level, o->until, o->set_at};
    int rc = SQLITE_OK;
    for (int i = 0; rc == SQLITE_OK && i < 4; i++)
        rc = ww_store_bind_text(st, 1 + i, texts[i]);
    for (int i = 0; rc == SQLITE_OK && i < 3; i++)
        rc = sqlite3_bind_int64(st, 5 + i, numbers[i]);
    return rc;
}

static enum ww_err write_override(struct ww_store *store, enum ww_store_statement which,
                                  const struct ww_override *o)
{
    int rc = bind_override(store->statements[which], o);
    return rc == SQLITE_OK ? ww_store_run(store, which) : ww_store_fail(store, rc);
}

enum ww_err ww_store_put_override(struct ww_store *store, const struct ww_override *override)
{
    return write_override(store, WW_STORE_OVERRIDE_PUT, override);
}

enum ww_err ww_store_add_override(struct ww_store *store, const struct ww_override *override)
{
    return write_override(store, WW_STORE_OVERRIDE_ADD, override);
}

enum ww_err ww_store_remove_override(struct ww_store *store, const char *key, bool *found)
{
    int rc = ww_store_bind_text(store->statements[WW_STORE_OVERRIDE_REMOVE], 1, key);
    if (rc != SQLITE_OK)
        return ww_store_fail(store, rc);
    enum ww_err err = ww_store_run(store, WW_STORE_OVERRIDE_REMOVE);
    *found = err == WW_OK && sqlite3_changes(store->db) > 0;
    return err;
}

static bool read_text(sqlite3_stmt *st, int i, const char **out)
{
    *out = (const char *)sqlite3_column_text(st, i);
    return *out != NULL && strlen(*out) == (size_t)sqlite3_column_bytes(st, i);
}

/* False for a row that we cannot have written. */
static bool read_row(sqlite3_stmt *st, struct ww_override *o)
{
    char key[WW_OVERRIDE_KEY_SIZE];
    int level = sqlite3_column_int(st, 4);
    *o = (struct ww_override){.level = (enum ww_override_level)level,
                              .until = sqlite3_column_int64(st, 5),
                              .set_at = sqlite3_column_int64(st, 6)};
    return read_text(st, 0, &o->key) && read_text(st, 1, &o->mx) && read_text(st, 2, &o->reason) &&
           read_text(st, 3, &o->who) && level >= 0 && level < WW_OVERRIDE_LEVELS && o->until >= 0 &&
           ww_override_check(o) == WW_OK && ww_override_key_canon(ww_slice_str(o->key), key) == WW_OK &&
           strcmp(key, o->key) == 0;
}

static enum ww_err each_row(struct ww_store *store, enum ww_store_statement which, ww_store_override_cb *cb,
                            void *ctx)
{
    sqlite3_stmt *st = store->statements[which];
    struct ww_override o;
    int rc;
    while ((rc = sqlite3_step(st)) == SQLITE_ROW)
        if (read_row(st, &o))
            cb(ctx, &o);
    return ww_store_done(store, st, rc);
}

enum ww_err ww_store_each_override(struct ww_store *store, ww_store_override_cb *cb, void *ctx)
{
    return each_row(store, WW_STORE_OVERRIDE_EACH, cb, ctx);
}

enum ww_err ww_store_expire_overrides(struct ww_store *store, int64_t now, ww_store_override_cb *cb,
                                      void *ctx)
{
    int rc = sqlite3_bind_int64(store->statements[WW_STORE_OVERRIDE_EXPIRE], 1, now);
    return rc == SQLITE_OK ? each_row(store, WW_STORE_OVERRIDE_EXPIRE, cb, ctx) : ww_store_fail(store, rc);
}

/* The number that a statement without parameters, or with those bound already, yields. */
static enum ww_err read_number(struct ww_store *store, enum ww_store_statement which, int64_t *out)
{
    sqlite3_stmt *st = store->statements[which];
    int rc = sqlite3_step(st);
    *out = rc == SQLITE_ROW ? sqlite3_column_int64(st, 0) : 0;
    enum ww_err err = rc == SQLITE_ROW ? WW_OK : ww_store_fail(store, rc);
    (void)sqlite3_reset(st);
    (void)sqlite3_clear_bindings(st);
    return err;
}

enum ww_err ww_store_count_overrides(struct ww_store *store, const char *except, size_t *count)
{
    int64_t n = 0;
    int rc = ww_store_bind_text(store->statements[WW_STORE_OVERRIDE_COUNT], 1, except);
    enum ww_err err =
        rc == SQLITE_OK ? read_number(store, WW_STORE_OVERRIDE_COUNT, &n) : ww_store_fail(store, rc);
    *count = (size_t)n;
    return err;
}

enum ww_err ww_store_next_override_end(struct ww_store *store, int64_t *until)
{
    return read_number(store, WW_STORE_OVERRIDE_NEXT_END, until);
}
