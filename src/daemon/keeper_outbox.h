/*
 * The keeper's part in sending reports: has the outbox, gives the courier what is due, and takes down what
 * became of it. Writes at once: what was told is durable. Of a report that a courier had when it died nothing
 * is lost: it is due again after a lease, under the same report-id.
 */
#ifndef WW_DAEMON_KEEPER_OUTBOX_H
#define WW_DAEMON_KEEPER_OUTBOX_H

#include "daemon/asked.h"
#include "daemon/config.h"
#include "daemon/keeper_store.h"
#include "proc/stats.h"

#define WW_OUTBOX_LEASE 900

/*
 * Nobody is configured to send reports, or report.dry_run says that none is sent: those that are made now are
 * put into the outbox as WW_REPORT_HELD. A held one stays that, whatever the configuration becomes, until it
 * is sent by hand (`waxwing report outbox send`).
 */
bool ww_keeper_outbox_holds(const struct ww_config *config);

struct ww_keeper_outbox;

/* All is borrowed. NULL when memory is short. */
struct ww_keeper_outbox *ww_keeper_outbox_new(struct event_base *base, struct ww_keeper_store *store,
                                              const struct ww_config *config, struct ww_stats *stats);
void ww_keeper_outbox_free(struct ww_keeper_outbox *k);

/* A (new) channel to the courier. Owns fd. */
void ww_keeper_outbox_peer(struct ww_keeper_outbox *k, int fd);

/* The store may be well, or there are new reports in it: goes on. */
void ww_keeper_outbox_well(struct ww_keeper_outbox *k);

/* Answers a WW_ASK_REPORT. */
void ww_keeper_outbox_asked(struct ww_keeper_outbox *k, struct ww_asked *asked, const struct ww_msg_ask *ask,
                            struct ww_question_ref ref);

/* Sets the gauges. */
void ww_keeper_outbox_count(struct ww_keeper_outbox *k);

#endif
