/*
 * When policies may be fetched. Strangers decide how many domains we look at, so there is an end to what we
 * send out on their behalf: so many fetches are begun in any second, and so many from one site
 * (resolver_site.h) in a second, and at a time. What is too much waits for its turn, in the order of
 * resolver_turns.h. Pure: time is passed in, in milliseconds by a clock that does not go back.
 */
#ifndef WW_DAEMON_FETCH_PACE_H
#define WW_DAEMON_FETCH_PACE_H

#include "base/slice.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ww_pace_limits {
    size_t per_second; /* at least 1 */
    size_t per_site;   /* at least 1 */
    int64_t wait_ms;   /* who has waited so long waits no more */
};

struct ww_pace;
struct ww_fetch;

/* NULL when memory is short. */
struct ww_pace *ww_pace_new(const struct ww_pace_limits *limits);
/* All fetches have ended. */
void ww_pace_free(struct ww_pace *pace);

/*
 * Begins to wait; owner is the caller's. held: a policy of the domain is known. To be ended with ww_pace_end.
 * NULL when memory is short.
 */
struct ww_fetch *ww_pace_add(struct ww_pace *pace, void *owner, struct ww_slice domain, bool held,
                             int64_t now);

/* The owner of a fetch that begins now; NULL when nothing waits that may. */
void *ww_pace_next(struct ww_pace *pace, int64_t now);

/* The owner of one that has waited too long; the caller ends it. NULL: there is none. */
void *ww_pace_late(const struct ww_pace *pace, int64_t now);

/* The fetch has ended, or nobody waits for it any more. */
void ww_pace_end(struct ww_pace *pace, struct ww_fetch *fetch, int64_t now);

/* When to ask again, unless a fetch is added or ends before: INT64_MAX when nothing waits. */
int64_t ww_pace_due(const struct ww_pace *pace);

#endif
