/* DNS and HTTPS as configured, ready to discover policies. */
#ifndef WW_DAEMON_DISCOVERER_H
#define WW_DAEMON_DISCOVERER_H

#include "daemon/config.h"
#include "daemon/trust.h"
#include "drive/discover.h"

struct event_base;

/*
 * Opens both on the loop. The configuration is borrowed as long as they live. False: *detail (static) says
 * what failed, and nothing is left open. Call ww_dns_self_test before the first flight: on a path that strips
 * DNSSEC all would fail without it.
 */
bool ww_discoverer_open(struct ww_discoverer *d, struct event_base *base, const struct ww_config *config,
                        const struct ww_trust *trust, const char **detail);

/* What of the configuration is DNS's, and the trust anchors; borrowed from both. */
void ww_discoverer_dns_options(const struct ww_config *config, const struct ww_trust *trust,
                               struct ww_dns_options *out);

/* Does nothing to one that is zero. */
void ww_discoverer_close(struct ww_discoverer *d);

#endif
