#include "store/store_results.h"

#include "store/store_results_private.h"

#include <openssl/evp.h>

#define DIGEST_SIZE 16
/* Of a row, beside its texts. */
#define ROW_OCTETS 200

enum ww_err ww_results_step(struct ww_store *store, enum ww_results_statement which, int rc)
{
    sqlite3_stmt *st = store->results[which];
    return ww_store_done(store, st, rc == SQLITE_OK ? sqlite3_step(st) : rc);
}

enum ww_err ww_results_number(struct ww_store *store, enum ww_results_statement which, int rc, int64_t *out)
{
    sqlite3_stmt *st = store->results[which];
    if (rc == SQLITE_OK)
        rc = sqlite3_step(st);
    if (rc == SQLITE_ROW) {
        *out = sqlite3_column_int64(st, 0);
        rc = sqlite3_step(st);
    }
    return ww_store_done(store, st, rc);
}

int ww_results_bind_day(struct ww_store *store, enum ww_results_statement which, const char *domain,
                        int64_t day)
{
    int rc = ww_store_bind_text(store->results[which], 1, domain);
    return rc == SQLITE_OK ? sqlite3_bind_int64(store->results[which], 2, day) : rc;
}

enum ww_err ww_results_count_add(struct ww_store *store, int64_t day, int n)
{
    int rc = sqlite3_bind_int64(store->results[WW_RESULTS_COUNT_ADD], 1, day);
    if (rc == SQLITE_OK)
        rc = sqlite3_bind_int(store->results[WW_RESULTS_COUNT_ADD], 2, n);
    enum ww_err err = ww_results_step(store, WW_RESULTS_COUNT_ADD, rc);
    if (err != WW_OK || n > 0)
        return err;
    rc = sqlite3_bind_int64(store->results[WW_RESULTS_COUNT_REMOVE], 1, day);
    return ww_results_step(store, WW_RESULTS_COUNT_REMOVE, rc);
}

static struct ww_slice octets(const uint8_t *p, size_t n)
{
    return ww_slice((const char *)p, n);
}

enum ww_err ww_results_position(struct ww_store *store, const uint8_t journal[WW_RESULTS_JOURNAL_SIZE],
                                struct ww_results_position *out)
{
    sqlite3_stmt *st = store->results[WW_RESULTS_POSITION];
    *out = (struct ww_results_position){.known = false};
    int rc = ww_store_bind_blob(st, 1, octets(journal, WW_RESULTS_JOURNAL_SIZE));
    if (rc == SQLITE_OK)
        rc = sqlite3_step(st);
    if (rc == SQLITE_ROW) {
        out->known = true;
        out->position = (uint64_t)sqlite3_column_int64(st, 0);
        out->at = sqlite3_column_int64(st, 1);
        rc = sqlite3_step(st);
    }
    return ww_store_done(store, st, rc);
}

enum ww_err ww_results_put_position(struct ww_store *store, const uint8_t journal[WW_RESULTS_JOURNAL_SIZE],
                                    uint64_t position, int64_t now)
{
    const struct ww_slice name = octets(journal, WW_RESULTS_JOURNAL_SIZE);
    sqlite3_stmt *st = store->results[WW_RESULTS_POSITION_PUT];
    int rc = ww_store_bind_blob(st, 1, name);
    if (rc == SQLITE_OK)
        rc = sqlite3_bind_int64(st, 2, (sqlite3_int64)position);
    if (rc == SQLITE_OK)
        rc = sqlite3_bind_int64(st, 3, now);
    enum ww_err err = ww_results_step(store, WW_RESULTS_POSITION_PUT, rc);
    if (err != WW_OK)
        return err;
    st = store->results[WW_RESULTS_POSITION_TRIM];
    rc = ww_store_bind_blob(st, 1, name);
    if (rc == SQLITE_OK)
        rc = sqlite3_bind_int(st, 2, WW_RESULTS_JOURNALS_MAX);
    return ww_results_step(store, WW_RESULTS_POSITION_TRIM, rc);
}

/* Each text after its length, behind the type, behind a word that says what it is a digest of. */
static bool digest(const char *what, int type, const struct ww_slice *texts, size_t count,
                   uint8_t out[DIGEST_SIZE])
{
    unsigned char whole[EVP_MAX_MD_SIZE];
    const uint32_t kind = (uint32_t)type;
    unsigned n = 0;
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    bool good = ctx != NULL && EVP_DigestInit_ex(ctx, EVP_sha256(), NULL) == 1 &&
                EVP_DigestUpdate(ctx, what, strlen(what) + 1) == 1 &&
                EVP_DigestUpdate(ctx, &kind, sizeof kind) == 1;
    for (size_t i = 0; good && i < count; i++) {
        const uint64_t length = texts[i].n;
        good = EVP_DigestUpdate(ctx, &length, sizeof length) == 1 &&
               EVP_DigestUpdate(ctx, texts[i].n > 0 ? texts[i].p : "", texts[i].n) == 1;
    }
    good = good && EVP_DigestFinal_ex(ctx, whole, &n) == 1 && n >= DIGEST_SIZE;
    EVP_MD_CTX_free(ctx);
    if (good)
        memcpy(out, whole, DIGEST_SIZE);
    return good;
}

/* Where sessions are added. */
struct place {
    const char *domain;
    int64_t day;
    int64_t part;
    uint8_t policy[DIGEST_SIZE];
    uint8_t detail[DIGEST_SIZE];
};

static int bind_part(sqlite3_stmt *st, const struct place *at)
{
    int rc = ww_store_bind_text(st, 1, at->domain);
    if (rc == SQLITE_OK)
        rc = sqlite3_bind_int64(st, 2, at->day);
    return rc == SQLITE_OK ? sqlite3_bind_int64(st, 3, at->part) : rc;
}

static int bind_policy(sqlite3_stmt *st, const struct place *at)
{
    int rc = bind_part(st, at);
    return rc == SQLITE_OK ? ww_store_bind_blob(st, 4, octets(at->policy, DIGEST_SIZE)) : rc;
}

static int bind_detail(sqlite3_stmt *st, const struct place *at)
{
    int rc = bind_policy(st, at);
    return rc == SQLITE_OK ? ww_store_bind_blob(st, 5, octets(at->detail, DIGEST_SIZE)) : rc;
}

/* From the parameter on. */
static int bind_texts(sqlite3_stmt *st, int i, const struct ww_slice *texts, size_t count)
{
    int rc = SQLITE_OK;
    for (size_t k = 0; rc == SQLITE_OK && k < count; k++)
        rc = ww_store_bind_slice(st, i + (int)k, texts[k]);
    return rc;
}

static enum ww_err find_day(struct ww_store *store, enum ww_results_statement which, struct place *at,
                            struct ww_slice record, int64_t now)
{
    sqlite3_stmt *st = store->results[which];
    int rc = ww_results_bind_day(store, which, at->domain, at->day);
    at->part = 0;
    if (rc == SQLITE_OK)
        rc = ww_store_bind_slice(st, 3, record);
    if (rc == SQLITE_OK)
        rc = sqlite3_bind_int64(st, 4, now);
    return ww_results_number(store, which, rc, &at->part);
}

/* The domain's open day, or a new one; when there are too many domains, that of "". */
static enum ww_err open_day(struct ww_store *store, struct place *at, struct ww_slice record, int64_t now)
{
    int64_t domains = 0;
    enum ww_err err = find_day(store, WW_RESULTS_DAY_AGAIN, at, record, now);
    if (err != WW_OK || at->part > 0)
        return err;
    int rc = sqlite3_bind_int64(store->results[WW_RESULTS_COUNT], 1, at->day);
    err = ww_results_number(store, WW_RESULTS_COUNT, rc, &domains);
    if (err == WW_OK && domains >= WW_RESULTS_DOMAINS_MAX && at->domain[0] != '\0') {
        at->domain = "";
        return open_day(store, at, ww_slice("", 0), now);
    }
    if (err == WW_OK)
        err = find_day(store, WW_RESULTS_DAY_FIRST, at, record, now);
    return err == WW_OK ? ww_results_count_add(store, at->day, 1) : err;
}

/* Whether no more is kept apart, there or on that day at all; rc is of the statement that counts. */
static enum ww_err is_full(struct ww_store *store, const struct place *at, enum ww_results_statement which,
                           int rc, int64_t max, bool *full)
{
    int64_t count = 0, taken = 0;
    enum ww_err err = ww_results_number(store, which, rc, &count);
    if (err == WW_OK)
        err = ww_results_number(store, WW_RESULTS_OCTETS,
                                sqlite3_bind_int64(store->results[WW_RESULTS_OCTETS], 1, at->day), &taken);
    *full = count >= max || taken >= WW_RESULTS_OCTETS_MAX;
    return err;
}

static enum ww_err take_octets(struct ww_store *store, const struct place *at, const struct ww_slice *texts,
                               size_t count)
{
    sqlite3_stmt *st = store->results[WW_RESULTS_OCTETS_ADD];
    int64_t n = ROW_OCTETS;
    for (size_t i = 0; i < count; i++)
        n += (int64_t)texts[i].n;
    int rc = sqlite3_bind_int64(st, 1, at->day);
    if (rc == SQLITE_OK)
        rc = sqlite3_bind_int64(st, 2, n);
    return ww_results_step(store, WW_RESULTS_OCTETS_ADD, rc);
}

static int bind_counts(sqlite3_stmt *st, const struct ww_sessions *s)
{
    int rc = sqlite3_bind_int64(st, 5, s->success);
    if (rc == SQLITE_OK)
        rc = sqlite3_bind_int64(st, 6, s->unverified);
    return rc == SQLITE_OK ? sqlite3_bind_int64(st, 7, s->failure) : rc;
}

/* True in *found when there was such a policy. */
static enum ww_err add_to_policy(struct ww_store *store, const struct place *at, const struct ww_sessions *s,
                                 bool *found)
{
    sqlite3_stmt *st = store->results[WW_RESULTS_POLICY_AGAIN];
    int rc = bind_policy(st, at);
    if (rc == SQLITE_OK)
        rc = bind_counts(st, s);
    enum ww_err err = ww_results_step(store, WW_RESULTS_POLICY_AGAIN, rc);
    *found = err == WW_OK && sqlite3_changes(store->db) > 0;
    return err;
}

static enum ww_err put_policy(struct ww_store *store, const struct place *at, const struct ww_sessions *s,
                              const struct ww_slice texts[3])
{
    sqlite3_stmt *st = store->results[WW_RESULTS_POLICY_PUT];
    int rc = bind_policy(st, at);
    if (rc == SQLITE_OK)
        rc = bind_counts(st, s);
    if (rc == SQLITE_OK)
        rc = sqlite3_bind_int(st, 8, (int)s->policy.type);
    if (rc == SQLITE_OK)
        rc = bind_texts(st, 9, texts, 3);
    enum ww_err err = ww_results_step(store, WW_RESULTS_POLICY_PUT, rc);
    return err == WW_OK ? take_octets(store, at, texts, 3) : err;
}

static enum ww_err add_policy(struct ww_store *store, struct place *at, const struct ww_sessions *s)
{
    const bool unlisted = at->domain[0] == '\0';
    const struct ww_slice named[3] = {ww_slice_str(s->policy.domain), s->policy.strings, s->policy.mx_hosts};
    /* Of the domain itself there is one without strings for each type. */
    const struct ww_slice other[3] = {ww_slice_str(at->domain), ww_slice("", 0), ww_slice("", 0)};
    const struct ww_slice *texts = unlisted ? other : named;
    bool found, full = false;
    if (!digest("policy", (int)s->policy.type, texts, 3, at->policy))
        return WW_E_NO_MEMORY;
    enum ww_err err = add_to_policy(store, at, s, &found);
    if (err != WW_OK || found)
        return err;
    err = is_full(store, at, WW_RESULTS_POLICY_COUNT, bind_part(store->results[WW_RESULTS_POLICY_COUNT], at),
                  WW_RESULTS_POLICIES_MAX, &full);
    if (err == WW_OK && full && texts == named) {
        texts = other;
        if (!digest("policy", (int)s->policy.type, texts, 3, at->policy))
            return WW_E_NO_MEMORY;
        err = add_to_policy(store, at, s, &found);
    }
    return err == WW_OK && !found ? put_policy(store, at, s, texts) : err;
}

static enum ww_err add_to_detail(struct ww_store *store, const struct place *at, int64_t count, bool *found)
{
    sqlite3_stmt *st = store->results[WW_RESULTS_DETAIL_AGAIN];
    int rc = bind_detail(st, at);
    if (rc == SQLITE_OK)
        rc = sqlite3_bind_int64(st, 6, count);
    enum ww_err err = ww_results_step(store, WW_RESULTS_DETAIL_AGAIN, rc);
    *found = err == WW_OK && sqlite3_changes(store->db) > 0;
    return err;
}

static enum ww_err put_detail(struct ww_store *store, const struct place *at,
                              const struct ww_sessions_detail *d, const struct ww_slice texts[6])
{
    sqlite3_stmt *st = store->results[WW_RESULTS_DETAIL_PUT];
    int rc = bind_detail(st, at);
    if (rc == SQLITE_OK)
        rc = sqlite3_bind_int64(st, 6, d->count);
    if (rc == SQLITE_OK)
        rc = sqlite3_bind_int(st, 7, (int)d->type);
    if (rc == SQLITE_OK)
        rc = bind_texts(st, 8, texts, 6);
    enum ww_err err = ww_results_step(store, WW_RESULTS_DETAIL_PUT, rc);
    return err == WW_OK ? take_octets(store, at, texts, 6) : err;
}

static enum ww_err add_detail(struct ww_store *store, struct place *at, const struct ww_sessions_detail *d)
{
    const struct ww_slice named[6] = {d->sending_ip,   d->receiving_mx, d->helo,
                                      d->receiving_ip, d->info,         d->reason};
    const struct ww_slice other[6] = {[5] = ww_slice_str(WW_RESULTS_OTHER)};
    const struct ww_slice *texts = at->domain[0] == '\0' ? other : named;
    bool found, full = false;
    if (!digest("detail", (int)d->type, texts, 6, at->detail))
        return WW_E_NO_MEMORY;
    enum ww_err err = add_to_detail(store, at, d->count, &found);
    if (err != WW_OK || found)
        return err;
    err = is_full(store, at, WW_RESULTS_DETAIL_COUNT,
                  bind_policy(store->results[WW_RESULTS_DETAIL_COUNT], at), WW_RESULTS_DETAILS_MAX, &full);
    if (err == WW_OK && full && texts == named) {
        texts = other;
        if (!digest("detail", (int)d->type, texts, 6, at->detail))
            return WW_E_NO_MEMORY;
        err = add_to_detail(store, at, d->count, &found);
    }
    return err == WW_OK && !found ? put_detail(store, at, d, texts) : err;
}

static bool is_absurd(int64_t count)
{
    return count > WW_RESULTS_COUNT_MAX || count < -WW_RESULTS_COUNT_MAX;
}

enum ww_err ww_results_add(struct ww_store *store, const struct ww_sessions *sessions, int64_t now,
                           bool *listed)
{
    struct place at = {.domain = sessions->domain, .day = sessions->day};
    bool absurd =
        is_absurd(sessions->success) || is_absurd(sessions->unverified) || is_absurd(sessions->failure);
    for (size_t i = 0; i < sessions->detail_count; i++)
        absurd |= is_absurd(sessions->details[i].count);
    *listed = true;
    if (absurd)
        return WW_E_TOO_LONG;
    enum ww_err err = open_day(store, &at, sessions->record, now);
    if (err == WW_OK)
        err = add_policy(store, &at, sessions);
    for (size_t i = 0; err == WW_OK && i < sessions->detail_count; i++)
        err = add_detail(store, &at, &sessions->details[i]);
    *listed = at.domain[0] != '\0';
    return err;
}
