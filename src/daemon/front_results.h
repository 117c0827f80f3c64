/*
 * The front's part in TLS results: tells the collector of policies that could not be had, and hears from it
 * which deliveries have failed under a policy. What the collector is not there to be told is lost, and
 * counted: no answer waits for it.
 */
#ifndef WW_DAEMON_FRONT_RESULTS_H
#define WW_DAEMON_FRONT_RESULTS_H

#include "daemon/config.h"
#include "engine/discovery.h"
#include "proc/stats.h"

struct event_base;
struct ww_front_results;

/* A delivery to this domain has failed under its MTA-STS policy. */
typedef void ww_front_results_failed(void *ctx, const char *domain);

/* All is borrowed. NULL when memory is short. */
struct ww_front_results *ww_front_results_new(struct event_base *base, const struct ww_config *config,
                                              struct ww_stats *stats, ww_front_results_failed *failed,
                                              void *ctx);
void ww_front_results_free(struct ww_front_results *results);

/* A (new) channel to the collector. Owns fd. */
void ww_front_results_peer(struct ww_front_results *results, int fd);

/* What a look at the policy of a domain that gets mail has come to; most of it is not told (ww_sts_result).
 */
void ww_front_results_saw(struct ww_front_results *results, const char *domain,
                          const struct ww_discovery_result *result, int64_t now);

#endif
