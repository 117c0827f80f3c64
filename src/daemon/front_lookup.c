#include "daemon/front_lookup.h"

#include "daemon/front_dry_run.h"
#include "daemon/front_memo.h"
#include "daemon/front_news.h"
#include "engine/refresh.h"
#include "proc/chan.h"

#include <event2/event.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>
#include <time.h>

/* The whole cache is swept once in so many seconds, or sooner when it is small. */
#define SWEEP_SECONDS 600
#define SWEEP_BUCKETS_MIN ((size_t)1024)

/* A clock that goes back by more, in seconds, was set. */
#define CLOCK_STEP 30

struct resolver {
    struct ww_lookup *lookup;
    unsigned index;
    unsigned generation;  /* counts its processes */
    struct ww_chan *chan; /* NULL while there is none */
};

struct ww_lookup {
    struct event_base *base;
    const struct ww_config *config;
    struct ww_stats *stats;
    struct ww_hash_key key;
    struct ww_cache *cache;
    struct ww_memo *memo;
    struct ww_overrides *overrides;
    struct ww_dry_run *dry_run;
    struct ww_flights *flights;
    struct ww_front_keeper *keeper;
    struct event *sweep;
    int64_t started;
    int64_t swept;       /* when the last sweep was */
    unsigned refreshing; /* flights of refreshes under way, */
    unsigned refreshes;  /* and how many this sweep may still begin */
    struct ww_lookup_handlers handlers;
    void *ctx;
    uint64_t enforced_lost; /* that was logged */
    unsigned resolver_count;
    struct resolver resolvers[];
};

static int64_t unix_now(void)
{
    return (int64_t)time(NULL);
}

static unsigned shard_of(const struct ww_lookup *l, const struct ww_front_name *name)
{
    return (unsigned)((name->hash >> 32) % l->resolver_count);
}

/* Hands the flight to its resolver; without one it waits for the next. */
static void fly(struct ww_lookup *l, struct ww_front_flight *flight)
{
    struct resolver *r = &l->resolvers[shard_of(l, &flight->name)];
    if (r->chan == NULL)
        return;
    static const struct ww_life nothing;
    const struct ww_cache_entry *entry = ww_cache_find(l->cache, &flight->name);
    struct ww_msg_resolve m = {.flight = flight->number};
    char text[2 * WW_DNAME_SIZE];
    struct ww_buf b = ww_buf(text, sizeof text);
    ww_life_ask(entry != NULL ? &entry->life : &nothing, flight->domain, unix_now(), &m.ask);
    m.ask.refetch |= flight->refresh || flight->forced;
    if (flight->forced)
        m.ask.failed_id[0] = '\0';
    ww_msg_put_resolve(&b, &m);
    /* What the channel does not take is given up in its time; a resolver that has gone is replaced. */
    if (b.failed || ww_chan_send(r->chan, WW_MSG_RESOLVE, ww_slice(b.p, b.n), -1) != WW_OK)
        return;
    if (flight->via != r->generation)
        flight->lives++;
    flight->via = r->generation;
}

/* What it is begun for. */
enum purpose {
    FOR_USE,
    FOR_REFRESH,
    FOR_OPERATOR,
};

static struct ww_front_flight *begin_flight(struct ww_lookup *l, const struct ww_front_name *name,
                                            enum purpose purpose)
{
    struct ww_front_flight *flight = ww_flights_begin(l->flights, name);
    if (flight != NULL) {
        flight->refresh = purpose == FOR_REFRESH;
        flight->forced = purpose == FOR_OPERATOR;
        l->refreshing += flight->refresh;
        fly(l, flight);
    }
    if (flight == NULL)
        ww_log_warning("flights-full", "domain", name->domain, "done", "it is looked up later");
    return flight;
}

static void move_rechecks(struct ww_rechecks *from, struct ww_rechecks *to)
{
    struct ww_recheck *recheck;
    while ((recheck = LIST_FIRST(from)) != NULL) {
        LIST_REMOVE(recheck, link);
        LIST_INSERT_HEAD(to, recheck, link);
    }
}

/* The operator asked for a look at the policy, too: a flight that did not need one is followed by another. */
static bool fly_again(struct ww_lookup *l, const char *domain, struct ww_rechecks *rechecks)
{
    struct ww_front_name name = ww_front_name(&l->key, domain);
    struct ww_front_flight *next = ww_flights_find(l->flights, &name);
    if (next == NULL)
        next = begin_flight(l, &name, FOR_OPERATOR);
    if (next != NULL)
        move_rechecks(rechecks, &next->rechecks);
    return next != NULL;
}

static void end_flight(struct ww_lookup *l, struct ww_front_flight *flight,
                       const struct ww_discovery_result *result)
{
    char domain[WW_DNAME_SIZE];
    struct ww_rechecks rechecks = LIST_HEAD_INITIALIZER(rechecks);
    struct ww_recheck *recheck;
    bool fetched =
        flight->forced || (result->outcome != WW_FOUND_UNCHANGED && result->outcome != WW_FOUND_WAITING);
    memcpy(domain, flight->domain, flight->name.n + 1);
    move_rechecks(&flight->rechecks, &rechecks);
    l->refreshing -= flight->refresh;
    ww_flights_end(l->flights, flight);
    if (LIST_EMPTY(&rechecks) || (!fetched && fly_again(l, domain, &rechecks)))
        return;
    while ((recheck = LIST_FIRST(&rechecks)) != NULL) {
        LIST_REMOVE(recheck, link);
        recheck->ended(recheck, result);
    }
}

/* News for which there is no room in the log are still news at the next flight. */
static void note_outcome(const char *domain, const struct ww_discovery_result *result, struct ww_life *life,
                         int64_t now)
{
    enum ww_refresh_news news = ww_refresh_news(life, now);
    bool loud = news == WW_REFRESH_FAILS;
    bool told = ww_log(loud ? WW_LOG_WARNING : WW_LOG_DEBUG, loud ? "refresh-failed" : "discovery", "domain",
                       domain, "outcome", ww_discovery_outcome_name(result->outcome), "error",
                       result->why != WW_OK ? ww_err_id(result->why) : NULL, "detail",
                       result->detail[0] != '\0' ? result->detail : NULL, (char *)NULL);
    if (news == WW_REFRESH_RECOVERED)
        told = ww_log_info("refresh-recovered", "domain", domain, "id", life->id);
    if (told && news != WW_REFRESH_NO_NEWS)
        ww_refresh_told(life);
}

/* An event of its own: many new policies must not leave a weaker one out of the log. */
static void note_policy(struct ww_lookup *l, const char *domain, const struct ww_life *before,
                        struct ww_slice old_body, const struct ww_life *after, const struct ww_policy *policy,
                        int64_t now)
{
    struct ww_policy_news news;
    ww_policy_news(before, old_body, after, policy, now, &news);
    if (!news.changed)
        return;
    bool weaker = news.weaker[0] != '\0';
    ww_stat_add(l->stats, WW_STAT_WEAKER, weaker);
    ww_log(weaker ? WW_LOG_WARNING : WW_LOG_INFO, weaker ? "policy-weaker" : "policy", "domain", domain,
           "mode", ww_policy_mode_name(after->mode), "id", after->id, "old_mode", news.old_mode, "old_id",
           news.old_id, "weaker", weaker ? news.weaker : NULL, (char *)NULL);
}

static void note_lost(struct ww_lookup *l)
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

/* Takes in what a flight brought. */
static void apply(struct ww_lookup *l, struct ww_front_flight *flight,
                  const struct ww_discovery_result *result, int64_t now)
{
    const struct ww_cache_entry *entry = ww_cache_find(l->cache, &flight->name);
    struct ww_life before = {.id = ""};
    struct ww_slice body = ww_slice(NULL, 0);
    struct ww_policy policy;
    size_t offset;
    if (entry != NULL) {
        before = entry->life;
        body = ww_cache_body(entry);
    }
    bool parsed = result->outcome == WW_FOUND_POLICY &&
                  ww_policy_parse(result->body.p, result->body.n, &policy, &offset) == WW_OK;
    struct ww_life life = before;
    enum ww_life_change change = ww_life_apply(&life, result, parsed ? &policy : NULL, now, &l->config->life);
    note_outcome(flight->domain, result, &life, now);
    if (change == WW_LIFE_REPLACED) {
        note_policy(l, flight->domain, &before, body, &life, &policy, now);
        body = result->body;
    }
    struct ww_cache_entry *kept = ww_cache_put(l->cache, &flight->name, &life, body, result->detail, now);
    if (kept == NULL) {
        ww_log_warning("cache-full", "domain", flight->domain, "done", "it is not remembered");
        return;
    }
    if (change != WW_LIFE_SAME)
        ww_front_keeper_put(l->keeper, kept, change == WW_LIFE_REPLACED ? WW_KEEP_POLICY : WW_KEEP_TIMES,
                            change == WW_LIFE_REPLACED ? &result->origin : NULL);
    note_lost(l);
}

static void finish_flight(struct ww_lookup *l, struct ww_front_flight *flight,
                          const struct ww_discovery_result *result)
{
    int64_t now = unix_now();
    apply(l, flight, result, now);
    const struct ww_cache_entry *entry = ww_cache_find(l->cache, &flight->name);
    /* "Unchanged", but the policy has expired while the flight was on: whoever waits needs it again. */
    if (entry != NULL && !ww_life_can_answer(&entry->life, now))
        fly(l, flight);
    else
        end_flight(l, flight, result);
}

static void fail_flight(struct ww_lookup *l, struct ww_front_flight *flight, enum ww_err why,
                        const char *detail)
{
    struct ww_discovery_result result = {.outcome = WW_FOUND_DNS_FAILURE, .why = why};
    memcpy(result.detail, detail, strlen(detail) + 1);
    apply(l, flight, &result, unix_now());
    end_flight(l, flight, &result);
}

static void on_woken(void *ctx, struct ww_waiter *waiter)
{
    struct ww_lookup *l = ctx;
    l->handlers.woken(l->ctx, waiter);
}

static void on_lost(void *ctx, struct ww_front_flight *flight)
{
    fail_flight(ctx, flight, WW_E_CHAN_DOWN, "the resolver gave no answer");
}

static int ask_mx(void *ctx, const struct ww_front_name *name, struct ww_slice payload)
{
    struct ww_lookup *l = ctx;
    const struct resolver *r = &l->resolvers[shard_of(l, name)];
    bool sent = r->chan != NULL && ww_chan_send(r->chan, WW_MSG_MX, payload, -1) == WW_OK;
    return sent ? (int)r->index : -1;
}

static void on_resolver_message(void *ctx, struct ww_chan *chan, uint16_t type, struct ww_slice payload,
                                int fd)
{
    (void)chan;
    struct resolver *r = ctx;
    struct ww_lookup *l = r->lookup;
    struct ww_msg_resolved m;
    struct ww_msg_mx_hosts mx;
    if (fd >= 0)
        evutil_closesocket(fd);
    if (type == WW_MSG_MX_HOSTS && ww_msg_get_mx_hosts(payload, &mx) == WW_OK) {
        ww_dry_run_found(l->dry_run, (int)r->index, &mx, unix_now());
        return;
    }
    if (type != WW_MSG_RESOLVED || ww_msg_get_resolved(payload, &m) != WW_OK) {
        ww_log_error("message-malformed", "from", "resolver");
        return;
    }
    /* A resolver has a say in the domains that are its own alone. */
    struct ww_front_flight *flight = ww_flights_numbered(l->flights, m.flight);
    if (flight != NULL && shard_of(l, &flight->name) == r->index)
        finish_flight(l, flight, &m.result);
}

static void leave_resolver(struct resolver *r)
{
    ww_chan_free(r->chan);
    r->chan = NULL;
}

static void on_resolver_down(void *ctx, struct ww_chan *chan)
{
    (void)chan;
    leave_resolver(ctx);
}

void ww_lookup_resolver(struct ww_lookup *lookup, const struct ww_msg_peer *peer, int fd)
{
    static const struct ww_chan_handlers handlers = {on_resolver_message, on_resolver_down};
    if (peer->index >= lookup->resolver_count) {
        evutil_closesocket(fd);
        return;
    }
    struct resolver *r = &lookup->resolvers[peer->index];
    leave_resolver(r);
    r->generation++;
    r->chan = ww_chan_new(lookup->base, fd, &handlers, r);
    if (r->chan == NULL) {
        ww_log_error("no-memory", "for", "channel to a resolver");
        return;
    }
    struct ww_front_flight *next;
    for (struct ww_front_flight *f = ww_flights_next(lookup->flights, NULL); f != NULL; f = next) {
        next = ww_flights_next(lookup->flights, f);
        if (shard_of(lookup, &f->name) != r->index || f->via == r->generation)
            continue;
        if (peer->instead && f->lives > 0)
            f->lives--;
        if (f->lives >= WW_LOOKUP_LIVES)
            fail_flight(lookup, f, WW_E_CHAN_DOWN, "the resolver ended while it looked");
        else
            fly(lookup, f);
    }
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
        !ww_refresh_wants(&entry->life, &c, unix_now(), &l->config->life))
        return;
    struct ww_front_name name = ww_front_name(&l->key, ww_cache_domain(entry));
    if (l->resolvers[shard_of(l, &name)].chan == NULL || ww_flights_find(l->flights, &name) != NULL)
        return;
    if (begin_flight(l, &name, FOR_REFRESH) != NULL)
        l->refreshes--;
}

static struct ww_cache_max cache_max(const struct ww_config *config)
{
    return (struct ww_cache_max){config->max_domains, config->cache_max_bytes};
}

static bool configure_overrides(struct ww_lookup *l)
{
    bool good =
        ww_overrides_configure(l->overrides, l->config->overrides, l->config->override_count, unix_now());
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
    ww_memo_clear(lookup->memo); /* the answers may be others now */
}

static void on_sweep(evutil_socket_t s, short what, void *arg)
{
    (void)s;
    (void)what;
    struct ww_lookup *l = arg;
    int64_t now = unix_now();
    size_t buckets = ww_cache_buckets(l->cache) / SWEEP_SECONDS + 1;
    note_lost(l);
    /* By the clock that was wrong policies may have been over that are not: the store has them still. */
    if (now < l->swept - CLOCK_STEP)
        ww_front_keeper_load_again(l->keeper);
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
    struct ww_lookup *l = calloc(1, sizeof *l + count * sizeof l->resolvers[0]);
    if (l == NULL)
        return NULL;
    l->base = env->base;
    l->config = env->config;
    l->stats = &env->stats->stats;
    l->started = unix_now();
    l->resolver_count = count;
    for (unsigned i = 0; i < count; i++)
        l->resolvers[i] = (struct resolver){.lookup = l, .index = i};
    l->handlers = *handlers;
    l->ctx = ctx;
    static const struct ww_flights_handlers flights = {on_woken, on_lost};
    const struct ww_cache_max max = cache_max(l->config);
    const struct timeval second = {.tv_sec = 1};
    if (getrandom(&l->key, sizeof l->key, 0) != (ssize_t)sizeof l->key)
        goto failed;
    l->cache = ww_cache_new(&max);
    l->memo = ww_memo_new();
    l->overrides = ww_overrides_new(&l->key);
    const struct ww_dry_run_needs needs = {&l->key, l->cache, l->overrides, l->stats, ask_mx, l};
    l->dry_run = ww_dry_run_new(&needs);
    l->flights = ww_flights_new(env->base, l->config->answer_deadline_ms, WW_FLIGHT_LIMIT_MS, &flights, l);
    l->sweep = event_new(env->base, -1, EV_PERSIST, on_sweep, l);
    if (l->cache == NULL || l->memo == NULL || l->overrides == NULL || l->dry_run == NULL ||
        l->flights == NULL || l->sweep == NULL || event_add(l->sweep, &second) != 0 ||
        !configure_overrides(l))
        goto failed;
    l->keeper = ww_front_keeper_new(env->base, l->cache, l->overrides, &l->key, &l->config->life,
                                    handlers->ready, ctx);
    if (l->keeper != NULL)
        return l;
failed:
    ww_lookup_free(l);
    return NULL;
}

void ww_lookup_free(struct ww_lookup *lookup)
{
    if (lookup == NULL)
        return;
    for (unsigned i = 0; i < lookup->resolver_count; i++)
        leave_resolver(&lookup->resolvers[i]);
    if (lookup->sweep != NULL)
        event_free(lookup->sweep);
    ww_front_keeper_free(lookup->keeper);
    ww_flights_free(lookup->flights);
    ww_dry_run_free(lookup->dry_run);
    ww_overrides_free(lookup->overrides);
    ww_memo_free(lookup->memo);
    ww_cache_free(lookup->cache);
    free(lookup);
}

void ww_lookup_keeper(struct ww_lookup *lookup, int fd)
{
    ww_front_keeper_peer(lookup->keeper, fd);
}

static struct ww_front_name name_of(const struct ww_lookup *l, const struct ww_question *q)
{
    if (q->hash == 0)
        return ww_front_name(&l->key, q->domain);
    return (struct ww_front_name){q->domain, strlen(q->domain), q->hash};
}

static struct ww_known known_of(const struct ww_cache_entry *entry, const struct ww_override *override,
                                bool live)
{
    if (entry == NULL)
        return (struct ww_known){.life = NULL, .live = live, .override = override};
    return (struct ww_known){&entry->life, ww_cache_body(entry), ww_cache_detail(entry), live, override};
}

static struct ww_cache_entry *entry_of(struct ww_lookup *l, const struct ww_question *q,
                                       struct ww_front_name *name)
{
    *name = name_of(l, q);
    return ww_cache_find(l->cache, name);
}

void ww_lookup_soon(struct ww_lookup *lookup, struct ww_question *question)
{
    if (question->fixed != NULL)
        return;
    question->hash = ww_front_name(&lookup->key, question->domain).hash;
    ww_cache_soon(lookup->cache, question->hash);
}

void ww_lookup_near(struct ww_lookup *lookup, const struct ww_question *question)
{
    if (question->hash != 0)
        ww_cache_near(lookup->cache, question->hash);
}

static const struct ww_override *override_of(const struct ww_lookup *l, const struct ww_question *q,
                                             int64_t now)
{
    if (ww_overrides_is_empty(l->overrides))
        return NULL;
    return ww_overrides_find(l->overrides, ww_slice_str(q->domain), now);
}

static void answer(struct ww_lookup *l, const struct ww_known *known, const struct ww_question *q,
                   struct ww_buf *b, int64_t now)
{
    const struct ww_answer_style style = {l->config->testing_may, l->config->dry_run};
    const struct ww_answered answered = ww_answer_put(b, q, known, &style, now);
    if (answered.overridden && q->map != WW_MAP_EXPLAIN)
        ww_overrides_use(l->overrides, known->override, q->domain, now);
    if (style.dry_run && q->map != WW_MAP_EXPLAIN && q->fixed == NULL) {
        const struct ww_front_name name = name_of(l, q);
        ww_dry_run_withheld(l->dry_run, &name, answered.level, l->config->life.recheck, now);
    }
}

/* Answers of a policy are the same as long as entry and policy hold, and nothing overrides it. */
static void answer_from(struct ww_lookup *l, const struct ww_cache_entry *entry,
                        const struct ww_override *override, const struct ww_front_name *name,
                        const struct ww_question *q, struct ww_buf *b, int64_t now)
{
    bool keep = q->map != WW_MAP_EXPLAIN && override == NULL && !l->config->dry_run && entry != NULL &&
                ww_life_has_policy(&entry->life, now);
    if (keep && ww_memo_get(l->memo, name->hash, entry->stamp, q->map, b))
        return;
    const struct ww_known known = known_of(entry, override, false);
    size_t start = b->n;
    answer(l, &known, q, b, now);
    if (keep)
        ww_memo_put(l->memo, name->hash, entry->stamp, q->map, ww_slice(b->p + start, b->n - start));
}

static void count_answer(struct ww_lookup *l, const struct ww_question *q, const struct ww_life *life,
                         struct ww_slice answer, bool waited, int64_t now)
{
    ww_stat_add(l->stats, ww_stat_lookup(q->map, ww_answer_kind(answer, life, now), waited), 1);
}

/* True when what is known is enough for an answer. */
static bool suffices(const struct ww_cache_entry *entry, const struct ww_override *override, int64_t now)
{
    return (entry != NULL && ww_life_can_answer(&entry->life, now)) ||
           (override != NULL && ww_override_stands_alone(override));
}

bool ww_lookup_try(struct ww_lookup *lookup, const struct ww_question *question, struct ww_buf *b)
{
    struct ww_front_name name;
    int64_t now = unix_now();
    size_t start = b->n;
    if (question->fixed != NULL) {
        const struct ww_known known = known_of(NULL, NULL, false);
        answer(lookup, &known, question, b, now);
        count_answer(lookup, question, NULL, ww_slice(b->p + start, b->n - start), false, now);
        return true;
    }
    struct ww_cache_entry *entry = entry_of(lookup, question, &name);
    const struct ww_override *override = override_of(lookup, question, now);
    if (!suffices(entry, override, now))
        return false;
    if (entry != NULL)
        ww_cache_use(entry, now);
    answer_from(lookup, entry, override, &name, question, b, now);
    count_answer(lookup, question, entry != NULL && override == NULL ? &entry->life : NULL,
                 ww_slice(b->p + start, b->n - start), false, now);
    /* A policy that is overridden is kept up to date, for the time after; none is looked for. */
    if (entry != NULL && ww_life_wants_flight(&entry->life, now) &&
        ww_flights_find(lookup->flights, &name) == NULL)
        (void)begin_flight(lookup, &name, FOR_USE);
    return true;
}

bool ww_lookup_can_answer(struct ww_lookup *lookup, const struct ww_question *question)
{
    struct ww_front_name name;
    if (question->fixed != NULL)
        return true;
    int64_t now = unix_now();
    return suffices(entry_of(lookup, question, &name), override_of(lookup, question, now), now);
}

bool ww_lookup_wait(struct ww_lookup *lookup, const struct ww_question *question, struct ww_waiter *waiter)
{
    struct ww_front_name name = name_of(lookup, question);
    struct ww_front_flight *flight = ww_flights_find(lookup->flights, &name);
    if (flight == NULL)
        flight = begin_flight(lookup, &name, FOR_USE);
    if (flight == NULL)
        return false;
    ww_flights_wait(lookup->flights, flight, waiter);
    return true;
}

static struct ww_known known_now(struct ww_lookup *l, const struct ww_question *q, bool live, int64_t now)
{
    struct ww_front_name name;
    if (q->fixed != NULL)
        return known_of(NULL, NULL, live);
    return known_of(entry_of(l, q, &name), override_of(l, q, now), live);
}

void ww_lookup_answer(struct ww_lookup *lookup, const struct ww_question *question, struct ww_buf *b)
{
    int64_t now = unix_now();
    size_t start = b->n;
    const struct ww_known known = known_now(lookup, question, true, now);
    answer(lookup, &known, question, b, now);
    count_answer(lookup, question, known.override == NULL ? known.life : NULL,
                 ww_slice(b->p + start, b->n - start), question->fixed == NULL, now);
}

void ww_lookup_explain(struct ww_lookup *lookup, const struct ww_question *question, struct ww_buf *b)
{
    int64_t now = unix_now();
    const struct ww_known known = known_now(lookup, question, false, now);
    answer(lookup, &known, question, b, now);
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
    ww_stat_set(s, WW_STAT_DRY_RUN, lookup->config->dry_run);
    ww_stat_set(s, WW_STAT_STORE_WAITING, ww_front_keeper_unsent(lookup->keeper));
}

void ww_lookup_leave(struct ww_lookup *lookup, struct ww_waiter *waiter)
{
    ww_flights_leave(lookup->flights, waiter);
}

struct ww_overrides *ww_lookup_overrides(struct ww_lookup *lookup)
{
    return lookup->overrides;
}

bool ww_lookup_recheck(struct ww_lookup *lookup, const char *domain, struct ww_recheck *recheck)
{
    struct ww_front_name name = ww_front_name(&lookup->key, domain);
    struct ww_front_flight *flight = ww_flights_find(lookup->flights, &name);
    if (flight == NULL)
        flight = begin_flight(lookup, &name, FOR_OPERATOR);
    if (flight == NULL)
        return false;
    LIST_INSERT_HEAD(&flight->rechecks, recheck, link);
    return true;
}

void ww_lookup_recheck_cancel(struct ww_recheck *recheck)
{
    LIST_REMOVE(recheck, link);
}

struct ww_lookup_parts ww_lookup_parts(struct ww_lookup *lookup)
{
    return (struct ww_lookup_parts){lookup->cache, &lookup->key, lookup->flights, lookup->keeper,
                                    lookup->config};
}
