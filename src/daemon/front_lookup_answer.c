#include "daemon/front_dry_run.h"
#include "daemon/front_lookup_private.h"
#include "daemon/front_memo.h"

static struct ww_front_name name_of(const struct ww_lookup *l, const struct ww_question *q)
{
    if (q->hash == 0)
        return ww_front_name(&l->key, q->domain);
    return (struct ww_front_name){q->domain, strlen(q->domain), q->hash};
}

static struct ww_known known_of(const struct ww_lookup *l, const struct ww_question *q,
                                const struct ww_cache_entry *entry, const struct ww_override *override,
                                bool live, int64_t now)
{
    struct ww_known known = {.live = live, .override = override};
    if (q->fixed == NULL)
        known.listed = ww_front_preload_find(l->preload, q->domain, now);
    if (entry == NULL)
        return known;
    known.life = &entry->life;
    known.body = ww_cache_body(entry);
    known.detail = ww_cache_detail(entry);
    known.dane = ww_cache_dane(entry, now);
    known.dane_until = (int64_t)entry->dane_until;
    return known;
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

static enum ww_stat_answer answer(struct ww_lookup *l, const struct ww_known *known,
                                  const struct ww_question *q, struct ww_buf *b, int64_t now)
{
    const struct ww_answer_style style = {l->config->testing_may, l->config->dry_run, l->config->dane};
    const struct ww_answered answered = ww_answer_put(b, q, known, &style, now);
    if (answered.overridden && q->map != WW_MAP_EXPLAIN)
        ww_overrides_use(l->overrides, known->override, q->domain, now);
    if (answered.listed && q->map != WW_MAP_EXPLAIN && !style.dry_run)
        ww_stat_add(l->stats, WW_STAT_PRELOAD_ANSWERS, 1);
    if (style.dry_run && q->map != WW_MAP_EXPLAIN && q->fixed == NULL) {
        const struct ww_front_name name = name_of(l, q);
        ww_dry_run_withheld(l->dry_run, &name, answered.level, l->config->life.recheck, now);
    }
    return answered.kind;
}

bool ww_lookup_knows_dane(const struct ww_lookup *l, const struct ww_cache_entry *entry, int64_t now)
{
    return l->config->dane.use == WW_DANE_OFF || (entry != NULL && ww_cache_knows_dane(entry, now));
}

/*
 * Answers of a policy are the same as long as entry, policy and DANE hold, and nothing overrides it; those in
 * JSON tell more, which changes with each look at the record.
 */
static enum ww_stat_answer answer_from(struct ww_lookup *l, const struct ww_cache_entry *entry,
                                       const struct ww_override *override, const struct ww_front_name *name,
                                       const struct ww_question *q, struct ww_buf *b, int64_t now)
{
    bool kept = q->map == WW_MAP_QUERY || q->map == WW_MAP_QUERY_WITH_TLSRPT || q->map == WW_MAP_STS;
    bool keep = kept && override == NULL && !l->config->dry_run && entry != NULL &&
                ww_life_has_policy(&entry->life, now) && ww_lookup_knows_dane(l, entry, now);
    enum ww_stat_answer kind;
    if (keep && ww_memo_get(l->memo, name->hash, entry->stamp, q->map, b, &kind))
        return kind;
    const struct ww_known known = known_of(l, q, entry, override, false, now);
    size_t start = b->n;
    kind = answer(l, &known, q, b, now);
    if (keep)
        ww_memo_put(l->memo, name->hash, entry->stamp, q->map, ww_slice(b->p + start, b->n - start), kind);
    return kind;
}

static void count(struct ww_lookup *l, const struct ww_question *q, enum ww_stat_answer kind, bool waited)
{
    ww_stat_add(l->stats, ww_stat_lookup(q->map, kind, waited), 1);
}

/* True when what is known is enough for an answer. */
static bool suffices(const struct ww_lookup *l, const struct ww_cache_entry *entry,
                     const struct ww_override *override, int64_t now)
{
    return (entry != NULL && ww_life_can_answer(&entry->life, now) && ww_lookup_knows_dane(l, entry, now)) ||
           (override != NULL && ww_override_stands_alone(override));
}

bool ww_lookup_try(struct ww_lookup *lookup, const struct ww_question *question, struct ww_buf *b)
{
    struct ww_front_name name;
    int64_t now = ww_lookup_now();
    if (question->fixed != NULL) {
        const struct ww_known known = known_of(lookup, question, NULL, NULL, false, now);
        count(lookup, question, answer(lookup, &known, question, b, now), false);
        return true;
    }
    struct ww_cache_entry *entry = entry_of(lookup, question, &name);
    const struct ww_override *override = override_of(lookup, question, now);
    if (!suffices(lookup, entry, override, now))
        return false;
    if (entry != NULL)
        ww_cache_use(entry, now);
    count(lookup, question, answer_from(lookup, entry, override, &name, question, b, now), false);
    /* A policy that is overridden is kept up to date, for the time after; none is looked for. */
    if (entry != NULL && ww_life_wants_flight(&entry->life, now) &&
        ww_flights_find(lookup->flights, &name) == NULL)
        (void)ww_lookup_begin(lookup, &name, WW_FOR_USE);
    return true;
}

bool ww_lookup_can_answer(struct ww_lookup *lookup, const struct ww_question *question)
{
    struct ww_front_name name;
    if (question->fixed != NULL)
        return true;
    int64_t now = ww_lookup_now();
    return suffices(lookup, entry_of(lookup, question, &name), override_of(lookup, question, now), now);
}

bool ww_lookup_wait(struct ww_lookup *lookup, const struct ww_question *question, struct ww_waiter *waiter)
{
    struct ww_front_name name = name_of(lookup, question);
    struct ww_front_flight *flight = ww_lookup_begin(lookup, &name, WW_FOR_USE);
    if (flight == NULL)
        return false;
    ww_flights_wait(lookup->flights, flight, waiter);
    return true;
}

static struct ww_known known_now(struct ww_lookup *l, const struct ww_question *q, bool live, int64_t now)
{
    struct ww_front_name name;
    if (q->fixed != NULL)
        return known_of(l, q, NULL, NULL, live, now);
    return known_of(l, q, entry_of(l, q, &name), override_of(l, q, now), live, now);
}

void ww_lookup_answer(struct ww_lookup *lookup, const struct ww_question *question, struct ww_buf *b)
{
    int64_t now = ww_lookup_now();
    const struct ww_known known = known_now(lookup, question, true, now);
    count(lookup, question, answer(lookup, &known, question, b, now), question->fixed == NULL);
}

void ww_lookup_explain(struct ww_lookup *lookup, const struct ww_question *question, struct ww_buf *b)
{
    int64_t now = ww_lookup_now();
    const struct ww_known known = known_now(lookup, question, false, now);
    (void)answer(lookup, &known, question, b, now);
}

bool ww_lookup_lists(const struct ww_lookup *lookup, const char *domain)
{
    return ww_front_preload_find(lookup->preload, domain, ww_lookup_now()).found;
}

void ww_lookup_leave(struct ww_lookup *lookup, struct ww_waiter *waiter)
{
    ww_flights_leave(lookup->flights, waiter);
}
