/*
 * The role that takes in reports of others: by LMTP, by HTTPS, and from `waxwing report ingest`. It reads
 * none of them: the decoder does (intake_jobs.h).
 */
#include "daemon/asked.h"
#include "daemon/discoverer.h"
#include "daemon/intake_http.h"
#include "daemon/intake_jobs.h"
#include "daemon/intake_lmtp.h"
#include "daemon/role.h"

#include <event2/event.h>
#include <stdlib.h>
#include <unistd.h>

/* A key of a signature is waited for no longer. */
#define KEY_MS 10000
/* While DNSSEC does not get through, or DNS does not answer, it is tested again so often. */
#define RETEST_SECONDS 30
/* For answers that are on their way when the role ends. */
#define STOP_MS 200

struct intake {
    struct event_base *base;
    struct ww_role_stats *stats;
    struct ww_asked *asked;
    struct ww_trust trust;
    struct ww_dns *dns;
    struct event *retest;
    struct ww_intake_jobs *jobs;
    struct ww_intake_lmtp *lmtp;
    struct ww_intake_http *http;
};

/* ---- DNS ---- */

/* What the resolvers say of DNS is not said again. */
static void on_health(void *ctx, enum ww_dns_health health, const char *detail)
{
    struct intake *i = ctx;
    const struct timeval retest = {.tv_sec = RETEST_SECONDS};
    (void)detail;
    ww_intake_jobs_dns_tested(i->jobs);
    if (health != WW_DNS_VALIDATING)
        (void)evtimer_add(i->retest, &retest);
}

static void on_retest(evutil_socket_t fd, short what, void *arg)
{
    struct intake *i = arg;
    (void)fd, (void)what;
    ww_dns_self_test(i->dns, on_health, i);
}

static bool open_dns(struct intake *i, const struct ww_config *config)
{
    char why[4096 + 512];
    const char *detail = NULL;
    struct ww_dns_options options;
    if (!ww_trust_load(&i->trust, config, ww_anchor_system_files, why, sizeof why)) {
        ww_log_error("anchors-unusable", "detail", why);
        return false;
    }
    ww_discoverer_dns_options(config, &i->trust, &options);
    if (options.timeout_ms > KEY_MS)
        options.timeout_ms = KEY_MS;
    i->dns = ww_dns_new(i->base, &options, &detail);
    if (i->dns == NULL)
        ww_log_error("discoverer-failed", "detail", detail);
    return i->dns != NULL;
}

/* ---- The role ---- */

static void on_asked(void *ctx, const struct ww_msg_ask *ask, struct ww_question_ref ref)
{
    struct intake *i = ctx;
    struct ww_stats *stats = &i->stats->stats;
    ww_stat_set(stats, WW_STAT_SUBMISSIONS_UNDER_WAY, ww_intake_jobs_count(i->jobs));
    ww_stat_set(stats, WW_STAT_SUBMISSION_OCTETS, ww_intake_jobs_octets(i->jobs));
    if (ask->what == WW_ASK_STATS)
        ww_role_stats_tell(i->stats, i->asked, ref);
    else
        ww_asked_fail(i->asked, ref, WW_E_CONTROL_COMMAND);
}

static void finish(void *state)
{
    struct intake *i = state;
    ww_intake_http_free(i->http);
    ww_intake_lmtp_free(i->lmtp);
    ww_intake_jobs_free(i->jobs);
    ww_asked_free(i->asked);
    if (i->retest != NULL)
        event_free(i->retest);
    if (i->dns != NULL)
        ww_dns_free(i->dns);
    ww_trust_clear(&i->trust);
    free(i);
}

/* Those who say in the log why not, and those that lack memory alone. */
static bool open_all(struct intake *i, const struct ww_role_env *env)
{
    struct ww_stats *stats = &env->stats->stats;
    if (!open_dns(i, env->config))
        return false;
    i->asked = ww_asked_new(env->base, on_asked, i);
    i->retest = evtimer_new(env->base, on_retest, i);
    i->jobs = ww_intake_jobs_new(env->base, env->config, i->dns, stats);
    i->lmtp = i->jobs != NULL ? ww_intake_lmtp_new(env->base, env->config, i->jobs) : NULL;
    if (i->asked == NULL || i->retest == NULL || i->lmtp == NULL) {
        ww_log_error("no-memory");
        return false;
    }
    i->http = ww_intake_http_new(env->base, env->config, i->jobs, stats);
    return i->http != NULL;
}

static void *start(const struct ww_role_env *env)
{
    struct intake *i = calloc(1, sizeof *i);
    if (i == NULL) {
        ww_log_error("no-memory");
        return NULL;
    }
    i->base = env->base;
    i->stats = env->stats;
    if (!open_all(i, env)) {
        finish(i);
        return NULL;
    }
    ww_dns_self_test(i->dns, on_health, i);
    return i;
}

static void peer(void *state, const struct ww_msg_peer *m, int fd)
{
    struct intake *i = state;
    if (m->kind == WW_ROLE_CONTROL)
        ww_asked_peer(i->asked, fd);
    else
        ww_intake_jobs_peer(i->jobs, m->kind, fd);
}

static void listener(void *state, const struct ww_msg_listener *listener, int fd)
{
    struct intake *i = state;
    if (listener->purpose == WW_LISTEN_LMTP)
        ww_intake_lmtp_listener(i->lmtp, listener, fd);
    else
        ww_intake_http_listener(i->http, listener, fd);
}

static void listener_gone(void *state, const struct ww_msg_listener *listener)
{
    struct intake *i = state;
    if (listener->purpose == WW_LISTEN_LMTP)
        ww_intake_lmtp_listener_gone(i->lmtp, listener);
    else
        ww_intake_http_listener_gone(i->http, listener);
}

/* Who waits is told to come again: what the keeper has meanwhile is known to it then. */
static void stop(void *state)
{
    const struct timeval patience = {.tv_usec = STOP_MS * 1000};
    struct intake *i = state;
    ww_intake_jobs_stop(i->jobs);
    ww_intake_lmtp_stop(i->lmtp);
    (void)event_base_loopexit(i->base, &patience);
}

const struct ww_role ww_role_intake = {
    .kind = WW_ROLE_INTAKE,
    .rights = WW_MAY_ACCEPT | WW_MAY_CONNECT,
    .start = start,
    .peer = peer,
    .listener = listener,
    .listener_gone = listener_gone,
    .stop = stop,
    .finish = finish,
};
