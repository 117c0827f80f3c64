/*
 * Refreshing a cached policy ahead of its next use (RFC 8461 sections 5.1, 8.3): when that is due, and what
 * the operator hears of it. Pure rules on struct ww_life.
 *
 * Only what was used recently is refreshed, so that a host without mail makes no traffic. A refresh is due
 * about a day after the fetch, or half of max_age if that is sooner: each domain some time in the last sixth
 * of that, so that what was fetched together drifts apart. What became due while nobody was there to do it is
 * spread over such an interval after the start. After a failure the domain is left alone for
 * ww_life_back_off.
 */
#ifndef WW_ENGINE_REFRESH_H
#define WW_ENGINE_REFRESH_H

#include "engine/life.h"

/* What the holder knows beside the life of the domain. Times are Unix seconds. */
struct ww_refresh_case {
    int64_t used;    /* the last use */
    int64_t started; /* when the holder began to refresh */
    uint16_t
        place; /* of the domain in the spread: always the same, and evenly distributed over all domains */
};

/* When the policy that is cached is due, apart from failures and use. Not later than its expiry. */
int64_t ww_refresh_due(const struct ww_life *life, const struct ww_refresh_case *c, int64_t now,
                       const struct ww_life_rules *rules);

/*
 * True when a flight should begin now without any use, with `refetch` in what it is asked. Never without an
 * unexpired policy, and not within rules->recheck of its fetch, so that a tiny max_age makes no storm.
 */
bool ww_refresh_wants(const struct ww_life *life, const struct ww_refresh_case *c, int64_t now,
                      const struct ww_life_rules *rules);

enum ww_refresh_news {
    WW_REFRESH_NO_NEWS,
    WW_REFRESH_FAILS,     /* the policy is in force, and can be neither confirmed nor fetched */
    WW_REFRESH_RECOVERED, /* it could be again */
};

/* What the operator was not told yet; nothing is said of the failures of a policy of mode none. */
enum ww_refresh_news ww_refresh_news(const struct ww_life *life, int64_t now);

/* The news was told. */
void ww_refresh_told(struct ww_life *life);

#endif
