#include "daemon/steward_servers.h"

#include "net/dns_server.h"

#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>

struct one {
    struct ww_servers_ask *all;
    struct ww_dns_server_query *mx;
    struct ww_dns_server_query *tlsrpt;
};

struct ww_servers_ask {
    char domain[WW_DNAME_SIZE];
    struct one ones[WW_NAMES_SERVERS_MAX];
    unsigned waits;
    struct event *end; /* made active when the last answer is there */
    ww_servers_cb *cb;
    void *ctx;
    struct ww_servers_said said;
};

static void ends(struct ww_servers_ask *a)
{
    if (--a->waits == 0)
        event_active(a->end, EV_TIMEOUT, 0);
}

static struct ww_server_said *said_of(struct one *one)
{
    return &one->all->said.servers[one - one->all->ones];
}

static void on_mx(void *ctx, const struct ww_dns_server_reply *reply)
{
    struct one *one = ctx;
    struct ww_server_said *said = said_of(one);
    one->mx = NULL;
    if (reply->err == WW_OK && reply->answer.authoritative) {
        ww_mx_hosts_read(reply->packet, one->all->domain, &said->mx);
        said->mx_known = said->mx.outcome != WW_MX_FAILED;
    }
    ends(one->all);
}

bool ww_servers_read_tlsrpt(struct ww_dns_answer *answer, struct ww_server_said *said)
{
    static char text[UINT16_MAX];
    struct ww_name_texts texts = {.ended = true};
    struct ww_tlsrpt_record record;
    struct ww_dns_rr rr;
    enum ww_err why;
    size_t n;
    bool good = answer->rcode == WW_DNS_NOERROR || answer->rcode == WW_DNS_NXDOMAIN;
    said->rua[0] = '\0';
    while (good && ww_dns_answer_next(answer, &rr))
        good = ww_dns_txt_join(rr.rdata, text, sizeof text, &n) == WW_OK &&
               ww_name_texts_add(&texts, ww_slice(text, n));
    if (good && !texts.more &&
        ww_tlsrpt_record_select(texts.all, texts.count, &record, &why) == WW_TXT_PRESENT &&
        record.rua.n < sizeof said->rua) {
        memcpy(said->rua, record.rua.p, record.rua.n);
        said->rua[record.rua.n] = '\0';
    }
    ww_name_texts_clear(&texts);
    return good;
}

static void on_tlsrpt(void *ctx, const struct ww_dns_server_reply *reply)
{
    struct one *one = ctx;
    struct ww_server_said *said = said_of(one);
    struct ww_dns_answer answer = reply->answer;
    one->tlsrpt = NULL;
    if (reply->err == WW_OK && answer.authoritative)
        said->tlsrpt_known = ww_servers_read_tlsrpt(&answer, said);
    ends(one->all);
}

static void free_ask(struct ww_servers_ask *a)
{
    for (size_t i = 0; i < a->said.count; i++) {
        if (a->ones[i].mx != NULL)
            ww_dns_server_cancel(a->ones[i].mx);
        if (a->ones[i].tlsrpt != NULL)
            ww_dns_server_cancel(a->ones[i].tlsrpt);
    }
    if (a->end != NULL)
        event_free(a->end);
    free(a);
}

static void on_end(evutil_socket_t fd, short what, void *arg)
{
    struct ww_servers_ask *a = arg;
    (void)fd, (void)what;
    a->cb(a->ctx, &a->said);
    free_ask(a);
}

static void ask_one(struct ww_servers_ask *a, const struct ww_check_env *env, const struct ww_addr *addr,
                    struct one *one)
{
    const struct ww_dns_server_options options = {
        .base = env->base,
        .sources = env->sources,
        .source_count = env->source_count,
        .deadline_ms = env->dns_timeout_ms,
    };
    char name[WW_DNAME_SIZE + sizeof "_smtp._tls."];
    enum ww_err err;
    one->all = a;
    (void)snprintf(name, sizeof name, "_smtp._tls.%s", a->domain);
    one->mx = ww_dns_server_ask(&options, addr, a->domain, WW_DNS_TYPE_MX, on_mx, one, &err);
    one->tlsrpt = strlen(name) < WW_DNAME_SIZE
                      ? ww_dns_server_ask(&options, addr, name, WW_DNS_TYPE_TXT, on_tlsrpt, one, &err)
                      : NULL;
    a->waits += (one->mx != NULL ? 1u : 0) + (one->tlsrpt != NULL ? 1u : 0);
}

struct ww_servers_ask *ww_servers_ask(const struct ww_check_env *env, const char *domain,
                                      const struct ww_names_sight *names, ww_servers_cb *cb, void *ctx)
{
    struct ww_servers_ask *a = calloc(1, sizeof *a);
    if (a == NULL)
        return NULL;
    (void)snprintf(a->domain, sizeof a->domain, "%s", domain);
    a->cb = cb;
    a->ctx = ctx;
    a->end = evtimer_new(env->base, on_end, a);
    if (a->end == NULL) {
        free(a);
        return NULL;
    }
    for (size_t i = 0; names->looked && i < names->server_count; i++) {
        a->said.count = i + 1;
        if (names->servers[i].addr.length > 0)
            ask_one(a, env, &names->servers[i].addr, &a->ones[i]);
    }
    if (a->waits == 0)
        event_active(a->end, EV_TIMEOUT, 0);
    return a;
}

void ww_servers_cancel(struct ww_servers_ask *ask)
{
    if (ask != NULL)
        free_ask(ask);
}
