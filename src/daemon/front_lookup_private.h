/* What the parts of front_lookup.h share: one look-ups, in five files. */
#ifndef WW_DAEMON_FRONT_LOOKUP_PRIVATE_H
#define WW_DAEMON_FRONT_LOOKUP_PRIVATE_H

#include "daemon/front_lookup.h"

#include <time.h>

struct ww_dry_run;
struct ww_front_results;
struct ww_memo;

/* A resolver and the domains that are its own. */
struct ww_lookup_shard {
    struct ww_lookup *lookup;
    unsigned index;
    unsigned generation;  /* counts its processes */
    struct ww_chan *chan; /* NULL while there is none */
};

struct ww_lookup {
    struct event_base *base;
    const struct ww_config *config;
    struct ww_stats *stats;
    struct ww_hash_key key;
    struct ww_cache *cache;
    struct ww_memo *memo;
    struct ww_overrides *overrides;
    struct ww_front_preload *preload;
    struct ww_dry_run *dry_run;
    struct ww_flights *flights;
    struct ww_front_keeper *keeper;
    struct ww_front_results *results;
    struct event *sweep;
    struct ww_msg_surveyed surveyed; /* room: it is large */
    bool validated;                  /* a survey was: there is DNSSEC here */
    int64_t started;
    int64_t swept;       /* when the last sweep was */
    unsigned refreshing; /* flights of refreshes under way, */
    unsigned refreshes;  /* and how many this sweep may still begin */
    struct ww_lookup_handlers handlers;
    void *ctx;
    uint64_t enforced_lost; /* that was logged */
    unsigned shard_count;
    struct ww_lookup_shard shards[];
};

static inline int64_t ww_lookup_now(void)
{
    return (int64_t)time(NULL);
}

/* front_lookup.c: the operator hears of enforced policies that were given up for want of room. */
void ww_lookup_note_lost(struct ww_lookup *l);

/* front_lookup_answer.c: what DANE has come to is known, or nobody asks. entry may be NULL. */
bool ww_lookup_knows_dane(const struct ww_lookup *l, const struct ww_cache_entry *entry, int64_t now);

/* front_lookup_failed.c: a delivery to the domain has failed under its policy. */
void ww_lookup_failed_delivery(void *ctx, const char *domain);
/* What a flight has come to, for the domain's report. */
void ww_lookup_note_result(struct ww_lookup *l, const struct ww_front_flight *flight,
                           const struct ww_discovery_result *result, int64_t now);

/* front_lookup_shard.c: which resolver a domain belongs to; the end of a channel. */
unsigned ww_lookup_shard_of(const struct ww_lookup *l, const struct ww_front_name *name);
void ww_lookup_leave_shard(struct ww_lookup_shard *r);
/* Asks for the MX hosts of a domain, for the dry run: the resolver's index, or -1. */
int ww_lookup_ask_mx(void *ctx, const struct ww_front_name *name, struct ww_slice payload);

/* front_lookup_flight.c: what a flight is begun for. */
enum ww_lookup_purpose {
    WW_FOR_USE,
    WW_FOR_REFRESH,
    WW_FOR_OPERATOR,
};

/*
 * Begins a flight with the parts that are needed, or has the one that is under way bring those that it lacks.
 * NULL (logged) when there are too many.
 */
struct ww_front_flight *ww_lookup_begin(struct ww_lookup *l, const struct ww_front_name *name,
                                        enum ww_lookup_purpose purpose);
/* Hands the flight to its resolver; without one it waits for the next. */
void ww_lookup_fly(struct ww_lookup *l, struct ww_front_flight *flight);
/* Takes in what a part of it has brought, or that all has failed; when nothing is left to bring it is gone.
 */
void ww_lookup_resolved(struct ww_lookup *l, struct ww_front_flight *flight,
                        const struct ww_discovery_result *result);
void ww_lookup_surveyed(struct ww_lookup *l, struct ww_front_flight *flight, struct ww_dane_survey *survey);
void ww_lookup_fail(struct ww_lookup *l, struct ww_front_flight *flight, enum ww_err why, const char *detail);

#endif
