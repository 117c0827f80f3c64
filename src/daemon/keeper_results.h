/*
 * The keeper's part in TLS results: folds what the collector has into the store, exactly once; when a day has
 * ended, makes its reports and puts them into the outbox; has the watcher look at MX hosts where MTAs cannot
 * tell the truth (docs/reports.md).
 */
#ifndef WW_DAEMON_KEEPER_RESULTS_H
#define WW_DAEMON_KEEPER_RESULTS_H

#include "daemon/keeper_outbox.h"

struct ww_keeper_results;

/* All is borrowed. NULL when memory is short. */
struct ww_keeper_results *ww_keeper_results_new(struct event_base *base, struct ww_keeper_store *store,
                                                struct ww_keeper_outbox *outbox,
                                                const struct ww_config *config, struct ww_stats *stats);
void ww_keeper_results_free(struct ww_keeper_results *k);

/* A (new) channel to the collector. Owns fd. */
void ww_keeper_results_peer(struct ww_keeper_results *k, int fd);

/* The store may be well: goes on. */
void ww_keeper_results_well(struct ww_keeper_results *k);

/* Sets the gauges. */
void ww_keeper_results_count(struct ww_keeper_results *k);

#endif
