#include "engine/refresh.h"

static int64_t smaller(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static int64_t larger(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

/* The domain's part of a span of time. No policy lives longer than 2^31 seconds. */
static int64_t part_of(int64_t span, const struct ww_refresh_case *c)
{
    return span * c->place / 65536;
}

int64_t ww_refresh_due(const struct ww_life *life, const struct ww_refresh_case *c, int64_t now,
                       const struct ww_life_rules *rules)
{
    int64_t interval = ww_life_refresh_after(life);
    int64_t due = life->fetched + larger(interval - part_of(interval / 6, c), rules->recheck);
    /* A start that is still to come is one by another clock. */
    if (due < c->started && c->started <= now)
        due = c->started + part_of(smaller(interval, (life->expires - c->started) / 2), c);
    return smaller(due, life->expires);
}

/* By a clock that was set back or forth in between, nothing was used recently until it is used again. */
static bool recently_used(const struct ww_refresh_case *c, int64_t now, const struct ww_life_rules *rules)
{
    int64_t age = now > c->used ? now - c->used : c->used - now;
    return age < rules->used_within;
}

static bool backs_off(const struct ww_life *life, int64_t now, const struct ww_life_rules *rules)
{
    return now >= life->checked && now - life->checked < ww_life_back_off(life, rules);
}

bool ww_refresh_wants(const struct ww_life *life, const struct ww_refresh_case *c, int64_t now,
                      const struct ww_life_rules *rules)
{
    if (!ww_life_has_policy(life, now) || !ww_life_wants_flight(life, now))
        return false;
    /* A fetch that is still to come was dated by a clock that is wrong, or was: only another one helps. */
    if (now >= life->fetched && now < ww_refresh_due(life, c, now, rules))
        return false;
    return recently_used(c, now, rules) && !backs_off(life, now, rules);
}

enum ww_refresh_news ww_refresh_news(const struct ww_life *life, int64_t now)
{
    if (!ww_life_has_policy(life, now))
        return WW_REFRESH_NO_NEWS;
    if (life->failures == 0)
        return life->alerted ? WW_REFRESH_RECOVERED : WW_REFRESH_NO_NEWS;
    return life->alerted || life->mode == WW_MODE_NONE ? WW_REFRESH_NO_NEWS : WW_REFRESH_FAILS;
}

void ww_refresh_told(struct ww_life *life)
{
    life->alerted = life->failures > 0;
}
