#include "daemon/asked.h"
#include "daemon/discoverer.h"
#include "daemon/resolver_anchors.h"
#include "daemon/resolver_mx.h"
#include "daemon/resolver_queue.h"
#include "daemon/role.h"
#include "proc/confine.h"

#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/queue.h>
#include <time.h>
#include <unistd.h>

/* Flights that may wait for others to end. A front asks once for each domain. */
#define WAITING_MAX 20000
/* The front gives a flight up after a minute and a half: one that began late would be for nobody. */
#define WAIT_MS 60000
/* What waits longer to be fetched is looked up again by the next who asks. */
#define FETCH_WAIT_MS 15000

/*
 * A path that was down may come up any moment; one that has always stripped DNSSEC stays so for long. A key
 * that was found wanting is remembered for a minute.
 */
#define RETEST_UNREACHABLE 10
#define RETEST_WITHOUT 600
#define RETEST_STRIPPED 60

struct front {
    LIST_ENTRY(front) entry;
    struct resolver *resolver;
    struct ww_chan *chan;
};

struct resolver {
    struct event_base *base;
    struct ww_discoverer discoverer;
    struct ww_queue *queue;
    struct ww_resolver_mx *mx;
    struct ww_resolver_anchors *anchors;
    struct ww_trust trust;
    struct event *retest;
    struct ww_asked *asked;
    struct ww_role_stats *stats;
    unsigned index;
    bool tested;
    enum ww_dns_health health; /* when tested */
    bool validated;            /* an answer was, on this machine, now or before */
    LIST_HEAD(, front) fronts;
    char message[WW_CHAN_MESSAGE_MAX];
};

static void front_free(struct front *f)
{
    if (f->resolver->queue != NULL)
        ww_queue_forget(f->resolver->queue, f);
    if (f->resolver->mx != NULL)
        ww_resolver_mx_forget(f->resolver->mx, f);
    LIST_REMOVE(f, entry);
    ww_chan_free(f->chan);
    free(f);
}

static void on_flight(void *owner, uint64_t number, const struct ww_discovery_result *result)
{
    struct front *f = owner;
    struct resolver *r = f->resolver;
    ww_stat_add(&r->stats->stats, WW_STAT_DISCOVERIES + result->outcome, 1);
    if (result->why != WW_OK)
        ww_stat_add(&r->stats->stats, WW_STAT_DISCOVERY_ERRORS + result->why, 1);
    struct ww_msg_resolved m = {.flight = number, .result = *result};
    struct ww_buf b = ww_buf(r->message, sizeof r->message);
    ww_msg_put_resolved(&b, &m);
    /* A front that takes no messages is on its way out: the channel will say so. */
    if (b.failed || ww_chan_send(f->chan, WW_MSG_RESOLVED, ww_slice(b.p, b.n), -1) != WW_OK)
        ww_log_warning("answer-lost", "outcome", ww_discovery_outcome_name(result->outcome));
}

static void on_survey(void *owner, uint64_t number, const struct ww_dane_survey *survey)
{
    struct front *f = owner;
    struct resolver *r = f->resolver;
    struct ww_buf b = ww_buf(r->message, sizeof r->message);
    ww_stat_add(&r->stats->stats, WW_STAT_SURVEYS, 1);
    if (survey->why != WW_OK)
        ww_stat_add(&r->stats->stats, WW_STAT_SURVEY_ERRORS + survey->why, 1);
    for (size_t i = 0; i < survey->count; i++)
        ww_stat_add(&r->stats->stats, WW_STAT_SURVEYED_HOSTS + survey->hosts[i].state, 1);
    ww_msg_put_surveyed(&b, number, survey);
    if (b.failed || ww_chan_send(f->chan, WW_MSG_SURVEYED, ww_slice(b.p, b.n), -1) != WW_OK)
        ww_log_warning("answer-lost", "outcome", ww_mx_outcome_name(survey->outcome));
}

static void on_mx(void *owner, uint64_t number, const struct ww_mx_hosts *found)
{
    struct front *f = owner;
    struct resolver *r = f->resolver;
    const struct ww_msg_mx_hosts m = {.number = number, .found = *found};
    struct ww_buf b = ww_buf(r->message, sizeof r->message);
    ww_msg_put_mx_hosts(&b, &m);
    if (b.failed || ww_chan_send(f->chan, WW_MSG_MX_HOSTS, ww_slice(b.p, b.n), -1) != WW_OK)
        ww_log_warning("answer-lost", "outcome", ww_mx_outcome_name(found->outcome));
}

static void on_message(void *ctx, struct ww_chan *chan, uint16_t type, struct ww_slice payload, int fd)
{
    struct front *f = ctx;
    struct ww_msg_resolve m;
    struct ww_msg_mx mx;
    (void)chan;
    if (fd >= 0)
        (void)close(fd);
    if (type == WW_MSG_MX && ww_msg_get_mx(payload, &mx) == WW_OK) {
        ww_resolver_mx_ask(f->resolver->mx, f, mx.number, mx.domain);
        return;
    }
    if (type != WW_MSG_RESOLVE || ww_msg_get_resolve(payload, &m) != WW_OK) {
        ww_log_error("message-malformed", "from", "front");
        return;
    }
    ww_queue_add(f->resolver->queue, f, &m);
}

static void on_down(void *ctx, struct ww_chan *chan)
{
    (void)chan;
    front_free(ctx);
}

static void peer(void *state, const struct ww_msg_peer *m, int fd)
{
    static const struct ww_chan_handlers handlers = {.message = on_message, .down = on_down};
    struct resolver *r = state;
    if (m->kind == WW_ROLE_CONTROL) {
        ww_asked_peer(r->asked, fd);
        return;
    }
    if (m->kind == WW_ROLE_KEEPER) {
        ww_resolver_anchors_peer(r->anchors, fd);
        return;
    }
    struct front *f = m->kind == WW_ROLE_FRONT ? calloc(1, sizeof *f) : NULL;
    if (f == NULL) {
        ww_log_error("peer-refused", "kind", ww_role_kind_name(m->kind));
        (void)close(fd);
        return;
    }
    f->resolver = r;
    f->chan = ww_chan_new(r->base, fd, &handlers, f);
    if (f->chan == NULL) {
        ww_log_error("no-memory", "for", "channel to the front");
        free(f);
        return;
    }
    LIST_INSERT_HEAD(&r->fronts, f, entry);
}

struct verdict {
    enum ww_log_level level;
    const char *event;
    const char *found;
    const char *done;
    time_t retest; /* seconds; 0: never */
};

static const struct verdict without_dnssec = {
    .level = WW_LOG_WARNING,
    .event = "dns-stripped",
    .found = "DNS answers, but DNSSEC does not get through, and never has on this machine: a forwarder or a "
             "box on the way removes it",
    .done = "MTA-STS does not rest on it and goes on; there is no DANE; tested again every ten minutes",
    .retest = RETEST_WITHOUT,
};

static const struct verdict verdicts[] = {
    [WW_DNS_VALIDATING] =
        {
            .level = WW_LOG_INFO,
            .event = "dns-validates",
            .found = "the chain of trust holds from the root on",
            .done = "answers are validated by DNSSEC",
        },
    [WW_DNS_STRIPPED] =
        {
            .level = WW_LOG_WARNING,
            .event = "dns-stripped",
            .found = "DNS answers, but DNSSEC does not get through any more: a forwarder or a box on the way "
                     "removes it, or an attacker",
            .done = "MTA-STS does not rest on it and goes on; DANE is left open, so that mail may wait; "
                    "tested again every minute",
            .retest = RETEST_STRIPPED,
        },
    [WW_DNS_UNREACHABLE] =
        {
            .level = WW_LOG_ERROR,
            .event = "dns-unreachable",
            .found = "no DNS server answers: is there a network, and is port 53 open outwards, or a "
                     "forwarder set?",
            .done = "cached policies go on to be used, new domains have none, and DANE is left open; tested "
                    "again every ten seconds",
            .retest = RETEST_UNREACHABLE,
        },
    [WW_DNS_ANCHOR] =
        {
            .level = WW_LOG_ERROR,
            .event = "dns-anchor",
            .found = "DNSSEC gets through, but the root's signatures do not fit the trust anchors that are "
                     "known here, or the clock is wrong",
            .done = "MTA-STS does not rest on it and goes on; DANE is left open, so that mail may wait; "
                    "tested again every minute",
            .retest = RETEST_STRIPPED,
        },
};

_Static_assert(sizeof verdicts / sizeof *verdicts == WW_DNS_HEALTHS, "each has its verdict");

/*
 * Where an answer was ever validated, whoever takes DNSSEC away is taken for an attacker. Where none was,
 * there is nothing to be taken away, and mail must not wait for it. Silence says nothing of either.
 */
static bool has_no_dnssec(const struct resolver *r, enum ww_dns_health health)
{
    return !r->validated && health == WW_DNS_STRIPPED;
}

/* All resolvers find the same, so the first one says it for all. */
static void on_health(void *ctx, enum ww_dns_health health, const char *detail)
{
    struct resolver *r = ctx;
    r->validated = r->validated || health == WW_DNS_VALIDATING;
    bool without = has_no_dnssec(r, health);
    const struct verdict *v = without ? &without_dnssec : &verdicts[health];
    const struct timeval retest = {.tv_sec = v->retest};
    if (!r->tested || r->health != health)
        ww_log(r->index == 0 ? v->level : WW_LOG_DEBUG, v->event, "found", v->found, "done", v->done,
               "detail", detail[0] != '\0' ? detail : (char *)NULL, "anchors",
               health == WW_DNS_ANCHOR ? ww_resolver_anchors_words(r->anchors) : (char *)NULL, (char *)NULL);
    ww_resolver_anchors_tested(r->anchors, health);
    r->tested = true;
    r->health = health;
    ww_queue_without_dnssec(r->queue, without ? (uint32_t)v->retest : 0);
    if (v->retest > 0)
        (void)evtimer_add(r->retest, &retest);
    ww_queue_open(r->queue);
}

static void on_retest(evutil_socket_t fd, short what, void *arg)
{
    struct resolver *r = arg;
    (void)fd, (void)what;
    ww_dns_self_test(r->discoverer.dns, on_health, r);
}

static void on_asked(void *ctx, const struct ww_msg_ask *ask, struct ww_question_ref ref)
{
    struct resolver *r = ctx;
    if (ask->what == WW_ASK_STATS) {
        ww_stat_set(&r->stats->stats, WW_STAT_RESOLVING, ww_queue_flying(r->queue));
        ww_stat_set(&r->stats->stats, WW_STAT_RESOLVER_WAITING, ww_queue_waiting(r->queue));
        ww_stat_set(&r->stats->stats, WW_STAT_DNS_HEALTH, r->tested ? 1 + (uint64_t)r->health : 0);
        ww_stat_set(&r->stats->stats, WW_STAT_DANE_LEFT_OUT, r->tested && has_no_dnssec(r, r->health));
        ww_role_stats_tell(r->stats, r->asked, ref);
        return;
    }
    ww_asked_fail(r->asked, ref, WW_E_CONTROL_COMMAND);
}

static void finish(void *state)
{
    struct resolver *r = state;
    ww_queue_free(r->queue);
    r->queue = NULL;
    for (struct front *f = LIST_FIRST(&r->fronts), *next; f != NULL; f = next) {
        next = LIST_NEXT(f, entry);
        front_free(f);
    }
    ww_resolver_mx_free(r->mx);
    ww_resolver_anchors_free(r->anchors);
    ww_asked_free(r->asked);
    ww_discoverer_close(&r->discoverer);
    ww_trust_clear(&r->trust);
    if (r->retest != NULL)
        event_free(r->retest);
    free(r);
}

/* Of what all resolvers may do together. */
static size_t share(const struct ww_config *config, unsigned all)
{
    return (all + config->resolvers - 1) / config->resolvers;
}

static void note_slow(struct resolver *r, const struct ww_observation *o)
{
    struct ww_slow_host host = {.ms = (uint32_t)(o->us / 1000), .err = o->err, .at = (int64_t)time(NULL)};
    snprintf(host.host, sizeof host.host, "%s", o->name);
    ww_slow_hosts_note(&r->stats->slow, &host);
}

static void on_observed(void *ctx, const struct ww_observation *o)
{
    struct resolver *r = ctx;
    struct ww_stats *s = &r->stats->stats;
    bool fetch = o->what == WW_OBSERVED_FETCH;
    ww_stat_observe_slow(s, fetch ? WW_STAT_FETCH_SECONDS : WW_STAT_DNS_SECONDS, (uint64_t)o->us);
    if (o->err != WW_OK)
        ww_stat_add(s, (fetch ? WW_STAT_FETCH_ERRORS : WW_STAT_DNS_ERRORS) + o->err, 1);
    if (fetch)
        note_slow(r, o);
}

static void *start(const struct ww_role_env *env)
{
    const struct ww_config *c = env->config;
    const char *detail;
    struct resolver *r = calloc(1, sizeof *r);
    if (r == NULL) {
        ww_log_error("no-memory");
        return NULL;
    }
    LIST_INIT(&r->fronts);
    r->base = env->base;
    r->index = env->index;
    r->stats = env->stats;
    if (!ww_resolver_trust_load(&r->trust, c, r->index, &r->stats->stats)) {
        finish(r);
        return NULL;
    }
    r->validated = r->trust.validated_before;
    if (!ww_discoverer_open(&r->discoverer, r->base, c, &r->trust, &detail)) {
        ww_log_error("discoverer-failed", "detail", detail);
        finish(r);
        return NULL;
    }
    r->discoverer.observe = on_observed;
    r->discoverer.observe_ctx = r;
    const struct ww_queue_limits limits = {
        .flights = c->fetch_max_flights,
        .waiting = WAITING_MAX,
        .wait_ms = WAIT_MS,
        .question_ms = c->dns_timeout_ms,
        .fetches = {share(c, c->fetch_max_per_second), share(c, c->fetch_max_per_site), FETCH_WAIT_MS},
    };
    static const struct ww_queue_handlers flights = {.resolved = on_flight, .surveyed = on_survey};
    r->queue = ww_queue_new(r->base, &r->discoverer, &limits, &flights);
    r->mx = ww_resolver_mx_new(r->discoverer.dns, on_mx);
    r->anchors = ww_resolver_anchors_new(r->discoverer.dns, &r->trust);
    r->retest = evtimer_new(r->base, on_retest, r);
    r->asked = ww_asked_new(r->base, on_asked, r);
    if (r->queue == NULL || r->mx == NULL || r->anchors == NULL || r->retest == NULL || r->asked == NULL) {
        ww_log_error("no-memory");
        finish(r);
        return NULL;
    }
    /* Flights wait for the verdict: on a path that strips DNSSEC they would all fail before it. */
    ww_dns_self_test(r->discoverer.dns, on_health, r);
    return r;
}

static void stop(void *state)
{
    struct resolver *r = state;
    (void)event_base_loopexit(r->base, NULL);
}

const struct ww_role ww_role_resolver = {
    .kind = WW_ROLE_RESOLVER,
    .rights = WW_MAY_CONNECT,
    .start = start,
    .peer = peer,
    .stop = stop,
    .finish = finish,
};
