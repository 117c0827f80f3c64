/*
 * The look-ups: what the cache knows, the flights that bring what it does not, the resolvers that fly them,
 * and the keeper that is told of it.
 */
#ifndef WW_DAEMON_FRONT_LOOKUP_H
#define WW_DAEMON_FRONT_LOOKUP_H

#include "daemon/front_answer.h"
#include "daemon/front_flights.h"
#include "daemon/front_keeper.h"
#include "daemon/role.h"

/* How many resolver processes may die under a flight until it counts as failed: the domain may be what kills
 * them. */
#define WW_LOOKUP_LIVES 3

struct ww_lookup;

struct ww_lookup_handlers {
    /* The cache is filled from the store, as far as it can be: look-ups may come. Once. */
    void (*ready)(void *ctx);
    /* It is known which preload list counts, if any: again and again. */
    void (*preload)(void *ctx);
};

/* NULL when memory is short. env->config outlives it. */
struct ww_lookup *ww_lookup_new(const struct ww_role_env *env, const struct ww_lookup_handlers *handlers,
                                void *ctx);
void ww_lookup_free(struct ww_lookup *lookup);

/* Where the look-ups are counted. */
struct ww_stats *ww_lookup_stats(const struct ww_lookup *lookup);
/* Sets the gauges there. */
void ww_lookup_gauges(const struct ww_lookup *lookup);

/*
 * A channel to a resolver: it gets the flights of its domains that are under way. Only the death of the one
 * before counts against them. Owns fd.
 */
void ww_lookup_resolver(struct ww_lookup *lookup, const struct ww_msg_peer *peer, int fd);

/* env->config has changed. */
void ww_lookup_reload(struct ww_lookup *lookup);

/* A channel to the keeper. Owns fd. */
void ww_lookup_keeper(struct ww_lookup *lookup, int fd);

/* A channel to the collector of TLS results. Owns fd. */
void ww_lookup_collector(struct ww_lookup *lookup, int fd);

/* A channel to the role that has the preload list. Owns fd. */
void ww_lookup_preload(struct ww_lookup *lookup, int fd);

/* The question will be asked soon, and is near: see ww_cache_soon. */
void ww_lookup_soon(struct ww_lookup *lookup, struct ww_question *question);
void ww_lookup_near(struct ww_lookup *lookup, const struct ww_question *question);

/*
 * Answers at once if that can be done, and begins a re-check in the background when one is due. False:
 * nothing was appended, and the look-up has to wait.
 */
bool ww_lookup_try(struct ww_lookup *lookup, const struct ww_question *question, struct ww_buf *b);

/* True when ww_lookup_try would answer. */
bool ww_lookup_can_answer(struct ww_lookup *lookup, const struct ww_question *question);

/* Joins or begins the flight; waiter->woken, which is set, is called. False when there are too many. */
bool ww_lookup_wait(struct ww_lookup *lookup, const struct ww_question *question, struct ww_waiter *waiter);

/* Answers with what is known now, for whom was woken or cannot wait. */
void ww_lookup_answer(struct ww_lookup *lookup, const struct ww_question *question, struct ww_buf *b);

/* The overrides in force, and how much they were used. */
struct ww_overrides *ww_lookup_overrides(struct ww_lookup *lookup);

/* Does not wait any more. */
void ww_lookup_leave(struct ww_lookup *lookup, struct ww_waiter *waiter);

/* Appends what EXPLAIN answers from what is known now; that is no use, and begins nothing. */
void ww_lookup_explain(struct ww_lookup *lookup, const struct ww_question *question, struct ww_buf *b);

/* The preload list that counts names it. */
bool ww_lookup_lists(const struct ww_lookup *lookup, const char *domain);

/* Whoever waits for the end of a flight, however long that takes; part of a struct of theirs. */
struct ww_recheck {
    /* Not before ww_lookup_recheck has returned. */
    void (*ended)(struct ww_recheck *recheck, const struct ww_discovery_result *result);
    LIST_ENTRY(ww_recheck) link; /* private */
};

/*
 * Looks at record and policy now, however short ago that failed: begins a flight, or joins the one under way
 * and, if that fetches nothing, begins another. recheck->ended is set. False when there are too many flights.
 */
bool ww_lookup_recheck(struct ww_lookup *lookup, const char *domain, struct ww_recheck *recheck);
void ww_lookup_recheck_cancel(struct ww_recheck *recheck);

/* For those who answer what control asks; borrowed as long as the lookup is there. */
struct ww_lookup_parts {
    struct ww_cache *cache;
    const struct ww_hash_key *key;
    const struct ww_flights *flights;
    struct ww_front_keeper *keeper;
    const struct ww_config *config;
};
struct ww_lookup_parts ww_lookup_parts(struct ww_lookup *lookup);

#endif
