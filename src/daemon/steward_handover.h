/*
 * Whether DNS leads the policy host of a domain to the publisher: while it is the host, where that is; when
 * somebody else is to be, whether anybody is led to the publisher yet. Pure.
 *
 * The publisher is at the addresses at which its certificate was seen. Later an address of these counts as
 * its own unless another certificate is shown there, as where a web server has taken its place. A look that
 * has failed is no fact.
 */
#ifndef WW_DAEMON_STEWARD_HANDOVER_H
#define WW_DAEMON_STEWARD_HANDOVER_H

#include "daemon/steward_turn.h"

/* Brings domain->here and what belongs to it up to date. listens: the publisher has anything to listen on. */
void ww_steward_handover(const struct ww_host_sight *host, const struct ww_steward_certificate *own,
                         bool listens, int64_t at, struct ww_published *domain);

#endif
