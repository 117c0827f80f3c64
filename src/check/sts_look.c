#include "check/sts_look.h"

#include "core/dns_answer.h"
#include "core/mx_match.h"
#include "core/tlsrpt_record.h"
#include "drive/mx_hosts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define PREFIX "_smtp._tls."

/* TXT records of one name that are looked at. */
#define TEXTS_MAX 16

struct ww_sts_look {
    const struct ww_discoverer *with;
    struct ww_mx_sessions *sessions;
    char name[sizeof PREFIX + WW_DNAME_SIZE];
    struct ww_dns_query *asking;
    struct ww_flight *flight;
    struct ww_mx_lookup *finding;
    struct ww_mx_session_waiter waiter;
    bool asked;
    struct ww_policy policy;
    char record[WW_SESSIONS_RECORD_MAX];
    char body[WW_POLICY_BODY_MAX]; /* what policy is borrowed from */
    struct ww_sts_seen seen;
    struct ww_sts_told told;
    size_t next; /* host whose turn it is */
    ww_sts_look_cb *cb;
    void *ctx;
};

static void look_free(struct ww_sts_look *l)
{
    if (l->asking != NULL)
        ww_dns_cancel(l->asking);
    if (l->flight != NULL)
        ww_discover_cancel(l->flight);
    if (l->finding != NULL)
        ww_mx_lookup_cancel(l->finding);
    ww_mx_sessions_leave(&l->waiter);
    free(l);
}

void ww_sts_look_cancel(struct ww_sts_look *look)
{
    look_free(look);
}

static void end(struct ww_sts_look *l)
{
    struct ww_sts_look_result result = {.asked = l->asked};
    if (l->seen.count > 0 && ww_sts_tell(&l->seen, &l->told))
        result.told = &l->told.sessions;
    l->cb(l->ctx, &result);
    look_free(l);
}

static void go_on(struct ww_sts_look *l);

static void on_session(void *ctx, const struct ww_mx_session *session)
{
    struct ww_sts_look *l = ctx;
    l->seen.hosts[l->next++].session = *session;
    go_on(l);
}

static void go_on(struct ww_sts_look *l)
{
    for (; l->next < l->seen.count; l->next++) {
        struct ww_sts_host *host = &l->seen.hosts[l->next];
        if (!ww_sts_wants_session(&l->policy, host))
            continue;
        const struct ww_mx_session *known =
            ww_mx_sessions_ask(l->sessions, host->name, &l->waiter, on_session, l);
        if (known == NULL && l->waiter.host != NULL)
            return;
        if (known != NULL)
            host->session = *known;
    }
    end(l);
}

static void on_mx(void *ctx, const struct ww_mx_hosts *found)
{
    struct ww_sts_look *l = ctx;
    l->finding = NULL;
    for (size_t i = 0; i < found->count && i < WW_STS_HOSTS_MAX; i++) {
        struct ww_sts_host *host = &l->seen.hosts[l->seen.count++];
        memcpy(host->name, found->hosts[i].name, sizeof host->name);
        host->named = ww_mx_match_policy(&l->policy, ww_slice_str(host->name));
    }
    go_on(l);
}

static bool keep_policy(struct ww_sts_look *l, const struct ww_discovery_result *result)
{
    size_t offset;
    if (result->outcome != WW_FOUND_POLICY || result->body.n > sizeof l->body)
        return false;
    memcpy(l->body, result->body.p, result->body.n);
    return ww_policy_parse(l->body, result->body.n, &l->policy, &offset) == WW_OK &&
           l->policy.mode != WW_MODE_NONE;
}

/* A policy that cannot be had is the front's to tell of: it is what look-ups want. */
static void on_policy(void *ctx, const struct ww_discovery_result *result)
{
    struct ww_sts_look *l = ctx;
    enum ww_err err;
    l->flight = NULL;
    if (keep_policy(l, result))
        l->finding = ww_mx_lookup(l->with->dns, l->seen.domain, on_mx, l, &err);
    if (l->finding == NULL)
        end(l);
}

/* The record among the texts of the answer; empty: there is none that is valid. */
static struct ww_slice record_of(struct ww_dns_answer *answer, char *room, size_t size)
{
    struct ww_slice texts[TEXTS_MAX];
    struct ww_dns_rr rr;
    struct ww_tlsrpt_record read;
    size_t used = 0, count = 0, n, at, offset;
    while (count < TEXTS_MAX && ww_dns_answer_next(answer, &rr)) {
        if (ww_dns_txt_join(rr.rdata, room + used, size - used, &n) != WW_OK)
            continue;
        texts[count++] = ww_slice(room + used, n);
        used += n;
    }
    bool found = ww_txt_record_pick(&ww_tlsrpt_record_kind, texts, count, &at) == WW_TXT_PRESENT &&
                 ww_tlsrpt_record_parse(texts[at].p, texts[at].n, &read, &offset) == WW_OK;
    return found ? texts[at] : ww_slice(NULL, 0);
}

static void on_record(void *ctx, const struct ww_dns_reply *reply)
{
    struct ww_sts_look *l = ctx;
    struct ww_dns_answer answer;
    struct ww_discovery_ask ask = {.retry_at = 0};
    enum ww_err err = reply->err;
    l->asking = NULL;
    if (err == WW_OK)
        err = ww_dns_answer_open(&answer, reply->packet.p, reply->packet.n, l->name, WW_DNS_TYPE_TXT);
    if (err == WW_OK)
        l->seen.record = record_of(&answer, l->record, sizeof l->record);
    l->asked = err != WW_OK || l->seen.record.n > 0;
    memcpy(ask.domain, l->seen.domain, sizeof ask.domain);
    if (l->seen.record.n > 0)
        l->flight = ww_discover(l->with, &ask, on_policy, l);
    if (l->flight == NULL)
        end(l);
}

struct ww_sts_look *ww_sts_look(const struct ww_discoverer *with, struct ww_mx_sessions *sessions,
                                const char *domain, ww_sts_look_cb *cb, void *ctx)
{
    enum ww_err err;
    struct ww_sts_look *l = calloc(1, sizeof *l);
    if (l == NULL)
        return NULL;
    l->with = with;
    l->sessions = sessions;
    l->cb = cb;
    l->ctx = ctx;
    l->seen.at = (int64_t)time(NULL);
    l->seen.policy = &l->policy;
    (void)snprintf(l->seen.domain, sizeof l->seen.domain, "%s", domain);
    (void)snprintf(l->name, sizeof l->name, PREFIX "%s", domain);
    l->asking = ww_dns_ask(with->dns, l->name, WW_DNS_TYPE_TXT, on_record, l, &err);
    if (l->asking != NULL)
        return l;
    free(l);
    return NULL;
}
