/* What belongs to a published domain: its hosts, the policies that were served, what has happened to it. */
#include "store/store_publish_private.h"

#include <stdlib.h>

static int bind_mx(sqlite3_stmt *st, const char *domain, const struct ww_published_mx *mx, size_t place)
{
    int rc = ww_store_bind_text(st, 1, domain);
    const int64_t numbers[] = {mx->seen_at, mx->gone_at, mx->tls};
    if (rc == SQLITE_OK)
        rc = sqlite3_bind_int64(st, 2, (sqlite3_int64)place);
    if (rc == SQLITE_OK)
        rc = ww_store_bind_text(st, 3, mx->name);
    for (int i = 0; rc == SQLITE_OK && i < 3; i++)
        rc = sqlite3_bind_int64(st, 4 + i, numbers[i]);
    return rc == SQLITE_OK ? ww_store_bind_text(st, 7, mx->why) : rc;
}

enum ww_err ww_publish_put_mx(struct ww_store *store, const char *domain, const struct ww_published_mx *mx,
                              size_t count)
{
    sqlite3_stmt *st = store->publish[WW_PUBLISH_SQL_MX_PUT];
    enum ww_err err = ww_publish_step_of(store, WW_PUBLISH_SQL_MX_REMOVE, domain);
    for (size_t i = 0; err == WW_OK && i < count; i++)
        err = ww_publish_step(store, WW_PUBLISH_SQL_MX_PUT, bind_mx(st, domain, &mx[i], i));
    return err;
}

static bool read_mx(sqlite3_stmt *st, struct ww_published_mx *mx)
{
    int tls = sqlite3_column_int(st, 3);
    *mx = (struct ww_published_mx){.seen_at = sqlite3_column_int64(st, 1),
                                   .gone_at = sqlite3_column_int64(st, 2),
                                   .tls = tls == WW_PUBLISHED_MX_GOOD  ? WW_PUBLISHED_MX_GOOD
                                          : tls == WW_PUBLISHED_MX_BAD ? WW_PUBLISHED_MX_BAD
                                                                       : WW_PUBLISHED_MX_UNKNOWN};
    return ww_store_column_text(st, 0, mx->name, sizeof mx->name) &&
           ww_store_column_text(st, 4, mx->why, sizeof mx->why);
}

/* Of a domain, at most so many. */
static int bind_some(sqlite3_stmt *st, const char *domain, size_t max)
{
    int rc = ww_store_bind_text(st, 1, domain);
    return rc == SQLITE_OK ? sqlite3_bind_int64(st, 2, (sqlite3_int64)max) : rc;
}

enum ww_err ww_publish_get_mx(struct ww_store *store, const char *domain,
                              struct ww_published_mx mx[WW_PUBLISHED_MX_MAX], size_t *count)
{
    sqlite3_stmt *st = store->publish[WW_PUBLISH_SQL_MX_LIST];
    int rc = bind_some(st, domain, WW_PUBLISHED_MX_MAX);
    *count = 0;
    if (rc == SQLITE_OK)
        rc = sqlite3_step(st);
    for (; rc == SQLITE_ROW; rc = sqlite3_step(st))
        *count += read_mx(st, &mx[*count]);
    return ww_store_done(store, st, rc);
}

enum ww_err ww_publish_serve(struct ww_store *store, const char *domain, const struct ww_served *policy,
                             int64_t now)
{
    sqlite3_stmt *st = store->publish[WW_PUBLISH_SQL_SERVE];
    struct ww_policy read;
    size_t offset;
    enum ww_err err = ww_policy_parse(policy->body.p, policy->body.n, &read, &offset);
    if (err == WW_OK)
        err = ww_publish_unserve(store, domain, now);
    if (err != WW_OK)
        return err;
    int rc = ww_store_bind_text(st, 1, domain);
    if (rc == SQLITE_OK)
        rc = ww_store_bind_text(st, 2, policy->id);
    if (rc == SQLITE_OK)
        rc = sqlite3_bind_int64(st, 3, now);
    if (rc == SQLITE_OK)
        rc = sqlite3_bind_int64(st, 4, read.max_age);
    if (rc == SQLITE_OK)
        rc = ww_store_bind_blob(st, 5, policy->body);
    return ww_publish_step(store, WW_PUBLISH_SQL_SERVE, rc);
}

enum ww_err ww_publish_unserve(struct ww_store *store, const char *domain, int64_t now)
{
    return ww_publish_step_at(store, WW_PUBLISH_SQL_UNSERVE, domain, now);
}

enum ww_err ww_publish_shown(struct ww_store *store, const char *domain, const char *before, const char *id,
                             int64_t at)
{
    sqlite3_stmt *st = store->publish[WW_PUBLISH_SQL_SHOWN];
    int rc = ww_store_bind_text(st, 1, domain);
    if (rc == SQLITE_OK)
        rc = ww_store_bind_text(st, 2, before);
    if (rc == SQLITE_OK)
        rc = ww_store_bind_text(st, 3, id);
    if (rc == SQLITE_OK)
        rc = sqlite3_bind_int64(st, 4, at);
    return ww_publish_step(store, WW_PUBLISH_SQL_SHOWN, rc);
}

static enum ww_err trim_foreign(struct ww_store *store, const char *domain)
{
    return ww_publish_step_at(store, WW_PUBLISH_SQL_FOREIGN_TRIM, domain, WW_PUBLISHED_FOREIGN_MAX);
}

enum ww_err ww_publish_foreign(struct ww_store *store, const char *domain, const struct ww_served *policy,
                               int64_t at)
{
    sqlite3_stmt *st = store->publish[WW_PUBLISH_SQL_FOREIGN_PUT];
    struct ww_policy read;
    size_t offset;
    enum ww_err err = ww_policy_parse(policy->body.p, policy->body.n, &read, &offset);
    if (err == WW_OK)
        err = ww_publish_foreign_over(store, domain, at);
    if (err != WW_OK)
        return err;
    int rc = ww_store_bind_text(st, 1, domain);
    if (rc == SQLITE_OK)
        rc = ww_store_bind_blob(st, 2, policy->body);
    if (rc == SQLITE_OK)
        rc = ww_store_bind_text(st, 3, policy->id);
    if (rc == SQLITE_OK)
        rc = sqlite3_bind_int64(st, 4, at);
    if (rc == SQLITE_OK)
        rc = sqlite3_bind_int64(st, 5, read.max_age);
    err = ww_publish_step(store, WW_PUBLISH_SQL_FOREIGN_PUT, rc);
    return err == WW_OK ? trim_foreign(store, domain) : err;
}

enum ww_err ww_publish_foreign_over(struct ww_store *store, const char *domain, int64_t at)
{
    return ww_publish_step_at(store, WW_PUBLISH_SQL_FOREIGN_OVER, domain, at);
}

struct bodies {
    char *space;
    size_t n;
};

/* Bodies move while there come more: each is found again by what lies before it. */
static bool keep_body(struct bodies *b, sqlite3_stmt *st, int column, struct ww_served *s)
{
    const void *p = sqlite3_column_blob(st, column);
    size_t n = (size_t)sqlite3_column_bytes(st, column);
    if (p == NULL || n == 0 || n > WW_PUBLISHED_BODY_MAX)
        return false;
    char *longer = realloc(b->space, b->n + n);
    if (longer == NULL)
        return false;
    memcpy(longer + b->n, p, n);
    b->space = longer;
    b->n += n;
    s->body = ww_slice(NULL, n);
    return true;
}

static int bind_served(sqlite3_stmt *st, const char *domain, int64_t after, int max)
{
    int rc = ww_store_bind_text(st, 1, domain);
    if (rc == SQLITE_OK)
        rc = sqlite3_bind_int64(st, 2, after);
    return rc == SQLITE_OK ? sqlite3_bind_int(st, 3, max) : rc;
}

/* What binds senders is known whole, or not at all. */
static enum ww_err read_served(struct ww_store *store, sqlite3_stmt *st, int rc, bool foreign,
                               struct ww_served *served, size_t *count, struct bodies *bodies)
{
    bool whole = true;
    if (rc == SQLITE_OK)
        rc = sqlite3_step(st);
    for (; rc == SQLITE_ROW; rc = sqlite3_step(st)) {
        struct ww_served *s = &served[*count];
        *s = (struct ww_served){
            .since = sqlite3_column_int64(st, 1), .until = sqlite3_column_int64(st, 2), .foreign = foreign};
        bool kept = ww_store_column_text(st, 0, s->id, sizeof s->id) && keep_body(bodies, st, 3, s);
        whole = whole && kept;
        *count += kept;
    }
    enum ww_err err = ww_store_done(store, st, rc);
    return err == WW_OK && !whole ? WW_E_NO_MEMORY : err;
}

enum ww_err ww_publish_served(struct ww_store *store, const char *domain, int64_t now,
                              struct ww_served served[WW_PUBLISHED_SERVED_MAX], size_t *count, char **space)
{
    sqlite3_stmt *own = store->publish[WW_PUBLISH_SQL_SERVED],
                 *foreign = store->publish[WW_PUBLISH_SQL_FOREIGN_LIST];
    struct bodies bodies = {NULL, 0};
    *count = 0;
    int rc = bind_served(foreign, domain, now - WW_PUBLISH_SERVED_SECONDS, WW_PUBLISHED_FOREIGN_MAX);
    enum ww_err err = read_served(store, foreign, rc, true, served, count, &bodies);
    rc = bind_served(own, domain, now - WW_POLICY_MAX_AGE_MAX, WW_PUBLISHED_OWN_MAX);
    if (err == WW_OK)
        err = read_served(store, own, rc, false, served, count, &bodies);
    const char *at = bodies.space;
    for (size_t i = 0; i < *count; at += served[i++].body.n)
        served[i].body.p = at;
    *space = bodies.space;
    return err;
}

static enum ww_err purge(struct ww_store *store, enum ww_publish_statement which, int64_t now, size_t max)
{
    sqlite3_stmt *st = store->publish[which];
    int rc = sqlite3_bind_int64(st, 1, now - WW_PUBLISH_SERVED_SECONDS);
    if (rc == SQLITE_OK)
        rc = sqlite3_bind_int64(st, 2, (sqlite3_int64)max);
    return ww_publish_step(store, which, rc);
}

enum ww_err ww_publish_purge(struct ww_store *store, int64_t now, size_t max)
{
    enum ww_err err = purge(store, WW_PUBLISH_SQL_PURGE, now, max);
    return err == WW_OK ? purge(store, WW_PUBLISH_SQL_FOREIGN_PURGE, now, max) : err;
}

static const struct ww_served *read_site(sqlite3_stmt *st, struct ww_served *s)
{
    const char *body = sqlite3_column_blob(st, WW_PUBLISH_COLUMN_COUNT + 2);
    *s = (struct ww_served){.since = sqlite3_column_int64(st, WW_PUBLISH_COLUMN_COUNT + 1)};
    if (body == NULL || !ww_store_column_text(st, WW_PUBLISH_COLUMN_COUNT, s->id, sizeof s->id))
        return NULL;
    s->body = ww_slice(body, (size_t)sqlite3_column_bytes(st, WW_PUBLISH_COLUMN_COUNT + 2));
    return s->body.n <= WW_PUBLISHED_BODY_MAX ? s : NULL;
}

enum ww_err ww_publish_sites(struct ww_store *store, const char *after, size_t max, ww_publish_site *site,
                             void *ctx)
{
    sqlite3_stmt *st = store->publish[WW_PUBLISH_SQL_SITES];
    struct ww_published domain;
    struct ww_served served;
    int rc = bind_some(st, after, max);
    if (rc == SQLITE_OK)
        rc = sqlite3_step(st);
    for (; rc == SQLITE_ROW; rc = sqlite3_step(st))
        if (ww_publish_read(st, &domain))
            site(ctx, &domain, read_site(st, &served));
    return ww_store_done(store, st, rc);
}

enum ww_err ww_publish_note(struct ww_store *store, const char *domain, int64_t at, const char *words)
{
    sqlite3_stmt *st = store->publish[WW_PUBLISH_SQL_NOTE];
    int rc = ww_store_bind_text(st, 1, domain);
    if (rc == SQLITE_OK)
        rc = sqlite3_bind_int64(st, 2, at);
    if (rc == SQLITE_OK)
        rc = ww_store_bind_text(st, 3, words);
    enum ww_err err = ww_publish_step(store, WW_PUBLISH_SQL_NOTE, rc);
    return err == WW_OK ? ww_publish_step_at(store, WW_PUBLISH_SQL_NOTE_TRIM, domain, WW_PUBLISH_LOG_MAX)
                        : err;
}

enum ww_err ww_publish_notes(struct ww_store *store, const char *domain, size_t max, ww_publish_noted *noted,
                             void *ctx)
{
    sqlite3_stmt *st = store->publish[WW_PUBLISH_SQL_NOTES];
    char words[WW_PUBLISHED_WORDS_SIZE];
    int rc = bind_some(st, domain, max);
    if (rc == SQLITE_OK)
        rc = sqlite3_step(st);
    for (; rc == SQLITE_ROW; rc = sqlite3_step(st))
        if (ww_store_column_text(st, 1, words, sizeof words))
            noted(ctx, sqlite3_column_int64(st, 0), words);
    return ww_store_done(store, st, rc);
}

static bool read_fault(sqlite3_stmt *st, struct ww_publish_fault *f)
{
    int severity = sqlite3_column_int(st, 2);
    *f = (struct ww_publish_fault){.severity = (enum ww_severity)severity,
                                   .since = sqlite3_column_int64(st, 4)};
    return severity >= WW_SEVERITY_ERROR && severity <= WW_SEVERITY_INFO &&
           ww_store_column_text(st, 0, f->check, sizeof f->check) &&
           ww_store_column_text(st, 1, f->where, sizeof f->where) &&
           ww_store_column_text(st, 3, f->seen, sizeof f->seen);
}

enum ww_err ww_publish_faults(struct ww_store *store, const char *domain,
                              struct ww_publish_fault faults[WW_PUBLISH_FAULTS_MAX], size_t *count)
{
    sqlite3_stmt *st = store->publish[WW_PUBLISH_SQL_FAULT_LIST];
    int rc = bind_some(st, domain, WW_PUBLISH_FAULTS_MAX);
    *count = 0;
    if (rc == SQLITE_OK)
        rc = sqlite3_step(st);
    for (; rc == SQLITE_ROW; rc = sqlite3_step(st))
        *count += read_fault(st, &faults[*count]);
    return ww_store_done(store, st, rc);
}

static int bind_fault(sqlite3_stmt *st, const char *domain, const struct ww_publish_fault *f)
{
    int rc = ww_store_bind_text(st, 1, domain);
    if (rc == SQLITE_OK)
        rc = ww_store_bind_text(st, 2, f->check);
    if (rc == SQLITE_OK)
        rc = ww_store_bind_text(st, 3, f->where);
    if (rc == SQLITE_OK)
        rc = sqlite3_bind_int(st, 4, (int)f->severity);
    if (rc == SQLITE_OK)
        rc = ww_store_bind_text(st, 5, f->seen);
    return rc == SQLITE_OK ? sqlite3_bind_int64(st, 6, f->since) : rc;
}

enum ww_err ww_publish_put_faults(struct ww_store *store, const char *domain,
                                  const struct ww_publish_fault *faults, size_t count)
{
    sqlite3_stmt *st = store->publish[WW_PUBLISH_SQL_FAULT_PUT];
    enum ww_err err = ww_publish_step_of(store, WW_PUBLISH_SQL_FAULT_REMOVE, domain);
    for (size_t i = 0; err == WW_OK && i < count; i++)
        err = ww_publish_step(store, WW_PUBLISH_SQL_FAULT_PUT, bind_fault(st, domain, &faults[i]));
    return err;
}
