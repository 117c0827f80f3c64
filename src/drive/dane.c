#include "drive/dane.h"

#include "drive/mx_hosts.h"
#include "engine/dane_survey.h"

#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>

struct question {
    struct host *host;
    struct ww_dns_query *query; /* NULL: not on its way */
};

struct host {
    struct ww_dane_lookup *all;
    struct ww_dane_host *found;
    struct question questions[WW_DANE_QUESTIONS];
};

struct ww_dane_lookup {
    struct ww_dns *dns;
    struct ww_mx_lookup *mx; /* NULL: has ended */
    struct event *deadline;
    unsigned deadline_ms;
    size_t begun;   /* hosts, the first ones */
    size_t running; /* of those, not settled */
    ww_dane_lookup_cb *cb;
    void *ctx;
    struct host hosts[WW_DANE_HOSTS_MAX];
    struct ww_dane_survey survey;
};

static void drop_questions(struct host *h)
{
    for (int q = 0; q < WW_DANE_QUESTIONS; q++) {
        if (h->questions[q].query != NULL)
            ww_dns_cancel(h->questions[q].query);
        h->questions[q].query = NULL;
    }
}

static void stop(struct ww_dane_lookup *l)
{
    if (l->mx != NULL)
        ww_mx_lookup_cancel(l->mx);
    for (size_t i = 0; i < l->begun; i++)
        drop_questions(&l->hosts[i]);
    if (l->deadline != NULL)
        event_free(l->deadline);
}

static void end(struct ww_dane_lookup *l)
{
    stop(l);
    ww_dane_survey_end(&l->survey);
    l->cb(l->ctx, &l->survey);
    free(l);
}

static void on_reply(void *ctx, const struct ww_dns_reply *reply);

static void ask(struct host *h, enum ww_dane_question q, const char *name)
{
    enum ww_err err;
    struct question *question = &h->questions[q];
    question->host = h;
    question->query = ww_dns_ask(h->all->dns, name, ww_dane_survey_type(q), on_reply, question, &err);
    if (question->query != NULL)
        return;
    const struct ww_dane_reply refused = {.err = err};
    ww_dane_survey_take(h->found, q, &refused);
}

/* Asks what the host wants to know now. */
static void pursue(struct host *h)
{
    char name[WW_DNAME_SIZE];
    enum ww_dane_question q;
    while ((q = ww_dane_survey_next(h->found, name)) != WW_DANE_QUESTIONS)
        ask(h, q, name);
    if (!h->found->settled)
        return;
    drop_questions(h);
    h->all->running--;
}

/* Begins with further hosts, or ends all; the look-up may be gone then. */
static void advance(struct ww_dane_lookup *l)
{
    while (l->running < WW_DANE_PARALLEL && l->begun < l->survey.count) {
        struct host *h = &l->hosts[l->begun];
        h->all = l;
        h->found = &l->survey.hosts[l->begun++];
        l->running++;
        pursue(h);
    }
    if (l->running == 0)
        end(l);
}

static void on_reply(void *ctx, const struct ww_dns_reply *reply)
{
    struct question *question = ctx;
    struct host *h = question->host;
    const struct ww_dane_reply answer = {
        .err = reply->err,
        .detail = reply->detail,
        .dnssec = reply->dnssec,
        .packet = reply->packet,
    };
    question->query = NULL;
    ww_dane_survey_take(h->found, (enum ww_dane_question)(question - h->questions), &answer);
    pursue(h);
    advance(h->all);
}

static void on_mx(void *ctx, const struct ww_mx_hosts *found)
{
    struct ww_dane_lookup *l = ctx;
    l->mx = NULL;
    ww_dane_survey_begin(&l->survey, found);
    advance(l);
}

static void on_deadline(evutil_socket_t fd, short what, void *arg)
{
    struct ww_dane_lookup *l = arg;
    char text[64];
    (void)fd, (void)what;
    (void)snprintf(text, sizeof text, "after %u ms for all hosts", l->deadline_ms);
    if (l->mx != NULL)
        ww_dane_survey_fail(&l->survey, WW_E_DNS_TIMEOUT, text);
    for (size_t i = 0; i < l->survey.count; i++)
        if (!l->survey.hosts[i].settled)
            ww_dane_survey_give_up(&l->survey.hosts[i], WW_E_DNS_TIMEOUT, text);
    end(l);
}

struct ww_dane_lookup *ww_dane_lookup(struct ww_dns *dns, const char *domain, unsigned deadline_ms,
                                      ww_dane_lookup_cb *cb, void *ctx, enum ww_err *err)
{
    struct timeval deadline = {deadline_ms / 1000, (long)(deadline_ms % 1000) * 1000};
    struct ww_dane_lookup *l = calloc(1, sizeof *l);
    *err = WW_E_NO_MEMORY;
    if (l == NULL)
        return NULL;
    l->dns = dns;
    l->deadline_ms = deadline_ms;
    l->cb = cb;
    l->ctx = ctx;
    l->deadline = evtimer_new(ww_dns_base(dns), on_deadline, l);
    if (l->deadline != NULL && evtimer_add(l->deadline, &deadline) == 0)
        l->mx = ww_mx_lookup(dns, domain, on_mx, l, err);
    if (l->mx != NULL)
        return l;
    ww_dane_lookup_cancel(l);
    return NULL;
}

void ww_dane_lookup_cancel(struct ww_dane_lookup *l)
{
    stop(l);
    free(l);
}
