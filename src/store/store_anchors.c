#include "store/store_anchors.h"

#include "store/store_db.h"

static enum ww_err put_point(struct ww_store *store, const char *seed, const struct ww_anchor_point *point)
{
    sqlite3_stmt *st = store->statements[WW_STORE_ANCHOR_POINT_PUT];
    const int64_t numbers[] = {point->confirmed, point->retry};
    int rc = ww_store_bind_text(st, 1, seed);
    for (int i = 0; rc == SQLITE_OK && i < 2; i++)
        rc = sqlite3_bind_int64(st, 2 + i, numbers[i]);
    return rc == SQLITE_OK ? ww_store_run(store, WW_STORE_ANCHOR_POINT_PUT) : ww_store_fail(store, rc);
}

static size_t digest_size(int type)
{
    return type == WW_ANCHOR_SHA256 ? 32 : 48;
}

static enum ww_err put_key(struct ww_store *store, const struct ww_anchor_key *k)
{
    sqlite3_stmt *st = store->statements[WW_STORE_ANCHOR_PUT];
    const int64_t numbers[] = {k->tag, k->algorithm, k->digest_type, k->state, k->since, k->seen, k->held};
    int rc = ww_store_bind_blob(st, 1, ww_slice((const char *)k->digest, digest_size(k->digest_type)));
    for (int i = 0; rc == SQLITE_OK && i < 7; i++)
        rc = sqlite3_bind_int64(st, 2 + i, numbers[i]);
    return rc == SQLITE_OK ? ww_store_run(store, WW_STORE_ANCHOR_PUT) : ww_store_fail(store, rc);
}

enum ww_err ww_store_put_anchors(struct ww_store *store, const char *seed,
                                 const struct ww_anchor_point *point)
{
    enum ww_err err = ww_store_begin(store);
    if (err != WW_OK)
        return err;
    err = ww_store_run(store, WW_STORE_ANCHOR_CLEAR);
    if (err == WW_OK)
        err = put_point(store, seed, point);
    for (size_t i = 0; err == WW_OK && i < point->count; i++)
        err = put_key(store, &point->keys[i]);
    if (err == WW_OK)
        err = ww_store_commit(store);
    if (err != WW_OK)
        ww_store_rollback(store);
    return err;
}

static bool in_range(int64_t v, int64_t min, int64_t max)
{
    return v >= min && v <= max;
}

/* False for a row that we cannot have written. */
static bool read_key(sqlite3_stmt *st, struct ww_anchor_key *k)
{
    const void *digest = sqlite3_column_blob(st, 0);
    int n = sqlite3_column_bytes(st, 0);
    int64_t v[7];
    for (int i = 0; i < 7; i++)
        v[i] = sqlite3_column_int64(st, 1 + i);
    if (digest == NULL || !in_range(v[0], 0, UINT16_MAX) || !in_range(v[1], 0, UINT8_MAX) ||
        (v[2] != WW_ANCHOR_SHA256 && v[2] != WW_ANCHOR_SHA384) || (size_t)n != digest_size((int)v[2]) ||
        !in_range(v[3], 0, WW_ANCHOR_STATES - 1) || v[6] < 0)
        return false;
    *k = (struct ww_anchor_key){
        .tag = (uint16_t)v[0],
        .algorithm = (uint8_t)v[1],
        .digest_type = (uint8_t)v[2],
        .state = (enum ww_anchor_state)v[3],
        .since = v[4],
        .seen = v[5],
        .held = v[6],
    };
    memcpy(k->digest, digest, (size_t)n);
    return true;
}

static enum ww_err read_point(struct ww_store *store, char seed[WW_ANCHOR_SEED_SIZE],
                              struct ww_anchor_point *point)
{
    sqlite3_stmt *st = store->statements[WW_STORE_ANCHOR_POINT];
    int rc = sqlite3_step(st);
    if (rc == SQLITE_ROW) {
        const char *text = (const char *)sqlite3_column_text(st, 0);
        if (text != NULL && strlen(text) < WW_ANCHOR_SEED_SIZE)
            memcpy(seed, text, strlen(text) + 1);
        point->confirmed = sqlite3_column_int64(st, 1);
        point->retry = sqlite3_column_int64(st, 2);
        rc = sqlite3_step(st);
    }
    return ww_store_done(store, st, rc);
}

enum ww_err ww_store_get_anchors(struct ww_store *store, char seed[WW_ANCHOR_SEED_SIZE],
                                 struct ww_anchor_point *point)
{
    memset(point, 0, sizeof *point);
    seed[0] = '\0';
    enum ww_err err = read_point(store, seed, point);
    if (err != WW_OK)
        return err;
    sqlite3_stmt *st = store->statements[WW_STORE_ANCHOR_EACH];
    int rc;
    while ((rc = sqlite3_step(st)) == SQLITE_ROW)
        if (point->count < WW_ANCHOR_KEYS_MAX && read_key(st, &point->keys[point->count]))
            point->count++;
    return ww_store_done(store, st, rc);
}
