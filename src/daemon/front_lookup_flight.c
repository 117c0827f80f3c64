#include "daemon/front_dane.h"
#include "daemon/front_lookup_private.h"
#include "daemon/front_news.h"
#include "engine/dane_survey.h"
#include "engine/refresh.h"
#include "proc/chan.h"

/* Hands some of its parts to its resolver. */
static void send(struct ww_lookup *l, struct ww_front_flight *flight, bool sts, bool dane)
{
    struct ww_lookup_shard *r = &l->shards[ww_lookup_shard_of(l, &flight->name)];
    if (r->chan == NULL)
        return;
    static const struct ww_life nothing;
    const struct ww_cache_entry *entry = ww_cache_find(l->cache, &flight->name);
    struct ww_msg_resolve m = {.flight = flight->number, .sts = sts, .dane = dane};
    char text[2 * WW_DNAME_SIZE];
    struct ww_buf b = ww_buf(text, sizeof text);
    ww_life_ask(entry != NULL ? &entry->life : &nothing, flight->domain, ww_lookup_now(), &m.ask);
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

void ww_lookup_fly(struct ww_lookup *l, struct ww_front_flight *flight)
{
    send(l, flight, flight->sts, flight->dane);
}

static struct ww_front_flight *begin(struct ww_lookup *l, const struct ww_front_name *name,
                                     enum ww_lookup_purpose purpose)
{
    struct ww_front_flight *flight = ww_flights_begin(l->flights, name);
    if (flight == NULL) {
        ww_log_warning("flights-full", "domain", name->domain, "done", "it is looked up later");
        return NULL;
    }
    flight->refresh = purpose == WW_FOR_REFRESH;
    l->refreshing += flight->refresh;
    return flight;
}

struct ww_front_flight *ww_lookup_begin(struct ww_lookup *l, const struct ww_front_name *name,
                                        enum ww_lookup_purpose purpose)
{
    int64_t now = ww_lookup_now();
    const struct ww_cache_entry *entry = ww_cache_find(l->cache, name);
    bool sts = purpose != WW_FOR_USE || entry == NULL || ww_life_wants_flight(&entry->life, now);
    bool dane = purpose == WW_FOR_OPERATOR || (purpose == WW_FOR_USE && !ww_lookup_knows_dane(l, entry, now));
    struct ww_front_flight *flight = ww_flights_find(l->flights, name);
    if (flight == NULL)
        flight = begin(l, name, purpose);
    if (flight == NULL)
        return NULL;
    sts = sts && !flight->sts;
    dane = dane && !flight->dane && l->config->dane.use != WW_DANE_OFF;
    flight->forced |= purpose == WW_FOR_OPERATOR;
    flight->used |= purpose == WW_FOR_USE;
    flight->sts |= sts;
    flight->dane |= dane;
    if (sts || dane)
        send(l, flight, sts, dane);
    return flight;
}

static void end_if_done(struct ww_lookup *l, struct ww_front_flight *flight)
{
    if (!flight->sts && !flight->dane)
        ww_flights_end(l->flights, flight);
}

static void move_rechecks(struct ww_rechecks *from, struct ww_rechecks *to)
{
    struct ww_recheck *recheck;
    while ((recheck = LIST_FIRST(from)) != NULL) {
        LIST_REMOVE(recheck, link);
        LIST_INSERT_HEAD(to, recheck, link);
    }
}

/* One that looks for the policy: under way, or another that the operator has begun. */
static struct ww_front_flight *flight_for_operator(struct ww_lookup *l, const char *domain)
{
    struct ww_front_name name = ww_front_name(&l->key, domain);
    struct ww_front_flight *flight = ww_flights_find(l->flights, &name);
    if (flight == NULL || !flight->sts)
        flight = ww_lookup_begin(l, &name, WW_FOR_OPERATOR);
    return flight;
}

/* The operator asked for a look at the policy, too: a flight that did not need one is followed by another. */
static bool fly_again(struct ww_lookup *l, const char *domain, struct ww_rechecks *rechecks)
{
    struct ww_front_flight *next = flight_for_operator(l, domain);
    if (next != NULL)
        move_rechecks(rechecks, &next->rechecks);
    return next != NULL;
}

static void end_sts(struct ww_lookup *l, struct ww_front_flight *flight,
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
    flight->refresh = false;
    flight->sts = false;
    end_if_done(l, flight);
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

/* Takes in what a flight brought; false: there is no room to remember it. */
static bool apply(struct ww_lookup *l, struct ww_front_flight *flight,
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
        return false;
    }
    if (change != WW_LIFE_SAME)
        ww_front_keeper_put(l->keeper, kept, change == WW_LIFE_REPLACED ? WW_KEEP_POLICY : WW_KEEP_TIMES,
                            change == WW_LIFE_REPLACED ? &result->origin : NULL);
    ww_lookup_note_lost(l);
    return true;
}

void ww_lookup_resolved(struct ww_lookup *l, struct ww_front_flight *flight,
                        const struct ww_discovery_result *result)
{
    int64_t now = ww_lookup_now();
    if (!flight->sts)
        return;
    bool kept = apply(l, flight, result, now);
    ww_lookup_note_result(l, flight, result, now);
    const struct ww_cache_entry *entry = ww_cache_find(l->cache, &flight->name);
    /* "Unchanged", but the policy has expired while the flight was on: whoever waits needs it again. */
    if (kept && result->outcome == WW_FOUND_UNCHANGED && !ww_life_can_answer(&entry->life, now))
        send(l, flight, true, false);
    else
        end_sts(l, flight, result);
}

static size_t failing(const struct ww_domain_dane *dane)
{
    size_t n = 0;
    if (dane->mx == WW_DOMAIN_MX_FAILED || dane->mx == WW_DOMAIN_MX_NO_DNSSEC)
        return SIZE_MAX;
    for (size_t i = 0; i < dane->count; i++)
        n += dane->hosts[i].dane == WW_DANE_BOGUS || dane->hosts[i].dane == WW_DANE_LOOKUP_FAILED;
    return n;
}

/* What failed to be found takes the place of nothing that has not ended, be it of all or of a host. */
static bool is_worse(const struct ww_domain_dane *dane, const struct ww_cache_entry *entry, int64_t now)
{
    struct ww_domain_host hosts[WW_DANE_HOSTS_MAX];
    struct ww_slice known = entry != NULL ? ww_cache_dane(entry, now) : ww_slice(NULL, 0);
    if (known.n == 0)
        return false;
    const struct ww_domain_dane before = ww_front_dane_unpack(known, 0, hosts);
    return failing(dane) > failing(&before);
}

/* One resolver that has never got a validated answer, while another has, is being deceived. */
static void doubt(struct ww_lookup *l, struct ww_dane_survey *survey)
{
    if (survey->validating && survey->mx_dnssec != WW_DNSSEC_UNKNOWN && !survey->never_validated)
        l->validated = true;
    if (!survey->never_validated || !l->validated)
        return;
    survey->never_validated = false;
    survey->validating = false;
    if (survey->lifetime > WW_DANE_LIFETIME_FAILED)
        survey->lifetime = WW_DANE_LIFETIME_FAILED;
}

static void apply_survey(struct ww_lookup *l, struct ww_front_flight *flight,
                         const struct ww_dane_survey *survey)
{
    int64_t now = ww_lookup_now();
    struct ww_domain_host hosts[WW_DANE_HOSTS_MAX];
    char packed[WW_FRONT_DANE_MAX];
    const struct ww_domain_dane dane = ww_domain_dane_read(survey, now, hosts);
    ww_log_debug("dane", "domain", flight->domain, "mx", ww_domain_mx_name(dane.mx), "error",
                 survey->why != WW_OK ? ww_err_id(survey->why) : NULL);
    if (is_worse(&dane, ww_cache_find(l->cache, &flight->name), now))
        return;
    size_t n = ww_front_dane_pack(&dane, packed);
    if (ww_cache_put_dane(l->cache, &flight->name, ww_slice(packed, n), dane.until, now) == NULL)
        ww_log_warning("cache-full", "domain", flight->domain, "done", "it is not remembered");
    ww_lookup_note_lost(l);
}

void ww_lookup_surveyed(struct ww_lookup *l, struct ww_front_flight *flight, struct ww_dane_survey *survey)
{
    if (!flight->dane)
        return;
    doubt(l, survey);
    apply_survey(l, flight, survey);
    flight->dane = false;
    end_if_done(l, flight);
}

void ww_lookup_fail(struct ww_lookup *l, struct ww_front_flight *flight, enum ww_err why, const char *detail)
{
    struct ww_discovery_result result = {.outcome = WW_FOUND_DNS_FAILURE, .why = why};
    memcpy(result.detail, detail, strlen(detail) + 1);
    if (flight->dane) {
        ww_dane_survey_fail(&l->surveyed.survey, why, detail);
        apply_survey(l, flight, &l->surveyed.survey);
        flight->dane = false;
    }
    if (flight->sts) {
        (void)apply(l, flight, &result, ww_lookup_now());
        end_sts(l, flight, &result);
    } else {
        end_if_done(l, flight);
    }
}

bool ww_lookup_recheck(struct ww_lookup *lookup, const char *domain, struct ww_recheck *recheck)
{
    struct ww_front_flight *flight = flight_for_operator(lookup, domain);
    if (flight == NULL)
        return false;
    LIST_INSERT_HEAD(&flight->rechecks, recheck, link);
    return true;
}

void ww_lookup_recheck_cancel(struct ww_recheck *recheck)
{
    LIST_REMOVE(recheck, link);
}
