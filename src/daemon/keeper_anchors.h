/*
 * Keeping the root's trust anchors (RFC 5011). The first resolver looks at the root's keys when it is asked;
 * what it has seen is verified here, so that a resolver that was taken over can plant none. The anchors are
 * kept in the store, and handed on in a file beside it.
 */
#ifndef WW_DAEMON_KEEPER_ANCHORS_H
#define WW_DAEMON_KEEPER_ANCHORS_H

#include "daemon/keeper_store.h"

struct ww_keeper_anchors;

/*
 * store, path (of the store) and stats are borrowed. changed is called when resolvers should start anew with
 * the file. NULL when memory is short. Before confinement.
 */
struct ww_keeper_anchors *ww_keeper_anchors_new(struct event_base *base, struct ww_keeper_store *store,
                                                const char *path, struct ww_stats *stats,
                                                void (*changed)(void *ctx), void *ctx);
void ww_keeper_anchors_free(struct ww_keeper_anchors *anchors);

/* A WW_MSG_ANCHOR_SEED. Owns fd. */
void ww_keeper_anchors_seed(struct ww_keeper_anchors *anchors, struct ww_slice payload, int fd);

/* A (new) channel to the first resolver. Owns fd. */
void ww_keeper_anchors_peer(struct ww_keeper_anchors *anchors, int fd);

/* The store is open, or is well again. */
void ww_keeper_anchors_well(struct ww_keeper_anchors *anchors);

/* Sets the gauges. */
void ww_keeper_anchors_count(const struct ww_keeper_anchors *anchors);

#endif
