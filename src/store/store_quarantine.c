/* Submissions that could not be read, kept as they came. */
#include "store/store_received_private.h"

#include "base/buf.h"

#include <openssl/evp.h>

#define DIGEST_SIZE 32
#define NUMBER_END ((int64_t)1 << 62)

static enum ww_err put(struct ww_store *store, const struct ww_received_quarantine *item,
                       struct ww_slice digest, struct ww_slice packed)
{
    sqlite3_stmt *st = store->quarantine[WW_QUARANTINE_PUT];
    const struct ww_received_facts *f = &item->facts;
    static char lines[WW_RECEIVED_DEVIATIONS_SIZE];
    struct ww_buf b = ww_buf(lines, sizeof lines);
    ww_received_put_deviations(&b, &f->deviations);
    const char *const names[] = {f->domain, f->organization, f->report_id};
    const char *const mail[] = {f->mail_from, f->message_id};
    const int64_t times[] = {f->came_at, item->mail};
    int rc = ww_received_bind_texts(st, 1, names, 3);
    if (rc == SQLITE_OK)
        rc = sqlite3_bind_int(st, 4, (int)f->channel);
    if (rc == SQLITE_OK)
        rc = ww_store_bind_text(st, 5, f->peer);
    if (rc == SQLITE_OK)
        rc = ww_received_bind_numbers(st, 6, times, 2);
    if (rc == SQLITE_OK)
        rc = ww_received_bind_texts(st, 8, mail, 2);
    if (rc == SQLITE_OK)
        rc = sqlite3_bind_int(st, 10, (int)f->dkim.result);
    if (rc == SQLITE_OK)
        rc = ww_store_bind_text(st, 11, f->dkim.domain);
    if (rc == SQLITE_OK)
        rc = ww_store_bind_slice(st, 12, ww_slice(b.p, b.n));
    if (rc == SQLITE_OK)
        rc = sqlite3_bind_int64(st, 13, (sqlite3_int64)item->size);
    if (rc == SQLITE_OK)
        rc = ww_store_bind_blob(st, 14, digest);
    if (rc == SQLITE_OK)
        rc = ww_store_bind_blob(st, 15, packed);
    return ww_store_done(store, st, rc == SQLITE_OK ? sqlite3_step(st) : rc);
}

/* The digest that it is known by. False: memory is short. */
static bool digest_of(struct ww_slice octets, unsigned char out[EVP_MAX_MD_SIZE])
{
    unsigned n = 0;
    return EVP_Digest(octets.n > 0 ? octets.p : "", octets.n, out, &n, EVP_sha256(), NULL) == 1 &&
           n == DIGEST_SIZE;
}

static enum ww_err find(struct ww_store *store, struct ww_slice digest, uint64_t *number)
{
    sqlite3_stmt *st = store->quarantine[WW_QUARANTINE_AGAIN];
    int64_t known;
    enum ww_err err = ww_received_number(store, st, ww_store_bind_blob(st, 1, digest), &known);
    *number = (uint64_t)known;
    return err;
}

enum ww_err ww_received_quarantine_find(struct ww_store *store, struct ww_slice octets, uint64_t *number)
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    *number = 0;
    if (!digest_of(octets, digest))
        return WW_E_NO_MEMORY;
    return find(store, ww_slice((const char *)digest, DIGEST_SIZE), number);
}

enum ww_err ww_received_quarantine_put(struct ww_store *store, const struct ww_received_quarantine *item,
                                       struct ww_slice octets, struct ww_slice packed, int64_t per_day,
                                       uint64_t *number)
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    const struct ww_slice key = ww_slice((const char *)digest, DIGEST_SIZE);
    const int64_t came_at = item->facts.came_at, n = (int64_t)packed.n;
    *number = 0;
    if (!digest_of(octets, digest))
        return WW_E_NO_MEMORY;
    enum ww_err err = find(store, key, number);
    if (err != WW_OK || *number != 0)
        return err;
    err = ww_received_has_room(store, came_at, n, per_day);
    if (err == WW_OK)
        err = put(store, item, key, packed);
    if (err != WW_OK)
        return err;
    *number = (uint64_t)sqlite3_last_insert_rowid(store->db);
    return ww_received_volume(store, came_at, n, 0, 1);
}

/* False: we cannot have written it. */
static bool read_item(sqlite3_stmt *st, struct ww_received_quarantine *item)
{
    struct ww_received_facts *f = &item->facts;
    const int64_t dkim = sqlite3_column_int64(st, 10);
    const char *lines = (const char *)sqlite3_column_text(st, 12);
    f->number = (uint64_t)sqlite3_column_int64(st, 0);
    f->channel = (unsigned)sqlite3_column_int(st, 4);
    f->came_at = sqlite3_column_int64(st, 6);
    item->mail = sqlite3_column_int(st, 7) != 0;
    f->dkim.result = (enum ww_dkim_result)dkim;
    item->size = (uint64_t)sqlite3_column_int64(st, 13);
    ww_received_get_deviations(ww_slice(lines, lines != NULL ? (size_t)sqlite3_column_bytes(st, 12) : 0),
                               &f->deviations);
    return dkim >= 0 && dkim < WW_DKIM_RESULTS && ww_store_column_text(st, 1, f->domain, sizeof f->domain) &&
           ww_store_column_text(st, 2, f->organization, sizeof f->organization) &&
           ww_store_column_text(st, 3, f->report_id, sizeof f->report_id) &&
           ww_store_column_text(st, 5, f->peer, sizeof f->peer) &&
           ww_store_column_text(st, 8, f->mail_from, sizeof f->mail_from) &&
           ww_store_column_text(st, 9, f->message_id, sizeof f->message_id) &&
           ww_store_column_text(st, 11, f->dkim.domain, sizeof f->dkim.domain);
}

enum ww_err ww_received_quarantine_list(struct ww_store *store, uint64_t before, size_t max,
                                        ww_received_quarantine_cb *cb, void *ctx)
{
    sqlite3_stmt *st = store->quarantine[WW_QUARANTINE_LIST];
    const int64_t numbers[] = {before != 0 ? (int64_t)before : NUMBER_END, (int64_t)max};
    int rc = ww_received_bind_numbers(st, 1, numbers, 2);
    if (rc == SQLITE_OK)
        rc = sqlite3_step(st);
    for (; rc == SQLITE_ROW; rc = sqlite3_step(st)) {
        struct ww_received_quarantine item = {.size = 0};
        if (read_item(st, &item))
            cb(ctx, &item);
    }
    return ww_store_done(store, st, rc);
}

enum ww_err ww_received_quarantine_get(struct ww_store *store, uint64_t number,
                                       struct ww_received_quarantine *out)
{
    sqlite3_stmt *st = store->quarantine[WW_QUARANTINE_GET];
    bool found = false;
    *out = (struct ww_received_quarantine){.size = 0};
    int rc = sqlite3_bind_int64(st, 1, (sqlite3_int64)number);
    if (rc == SQLITE_OK)
        rc = sqlite3_step(st);
    if (rc == SQLITE_ROW) {
        found = read_item(st, out);
        rc = sqlite3_step(st);
    }
    enum ww_err err = ww_store_done(store, st, rc);
    return err == WW_OK && !found ? WW_E_NOT_KNOWN : err;
}

enum ww_err ww_received_quarantine_octets(struct ww_store *store, uint64_t number, ww_received_octets_cb *cb,
                                          void *ctx)
{
    return ww_received_blob(store, store->quarantine[WW_QUARANTINE_OCTETS], number, cb, ctx);
}

static enum ww_err remove_one(struct ww_store *store, uint64_t number)
{
    sqlite3_stmt *st = store->quarantine[WW_QUARANTINE_REMOVE];
    int64_t came_at;
    enum ww_err err =
        ww_received_number(store, st, sqlite3_bind_int64(st, 1, (sqlite3_int64)number), &came_at);
    if (err == WW_OK && sqlite3_changes(store->db) == 0)
        return WW_E_NOT_KNOWN;
    return err == WW_OK ? ww_received_volume(store, came_at, 0, 0, -1) : err;
}

static void note_number(void *ctx, const struct ww_received_quarantine *item)
{
    uint64_t *number = ctx;
    *number = item->facts.number;
}

enum ww_err ww_received_quarantine_remove(struct ww_store *store, uint64_t number, size_t max,
                                          uint64_t *removed)
{
    enum ww_err err = WW_OK;
    *removed = 0;
    if (number != 0) {
        err = remove_one(store, number);
        *removed = err == WW_OK;
        return err;
    }
    while (err == WW_OK && *removed < max) {
        uint64_t last = 0;
        err = ww_received_quarantine_list(store, 0, 1, note_number, &last);
        if (err != WW_OK || last == 0)
            break;
        err = remove_one(store, last);
        *removed += err == WW_OK;
    }
    return err;
}
