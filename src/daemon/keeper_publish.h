/*
 * The keeper's part in publishing: it has the domains, gives the steward those that are due, orders of the
 * clerk what the steward asks for when that is due, takes down what came of it, makes the ids, and tells the
 * publisher what to serve. A policy is durable before it is served.
 */
#ifndef WW_DAEMON_KEEPER_PUBLISH_H
#define WW_DAEMON_KEEPER_PUBLISH_H

#include "daemon/asked.h"
#include "daemon/config.h"
#include "daemon/keeper_store.h"

/* A domain of which the steward tells nothing is due again so late, seconds. */
#define WW_PUBLISH_LEASE 600
/* One whose steward has gone before it had told: so late. */
#define WW_PUBLISH_LEFT 60

struct ww_keeper_publish;

/* There is a new alert in the store. */
typedef void ww_keeper_publish_raised(void *ctx);

/* All is borrowed. NULL when memory is short. */
struct ww_keeper_publish *ww_keeper_publish_new(struct event_base *base, struct ww_keeper_store *store,
                                                const struct ww_config *config, struct ww_stats *stats,
                                                ww_keeper_publish_raised *raised, void *ctx);
void ww_keeper_publish_free(struct ww_keeper_publish *k);

/* A (new) channel to the steward, to the publisher, or to the clerk. Owns fd. */
void ww_keeper_publish_peer(struct ww_keeper_publish *k, enum ww_role_kind kind, int fd);

/* The store may be well: goes on. */
void ww_keeper_publish_well(struct ww_keeper_publish *k);

/* Answers a WW_ASK_PUBLISH. */
void ww_keeper_publish_asked(struct ww_keeper_publish *k, struct ww_asked *asked,
                             const struct ww_msg_ask *ask, struct ww_question_ref ref);

/* Sets the gauges. */
void ww_keeper_publish_count(struct ww_keeper_publish *k);

#endif
