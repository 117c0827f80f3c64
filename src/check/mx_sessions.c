#include "check/mx_sessions.h"

#include "core/words.h"
#include "drive/addresses.h"
#include "net/clock.h"
#include "net/dns.h"
#include "probe/mx_probe.h"

#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

struct ww_mx_sessions_host {
    TAILQ_ENTRY(ww_mx_sessions_host) entry;
    struct ww_mx_sessions *all;
    char name[WW_DNAME_SIZE];
    struct ww_addresses *finding;
    struct ww_mx_probe *probe;
    bool complete;
    bool telling;  /* those who wait */
    int64_t ended; /* ww_clock_us */
    struct ww_mx_session session;
    TAILQ_HEAD(, ww_mx_session_waiter) waiters;
};

TAILQ_HEAD(hosts, ww_mx_sessions_host);

struct ww_mx_sessions {
    const struct ww_check_env *env;
    struct ww_mx_prober *prober;
    int64_t keep_us;
    size_t count;
    struct hosts hosts; /* oldest first */
};

struct ww_mx_sessions *ww_mx_sessions_new(const struct ww_check_env *env, int64_t keep_seconds)
{
    const struct ww_mx_probe_options options = {
        .store = env->store, .helo = env->helo, .deadline_ms = env->smtp_ms};
    const char *detail;
    struct ww_mx_sessions *s = calloc(1, sizeof *s);
    if (s == NULL)
        return NULL;
    s->env = env;
    TAILQ_INIT(&s->hosts);
    ww_mx_sessions_keep(s, keep_seconds);
    s->prober = ww_mx_prober_new(env->base, &options, &detail);
    if (s->prober != NULL)
        return s;
    free(s);
    return NULL;
}

void ww_mx_sessions_keep(struct ww_mx_sessions *sessions, int64_t keep_seconds)
{
    sessions->keep_us = keep_seconds * 1000000;
}

static void forget(struct ww_mx_sessions_host *h)
{
    if (h->finding != NULL)
        ww_addresses_cancel(h->finding);
    if (h->probe != NULL)
        ww_mx_probe_cancel(h->probe);
    TAILQ_REMOVE(&h->all->hosts, h, entry);
    h->all->count--;
    free(h);
}

void ww_mx_sessions_free(struct ww_mx_sessions *sessions)
{
    struct ww_mx_sessions_host *h;
    if (sessions == NULL)
        return;
    while ((h = TAILQ_FIRST(&sessions->hosts)) != NULL)
        forget(h);
    ww_mx_prober_free(sessions->prober);
    free(sessions);
}

/* Each of those who are told may leave, and ask for others; the last of them may free all there is. */
static void end(struct ww_mx_sessions_host *h)
{
    struct ww_mx_session_waiter *w;
    struct ww_mx_session session;
    h->complete = true;
    h->ended = ww_clock_us();
    h->session.at = (int64_t)time(NULL);
    session = h->session;
    TAILQ_REMOVE(&h->all->hosts, h, entry);
    TAILQ_INSERT_TAIL(&h->all->hosts, h, entry);
    h->telling = true;
    while ((w = TAILQ_FIRST(&h->waiters)) != NULL) {
        TAILQ_REMOVE(&h->waiters, w, entry);
        w->host = NULL;
        h->telling = !TAILQ_EMPTY(&h->waiters);
        bool last = !h->telling;
        w->cb(w->ctx, &session);
        if (last)
            return;
    }
    h->telling = false;
}

/* Enough of them to see whose certificate it is. */
#define NAMES_TOLD 3

static void put_names(struct ww_buf *b, const struct ww_mx_probe_result *result)
{
    for (size_t i = 0; i < result->name_count && i < NAMES_TOLD; i++) {
        ww_buf_str(b, i == 0 ? "it is for " : ", ");
        ww_buf_str(b, result->names[i]);
    }
    ww_buf_str(b, result->name_count > NAMES_TOLD || result->more_names ? " and others" : "");
}

static void keep_fault(struct ww_mx_session *session, const struct ww_mx_probe_result *result)
{
    char more[NAMES_TOLD * (WW_MX_PROBE_NAME_SIZE + 16) + WW_MX_PROBE_DETAIL_SIZE];
    struct ww_buf b = ww_buf(session->reason, sizeof session->reason - 1);
    struct ww_buf m = ww_buf(more, sizeof more);
    ww_buf_str(&m, result->detail);
    if (session->rule == WW_RULE_STS_NAME)
        put_names(&m, result);
    ww_buf_str(&b, ww_rule_text(session->rule));
    ww_buf_str(&b, m.n > 0 ? ": " : "");
    ww_words_put_cut(&b, ww_slice(m.p, m.n));
    session->reason[b.n] = '\0';
}

static void on_probed(void *ctx, const struct ww_mx_probe_result *result)
{
    struct ww_mx_sessions_host *h = ctx;
    struct ww_mx_session *session = &h->session;
    struct ww_slice room[WW_MX_PROBE_NAMES_MAX];
    h->probe = NULL;
    session->reached = result->err == WW_OK;
    if (session->reached) {
        const struct ww_seen_mx seen = ww_mx_probe_seen(result, h->name, WW_DANE_NONE, room);
        session->rule = ww_judge_sts_host(&seen);
        if (ww_rule_result(session->rule) != WW_RESULT_NONE)
            keep_fault(session, result);
        ww_addr_format(&result->addr, session->ip);
        ww_addr_format(&result->from, session->from);
        (void)snprintf(session->helo, sizeof session->helo, "%s", result->ehlo);
    }
    end(h);
}

static void on_addresses(void *ctx, const struct ww_addresses_reply *reply)
{
    struct ww_mx_sessions_host *h = ctx;
    const struct ww_mx_probe_target target = {
        .host = h->name, .addrs = reply->addrs, .addr_count = reply->count};
    enum ww_err err;
    h->finding = NULL;
    if (reply->count > 0)
        h->probe = ww_mx_probe(h->all->prober, &target, on_probed, h, &err);
    if (h->probe == NULL)
        end(h);
}

static struct ww_mx_sessions_host *begin(struct ww_mx_sessions *s, const char *name)
{
    const struct ww_addresses_options options = {
        .dns = s->env->dns, .allow = s->env->allow, .allow_count = s->env->allow_count};
    struct ww_mx_sessions_host *h = calloc(1, sizeof *h);
    enum ww_err err;
    if (h == NULL)
        return NULL;
    h->all = s;
    TAILQ_INIT(&h->waiters);
    (void)snprintf(h->name, sizeof h->name, "%s", name);
    TAILQ_INSERT_TAIL(&s->hosts, h, entry);
    s->count++;
    h->finding = ww_addresses_find(&options, name, on_addresses, h, &err);
    if (h->finding != NULL)
        return h;
    forget(h);
    return NULL;
}

/* Those that have become old, or too many, go on the way. */
static struct ww_mx_sessions_host *find(struct ww_mx_sessions *s, const char *name)
{
    struct ww_mx_sessions_host *found = NULL, *next;
    int64_t now = ww_clock_us();
    for (struct ww_mx_sessions_host *h = TAILQ_FIRST(&s->hosts); h != NULL; h = next) {
        next = TAILQ_NEXT(h, entry);
        bool wanted = strcmp(h->name, name) == 0;
        bool idle = h->complete && !h->telling;
        if (idle && (now - h->ended >= s->keep_us || (s->count > WW_MX_SESSIONS_MAX && !wanted)))
            forget(h);
        else if (wanted)
            found = h;
    }
    return found;
}

const struct ww_mx_session *ww_mx_sessions_ask(struct ww_mx_sessions *sessions, const char *host,
                                               struct ww_mx_session_waiter *waiter, ww_mx_session_cb *cb,
                                               void *ctx)
{
    *waiter = (struct ww_mx_session_waiter){.cb = cb, .ctx = ctx};
    struct ww_mx_sessions_host *h = find(sessions, host);
    if (h == NULL)
        h = begin(sessions, host);
    if (h == NULL || h->complete)
        return h != NULL ? &h->session : NULL;
    waiter->host = h;
    TAILQ_INSERT_TAIL(&h->waiters, waiter, entry);
    return NULL;
}

void ww_mx_sessions_leave(struct ww_mx_session_waiter *waiter)
{
    struct ww_mx_sessions_host *h = waiter->host;
    if (h == NULL)
        return;
    TAILQ_REMOVE(&h->waiters, waiter, entry);
    waiter->host = NULL;
    if (TAILQ_EMPTY(&h->waiters) && !h->complete)
        forget(h);
}
