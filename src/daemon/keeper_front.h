/*
 * The keeper's part towards the front: it gives the front what is stored, and writes down in batches what the
 * front has learned. What waits while the store is in trouble is written when it is well.
 */
#ifndef WW_DAEMON_KEEPER_FRONT_H
#define WW_DAEMON_KEEPER_FRONT_H

#include "daemon/config.h"
#include "daemon/keeper_overrides.h"
#include "daemon/keeper_store.h"
#include "proc/msg.h"
#include "proc/stats.h"

struct event_base;
struct ww_keeper_front;

/* All that there is was read for the front. */
typedef void ww_keeper_front_loaded(void *ctx);

/* All is borrowed. NULL when memory is short. */
struct ww_keeper_front *ww_keeper_front_new(struct event_base *base, struct ww_keeper_store *store,
                                            const struct ww_config *config, struct ww_stats *stats,
                                            ww_keeper_front_loaded *loaded, void *ctx);
void ww_keeper_front_free(struct ww_keeper_front *f);

/* Who answers a front that asks for overrides; before one comes. */
void ww_keeper_front_overrides(struct ww_keeper_front *f, struct ww_keeper_overrides *overrides);

/* A (new) channel to the front. Owns fd. */
void ww_keeper_front_peer(struct ww_keeper_front *f, int fd);

/* To the front, if there is one. */
void ww_keeper_front_tell(struct ww_keeper_front *f, enum ww_msg_type type, struct ww_slice payload);

/* Writes what waits. */
void ww_keeper_front_flush(struct ww_keeper_front *f);

/* The store may be well: writes what waits, and says how many that were; 0 as well when it is not. */
size_t ww_keeper_front_well(struct ww_keeper_front *f);

/* Begins a load that the front was promised. */
void ww_keeper_front_load_owed(struct ww_keeper_front *f);

/* Sets the gauges. */
void ww_keeper_front_count(struct ww_keeper_front *f);

/* The role ends: tries to write what waits. */
void ww_keeper_front_stop(struct ww_keeper_front *f);

#endif
