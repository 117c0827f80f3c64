#include "store/history.h"

#include "store/store_db.h"

#include <openssl/evp.h>

#define CONFIRM_STEP "3600"

/* Behind every domain. */
#define LAST_PLACE "~"

const char *const ww_history_sql[WW_HISTORY_STATEMENTS] = {
    /* ?4 fetched, ?5 seen, ?6 to ?9 the origin: NULL leaves what is known */
    [WW_HISTORY_AGAIN] = "UPDATE policy_history SET"
                         " turns = turns + CASE WHEN turn < latest.top THEN 1 ELSE 0 END,"
                         " turn = latest.top + CASE WHEN turn < latest.top THEN 1 ELSE 0 END,"
                         " first_seen = min(first_seen, ?4), last_seen = ?5,"
                         " address = coalesce(?6, address), fingerprint = coalesce(?7, fingerprint),"
                         " issuer = coalesce(?8, issuer), not_after = coalesce(?9, not_after)"
                         " FROM (SELECT max(turn) AS top FROM policy_history WHERE domain = ?1) AS latest"
                         " WHERE domain = ?1 AND id = ?2 AND hash = ?3",
    [WW_HISTORY_FIRST] =
        "INSERT INTO policy_history (domain, id, hash, turn, turns, first_seen, last_seen, mode, size,"
        " address, fingerprint, issuer, not_after, body)"
        " SELECT ?1, ?2, ?3, coalesce(max(turn), 0) + 1, 1, ?4, ?5, ?10, ?11, ?6, ?7, ?8, ?9, ?12"
        " FROM policy_history WHERE domain = ?1",
    [WW_HISTORY_TRIM] =
        "DELETE FROM policy_history WHERE domain = ?1 AND turn <= (SELECT turn FROM policy_history"
        " WHERE domain = ?1 ORDER BY turn DESC LIMIT 1 OFFSET ?2)",
    [WW_HISTORY_CONFIRM] = "UPDATE policy_history SET last_seen = ?3 WHERE domain = ?1 AND id = ?2"
                           " AND last_seen + " CONFIRM_STEP " <= ?3"
                           " AND turn = (SELECT max(turn) FROM policy_history WHERE domain = ?1)",
    [WW_HISTORY_LIST] =
        "SELECT h.id, h.hash, h.turn, h.turns, h.first_seen, max(h.last_seen, coalesce(p.checked, 0)),"
        " coalesce(p.expires, 0), h.mode, h.size, h.address, h.fingerprint, h.issuer, h.not_after, h.body"
        " FROM policy_history AS h LEFT JOIN policy AS p ON p.domain = h.domain AND p.id = h.id"
        " AND h.turn = (SELECT max(turn) FROM policy_history WHERE domain = ?1)"
        " WHERE h.domain = ?1 AND h.turn < ?2 ORDER BY h.turn DESC LIMIT ?3",
    [WW_HISTORY_PART] =
        "SELECT domain FROM policy_history WHERE domain > ?1 ORDER BY domain LIMIT 1 OFFSET ?2",
    [WW_HISTORY_PURGE] =
        "DELETE FROM policy_history WHERE domain > ?1 AND domain <= ?2 AND last_seen < ?3 AND NOT EXISTS"
        " (SELECT 1 FROM policy AS p WHERE p.domain = policy_history.domain AND p.id = policy_history.id)",
};

static bool hash_body(struct ww_slice body, uint8_t out[WW_VERSION_HASH_SIZE])
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned n = 0;
    if (EVP_Digest(body.p, body.n, digest, &n, EVP_sha256(), NULL) != 1 || n != WW_VERSION_HASH_SIZE)
        return false;
    memcpy(out, digest, WW_VERSION_HASH_SIZE);
    return true;
}

void ww_history_prepare(void)
{
    uint8_t hash[WW_VERSION_HASH_SIZE];
    (void)hash_body(ww_slice("", 0), hash);
}

static int bind_origin(sqlite3_stmt *st, int i, const struct ww_origin *origin)
{
    if (origin == NULL || origin->address[0] == '\0')
        return SQLITE_OK; /* what is not bound is NULL */
    int rc = ww_store_bind_text(st, i, origin->address);
    if (rc == SQLITE_OK)
        rc = ww_store_bind_blob(
            st, i + 1, ww_slice((const char *)origin->cert.fingerprint, sizeof origin->cert.fingerprint));
    if (rc == SQLITE_OK)
        rc = ww_store_bind_text(st, i + 2, origin->cert.issuer);
    if (rc == SQLITE_OK)
        rc = sqlite3_bind_int64(st, i + 3, origin->cert.not_after);
    return rc;
}

/* What both writes of a version have in common: parameters 1 to 9. */
static int bind_version(sqlite3_stmt *st, const struct ww_stored_policy *policy, const uint8_t *hash)
{
    int64_t seen = policy->checked > policy->fetched ? policy->checked : policy->fetched;
    int rc = ww_store_bind_text(st, 1, policy->domain);
    if (rc == SQLITE_OK)
        rc = ww_store_bind_text(st, 2, policy->id);
    if (rc == SQLITE_OK)
        rc = ww_store_bind_blob(st, 3, ww_slice((const char *)hash, WW_VERSION_HASH_SIZE));
    if (rc == SQLITE_OK)
        rc = sqlite3_bind_int64(st, 4, policy->fetched);
    if (rc == SQLITE_OK)
        rc = sqlite3_bind_int64(st, 5, seen);
    return rc == SQLITE_OK ? bind_origin(st, 6, policy->origin) : rc;
}

static enum ww_err put_again(struct ww_store *store, const struct ww_stored_policy *policy,
                             const uint8_t *hash)
{
    sqlite3_stmt *st = store->history[WW_HISTORY_AGAIN];
    int rc = bind_version(st, policy, hash);
    return ww_store_done(store, st, rc == SQLITE_OK ? sqlite3_step(st) : rc);
}

static enum ww_err put_first(struct ww_store *store, const struct ww_stored_policy *policy,
                             const uint8_t *hash)
{
    sqlite3_stmt *st = store->history[WW_HISTORY_FIRST];
    int rc = bind_version(st, policy, hash);
    if (rc == SQLITE_OK)
        rc = sqlite3_bind_int(st, 10, (int)policy->mode);
    if (rc == SQLITE_OK)
        rc = sqlite3_bind_int64(st, 11, (sqlite3_int64)policy->body.n);
    if (rc == SQLITE_OK && policy->body.n <= WW_VERSION_BODY_MAX)
        rc = ww_store_bind_blob(st, 12, policy->body);
    return ww_store_done(store, st, rc == SQLITE_OK ? sqlite3_step(st) : rc);
}

static enum ww_err trim(struct ww_store *store, const char *domain, unsigned versions)
{
    sqlite3_stmt *st = store->history[WW_HISTORY_TRIM];
    int rc = ww_store_bind_text(st, 1, domain);
    if (rc == SQLITE_OK)
        rc = sqlite3_bind_int64(st, 2, versions > 0 ? versions : 1);
    return ww_store_done(store, st, rc == SQLITE_OK ? sqlite3_step(st) : rc);
}

enum ww_err ww_history_put(struct ww_store *store, const struct ww_stored_policy *policy, unsigned versions)
{
    uint8_t hash[WW_VERSION_HASH_SIZE];
    if (!hash_body(policy->body, hash))
        return WW_E_NO_MEMORY;
    enum ww_err err = put_again(store, policy, hash);
    if (err != WW_OK || sqlite3_changes(store->db) > 0)
        return err;
    err = put_first(store, policy, hash);
    return err == WW_OK ? trim(store, policy->domain, versions) : err;
}

enum ww_err ww_history_confirm(struct ww_store *store, const char *domain, const char *id, int64_t seen)
{
    sqlite3_stmt *st = store->history[WW_HISTORY_CONFIRM];
    int rc = ww_store_bind_text(st, 1, domain);
    if (rc == SQLITE_OK)
        rc = ww_store_bind_text(st, 2, id);
    if (rc == SQLITE_OK)
        rc = sqlite3_bind_int64(st, 3, seen);
    return ww_store_done(store, st, rc == SQLITE_OK ? sqlite3_step(st) : rc);
}

static bool read_hash(sqlite3_stmt *st, int column, uint8_t out[WW_VERSION_HASH_SIZE])
{
    const void *hash = sqlite3_column_blob(st, column);
    if (hash == NULL || sqlite3_column_bytes(st, column) != WW_VERSION_HASH_SIZE)
        return false;
    memcpy(out, hash, WW_VERSION_HASH_SIZE);
    return true;
}
_Static_assert(WW_FINGERPRINT_SIZE == WW_VERSION_HASH_SIZE, "read_hash reads both");

static void read_origin(sqlite3_stmt *st, int column, struct ww_origin *out)
{
    memset(out, 0, sizeof *out);
    if (!ww_store_column_text(st, column, out->address, sizeof out->address))
        return;
    (void)read_hash(st, column + 1, out->cert.fingerprint);
    (void)ww_store_column_text(st, column + 2, out->cert.issuer, sizeof out->cert.issuer);
    out->cert.not_after = sqlite3_column_int64(st, column + 3);
}

/* False for a row that we cannot have written. */
static bool read_version(sqlite3_stmt *st, struct ww_version *out)
{
    if (!ww_store_column_text(st, 0, out->id, sizeof out->id) || !read_hash(st, 1, out->hash))
        return false;
    out->turn = sqlite3_column_int64(st, 2);
    out->turns = sqlite3_column_int64(st, 3);
    out->first_seen = sqlite3_column_int64(st, 4);
    out->last_seen = sqlite3_column_int64(st, 5);
    out->expires = sqlite3_column_int64(st, 6);
    int mode = sqlite3_column_int(st, 7);
    int64_t size = sqlite3_column_int64(st, 8);
    read_origin(st, 9, &out->origin);
    const char *body = sqlite3_column_blob(st, 13);
    int body_n = sqlite3_column_bytes(st, 13);
    if (mode < WW_MODE_NONE || mode > WW_MODE_ENFORCE || size < 0 || size > WW_POLICY_BODY_MAX ||
        (body != NULL && body_n != size) || body_n > WW_VERSION_BODY_MAX)
        return false;
    out->mode = (enum ww_policy_mode)mode;
    out->size = (size_t)size;
    out->body = ww_slice(body, body != NULL ? (size_t)body_n : 0);
    return true;
}

enum ww_err ww_history_list(struct ww_store *store, const char *domain, int64_t before, size_t max,
                            ww_version_cb *cb, void *ctx)
{
    sqlite3_stmt *st = store->history[WW_HISTORY_LIST];
    int rc = ww_store_bind_text(st, 1, domain);
    if (rc == SQLITE_OK)
        rc = sqlite3_bind_int64(st, 2, before);
    if (rc == SQLITE_OK)
        rc = sqlite3_bind_int64(st, 3, (sqlite3_int64)max);
    if (rc == SQLITE_OK)
        rc = sqlite3_step(st);
    for (; rc == SQLITE_ROW; rc = sqlite3_step(st)) {
        struct ww_version version;
        if (read_version(st, &version))
            cb(ctx, &version);
    }
    return ww_store_done(store, st, rc);
}

/* Where the next part ends: the domain of the row that many rows on. */
static enum ww_err find_end(struct ww_store *store, const char *place, size_t rows, char out[WW_DNAME_SIZE])
{
    sqlite3_stmt *st = store->history[WW_HISTORY_PART];
    memcpy(out, LAST_PLACE, sizeof LAST_PLACE);
    int rc = ww_store_bind_text(st, 1, place);
    if (rc == SQLITE_OK)
        rc = sqlite3_bind_int64(st, 2, (sqlite3_int64)rows);
    if (rc == SQLITE_OK)
        rc = sqlite3_step(st);
    if (rc == SQLITE_ROW) {
        if (!ww_store_column_text(st, 0, out, WW_DNAME_SIZE))
            memcpy(out, LAST_PLACE, sizeof LAST_PLACE);
        rc = SQLITE_DONE;
    }
    return ww_store_done(store, st, rc);
}

enum ww_err ww_history_purge(struct ww_store *store, int64_t now, int64_t keep, size_t rows,
                             char place[WW_DNAME_SIZE])
{
    char end[WW_DNAME_SIZE];
    sqlite3_stmt *st = store->history[WW_HISTORY_PURGE];
    enum ww_err err = find_end(store, place, rows, end);
    if (err != WW_OK)
        return err;
    int rc = ww_store_bind_text(st, 1, place);
    if (rc == SQLITE_OK)
        rc = ww_store_bind_text(st, 2, end);
    if (rc == SQLITE_OK)
        rc = sqlite3_bind_int64(st, 3, (now < store->last_fetch ? now : store->last_fetch) - keep);
    err = ww_store_done(store, st, rc == SQLITE_OK ? sqlite3_step(st) : rc);
    if (err != WW_OK)
        return err;
    if (strcmp(end, LAST_PLACE) == 0)
        end[0] = '\0';
    memcpy(place, end, strlen(end) + 1);
    return WW_OK;
}
