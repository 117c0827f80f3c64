#include "store/store_publish.h"

#include "base/buf.h"
#include "store/store_publish_private.h"

#define MX_SPACE (WW_PUBLISHED_MX_MAX * WW_PUBLISHED_PATTERN_SIZE)

enum ww_err ww_publish_step(struct ww_store *store, enum ww_publish_statement which, int rc)
{
    sqlite3_stmt *st = store->publish[which];
    return ww_store_done(store, st, rc == SQLITE_OK ? sqlite3_step(st) : rc);
}

enum ww_err ww_publish_step_of(struct ww_store *store, enum ww_publish_statement which, const char *domain)
{
    return ww_publish_step(store, which, ww_store_bind_text(store->publish[which], 1, domain));
}

enum ww_err ww_publish_step_at(struct ww_store *store, enum ww_publish_statement which, const char *domain,
                               int64_t at)
{
    int rc = ww_store_bind_text(store->publish[which], 1, domain);
    if (rc == SQLITE_OK)
        rc = sqlite3_bind_int64(store->publish[which], 2, at);
    return ww_publish_step(store, which, rc);
}

static void join_mx(const struct ww_published *d, char out[MX_SPACE])
{
    struct ww_buf b = ww_buf(out, MX_SPACE);
    for (size_t i = 0; i < d->mx_count; i++) {
        if (i > 0)
            ww_buf_char(&b, ' ');
        ww_buf_str(&b, d->mx[i]);
    }
    ww_buf_char(&b, '\0');
}

static bool split_mx(const char *text, struct ww_published *d)
{
    while (*text != '\0') {
        size_t n = strcspn(text, " ");
        if (n == 0 || n >= WW_PUBLISHED_PATTERN_SIZE || d->mx_count == WW_PUBLISHED_MX_MAX)
            return false;
        memcpy(d->mx[d->mx_count], text, n);
        d->mx[d->mx_count++][n] = '\0';
        text += n + (text[n] == ' ');
    }
    return true;
}

/* In the order of the columns of store_publish_sql.c. */
static int bind_domain(sqlite3_stmt *st, const struct ww_published *d)
{
    char mx[MX_SPACE];
    const char *const texts[] = {d->domain,   mx,       d->rua,     d->mirror,  d->record_id,
                                 d->shown_id, d->waits, d->trouble, d->bad_why, d->here};
    const int64_t numbers[] = {
        (int64_t)d->version,
        d->goal,
        d->automatic,
        d->stopped,
        d->max_age,
        d->host,
        d->dns,
        d->certificate,
        d->state,
        d->added_at,
        d->state_since,
        d->grown_at,
        d->bad_at,
        d->looked_at,
        d->record_since,
        d->record_ttl,
        d->mx_ttl,
        d->shown_at,
        d->certificate_until,
        d->next_at,
        d->until,
        d->needs_operator,
        (int64_t)d->asked,
        (int64_t)d->answered,
        (int64_t)d->afresh,
        d->here_ttl,
        d->here_gone_at,
    };
    enum { TEXTS = sizeof texts / sizeof *texts, NUMBERS = sizeof numbers / sizeof *numbers };
    _Static_assert(TEXTS + NUMBERS == WW_PUBLISH_COLUMN_COUNT, "each column is bound");
    int rc = SQLITE_OK;
    join_mx(d, mx);
    for (int i = 0; rc == SQLITE_OK && i < TEXTS; i++)
        rc = sqlite3_bind_text(st, 1 + i, texts[i], -1, SQLITE_TRANSIENT);
    for (int i = 0; rc == SQLITE_OK && i < NUMBERS; i++)
        rc = sqlite3_bind_int64(st, 1 + TEXTS + i, numbers[i]);
    return rc;
}

static bool read_texts(sqlite3_stmt *st, struct ww_published *d)
{
    char mx[MX_SPACE];
    const struct {
        char *out;
        size_t size;
    } texts[] = {
        {d->domain, sizeof d->domain},
        {mx, sizeof mx},
        {d->rua, sizeof d->rua},
        {d->mirror, sizeof d->mirror},
        {d->record_id, sizeof d->record_id},
        {d->shown_id, sizeof d->shown_id},
        {d->waits, sizeof d->waits},
        {d->trouble, sizeof d->trouble},
        {d->bad_why, sizeof d->bad_why},
        {d->here, sizeof d->here},
    };
    bool good = true;
    for (int i = 0; i < (int)(sizeof texts / sizeof *texts); i++)
        good = ww_store_column_text(st, i, texts[i].out, texts[i].size) && good;
    return good && split_mx(mx, d);
}

static unsigned read_enum(sqlite3_stmt *st, int column, unsigned count, bool *good)
{
    int64_t v = sqlite3_column_int64(st, column);
    *good = *good && v >= 0 && v < count;
    return *good ? (unsigned)v : 0;
}

bool ww_publish_read(sqlite3_stmt *st, struct ww_published *d)
{
    *d = (struct ww_published){.domain = ""};
    bool good = read_texts(st, d);
    d->version = (uint64_t)sqlite3_column_int64(st, 10);
    d->goal = (enum ww_published_goal)read_enum(st, 11, WW_GOAL_RETIRE + 1, &good);
    d->automatic = sqlite3_column_int(st, 12) != 0;
    d->stopped = sqlite3_column_int(st, 13) != 0;
    d->max_age = read_enum(st, 14, WW_POLICY_MAX_AGE_MAX + 1, &good);
    d->host = (enum ww_published_host)read_enum(st, 15, WW_HOSTED_MIRROR + 1, &good);
    d->dns = (enum ww_published_dns)read_enum(st, 16, WW_DNS_BY_UPDATE + 1, &good);
    d->certificate = (enum ww_published_certificate)read_enum(st, 17, WW_CERTIFICATE_ACME + 1, &good);
    d->state = (enum ww_published_state)read_enum(st, 18, WW_PUBLISHED_GONE + 1, &good);
    d->added_at = sqlite3_column_int64(st, 19);
    d->state_since = sqlite3_column_int64(st, 20);
    d->grown_at = sqlite3_column_int64(st, 21);
    d->bad_at = sqlite3_column_int64(st, 22);
    d->looked_at = sqlite3_column_int64(st, 23);
    d->record_since = sqlite3_column_int64(st, 24);
    d->record_ttl = read_enum(st, 25, UINT32_MAX, &good);
    d->mx_ttl = read_enum(st, 26, UINT32_MAX, &good);
    d->shown_at = sqlite3_column_int64(st, 27);
    d->certificate_until = sqlite3_column_int64(st, 28);
    d->next_at = sqlite3_column_int64(st, 29);
    d->until = sqlite3_column_int64(st, 30);
    d->needs_operator = sqlite3_column_int(st, 31) != 0;
    d->asked = (uint64_t)sqlite3_column_int64(st, 32);
    d->answered = (uint64_t)sqlite3_column_int64(st, 33);
    d->afresh = (uint64_t)sqlite3_column_int64(st, 34);
    d->here_ttl = read_enum(st, 35, UINT32_MAX, &good);
    d->here_gone_at = sqlite3_column_int64(st, 36);
    return good;
}

enum ww_err ww_publish_add(struct ww_store *store, const struct ww_published *domain)
{
    sqlite3_stmt *st = store->publish[WW_PUBLISH_SQL_ADD];
    enum ww_err err = ww_publish_step(store, WW_PUBLISH_SQL_ADD, bind_domain(st, domain));
    return err == WW_OK && sqlite3_changes(store->db) == 0 ? WW_E_PUBLISH_EXISTS : err;
}

enum ww_err ww_publish_put(struct ww_store *store, const struct ww_published *domain)
{
    sqlite3_stmt *st = store->publish[WW_PUBLISH_SQL_PUT];
    enum ww_err err = ww_publish_step(store, WW_PUBLISH_SQL_PUT, bind_domain(st, domain));
    return err == WW_OK && sqlite3_changes(store->db) == 0 ? WW_E_NOT_KNOWN : err;
}

/* The first row that can be read, of a statement whose parameters were bound with rc. */
static enum ww_err first_of(struct ww_store *store, enum ww_publish_statement which, int rc,
                            struct ww_published *out, bool *found)
{
    sqlite3_stmt *st = store->publish[which];
    *found = false;
    if (rc == SQLITE_OK)
        rc = sqlite3_step(st);
    for (; rc == SQLITE_ROW && !*found; rc = *found ? SQLITE_DONE : sqlite3_step(st))
        *found = ww_publish_read(st, out);
    return ww_store_done(store, st, rc);
}

enum ww_err ww_publish_get(struct ww_store *store, const char *domain, struct ww_published *out, bool *found)
{
    sqlite3_stmt *st = store->publish[WW_PUBLISH_SQL_GET];
    return first_of(store, WW_PUBLISH_SQL_GET, ww_store_bind_text(st, 1, domain), out, found);
}

enum ww_err ww_publish_remove(struct ww_store *store, const char *domain, int64_t now, bool *found)
{
    static const enum ww_publish_statement rest[] = {WW_PUBLISH_SQL_MX_REMOVE, WW_PUBLISH_SQL_NOTE_REMOVE,
                                                     WW_PUBLISH_SQL_FAULT_REMOVE};
    enum ww_err err = ww_publish_step_of(store, WW_PUBLISH_SQL_REMOVE, domain);
    *found = err == WW_OK && sqlite3_changes(store->db) > 0;
    for (size_t i = 0; err == WW_OK && i < sizeof rest / sizeof *rest; i++)
        err = ww_publish_step_of(store, rest[i], domain);
    if (err == WW_OK)
        err = ww_publish_foreign_over(store, domain, now);
    return err == WW_OK ? ww_publish_unserve(store, domain, now) : err;
}

static enum ww_err next_due(struct ww_store *store, int64_t *next)
{
    sqlite3_stmt *st = store->publish[WW_PUBLISH_SQL_NEXT_DUE];
    int rc = sqlite3_step(st);
    if (rc == SQLITE_ROW) {
        *next = sqlite3_column_int64(st, 0);
        rc = sqlite3_step(st);
    }
    return ww_store_done(store, st, rc);
}

enum ww_err ww_publish_due(struct ww_store *store, int64_t now, struct ww_published *out, bool *found,
                           int64_t *next)
{
    sqlite3_stmt *st = store->publish[WW_PUBLISH_SQL_DUE];
    *next = 0;
    enum ww_err err = first_of(store, WW_PUBLISH_SQL_DUE, sqlite3_bind_int64(st, 1, now), out, found);
    return err == WW_OK && !*found ? next_due(store, next) : err;
}

enum ww_err ww_publish_set_due(struct ww_store *store, const char *domain, int64_t due)
{
    return ww_publish_step_at(store, WW_PUBLISH_SQL_SET_DUE, domain, due);
}

enum ww_err ww_publish_mirrors_due(struct ww_store *store, const char *domain, int64_t due)
{
    return ww_publish_step_at(store, WW_PUBLISH_SQL_MIRRORS_DUE, domain, due);
}

enum ww_err ww_publish_count(struct ww_store *store, uint64_t counts[WW_PUBLISHED_GONE + 1],
                             uint64_t *waiting)
{
    sqlite3_stmt *st = store->publish[WW_PUBLISH_SQL_COUNT];
    int rc = sqlite3_step(st);
    *waiting = 0;
    memset(counts, 0, (WW_PUBLISHED_GONE + 1) * sizeof *counts);
    for (; rc == SQLITE_ROW; rc = sqlite3_step(st)) {
        bool good = true;
        unsigned state = read_enum(st, 0, WW_PUBLISHED_GONE + 1, &good);
        uint64_t count = (uint64_t)sqlite3_column_int64(st, 2);
        if (!good)
            continue;
        counts[state] += count;
        *waiting += sqlite3_column_int(st, 1) != 0 ? count : 0;
    }
    return ww_store_done(store, st, rc);
}
