/*
 * The keeper's part in taking in reports of others: writes what the intake gives it, in batches, and answers
 * each when it is durable; deletes what is old; answers what control asks.
 */
#ifndef WW_DAEMON_KEEPER_RECEIVED_H
#define WW_DAEMON_KEEPER_RECEIVED_H

#include "daemon/asked.h"
#include "daemon/config.h"
#include "daemon/keeper_report_alerts.h"
#include "daemon/keeper_store.h"
#include "proc/stats.h"

struct ww_keeper_received;

/* All is borrowed. NULL when memory is short. */
struct ww_keeper_received *ww_keeper_received_new(struct event_base *base, struct ww_keeper_store *store,
                                                  const struct ww_config *config, struct ww_stats *stats);
void ww_keeper_received_free(struct ww_keeper_received *k);

/* These are told of each report that was kept. Borrowed. */
void ww_keeper_received_alerts(struct ww_keeper_received *k, struct ww_keeper_report_alerts *alerts);

/* A (new) channel to the intake. Owns fd. */
void ww_keeper_received_peer(struct ww_keeper_received *k, int fd);

/* The store may be well: goes on. */
void ww_keeper_received_well(struct ww_keeper_received *k);

/* Answers a WW_ASK_RECEIVED. */
void ww_keeper_received_asked(struct ww_keeper_received *k, struct ww_asked *asked,
                              const struct ww_msg_ask *ask, struct ww_question_ref ref);

/* Sets the gauges. */
void ww_keeper_received_count(struct ww_keeper_received *k);

#endif
