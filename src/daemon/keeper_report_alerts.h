/*
 * The keeper's part in alerts about reports of others: after reports of a domain were kept, and each hour,
 * the rules of engine/report_alerts.h are applied to domains that are ours: watched, or named in
 * intake.domains. What they raise is put with the alerts of the watch, which the herald delivers.
 */
#ifndef WW_DAEMON_KEEPER_REPORT_ALERTS_H
#define WW_DAEMON_KEEPER_REPORT_ALERTS_H

#include "daemon/config.h"
#include "daemon/keeper_store.h"
#include "proc/stats.h"

struct ww_keeper_report_alerts;

/* Alerts wait in the store. */
typedef void ww_keeper_report_alerts_raised(void *ctx);

/* All is borrowed. NULL when memory is short. */
struct ww_keeper_report_alerts *
ww_keeper_report_alerts_new(struct event_base *base, struct ww_keeper_store *store,
                            const struct ww_config *config, struct ww_stats *stats,
                            ww_keeper_report_alerts_raised *raised, void *ctx);
void ww_keeper_report_alerts_free(struct ww_keeper_report_alerts *k);

/* The report of this number was kept, and is durable. Cheap: its domains are looked at a little later, once
 * for many reports. */
void ww_keeper_report_alerts_took(struct ww_keeper_report_alerts *k, uint64_t number);

/* The store may be well: goes on. */
void ww_keeper_report_alerts_well(struct ww_keeper_report_alerts *k);

#endif
