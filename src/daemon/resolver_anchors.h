/*
 * The trust anchors of a resolver; and the first one's part in keeping them: it looks at the root's keys when
 * the keeper asks.
 */
#ifndef WW_DAEMON_RESOLVER_ANCHORS_H
#define WW_DAEMON_RESOLVER_ANCHORS_H

#include "daemon/trust.h"
#include "net/dns.h"
#include "proc/stats.h"

struct ww_resolver_anchors;

/*
 * Reads them, before confinement. The first resolver says and counts for all what they are. False (logged):
 * the file that is configured is not fit for use.
 */
bool ww_resolver_trust_load(struct ww_trust *trust, const struct ww_config *config, unsigned index,
                            struct ww_stats *stats);

/* Both are borrowed. NULL when memory is short. */
struct ww_resolver_anchors *ww_resolver_anchors_new(struct ww_dns *dns, const struct ww_trust *trust);
void ww_resolver_anchors_free(struct ww_resolver_anchors *anchors);

/* "rfc5011: 20326, 38696", for the log. */
const char *ww_resolver_anchors_words(const struct ww_resolver_anchors *anchors);

/* A (new) channel to the keeper. Owns fd. */
void ww_resolver_anchors_peer(struct ww_resolver_anchors *anchors, int fd);

/* The self-test has ended. While DNS cannot be reached, what was asked waits. */
void ww_resolver_anchors_tested(struct ww_resolver_anchors *anchors, enum ww_dns_health health);

#endif
