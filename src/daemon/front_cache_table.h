/* The hash table of the policy cache: a look-up never waits for all of it to be moved. */
#ifndef WW_DAEMON_FRONT_CACHE_TABLE_H
#define WW_DAEMON_FRONT_CACHE_TABLE_H

#include "daemon/front_cache.h"

struct ww_cache_bucket_array {
    struct ww_cache_entry **first;
    size_t count; /* a power of two */
};

struct ww_cache_table {
    struct ww_cache_bucket_array now;
    struct ww_cache_bucket_array old; /* while it moves: its buckets from `moved` on are still in use */
    size_t moved;
};

/* Of an entry, in a table that is a quarter full or more, as it is once it has grown. */
#define WW_CACHE_TABLE_COST (4 * sizeof(struct ww_cache_entry *))

/* False when memory is short. ww_cache_table_free leaves the entries alone. */
bool ww_cache_table_init(struct ww_cache_table *t);
void ww_cache_table_free(struct ww_cache_table *t);

/* The bucket that an entry of this hash stands in. */
struct ww_cache_entry **ww_cache_table_bucket(struct ww_cache_table *t, uint32_t hash);

/* NULL without one. */
struct ww_cache_entry *ww_cache_table_find(struct ww_cache_table *t, const struct ww_front_name *name);

/* Before it takes one more, with `total` in it: it grows a little, if it has to. */
void ww_cache_table_grow(struct ww_cache_table *t, size_t total);

void ww_cache_table_put(struct ww_cache_table *t, struct ww_cache_entry *entry);

/* The entry is in it. */
void ww_cache_table_take(struct ww_cache_table *t, struct ww_cache_entry *entry);

/* Moves so many buckets on, if it is moving. */
void ww_cache_table_move(struct ww_cache_table *t, size_t count);

/* As ww_cache_visit. */
void ww_cache_table_visit(struct ww_cache_table *t, uint32_t part,
                          void (*cb)(void *ctx, struct ww_cache_entry *entry), void *ctx);

#endif
