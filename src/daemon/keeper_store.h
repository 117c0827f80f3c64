/*
 * The keeper's store, well or in trouble. The operator is told of trouble once, when it begins, with what to
 * do, and once when it is over; until then it is tried again. A damaged store is put aside and a new one
 * made.
 */
#ifndef WW_DAEMON_KEEPER_STORE_H
#define WW_DAEMON_KEEPER_STORE_H

#include "proc/stats.h"
#include "store/store.h"

#include <stdbool.h>

struct event_base;
struct ww_keeper_store;

/*
 * path and stats, where failures are counted, are borrowed. well is called when trouble may be over: it
 * writes what waits and says how many writes that were; should this fail, the trouble goes on. NULL when
 * memory is short.
 */
struct ww_keeper_store *ww_keeper_store_new(struct event_base *base, const char *path, struct ww_stats *stats,
                                            size_t (*well)(void *ctx), void *ctx);
void ww_keeper_store_free(struct ww_keeper_store *keeping);

/* Opens it, or begins to try again and again. */
void ww_keeper_store_open(struct ww_keeper_store *keeping);

/* NULL while it is in trouble. Stores given are valid until the next call of this module. */
struct ww_store *ww_keeper_store_to_write(struct ww_keeper_store *keeping);

/* Why it is in trouble; WW_OK while it is not. */
enum ww_err ww_keeper_store_trouble(const struct ww_keeper_store *keeping);

/* As far as it can be read, even though it is in trouble; else NULL. */
struct ww_store *ww_keeper_store_to_read(struct ww_keeper_store *keeping);

/* True when that store can be read alone, and perhaps not all of it. */
bool ww_keeper_store_read_only(const struct ww_keeper_store *keeping);

/* A call of the store has failed so. */
void ww_keeper_store_failed(struct ww_keeper_store *keeping, enum ww_err err);

/* For the last moment: tries at once what is in trouble. */
void ww_keeper_store_try_now(struct ww_keeper_store *keeping);

/* True once after a store was made that began with nothing. */
bool ww_keeper_store_take_new(struct ww_keeper_store *keeping);

#endif
