/*
 * Whose turn it is among flights that wait for one another. A stranger who has us look at many names, of
 * hosts that do not answer, must not keep the domains of others waiting: so each site (resolver_site.h) flies
 * at most so many at a time; what is known to have a policy goes first, then the sites that had no turn yet,
 * then one flight of each other site in rotation.
 */
#ifndef WW_DAEMON_RESOLVER_TURNS_H
#define WW_DAEMON_RESOLVER_TURNS_H

#include "base/err.h"
#include "base/slice.h"

#include <stdbool.h>
#include <sys/queue.h>

struct ww_turns_site;

/* Part of the struct of whatever waits and flies. */
struct ww_turn {
    TAILQ_ENTRY(ww_turn) entry;
    struct ww_turns_site *site;
    bool held;
    bool flying;
};

struct ww_turns;

/* NULL when memory is short. site_max is at least 1. */
struct ww_turns *ww_turns_new(size_t site_max);
/* All turns have ended. */
void ww_turns_free(struct ww_turns *turns);

/* Begins to wait. held: a policy of the domain is known. False, and nothing has changed: memory is short. */
WW_MUST_CHECK bool ww_turns_add(struct ww_turns *turns, struct ww_turn *turn, struct ww_slice domain,
                                bool held);

/* Whoever is next: it flies from now on, until it ends. NULL when nobody waits, or their sites fly enough. */
struct ww_turn *ww_turns_next(struct ww_turns *turns);

/* Waits or flies no more. */
void ww_turns_end(struct ww_turns *turns, struct ww_turn *turn);

size_t ww_turns_waiting(const struct ww_turns *turns);

#endif
