#include "daemon/front_lookup_private.h"
#include "daemon/front_results.h"

/* What was used so long ago, in seconds, is not in the way of any mail. */
#define IN_USE 86400

static bool has_demands(const struct ww_cache_entry *entry, int64_t now)
{
    return entry != NULL && ww_life_has_policy(&entry->life, now) && entry->life.mode != WW_MODE_NONE;
}

/* A clock that was set back makes nobody wait for what it was before. */
static bool was_just_now(const struct ww_cache_entry *entry, int64_t now, int64_t seconds)
{
    int64_t ago = now - (int64_t)entry->failed_at;
    return ago >= 0 && ago < seconds;
}

/*
 * RFC 8461 section 5.1: before mail fails for good it is looked whether there is a newer policy. The record
 * comes first, as in every flight; the policy is fetched though its id is known, since whoever changes one
 * may forget the other. What comes of it is what any flight may come to: a failure leaves the policy that is
 * cached in force.
 */
void ww_lookup_failed_delivery(void *ctx, const char *domain)
{
    struct ww_lookup *l = ctx;
    int64_t now = ww_lookup_now();
    const struct ww_front_name name = ww_front_name(&l->key, domain);
    struct ww_cache_entry *entry = ww_cache_find(l->cache, &name);
    const struct ww_front_flight *flight = ww_flights_find(l->flights, &name);
    if (!has_demands(entry, now) || was_just_now(entry, now, l->config->collect_recheck) ||
        (flight != NULL && flight->sts) || l->refreshing >= l->config->refresh_flights)
        return;
    if (ww_lookup_begin(l, &name, WW_FOR_REFRESH) == NULL)
        return;
    entry->failed_at = (uint32_t)now;
    ww_stat_add(l->stats, WW_STAT_RECHECKS, 1);
    ww_log_info("policy-rechecked", "domain", domain, "id", entry->life.id, "detail",
                "a delivery has failed under this policy");
}

/* A domain that nobody writes to has no session to report on, whatever it is refreshed for. */
void ww_lookup_note_result(struct ww_lookup *l, const struct ww_front_flight *flight,
                           const struct ww_discovery_result *result, int64_t now)
{
    const struct ww_cache_entry *entry = ww_cache_find(l->cache, &flight->name);
    bool in_use = has_demands(entry, now) && now - (int64_t)entry->used_at < IN_USE;
    if (flight->used || in_use)
        ww_front_results_saw(l->results, flight->domain, result, now);
}
