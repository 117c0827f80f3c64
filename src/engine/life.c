#include "engine/life.h"

/* Refresh about daily (RFC 8461 section 5.1). */
#define REFRESH_SECONDS ((int64_t)24 * 60 * 60)

/* A longer TTL of a record is not believed. */
#define RECORD_SECONDS ((int64_t)24 * 60 * 60)

#define BACK_OFF_MAX ((int64_t)4 * 60 * 60)

/* More do not make the back-off longer. */
#define FAILURES_MAX 16

static int64_t smaller(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static int64_t larger(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

int64_t ww_life_refresh_after(const struct ww_life *life)
{
    return smaller(REFRESH_SECONDS, (life->expires - life->fetched) / 2);
}

/* The clock was set back since the last flight: what that flight told us to wait for says nothing any more.
 */
static bool clock_went_back(const struct ww_life *life, int64_t now)
{
    return now < life->checked;
}

bool ww_life_has_policy(const struct ww_life *life, int64_t now)
{
    return life->id[0] != '\0' && (now < life->expires || now == life->fetched);
}

bool ww_life_can_answer(const struct ww_life *life, int64_t now)
{
    return ww_life_has_policy(life, now) || !ww_life_wants_flight(life, now);
}

bool ww_life_wants_flight(const struct ww_life *life, int64_t now)
{
    return now >= life->next_flight || clock_went_back(life, now);
}

bool ww_life_wants_refresh(const struct ww_life *life, int64_t now)
{
    return ww_life_has_policy(life, now) &&
           (now < life->fetched || now - life->fetched >= ww_life_refresh_after(life));
}

int64_t ww_life_back_off(const struct ww_life *life, const struct ww_life_rules *rules)
{
    int64_t pause = life->failures > 0 ? rules->fetch_retry : 0;
    for (int i = 1; i < life->failures && pause < BACK_OFF_MAX; i++)
        pause = smaller(pause * 2, BACK_OFF_MAX);
    return pause;
}

void ww_life_ask(const struct ww_life *life, const char *domain, int64_t now, struct ww_discovery_ask *ask)
{
    memset(ask, 0, sizeof *ask);
    memcpy(ask->domain, domain, strnlen(domain, sizeof ask->domain - 1));
    if (ww_life_has_policy(life, now))
        memcpy(ask->known_id, life->id, sizeof ask->known_id);
    ask->refetch = ww_life_wants_refresh(life, now);
    if (now < life->retry_at && !clock_went_back(life, now)) {
        memcpy(ask->failed_id, life->failed_id, sizeof ask->failed_id);
        ask->retry_at = life->retry_at;
    }
}

/* Sets the next flight, early enough for a refresh, and for the end of the policy at the latest. */
static void schedule(struct ww_life *life, int64_t now, int64_t pause)
{
    int64_t refresh = life->fetched + ww_life_refresh_after(life);
    life->next_flight = now + larger(pause, 1);
    if (!ww_life_has_policy(life, now))
        return;
    if (refresh > now)
        life->next_flight = smaller(life->next_flight, refresh);
    life->next_flight = smaller(life->next_flight, larger(life->expires, now + 1));
}

bool ww_life_restore(struct ww_life *life, int64_t now, const struct ww_life_rules *rules)
{
    bool sane = life->fetched > 0 && life->expires >= life->fetched &&
                life->expires - life->fetched <= WW_POLICY_MAX_AGE_MAX;
    if (!sane || !ww_life_has_policy(life, now)) {
        memset(life, 0, sizeof *life);
        return false;
    }
    life->checked = larger(life->checked, life->fetched);
    life->last = WW_FOUND_UNCHANGED;
    schedule(life, life->checked, rules->recheck);
    return true;
}

static void adopt(struct ww_life *life, const struct ww_discovery_result *result,
                  const struct ww_policy *policy, int64_t now)
{
    memcpy(life->id, result->id, sizeof life->id);
    life->mode = policy->mode;
    life->fetched = now;
    life->expires = now + policy->max_age;
    memset(life->failed_id, 0, sizeof life->failed_id);
    life->retry_at = 0;
}

static void hold_off(struct ww_life *life, const struct ww_discovery_result *result, int64_t now,
                     const struct ww_life_rules *rules)
{
    /* Another id is another fault, perhaps a short one: the back-off starts anew. */
    if (strcmp(life->failed_id, result->id) != 0 && life->failures > 0)
        life->failures = 1;
    memcpy(life->failed_id, result->id, sizeof life->failed_id);
    life->retry_at = now + rules->fetch_retry;
    /* Once the policy has expired, nothing is gained by holding off: there is mail without protection. */
    if (ww_life_has_policy(life, now))
        life->retry_at = larger(life->retry_at, smaller(now + ww_life_back_off(life, rules), life->expires));
}

/*
 * A record that says what is cached already is no end of the trouble while a GET that failed was not made
 * good: servers of the zone may disagree, or the host be down while the record is fine.
 */
static void count_failure(struct ww_life *life, const struct ww_discovery_result *result, int64_t now)
{
    switch (life->last) {
    case WW_FOUND_POLICY:
        life->failures = 0;
        return;
    case WW_FOUND_UNCHANGED:
        if (life->failed_id[0] == '\0' && strcmp(life->id, result->id) == 0)
            life->failures = 0;
        break;
    case WW_FOUND_WAITING:
        break;
    case WW_FOUND_NO_RECORD:
    case WW_FOUND_RECORD_INVALID:
    case WW_FOUND_DNS_FAILURE:
    case WW_FOUND_FETCH_FAILURE:
    case WW_FOUND_POLICY_INVALID:
        if (life->failures < FAILURES_MAX)
            life->failures++;
        break;
    }
    if (!ww_life_has_policy(life, now)) {
        life->failures = 0;
        life->alerted = false;
    }
}

/*
 * How long what a failed flight says is good for. A policy is looked after at its own pace: whoever can
 * answer for the name must not be able to keep us from looking again.
 */
static int64_t pause_after(const struct ww_life *life, const struct ww_discovery_result *result, int64_t now,
                           const struct ww_life_rules *rules)
{
    switch (life->last) {
    case WW_FOUND_NO_RECORD:
        if (ww_life_has_policy(life, now))
            return rules->recheck;
        return smaller(larger(result->record_ttl, rules->no_record_min), rules->no_record_max);
    case WW_FOUND_DNS_FAILURE:
        return rules->dns_retry;
    case WW_FOUND_FETCH_FAILURE:
    case WW_FOUND_POLICY_INVALID:
    case WW_FOUND_WAITING:
        /* The GET waits, but a new id in the record should not have to. */
        return smaller(rules->recheck, life->retry_at - now);
    case WW_FOUND_POLICY:
    case WW_FOUND_UNCHANGED:
        /* Before the TTL ends the same answer would come from a cache. */
        return larger(rules->recheck, smaller(result->record_ttl, RECORD_SECONDS));
    case WW_FOUND_RECORD_INVALID:
        break;
    }
    return rules->recheck;
}

enum ww_life_change ww_life_apply(struct ww_life *life, const struct ww_discovery_result *result,
                                  const struct ww_policy *policy, int64_t now,
                                  const struct ww_life_rules *rules)
{
    life->checked = now;
    life->why = result->why;
    life->last = result->outcome;
    if (result->outcome == WW_FOUND_POLICY && policy == NULL)
        life->last = WW_FOUND_POLICY_INVALID;
    count_failure(life, result, now);

    if (life->last == WW_FOUND_POLICY)
        adopt(life, result, policy, now);
    else if (life->last == WW_FOUND_FETCH_FAILURE || life->last == WW_FOUND_POLICY_INVALID)
        hold_off(life, result, now, rules);

    bool confirmed = life->last == WW_FOUND_UNCHANGED && ww_life_has_policy(life, now) &&
                     strcmp(life->id, result->id) == 0;
    if (life->last == WW_FOUND_UNCHANGED && !confirmed) {
        /* What was confirmed has expired meanwhile. Nothing is known, not even that there is no policy. */
        life->next_flight = now;
        return WW_LIFE_SAME;
    }
    schedule(life, now, pause_after(life, result, now, rules));
    if (life->last == WW_FOUND_POLICY)
        return WW_LIFE_REPLACED;
    return confirmed ? WW_LIFE_CHECKED : WW_LIFE_SAME;
}
