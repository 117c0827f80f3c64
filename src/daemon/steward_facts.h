/*
 * What was seen of a published domain from outside, as facts that its roll-out is planned with. Pure.
 *
 * A look that failed is no fact: what could not be found out stays as it was.
 *   record   as the domain's name servers say it, each by itself, when those that answer agree and are half
 *            of them at the least; where none can be asked, as the resolver says it
 *   hosts    all that the resolver or any name server lists are there; one is gone when the resolver's whole
 *            answer and all name servers do without it
 *   policy   shown is what every address of the policy host serves that can be reached; somebody else's is
 *            any valid one that none of ours counts as served for (ww_rollout_in_fact). One of ours of mode
 *            none binds nobody, and a host that is late to drop it is no stranger
 */
#ifndef WW_DAEMON_STEWARD_FACTS_H
#define WW_DAEMON_STEWARD_FACTS_H

#include "check/sight.h"
#include "core/published.h"
#include "daemon/steward_servers.h"
#include "engine/rollout.h"

/* MX records without DNSSEC count as authentic when all name servers have agreed on them, and nothing has
 * changed in them, for so long; seconds. */
#define WW_STEWARD_AGREED 86400

/* A host that has left the MX records is remembered for so long. */
#define WW_STEWARD_GONE_KEPT ((int64_t)30 * 86400)

struct ww_steward_seen {
    int64_t at;
    const struct ww_sight *sight;
    const struct ww_servers_said *said;
    const struct ww_served *served; /* all that is known: see struct ww_served */
    size_t served_count;
};

struct ww_steward_facts {
    bool complete;            /* what is known of record and hosts was seen just now */
    bool shown;               /* the policy of ours that is served */
    struct ww_served foreign; /* id and body of one that is none of ours; the body is borrowed from the
                                 sight, and empty when there is none */
    bool mx_authentic;        /* as ww_rollout wants to know it */
    const char *rua;          /* of the TLSRPT record; NULL: none; borrowed from seen, or domain */
    char why[WW_PUBLISHED_WORDS_SIZE]; /* what could not be found out; "" */
};

/* Brings the progress of the domain and its hosts up to date. */
void ww_steward_facts(const struct ww_steward_seen *seen, struct ww_published *domain,
                      struct ww_published_mx mx[WW_PUBLISHED_MX_MAX], size_t *mx_count,
                      struct ww_steward_facts *out);

/* The same policy: how its lines end counts for nothing. */
bool ww_steward_same_policy(struct ww_slice a, struct ww_slice b);

#endif
