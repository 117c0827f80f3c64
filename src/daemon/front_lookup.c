#include "daemon/front_dry_run.h"
#include "daemon/front_lookup_private.h"
#include "daemon/front_memo.h"
#include "daemon/front_results.h"
#include "engine/refresh.h"

#include <event2/event.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>

/* The whole cache is swept once in so many seconds, or sooner when it is small. */
#define SWEEP_SECONDS 600
#define SWEEP_BUCKETS_MIN ((size_t)1024)

/* A clock that goes back by more, in seconds, was set. */
#define CLOCK_STEP 30

void ww_lookup_note_lost(struct ww_lookup *l)
{
    char count[24];
    uint64_t lost = ww_cache_enforced_lost(l->cache) - l->enforced_lost;
    if (lost == 0)
        return;
    snprintf(count, sizeof count, "%" PRIu64, lost);
    if (ww_log_warning("cache-enforced-lost", "policies", count, "detail",
                       "enforced policies were given up for others: max_domains or max_bytes is too small"))
        l->enforced_lost += lost;
}

static void on_lost(void *ctx, struct ww_front_flight *flight)
{
    ww_lookup_fail(ctx, flight, WW_E_CHAN_DOWN, "the resolver gave no answer");
}

/* What is due and finds no room now is still due when the sweep comes round again. */
static void refresh_if_due(void *ctx, const struct ww_cache_entry *entry)
{
    struct ww_lookup *l = ctx;
    const struct ww_refresh_case c = {
        .used = (int64_t)entry->used_at,
        .started = l->started,
        .place = (uint16_t)(entry->hash >> 16), /* the table goes by the low bits */
    };
    if (l->refreshes == 0 || l->refreshing >= l->config->refresh_flights ||
        !ww_refresh_wants(&entry->life, &c, ww_lookup_now(), &l->config->life))
        return;
    struct ww_front_name name = ww_front_name(&l->key, ww_cache_domain(entry));
    if (l->shards[ww_lookup_shard_of(l, &name)].chan == NULL || ww_flights_find(l->flights, &name) != NULL)
        return;
    if (ww_lookup_begin(l, &name, WW_FOR_REFRESH) != NULL)
        l->refreshes--;
}

static struct ww_cache_max cache_max(const struct ww_config *config)
{
    return (struct ww_cache_max){config->max_domains, config->cache_max_bytes};
}

static bool configure_overrides(struct ww_lookup *l)
{
    bool good = ww_overrides_configure(l->overrides, l->config->overrides, l->config->override_count,
                                       ww_lookup_now());
    if (!good)
        ww_log_error("no-memory", "for", "overrides of the configuration");
    return good;
}

void ww_lookup_reload(struct ww_lookup *lookup)
{
    (void)configure_overrides(lookup);
    const struct ww_cache_max max = cache_max(lookup->config);
    ww_cache_set_max(lookup->cache, &max);
    ww_flights_set_deadline(lookup->flights, lookup->config->answer_deadline_ms);
    if (lookup->config->preload_source == NULL)
        ww_front_preload_drop(lookup->preload);
    ww_memo_clear(lookup->memo); /* the answers may be others now */
}

static void on_sweep(evutil_socket_t s, short what, void *arg)
{
    (void)s;
    (void)what;
    struct ww_lookup *l = arg;
    int64_t now = ww_lookup_now();
    size_t buckets = ww_cache_buckets(l->cache) / SWEEP_SECONDS + 1;
    ww_lookup_note_lost(l);
    /* By the clock that was wrong policies may have been over that are not: the store has them still. */
    if (now < l->swept - CLOCK_STEP) {
        ww_front_keeper_load_again(l->keeper);
        ww_cache_forget_dane(l->cache);
    }
    l->swept = now;
    l->refreshes = l->config->refresh_flights;
    ww_overrides_tick(l->overrides, now);
    ww_cache_sweep(l->cache, now, buckets > SWEEP_BUCKETS_MIN ? buckets : SWEEP_BUCKETS_MIN, refresh_if_due,
                   l);
}

struct ww_lookup *ww_lookup_new(const struct ww_role_env *env, const struct ww_lookup_handlers *handlers,
                                void *ctx)
{
    unsigned count = env->config->resolvers > 0 ? env->config->resolvers : 1;
    struct ww_lookup *l = calloc(1, sizeof *l + count * sizeof l->shards[0]);
    if (l == NULL)
        return NULL;
    l->base = env->base;
    l->config = env->config;
    l->stats = &env->stats->stats;
    l->started = ww_lookup_now();
    l->shard_count = count;
    for (unsigned i = 0; i < count; i++)
        l->shards[i] = (struct ww_lookup_shard){.lookup = l, .index = i};
    l->handlers = *handlers;
    l->ctx = ctx;
    static const struct ww_flights_handlers flights = {on_lost};
    const struct ww_cache_max max = cache_max(l->config);
    const struct timeval second = {.tv_sec = 1};
    if (getrandom(&l->key, sizeof l->key, 0) != (ssize_t)sizeof l->key)
        goto failed;
    l->cache = ww_cache_new(&max);
    l->memo = ww_memo_new();
    l->overrides = ww_overrides_new(&l->key);
    l->preload = ww_front_preload_new(env->base, handlers->preload, ctx);
    const struct ww_dry_run_needs needs = {&l->key,          l->cache, l->overrides,     l->preload,
                                           &l->config->dane, l->stats, ww_lookup_ask_mx, l};
    l->dry_run = ww_dry_run_new(&needs);
    l->flights = ww_flights_new(env->base, l->config->answer_deadline_ms, WW_FLIGHT_LIMIT_MS, &flights, l);
    l->sweep = event_new(env->base, -1, EV_PERSIST, on_sweep, l);
    if (l->cache == NULL || l->memo == NULL || l->overrides == NULL || l->preload == NULL ||
        l->dry_run == NULL || l->flights == NULL || l->sweep == NULL || event_add(l->sweep, &second) != 0 ||
        !configure_overrides(l))
        goto failed;
    l->keeper = ww_front_keeper_new(env->base, l->cache, l->overrides, &l->key, &l->config->life,
                                    handlers->ready, ctx);
    l->results = ww_front_results_new(env->base, l->config, l->stats, ww_lookup_failed_delivery, l);
    if (l->keeper != NULL && l->results != NULL)
        return l;
failed:
    ww_lookup_free(l);
    return NULL;
}

void ww_lookup_free(struct ww_lookup *lookup)
{
    if (lookup == NULL)
        return;
    for (unsigned i = 0; i < lookup->shard_count; i++)
        ww_lookup_leave_shard(&lookup->shards[i]);
    if (lookup->sweep != NULL)
        event_free(lookup->sweep);
    ww_front_results_free(lookup->results);
    ww_front_keeper_free(lookup->keeper);
    ww_flights_free(lookup->flights);
    ww_dry_run_free(lookup->dry_run);
    ww_front_preload_free(lookup->preload);
    ww_overrides_free(lookup->overrides);
    ww_memo_free(lookup->memo);
    ww_cache_free(lookup->cache);
    free(lookup);
}

void ww_lookup_keeper(struct ww_lookup *lookup, int fd)
{
    ww_front_keeper_peer(lookup->keeper, fd);
}

void ww_lookup_collector(struct ww_lookup *lookup, int fd)
{
    ww_front_results_peer(lookup->results, fd);
}

void ww_lookup_preload(struct ww_lookup *lookup, int fd)
{
    ww_front_preload_peer(lookup->preload, fd);
}

struct ww_stats *ww_lookup_stats(const struct ww_lookup *lookup)
{
    return lookup->stats;
}

void ww_lookup_gauges(const struct ww_lookup *lookup)
{
    struct ww_stats *s = lookup->stats;
    _Static_assert(WW_STAT_CLASSES == (int)WW_CACHE_CLASSES, "one value for each class");
    for (unsigned i = 0; i < WW_CACHE_CLASSES; i++)
        ww_stat_set(s, WW_STAT_CACHE_ENTRIES + i, ww_cache_count(lookup->cache, (enum ww_cache_class)i));
    ww_stat_set(s, WW_STAT_CACHE_LIMIT, lookup->config->max_domains);
    ww_stat_set(s, WW_STAT_CACHE_BYTES, ww_cache_bytes(lookup->cache));
    ww_stat_set(s, WW_STAT_CACHE_LIMIT_BYTES, lookup->config->cache_max_bytes);
    ww_stat_set(s, WW_STAT_CACHE_LOST, ww_cache_enforced_lost(lookup->cache));
    ww_stat_set(s, WW_STAT_FLIGHTS, ww_flights_count(lookup->flights));
    ww_stat_set(s, WW_STAT_REFRESHES, lookup->refreshing);
    const struct ww_overrides_counts overrides = ww_overrides_counts(lookup->overrides);
    for (unsigned i = 0; i < WW_OVERRIDE_LEVELS; i++)
        ww_stat_set(s, WW_STAT_OVERRIDDEN + i, overrides.used[i]);
    ww_stat_set(s, WW_STAT_OVERRIDES, overrides.configured + overrides.set);
    ww_stat_set(s, WW_STAT_PRELOAD_DOMAINS, ww_front_preload_count(lookup->preload, ww_lookup_now()));
    ww_stat_set(s, WW_STAT_PRELOAD_EXPIRES, (uint64_t)ww_front_preload_expires(lookup->preload));
    ww_stat_set(s, WW_STAT_DRY_RUN, lookup->config->dry_run);
    ww_stat_set(s, WW_STAT_STORE_WAITING, ww_front_keeper_unsent(lookup->keeper));
}

struct ww_overrides *ww_lookup_overrides(struct ww_lookup *lookup)
{
    return lookup->overrides;
}

struct ww_lookup_parts ww_lookup_parts(struct ww_lookup *lookup)
{
    return (struct ww_lookup_parts){lookup->cache, &lookup->key, lookup->flights, lookup->keeper,
                                    lookup->config};
}
