#include "daemon/front_overrides.h"

#include "base/buf.h"
#include "base/time.h"
#include "daemon/log.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#define BUCKETS_MIN ((size_t)64)

struct entry {
    struct ww_override o; /* its strings lie in text */
    struct entry *next;
    uint64_t used;
    uint64_t told;   /* uses that were logged */
    int64_t told_at; /* 0: never */
    bool stale;      /* not seen again since all are put anew */
    bool ended;      /* which was logged, or was so from the first */
    char text[];
};

struct ww_overrides {
    const struct ww_hash_key *key;
    struct entry **buckets;
    size_t bucket_count; /* a power of two */
    size_t count[2];     /* set at run time; configured */
    int64_t next_end;    /* of the configuration's; INT64_MAX: none */
    uint64_t used[WW_OVERRIDE_LEVELS];
};

static size_t total(const struct ww_overrides *all)
{
    return all->count[0] + all->count[1];
}

static struct entry **bucket_of(const struct ww_overrides *all, struct ww_slice key)
{
    return &all->buckets[ww_hash(all->key, key.p, key.n) & (all->bucket_count - 1)];
}

static bool grow(struct ww_overrides *all)
{
    struct ww_overrides bigger = *all;
    bigger.bucket_count = all->bucket_count == 0 ? BUCKETS_MIN : 2 * all->bucket_count;
    bigger.buckets = calloc(bigger.bucket_count, sizeof(struct entry *));
    if (bigger.buckets == NULL)
        return false;
    for (size_t i = 0; i < all->bucket_count; i++) {
        for (struct entry *e = all->buckets[i], *next; e != NULL; e = next) {
            struct entry **bucket = bucket_of(&bigger, ww_slice_str(e->o.key));
            next = e->next;
            e->next = *bucket;
            *bucket = e;
        }
    }
    free(all->buckets);
    *all = bigger;
    return true;
}

struct ww_overrides *ww_overrides_new(const struct ww_hash_key *key)
{
    struct ww_overrides *all = calloc(1, sizeof *all);
    if (all == NULL)
        return NULL;
    all->key = key;
    all->next_end = INT64_MAX;
    if (grow(all))
        return all;
    free(all);
    return NULL;
}

void ww_overrides_free(struct ww_overrides *overrides)
{
    if (overrides == NULL)
        return;
    for (size_t i = 0; i < overrides->bucket_count; i++) {
        for (struct entry *e = overrides->buckets[i], *next; e != NULL; e = next) {
            next = e->next;
            free(e);
        }
    }
    free(overrides->buckets);
    free(overrides);
}

static const char *copy(struct ww_buf *b, const char *s)
{
    const char *at = b->p + b->n;
    ww_buf_bytes(b, s, strlen(s) + 1);
    return at;
}

static struct entry *entry_new(const struct ww_override *o)
{
    size_t n = strlen(o->key) + strlen(o->mx) + strlen(o->reason) + strlen(o->who) + 4;
    struct entry *e = calloc(1, sizeof *e + n);
    if (e == NULL)
        return NULL;
    struct ww_buf b = ww_buf(e->text, n);
    e->o = *o;
    e->o.key = copy(&b, o->key);
    e->o.mx = copy(&b, o->mx);
    e->o.reason = copy(&b, o->reason);
    e->o.who = copy(&b, o->who);
    return e;
}

/* Where the entry of a key hangs, or the end of its bucket. */
static struct entry **place_of(const struct ww_overrides *all, struct ww_slice key, bool configured)
{
    struct entry **at = bucket_of(all, key);
    while (*at != NULL && ((*at)->o.configured != configured || !ww_slice_is(key, (*at)->o.key)))
        at = &(*at)->next;
    return at;
}

static struct entry *put(struct ww_overrides *all, const struct ww_override *o)
{
    if (total(all) >= all->bucket_count && !grow(all))
        return NULL;
    struct entry *e = entry_new(o);
    if (e == NULL)
        return NULL;
    struct entry **at = place_of(all, ww_slice_str(o->key), o->configured);
    struct entry *old = *at;
    if (old != NULL) {
        e->used = old->used;
        e->told = old->told;
        /* What is put once more as it was has been spoken of already. */
        e->told_at = old->o.level == o->level && old->o.set_at == o->set_at ? old->told_at : 0;
        e->next = old->next;
    } else {
        all->count[o->configured]++;
    }
    *at = e;
    free(old);
    return e;
}

static void drop_stale(struct ww_overrides *all, bool configured)
{
    for (size_t i = 0; i < all->bucket_count; i++) {
        for (struct entry **at = &all->buckets[i]; *at != NULL;) {
            struct entry *e = *at;
            if (e->o.configured != configured || !e->stale) {
                at = &e->next;
                continue;
            }
            *at = e->next;
            all->count[configured]--;
            free(e);
        }
    }
}

static void mark_stale(struct ww_overrides *all, bool configured)
{
    for (size_t i = 0; i < all->bucket_count; i++)
        for (struct entry *e = all->buckets[i]; e != NULL; e = e->next)
            e->stale = e->stale || e->o.configured == configured;
}

bool ww_overrides_configure(struct ww_overrides *overrides, const struct ww_override *list, size_t count,
                            int64_t now)
{
    bool good = true;
    overrides->next_end = INT64_MAX;
    mark_stale(overrides, true);
    for (size_t i = 0; i < count; i++) {
        struct entry *e = put(overrides, &list[i]);
        good = good && e != NULL;
        if (e == NULL)
            continue;
        e->ended = !ww_override_counts(&e->o, now);
        if (!e->ended && e->o.until != 0 && e->o.until < overrides->next_end)
            overrides->next_end = e->o.until;
    }
    drop_stale(overrides, true);
    return good;
}

bool ww_overrides_put(struct ww_overrides *overrides, const struct ww_override *override)
{
    return put(overrides, override) != NULL;
}

void ww_overrides_remove(struct ww_overrides *overrides, const char *key)
{
    struct entry **at = place_of(overrides, ww_slice_str(key), false);
    struct entry *e = *at;
    if (e == NULL)
        return;
    *at = e->next;
    overrides->count[false]--;
    free(e);
}

void ww_overrides_begin_all(struct ww_overrides *overrides)
{
    mark_stale(overrides, false);
}

void ww_overrides_end_all(struct ww_overrides *overrides)
{
    drop_stale(overrides, false);
}

bool ww_overrides_is_empty(const struct ww_overrides *overrides)
{
    return total(overrides) == 0;
}

static const struct ww_override *find_key(const struct ww_overrides *all, struct ww_slice key, int64_t now)
{
    const struct ww_override *found = NULL;
    for (const struct entry *e = *bucket_of(all, key); e != NULL; e = e->next) {
        if (!ww_slice_is(key, e->o.key) || !ww_override_counts(&e->o, now))
            continue;
        if (!e->o.configured)
            return &e->o;
        found = &e->o;
    }
    return found;
}

const struct ww_override *ww_overrides_find(const struct ww_overrides *overrides, struct ww_slice domain,
                                            int64_t now)
{
    const struct ww_override *found = NULL;
    struct ww_slice key = {NULL, 0};
    if (total(overrides) == 0)
        return NULL;
    while (found == NULL && ww_override_next_key(domain, &key))
        found = find_key(overrides, key, now);
    return found;
}

static void log_use(struct entry *e, const char *domain, int64_t now)
{
    char until[WW_TIME_SIZE], count[24];
    const struct ww_override *o = &e->o;
    ww_time_format(o->until, until);
    (void)snprintf(count, sizeof count, "%" PRIu64, e->used - e->told);
    ww_log_info("override-used", "key", o->key, "level", ww_override_level_name(o->level), "from",
                o->configured ? "configuration" : "run time", "domain", domain, "answers", count, "until",
                o->until != 0 ? until : NULL, "reason", o->reason[0] != '\0' ? o->reason : NULL, "who",
                o->who[0] != '\0' ? o->who : NULL);
    e->told = e->used;
    e->told_at = now;
}

void ww_overrides_use(struct ww_overrides *overrides, const struct ww_override *override, const char *domain,
                      int64_t now)
{
    struct entry *e = *place_of(overrides, ww_slice_str(override->key), override->configured);
    if (e == NULL)
        return;
    overrides->used[override->level]++;
    e->used++;
    /* A clock that was set back must not silence it. */
    if (e->told_at == 0 || now - e->told_at >= WW_OVERRIDE_LOG_SECONDS || now < e->told_at)
        log_use(e, domain, now);
}

void ww_overrides_tick(struct ww_overrides *overrides, int64_t now)
{
    if (now < overrides->next_end)
        return;
    overrides->next_end = INT64_MAX;
    for (size_t i = 0; i < overrides->bucket_count; i++) {
        for (struct entry *e = overrides->buckets[i]; e != NULL; e = e->next) {
            if (!e->o.configured || e->ended || e->o.until == 0)
                continue;
            e->ended = !ww_override_counts(&e->o, now);
            if (e->ended)
                ww_log_info("override-ended", "key", e->o.key, "level", ww_override_level_name(e->o.level),
                            "from", "configuration", "reason", e->o.reason[0] != '\0' ? e->o.reason : NULL);
            else if (e->o.until < overrides->next_end)
                overrides->next_end = e->o.until;
        }
    }
}

struct ww_overrides_counts ww_overrides_counts(const struct ww_overrides *overrides)
{
    struct ww_overrides_counts counts = {.configured = overrides->count[true],
                                         .set = overrides->count[false]};
    memcpy(counts.used, overrides->used, sizeof counts.used);
    return counts;
}

void ww_overrides_each(const struct ww_overrides *overrides, ww_overrides_cb *cb, void *ctx)
{
    for (size_t i = 0; i < overrides->bucket_count; i++)
        for (const struct entry *e = overrides->buckets[i]; e != NULL; e = e->next)
            cb(ctx, &e->o, e->used);
}
