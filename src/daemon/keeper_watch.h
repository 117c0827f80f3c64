/*
 * The keeper's part in watching: it has the list, says to the watcher which domain is due, takes what came of
 * it, and gives the herald the alerts that are not delivered. Writes at once: what was told is durable. While
 * the store is in trouble nobody inspects.
 */
#ifndef WW_DAEMON_KEEPER_WATCH_H
#define WW_DAEMON_KEEPER_WATCH_H

#include "daemon/asked.h"
#include "daemon/config.h"
#include "daemon/keeper_look.h"
#include "daemon/keeper_store.h"

/* A domain whose inspection has come to nothing, be it that the watcher has died, is due again so late. */
#define WW_WATCH_LEASE 600

struct ww_keeper_watch;

/* Tells the supervisor whether there is anything to watch. */
typedef void ww_keeper_watch_tell(void *ctx, enum ww_msg_type type);

/* All is borrowed. NULL when memory is short. */
struct ww_keeper_watch *ww_keeper_watch_new(struct event_base *base, struct ww_keeper_store *store,
                                            const struct ww_config *config, struct ww_stats *stats,
                                            ww_keeper_watch_tell *tell, void *ctx);
void ww_keeper_watch_free(struct ww_keeper_watch *k);

/* The watcher makes looks at MX hosts as well, for these results. False: memory is short. */
bool ww_keeper_watch_looks(struct ww_keeper_watch *k, struct ww_keeper_results *results);

/* A (new) channel to the watcher, or to the herald. Owns fd. */
void ww_keeper_watch_peer(struct ww_keeper_watch *k, enum ww_role_kind kind, int fd);

/* Somebody else has put alerts into the store (ww_watch_put_alert). */
void ww_keeper_watch_raised(struct ww_keeper_watch *k);

/* The store may be well: goes on. */
void ww_keeper_watch_well(struct ww_keeper_watch *k);

/* Answers a WW_ASK_WATCH. */
void ww_keeper_watch_asked(struct ww_keeper_watch *k, struct ww_asked *asked, const struct ww_msg_ask *ask,
                           struct ww_question_ref ref);

/* Sets the gauges. */
void ww_keeper_watch_count(struct ww_keeper_watch *k);

#endif
