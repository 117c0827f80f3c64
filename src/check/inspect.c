#include "check/inspect.h"

#include "check/inspect_share.h"
#include "check/mx_common.h"
#include "drive/dane.h"
#include "net/clock.h"

#include <event2/event.h>
#include <stdlib.h>

struct ww_inspector {
    struct ww_check_env env;
    struct ww_share share;
};

struct mx_part {
    struct ww_inspection *inspection;
    size_t index;
    struct ww_share_waiter waiter;
};

struct ww_inspection {
    struct ww_inspector *inspector;
    struct ww_sight *sight;
    int64_t begun;     /* ww_clock_us */
    int64_t since;     /* the same: what was seen of MX hosts before does not count */
    unsigned waits;    /* parts that have not ended */
    struct event *end; /* the deadline; made active when all has ended */
    struct ww_names_look *names;
    struct ww_host_look *host;
    struct ww_rua_look *rua;
    struct ww_dane_lookup *dane;
    struct ww_tlsa_look *tlsa;
    struct mx_part mx[WW_DANE_HOSTS_MAX];
    ww_inspect_step_cb *step;
    ww_inspect_cb *cb;
    void *ctx;
};

struct ww_inspector *ww_inspector_new(const struct ww_check_env *env)
{
    struct ww_inspector *inspector = calloc(1, sizeof *inspector);
    if (inspector == NULL)
        return NULL;
    inspector->env = *env;
    ww_share_init(&inspector->share, &inspector->env);
    inspector->env.mx = ww_mx_common_new(&inspector->env);
    if (inspector->env.mx != NULL)
        return inspector;
    free(inspector);
    return NULL;
}

void ww_inspector_free(struct ww_inspector *inspector)
{
    if (inspector == NULL)
        return;
    ww_share_clear(&inspector->share);
    ww_mx_common_free(inspector->env.mx);
    free(inspector);
}

static void tell(struct ww_inspection *i, const char *part, const char *name, bool ended)
{
    const struct ww_inspect_step step = {i->sight->domain, part, name, ended};
    if (i->step != NULL)
        i->step(i->ctx, &step);
}

static void part_begins(struct ww_inspection *i, const char *part, const char *name)
{
    i->waits++;
    tell(i, part, name, false);
}

static void part_ends(struct ww_inspection *i, const char *part, const char *name)
{
    tell(i, part, name, true);
    if (--i->waits == 0)
        event_active(i->end, EV_TIMEOUT, 0);
}

/* What is still under way is late. */
static void cancel_parts(struct ww_inspection *i)
{
    if (i->names != NULL) {
        ww_names_look_cancel(i->names);
        i->sight->names.late = true;
    }
    if (i->host != NULL) {
        ww_host_look_cancel(i->host);
        i->sight->host.late = true;
    }
    if (i->rua != NULL) {
        ww_rua_look_cancel(i->rua);
        i->sight->rua.late = true;
    }
    if (i->dane != NULL)
        ww_dane_lookup_cancel(i->dane);
    if (i->tlsa != NULL)
        ww_tlsa_look_cancel(i->tlsa);
    for (size_t k = 0; k < WW_DANE_HOSTS_MAX; k++)
        ww_share_leave(&i->mx[k].waiter);
    i->names = NULL;
    i->host = NULL;
    i->rua = NULL;
    i->dane = NULL;
    i->tlsa = NULL;
}

static void inspection_free(struct ww_inspection *i)
{
    cancel_parts(i);
    if (i->end != NULL)
        event_free(i->end);
    ww_sight_free(i->sight);
    free(i);
}

void ww_inspect_cancel(struct ww_inspection *inspection)
{
    inspection_free(inspection);
}

static void on_end(evutil_socket_t fd, short what, void *arg)
{
    (void)fd, (void)what;
    struct ww_inspection *i = arg;
    struct ww_check_report report = {.count = 0};
    ww_inspect_cb *cb = i->cb;
    void *ctx = i->ctx;
    cancel_parts(i);
    struct ww_sight *sight = i->sight;
    i->sight = NULL;
    sight->us = ww_clock_us() - i->begun;
    inspection_free(i);
    ww_sight_read_policy(sight);
    ww_judge_all(sight, &report);
    cb(ctx, sight, &report);
    ww_check_report_clear(&report);
    if (!sight->kept)
        ww_sight_free(sight);
}

struct ww_sight *ww_inspect_keep(const struct ww_sight *sight)
{
    sight->own->kept = true;
    return sight->own;
}

static void on_rua(void *ctx)
{
    struct ww_inspection *i = ctx;
    i->rua = NULL;
    part_ends(i, "report destinations", "");
}

static void on_names(void *ctx)
{
    struct ww_inspection *i = ctx;
    enum ww_err err;
    i->names = NULL;
    if (i->sight->names.rua[0] != '\0')
        i->rua = ww_rua_look(&i->inspector->env, i->sight->names.rua, &i->sight->rua, on_rua, i, &err);
    if (i->rua != NULL)
        part_begins(i, "report destinations", "");
    part_ends(i, "DNS", "");
}

static void on_host(void *ctx)
{
    struct ww_inspection *i = ctx;
    i->host = NULL;
    part_ends(i, "policy host", "");
}

static void on_mx(void *ctx)
{
    struct mx_part *part = ctx;
    struct ww_inspection *i = part->inspection;
    part_ends(i, "MX host", i->sight->survey.hosts[part->index].name);
}

static void begin_mx(struct ww_inspection *i, size_t index)
{
    struct mx_part *part = &i->mx[index];
    struct ww_sight *sight = i->sight;
    const struct ww_dane_host *host = &sight->survey.hosts[index];
    const char *next_hop = sight->survey.mx_dnssec == WW_DNSSEC_SECURE ? sight->domain : NULL;
    part->inspection = i;
    part->index = index;
    bool waits = ww_share_ask(&i->inspector->share, host, next_hop, i->since, &part->waiter, on_mx, part);
    sight->mx[index] = part->waiter.sight;
    if (waits)
        part_begins(i, "MX host", host->name);
}

static void on_tlsa(void *ctx)
{
    struct ww_inspection *i = ctx;
    i->tlsa = NULL;
    part_ends(i, "TLSA records", "");
}

static void on_survey(void *ctx, const struct ww_dane_survey *survey)
{
    struct ww_inspection *i = ctx;
    enum ww_err err;
    i->dane = NULL;
    i->sight->survey = *survey;
    i->sight->surveyed = true;
    for (size_t k = 0; k < survey->count; k++)
        begin_mx(i, k);
    i->tlsa = ww_tlsa_look(&i->inspector->env, survey, i->sight->tlsa, on_tlsa, i, &err);
    if (i->tlsa != NULL)
        part_begins(i, "TLSA records", "");
    part_ends(i, "MX records", "");
}

/* A part that could not be begun is not looked at, and says so by that. */
static void begin(struct ww_inspection *i)
{
    struct ww_sight *sight = i->sight;
    const struct ww_check_env *env = &i->inspector->env;
    enum ww_err err;
    i->names = ww_names_look(env, sight->domain, &sight->names, on_names, i, &err);
    if (i->names != NULL)
        part_begins(i, "DNS", "");
    i->host = ww_host_look(env, sight->domain, &sight->host, on_host, i, &err);
    if (i->host != NULL)
        part_begins(i, "policy host", "");
    i->dane = ww_dane_lookup(env->dns, sight->domain, 5 * env->dns_timeout_ms, on_survey, i, &err);
    if (i->dane != NULL)
        part_begins(i, "MX records", "");
    if (i->waits == 0)
        event_active(i->end, EV_TIMEOUT, 0);
}

struct ww_inspection *ww_inspect(struct ww_inspector *inspector, const char *domain, int64_t at,
                                 unsigned deadline_ms, ww_inspect_step_cb *step, ww_inspect_cb *cb, void *ctx)
{
    struct ww_inspection *i = calloc(1, sizeof *i);
    const struct timeval limit = {.tv_sec = deadline_ms / 1000, .tv_usec = deadline_ms % 1000 * 1000};
    if (i == NULL)
        return NULL;
    i->inspector = inspector;
    i->begun = ww_clock_us();
    i->step = step;
    i->cb = cb;
    i->ctx = ctx;
    i->sight = ww_sight_new(domain, at);
    i->end = i->sight != NULL ? evtimer_new(inspector->env.base, on_end, i) : NULL;
    if (i->end == NULL || evtimer_add(i->end, &limit) != 0) {
        inspection_free(i);
        return NULL;
    }
    begin(i);
    return i;
}

void ww_inspect_afresh(struct ww_inspection *inspection)
{
    inspection->since = inspection->begun;
}

bool ww_inspect_against(struct ww_inspection *inspection, const struct ww_past *past)
{
    struct ww_sight *sight = inspection->sight;
    free(sight->past);
    sight->past = malloc(sizeof *sight->past);
    if (sight->past != NULL)
        *sight->past = *past;
    return sight->past != NULL;
}
