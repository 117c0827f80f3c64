#include "check/looks.h"

#include "core/dns_answer.h"
#include "net/dns.h"

#include <stdio.h>
#include <stdlib.h>

#define PREFIX "_25._tcp."

/* Of an alias two names are asked for. */
#define QUESTIONS_MAX (2 * WW_DANE_HOSTS_MAX)

struct question {
    struct ww_tlsa_look *look;
    struct ww_tlsa_sight *sight;
    struct ww_dns_query *query;
    char name[sizeof PREFIX + WW_DNAME_SIZE];
};

struct ww_tlsa_look {
    size_t count;
    size_t waits;
    struct question questions[QUESTIONS_MAX];
    ww_look_done *done;
    void *ctx;
};

static void on_reply(void *ctx, const struct ww_dns_reply *reply)
{
    struct question *q = ctx;
    struct ww_tlsa_look *look = q->look;
    struct ww_dns_answer answer;
    q->query = NULL;
    if (reply->err == WW_OK &&
        ww_dns_answer_open(&answer, reply->packet.p, reply->packet.n, q->name, WW_DNS_TYPE_TLSA) == WW_OK &&
        (answer.rcode == WW_DNS_NOERROR || answer.rcode == WW_DNS_NXDOMAIN)) {
        q->sight->looked = true;
        if (q->sight->count == 0)
            q->sight->count = answer.count < UINT16_MAX ? (uint16_t)answer.count : UINT16_MAX;
    }
    if (--look->waits > 0)
        return;
    ww_look_done *done = look->done;
    void *done_ctx = look->ctx;
    free(look);
    done(done_ctx);
}

static void ask(struct ww_tlsa_look *look, struct ww_dns *dns, const char *host, struct ww_tlsa_sight *sight,
                enum ww_err *err)
{
    struct question *q = &look->questions[look->count++];
    q->look = look;
    q->sight = sight;
    (void)snprintf(q->name, sizeof q->name, PREFIX "%s", host);
    q->query = ww_dns_ask_plain(dns, q->name, WW_DNS_TYPE_TLSA, on_reply, q, err);
    look->waits += q->query != NULL;
}

static bool is_wanted(const struct ww_dane_host *host)
{
    return !host->no_address && (host->state == WW_DANE_INSECURE || host->state == WW_DANE_BOGUS);
}

struct ww_tlsa_look *ww_tlsa_look(const struct ww_check_env *env, const struct ww_dane_survey *survey,
                                  struct ww_tlsa_sight sights[WW_DANE_HOSTS_MAX], ww_look_done *done,
                                  void *ctx, enum ww_err *err)
{
    struct ww_tlsa_look *look = calloc(1, sizeof *look);
    *err = look != NULL ? WW_OK : WW_E_NO_MEMORY;
    if (look == NULL)
        return NULL;
    look->done = done;
    look->ctx = ctx;
    for (size_t i = 0; survey->validating && i < survey->count; i++) {
        const struct ww_dane_host *host = &survey->hosts[i];
        sights[i].wanted = is_wanted(host);
        if (!sights[i].wanted)
            continue;
        ask(look, env->dns, host->name, &sights[i], err);
        if (host->alias[0] != '\0')
            ask(look, env->dns, host->alias, &sights[i], err);
    }
    if (look->waits > 0)
        return look;
    free(look);
    return NULL;
}

void ww_tlsa_look_cancel(struct ww_tlsa_look *look)
{
    for (size_t i = 0; i < look->count; i++)
        if (look->questions[i].query != NULL)
            ww_dns_cancel(look->questions[i].query);
    free(look);
}
