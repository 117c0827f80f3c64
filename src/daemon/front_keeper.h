/*
 * The front's end of the keeper: takes the policies that come from the store, and sends it what is to be
 * kept, a domain that changes often once. What the keeper has not confirmed as durable is sent again to the
 * next one; a store that has lost all gets all.
 */
#ifndef WW_DAEMON_FRONT_KEEPER_H
#define WW_DAEMON_FRONT_KEEPER_H

#include "daemon/front_cache.h"

struct event_base;

/* Changes that wait for the keeper, or for its confirmation. */
#define WW_FRONT_KEEPER_BACKLOG ((size_t)65536)

/* Answers begin without the store when it shows no progress for so long, or is not through after so long. */
#define WW_FRONT_KEEPER_STEP_SECONDS 2
#define WW_FRONT_KEEPER_LOAD_SECONDS 30

enum ww_keep {
    WW_KEEP_POLICY, /* all of it */
    WW_KEEP_TIMES,  /* it was confirmed; cheap to lose */
};

struct ww_front_keeper;

/*
 * Everything given is borrowed. ready is called once: when all enforced policies are in the cache, or when
 * there is no point in waiting. NULL when memory is short.
 */
struct ww_front_keeper *ww_front_keeper_new(struct event_base *base, struct ww_cache *cache,
                                            const struct ww_hash_key *key, const struct ww_life_rules *rules,
                                            void (*ready)(void *ctx), void *ctx);
void ww_front_keeper_free(struct ww_front_keeper *keeper);

/* A (new) channel to a keeper. Owns fd. */
void ww_front_keeper_peer(struct ww_front_keeper *keeper, int fd);

/*
 * This entry of the cache is to be kept; origin says where its policy came from, or is NULL. The origin waits
 * with the change, and goes with the policy that it belongs to. It is lost where the policy is stored all the
 * same, from the cache: of one that was fetched again while the last fetch still waited, of what found no
 * room in the backlog, and for a store that lost all. The history then does not know it.
 */
void ww_front_keeper_put(struct ww_front_keeper *keeper, struct ww_cache_entry *entry, enum ww_keep what,
                         const struct ww_origin *origin);

#endif
