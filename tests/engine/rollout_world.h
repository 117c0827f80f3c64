/*
 * A world for the roll-out of one domain, without a socket: its DNS, its policy host, a keeper that does what
 * the engine plans, and senders whose caches have every age. Senders are the engine's own (engine/life.h).
 *
 * Wherever the world is not told otherwise, it is unkind: records, MX records and policies are held as long
 * as they may be, and a day longer by slow resolvers.
 */
#ifndef TESTS_ROLLOUT_WORLD_H
#define TESTS_ROLLOUT_WORLD_H

#include "crowd.h"

#include "engine/rollout.h"

#define WORLD_START INT64_C(1796000000)
#define WORLD_DAY INT64_C(86400)
#define WORLD_HOSTS 8
#define WORLD_POLICIES 4096
#define WORLD_NONE SIZE_MAX

/* Hosts as bits. */
typedef crowd_hosts world_hosts;

struct world_policy {
    char id[WW_STS_ID_MAX + 1];
    char text[640];
    struct ww_policy policy;
    world_hosts covers;
    bool foreign;         /* of somebody else's host */
    int64_t since, until; /* as the keeper knows it; since 0: it does not */
    int64_t really_until; /* the last moment at which it was fetched or could be */
};

struct world {
    int64_t now;
    struct ww_published domain;
    struct ww_published_mx mx_seen[WW_PUBLISHED_MX_MAX];
    size_t mx_seen_count;
    struct ww_rollout_plan plan; /* the last one */
    enum ww_rollout_evidence evidence;
    bool certificate_good, mx_authentic, look_fails;
    bool by_hand_now; /* an operator who changes DNS by hand does it now */
    char mirrored[640];

    struct world_policy *policies;
    size_t policy_count;
    size_t first; /* that the keeper remembers */
    size_t shown; /* by the policy host; WORLD_NONE */
    bool host_down, host_late;
    bool usurped;         /* somebody else's host is shown */
    size_t former;        /* whose host slow resolvers still lead to; WORLD_NONE */
    int64_t former_until; /* so long */

    char record[WW_STS_ID_MAX + 1];
    uint32_t record_ttl, mx_ttl;
    bool reports_asked;
    world_hosts mx, good;
    int64_t mx_left[WORLD_HOSTS];

    struct crowd crowd;

    /* What happened. */
    size_t refusals;       /* a sender refused a good host that it may take for one of the MX hosts */
    size_t crowd_refusals; /* of these, the ones of the crowd */
    size_t enforcing;      /* deliveries under mode enforce */
    size_t serves, promotions, demotions, growths, gone, usurpations;
};

void world_begin(struct world *w, uint64_t seed);
void world_end(struct world *w);

uint64_t world_random(struct world *w, uint64_t below);

/* "mx3.example.net" */
const char *world_host(unsigned i);

/* The operator's and DNS's doings. */
void world_want(struct world *w, world_hosts hosts);
bool world_wish(struct world *w, enum ww_rollout_wish wish);
void world_dns(struct world *w, world_hosts mx);
/* What the engine says of a host. */
int64_t world_host_from(const struct world *w, unsigned host);
/* What a policy host of somebody else, or no order at all, would have: it is served at once. */
void world_serve(struct world *w, enum ww_policy_mode mode, uint32_t max_age, world_hosts mx);
void world_unserve(struct world *w);
void world_set_record(struct world *w, const char *id);

/* Somebody else's host takes the place of ours with this policy, or had it before; and the other way round.
 */
void world_usurp(struct world *w, enum ww_policy_mode mode, uint32_t max_age, world_hosts mx);
void world_restore(struct world *w);

/* The hosts that any resolver may have for those of the MX records. */
world_hosts world_anywhere(const struct world *w);

/* What ours shows now; WORLD_NONE. */
size_t world_own(const struct world *w);

/* The steward looks and does what is planned, until nothing can be done at once. */
void world_tend(struct world *w);

/* So many senders, any of them, look at the record, the policy and the MX records; all of them deliver with
 * what they have and what they could have. */
void world_visit(struct world *w, size_t count);
void world_deliver(struct world *w);

#endif
