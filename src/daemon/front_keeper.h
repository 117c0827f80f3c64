/*
 * The front's end of the keeper: takes the overrides and policies that come from the store, and sends it what
 * is to be kept, a domain that changes often once. What the keeper has not confirmed as durable is sent again
 * to the next one; a store that has lost all gets all.
 */
#ifndef WW_DAEMON_FRONT_KEEPER_H
#define WW_DAEMON_FRONT_KEEPER_H

#include "daemon/front_cache.h"
#include "daemon/front_overrides.h"

struct event_base;

/* Changes that wait for the keeper, or for its confirmation. */
#define WW_FRONT_KEEPER_BACKLOG ((size_t)65536)

/* Answers begin without the store when it shows no progress for so long, or is not through after so long. */
#define WW_FRONT_KEEPER_STEP_SECONDS 2
#define WW_FRONT_KEEPER_LOAD_SECONDS 30

enum ww_keep {
    WW_KEEP_POLICY, /* all of it */
    WW_KEEP_TIMES,  /* it was confirmed; cheap to lose */
    WW_KEEP_FORGET, /* nothing: what the store has is deleted */
};

struct ww_front_keeper;

/*
 * Everything given is borrowed. ready is called once: when all enforced policies are in the cache, or when
 * there is no point in waiting. NULL when memory is short.
 */
struct ww_front_keeper *ww_front_keeper_new(struct event_base *base, struct ww_cache *cache,
                                            struct ww_overrides *overrides, const struct ww_hash_key *key,
                                            const struct ww_life_rules *rules, void (*ready)(void *ctx),
                                            void *ctx);
void ww_front_keeper_free(struct ww_front_keeper *keeper);

/* A (new) channel to a keeper. Owns fd. */
void ww_front_keeper_peer(struct ww_front_keeper *keeper, int fd);

/* Loads what the cache has lost, or could not take at first. What it knows stays. */
void ww_front_keeper_load_again(struct ww_front_keeper *keeper);

/*
 * The store forgets the policy of a domain, or all of them (""), which is no longer in the cache; what the
 * cache has by then is put anew after all were forgotten. Until it is durable nothing is taken back from the
 * store. False: the backlog is full, and the store keeps what it has.
 */
WW_MUST_CHECK bool ww_front_keeper_forget(struct ww_front_keeper *keeper, const char *domain);

/*
 * Whoever waits until all that was put and forgotten before is durable. done is told so once; or why the
 * store is in trouble: it is written when that is over, if no role dies before.
 */
struct ww_keeper_wait {
    void (*done)(struct ww_keeper_wait *wait, enum ww_err trouble);
    size_t until; /* the rest is private */
    TAILQ_ENTRY(ww_keeper_wait) link;
};

/* wait->done is set; it may be called at once, and does not wait again. After a stop it is not called. */
void ww_front_keeper_wait(struct ww_front_keeper *keeper, struct ww_keeper_wait *wait);
void ww_front_keeper_stop_waiting(struct ww_front_keeper *keeper, struct ww_keeper_wait *wait);

/*
 * This entry of the cache is to be kept; origin says where its policy came from, or is NULL. The origin waits
 * with the change, and goes with the policy that it belongs to. It is lost where the policy is stored all the
 * same, from the cache: of one that was fetched again while the last fetch still waited, of what found no
 * room in the backlog, and for a store that lost all. The history then does not know it.
 */
void ww_front_keeper_put(struct ww_front_keeper *keeper, struct ww_cache_entry *entry, enum ww_keep what,
                         const struct ww_origin *origin);

/* Changes that the keeper was not sent yet. */
size_t ww_front_keeper_unsent(const struct ww_front_keeper *keeper);

#endif
