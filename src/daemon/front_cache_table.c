#include "daemon/front_cache_table.h"

#include <stdlib.h>

#define FIRST_BUCKETS ((size_t)1024)

/* Old buckets that move with each new entry: the table is moved long before it has to grow again. */
#define MOVES 4

/* Buckets between the one that moves and the one whose entry is fetched meanwhile. */
#define AHEAD 16

static bool buckets_new(struct ww_cache_bucket_array *b, size_t count)
{
    b->first = calloc(count, sizeof *b->first);
    b->count = b->first != NULL ? count : 0;
    return b->first != NULL;
}

static void buckets_free(struct ww_cache_bucket_array *b)
{
    free(b->first);
    b->first = NULL;
    b->count = 0;
}

bool ww_cache_table_init(struct ww_cache_table *t)
{
    *t = (struct ww_cache_table){.moved = 0};
    return buckets_new(&t->now, FIRST_BUCKETS);
}

void ww_cache_table_free(struct ww_cache_table *t)
{
    buckets_free(&t->now);
    buckets_free(&t->old);
}

struct ww_cache_entry **ww_cache_table_bucket(struct ww_cache_table *t, uint32_t hash)
{
    if (t->old.count > 0) {
        size_t at = hash & (t->old.count - 1);
        if (at >= t->moved)
            return &t->old.first[at];
    }
    return &t->now.first[hash & (t->now.count - 1)];
}

void ww_cache_table_move(struct ww_cache_table *t, size_t count)
{
    for (; t->old.count > 0 && count > 0; count--) {
        if (t->moved + AHEAD < t->old.count)
            __builtin_prefetch(t->old.first[t->moved + AHEAD]);
        struct ww_cache_entry *entry = t->old.first[t->moved++];
        while (entry != NULL) {
            struct ww_cache_entry *next = entry->chain;
            struct ww_cache_entry **to = &t->now.first[entry->hash & (t->now.count - 1)];
            entry->chain = *to;
            *to = entry;
            entry = next;
        }
        if (t->moved == t->old.count)
            buckets_free(&t->old);
    }
}

void ww_cache_table_grow(struct ww_cache_table *t, size_t total)
{
    ww_cache_table_move(t, MOVES);
    /* Half full at the most: few look-ups then meet another's entry in their bucket. */
    if (t->old.count > 0 || total <= t->now.count / 2)
        return;
    struct ww_cache_bucket_array larger;
    if (!buckets_new(&larger, t->now.count * 2))
        return; /* longer chains are no harm; the next entry tries again */
    t->old = t->now;
    t->now = larger;
    t->moved = 0;
}

struct ww_cache_entry *ww_cache_table_find(struct ww_cache_table *t, const struct ww_front_name *name)
{
    struct ww_cache_entry *entry = *ww_cache_table_bucket(t, (uint32_t)name->hash);
    /* Most are the right one: to compare hashes first would only touch one line of memory more. */
    while (entry != NULL && (entry->domain_n != name->n || memcmp(entry->text, name->domain, name->n) != 0))
        entry = entry->chain;
    return entry;
}

void ww_cache_table_put(struct ww_cache_table *t, struct ww_cache_entry *entry)
{
    struct ww_cache_entry **bucket = ww_cache_table_bucket(t, entry->hash);
    entry->chain = *bucket;
    *bucket = entry;
}

void ww_cache_table_take(struct ww_cache_table *t, struct ww_cache_entry *entry)
{
    struct ww_cache_entry **slot = ww_cache_table_bucket(t, entry->hash);
    while (*slot != entry)
        slot = &(*slot)->chain;
    *slot = entry->chain;
}

/* A part is the entries that agree in the low bits of their hash, so the size of the table is no matter. */
static void visit_buckets(struct ww_cache_bucket_array *b, size_t from, uint32_t part,
                          void (*cb)(void *ctx, struct ww_cache_entry *entry), void *ctx)
{
    for (size_t i = part & (b->count - 1); i < b->count; i += WW_CACHE_PARTS) {
        struct ww_cache_entry *entry = i >= from ? b->first[i] : NULL;
        for (; entry != NULL; entry = entry->chain)
            if (entry->hash % WW_CACHE_PARTS == part)
                cb(ctx, entry);
    }
}

void ww_cache_table_visit(struct ww_cache_table *t, uint32_t part,
                          void (*cb)(void *ctx, struct ww_cache_entry *entry), void *ctx)
{
    visit_buckets(&t->now, 0, part, cb, ctx);
    if (t->old.count > 0)
        visit_buckets(&t->old, t->moved, part, cb, ctx);
}
