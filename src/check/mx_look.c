#include "check/looks.h"

#include "check/lists.h"
#include "check/mx_common.h"
#include "drive/addresses.h"
#include "net/clock.h"
#include "net/dns.h"
#include "net/route.h"

#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TLSA_PREFIX "_25._tcp."

/* Further conversations with one address at a time. */
#define AT_A_TIME 2

/* Addresses of one family that are asked more than how they greet a sender. */
#define DEEP_MAX 2

/* One look takes at most so many times what one conversation may. */
#define ROUNDS 2

struct spot;

struct talk {
    struct spot *spot;
    enum ww_mx_trial_kind kind;
    struct ww_mx_trial *trial; /* NULL: free */
};

/* An address that is looked at. */
struct spot {
    struct ww_mx_look *look;
    struct ww_mx_address_sight *sight;
    struct ww_mx_deep deep;
    struct ww_mx_probe *probe;
    struct talk talks[AT_A_TIME];
    unsigned next; /* the trial whose turn it is */
    struct ww_list_waiter waiter;
    X509 *leaf, *issuer; /* while it waits for a list */
};

struct ww_mx_look {
    const struct ww_check_env *env;
    struct ww_mx_sight *sight;
    char base[WW_DNAME_SIZE]; /* what SNI asks for */
    bool has_base;            /* by DANE */
    char next_hop[WW_DNAME_SIZE];
    struct ww_addresses *finding;
    struct ww_dns_query *asking;
    struct ww_dane_host host;
    char *packet; /* what tlsa is borrowed from */
    struct ww_tlsa tlsa[WW_MX_PROBE_TLSA_MAX];
    size_t tlsa_count;
    struct spot *spots; /* of sight->addresses */
    int64_t until;      /* ww_clock_us */
    struct event *end;  /* the deadline; made active when all has ended */
    ww_look_done *done;
    void *ctx;
};

static void leave_list(struct spot *s)
{
    ww_lists_leave(&s->waiter);
    X509_free(s->leaf);
    X509_free(s->issuer);
    s->leaf = NULL;
    s->issuer = NULL;
}

static void look_free(struct ww_mx_look *l)
{
    if (l->finding != NULL)
        ww_addresses_cancel(l->finding);
    if (l->asking != NULL)
        ww_dns_cancel(l->asking);
    for (size_t i = 0; l->spots != NULL && i < l->sight->count; i++) {
        struct spot *s = &l->spots[i];
        if (s->probe != NULL)
            ww_mx_probe_cancel(s->probe);
        for (int k = 0; k < AT_A_TIME; k++)
            if (s->talks[k].trial != NULL)
                ww_mx_trial_cancel(s->talks[k].trial);
        leave_list(s);
        ww_mx_deep_leave(&s->deep);
    }
    if (l->end != NULL)
        event_free(l->end);
    free(l->spots);
    free(l->packet);
    free(l);
}

/* What has not come by now is not waited for. */
static void on_end(evutil_socket_t fd, short what, void *arg)
{
    (void)fd, (void)what;
    struct ww_mx_look *l = arg;
    ww_look_done *done = l->done;
    void *ctx = l->ctx;
    for (int family = 0; family < WW_MX_FAMILIES; family++)
        l->sight->reached[family] = ww_mx_was_reached(l->env->mx, family, ww_clock_us());
    look_free(l);
    done(ctx);
}

static bool is_busy(const struct spot *s)
{
    bool busy = s->probe != NULL || s->waiter.list != NULL;
    for (int k = 0; k < AT_A_TIME; k++)
        busy = busy || s->talks[k].trial != NULL;
    return busy;
}

static void end_if_idle(struct ww_mx_look *l)
{
    bool busy = l->finding != NULL || l->asking != NULL;
    for (size_t i = 0; l->spots != NULL && i < l->sight->count; i++)
        busy = busy || is_busy(&l->spots[i]);
    if (!busy)
        event_active(l->end, EV_TIMEOUT, 0);
}

static void go_on(struct spot *s);

/* A host that does not want to talk now, or has gone away, is asked no more. */
static bool is_unwilling(const struct ww_mx_trial_result *r)
{
    return r->verdict == WW_MX_UNCLEAR && r->err != WW_OK;
}

static void on_trial(void *ctx, const struct ww_mx_trial_result *result)
{
    struct talk *t = ctx;
    struct spot *s = t->spot;
    t->trial = NULL;
    s->sight->trials[t->kind] = *result;
    s->sight->stopped = s->sight->stopped || is_unwilling(result);
    go_on(s);
}

static bool begin_trial(struct talk *t, enum ww_mx_trial_kind kind)
{
    const struct ww_mx_look *l = t->spot->look;
    int64_t left_ms = (l->until - ww_clock_us()) / 1000;
    if (left_ms <= 0)
        return false;
    if (left_ms > (int64_t)l->env->smtp_ms)
        left_ms = (int64_t)l->env->smtp_ms;
    t->kind = kind;
    t->trial =
        ww_mx_trial(l->env->mx->prober, kind, l->base, &t->spot->sight->addr, (unsigned)left_ms, on_trial, t);
    return t->trial != NULL;
}

/* Of a host whose best version is an old one it is known that it speaks that. */
static void go_on(struct spot *s)
{
    const struct ww_mx_probe_result *first = &s->sight->first;
    bool wanted = s->deep.addr != NULL && first->err == WW_OK && first->handshake;
    for (int k = 0; k < AT_A_TIME && wanted; k++) {
        if (s->talks[k].trial != NULL || s->sight->stopped || s->next == WW_MX_TRIALS)
            continue;
        if (!begin_trial(&s->talks[k], (enum ww_mx_trial_kind)s->next))
            s->sight->stopped = true;
        s->next++;
    }
    end_if_idle(s->look);
}

static void take_list(struct spot *s, const struct ww_list_answer *answer)
{
    s->sight->list_err = answer->err;
    if (answer->err == WW_OK)
        s->sight->revocation = ww_tls_crl(s->leaf, s->issuer, answer->list);
    leave_list(s);
}

static void on_list(void *ctx, const struct ww_list_answer *answer)
{
    struct spot *s = ctx;
    take_list(s, answer);
    end_if_idle(s->look);
}

/* The list is of use for what an authority has signed; and where nothing was stapled. */
static void ask_for_list(struct spot *s, struct stack_st_X509 *chain)
{
    const struct ww_mx_probe_result *first = &s->sight->first;
    struct ww_list_answer answer;
    s->sight->revocation = first->stapled;
    if (chain == NULL || sk_X509_num(chain) < 2 || first->crl[0] == '\0' ||
        first->stapled != WW_REVOCATION_UNKNOWN)
        return;
    s->leaf = sk_X509_value(chain, 0);
    s->issuer = sk_X509_value(chain, 1);
    (void)X509_up_ref(s->leaf);
    (void)X509_up_ref(s->issuer);
    if (!ww_lists_ask(s->look->env->mx->lists, first->crl, &s->waiter, on_list, s, &answer))
        take_list(s, &answer);
}

static void on_probed(void *ctx, const struct ww_mx_probe_result *result)
{
    struct spot *s = ctx;
    s->probe = NULL;
    s->sight->looked = true;
    s->sight->first = *result;
    s->sight->first.chain = NULL;
    if (result->err == WW_OK || result->stage != WW_SMTP_CONNECTING)
        s->look->env->mx->reached_at[s->sight->addr.length == 4 ? WW_MX_IPV4 : WW_MX_IPV6] = ww_clock_us();
    ask_for_list(s, result->chain);
    go_on(s);
}

static void begin_spot(struct spot *s)
{
    struct ww_mx_look *l = s->look;
    const struct ww_mx_probe_target target = {
        .host = l->sight->name,
        .base = l->base,
        .next_hop = l->next_hop[0] != '\0' ? l->next_hop : NULL,
        .addrs = &s->sight->addr,
        .addr_count = 1,
        .tlsa = l->tlsa,
        .tlsa_count = l->tlsa_count,
    };
    enum ww_err err;
    s->sight->no_route = !ww_has_route(&s->sight->addr);
    if (!s->sight->no_route)
        s->probe = ww_mx_probe(l->env->mx->prober, &target, on_probed, s, &err);
}

/* When both addresses and records are there. */
static void begin_spots(struct ww_mx_look *l)
{
    size_t of_family[2] = {0, 0};
    if (l->finding != NULL || l->asking != NULL)
        return;
    l->spots = l->sight->count > 0 ? calloc(l->sight->count, sizeof *l->spots) : NULL;
    for (size_t i = 0; l->spots != NULL && i < l->sight->count; i++) {
        struct spot *s = &l->spots[i];
        s->look = l;
        s->sight = &l->sight->addresses[i];
        if (of_family[s->sight->addr.length == 4]++ < DEEP_MAX)
            (void)ww_mx_deep_enter(l->env->mx, &s->deep, &s->sight->addr);
        for (int k = 0; k < AT_A_TIME; k++)
            s->talks[k].spot = s;
        begin_spot(s);
    }
    end_if_idle(l);
}

static void on_addresses(void *ctx, const struct ww_addresses_reply *reply)
{
    struct ww_mx_look *l = ctx;
    struct ww_mx_sight *sight = l->sight;
    l->finding = NULL;
    sight->err = ww_addresses_err_of_mx(reply->err);
    (void)snprintf(sight->detail, sizeof sight->detail, "%s", reply->detail != NULL ? reply->detail : "");
    sight->refused = reply->ipv4.refused + reply->ipv6.refused;
    sight->addresses = reply->count > 0 ? calloc(reply->count, sizeof *sight->addresses) : NULL;
    if (reply->count > 0 && sight->addresses == NULL)
        sight->err = WW_E_NO_MEMORY;
    for (size_t i = 0; sight->addresses != NULL && i < reply->count; i++)
        sight->addresses[sight->count++].addr = reply->addrs[i];
    begin_spots(l);
}

/* Those that were kept; of a long one only a part was, which matches nothing. */
static void take_records(struct ww_mx_look *l)
{
    for (size_t i = 0; i < l->host.record_count; i++) {
        const struct ww_dane_record *r = &l->host.records[i];
        if (r->unusable == WW_OK && r->size <= WW_DANE_DATA_MAX)
            l->tlsa[l->tlsa_count++] = (struct ww_tlsa){r->usage, r->selector, r->matching,
                                                        ww_slice((const char *)r->data, r->size)};
    }
}

static void name_of_tlsa(const struct ww_mx_look *l, char out[sizeof TLSA_PREFIX + WW_DNAME_SIZE])
{
    (void)snprintf(out, sizeof TLSA_PREFIX + WW_DNAME_SIZE, "%s%s", TLSA_PREFIX, l->base);
}

static void on_tlsa(void *ctx, const struct ww_dns_reply *reply)
{
    struct ww_mx_look *l = ctx;
    char name[sizeof TLSA_PREFIX + WW_DNAME_SIZE];
    enum ww_err err = reply->err;
    l->asking = NULL;
    name_of_tlsa(l, name);
    if (err == WW_OK && reply->dnssec == WW_DNSSEC_SECURE)
        l->packet = malloc(reply->packet.n + 1);
    if (l->packet != NULL) {
        memcpy(l->packet, reply->packet.p, reply->packet.n);
        err = ww_tlsa_usable(ww_slice(l->packet, reply->packet.n), name, l->tlsa, WW_MX_PROBE_TLSA_MAX,
                             &l->tlsa_count);
    }
    if (l->packet == NULL || err != WW_OK)
        take_records(l);
    begin_spots(l);
}

/* The survey keeps the first few records, and of each the first few octets: all of them are in DNS's cache.
 */
static void ask_for_records(struct ww_mx_look *l)
{
    char name[sizeof TLSA_PREFIX + WW_DNAME_SIZE];
    enum ww_err err;
    name_of_tlsa(l, name);
    if (l->has_base)
        l->asking = ww_dns_ask(l->env->dns, name, WW_DNS_TYPE_TLSA, on_tlsa, l, &err);
    if (l->has_base && l->asking == NULL)
        take_records(l);
}

struct ww_mx_look *ww_mx_look(const struct ww_check_env *env, const struct ww_dane_host *host,
                              const char *next_hop, struct ww_mx_sight *sight, ww_look_done *done, void *ctx,
                              enum ww_err *err)
{
    const struct ww_addresses_options options = {
        .dns = env->dns, .allow = env->allow, .allow_count = env->allow_count, .patient = true};
    const struct timeval limit = {.tv_sec = ROUNDS * env->smtp_ms / 1000,
                                  .tv_usec = ROUNDS * env->smtp_ms % 1000 * 1000};
    const char *base = ww_dane_host_base(host);
    struct ww_mx_look *l = calloc(1, sizeof *l);
    *err = WW_E_NO_MEMORY;
    if (l == NULL)
        return NULL;
    l->env = env;
    l->host = *host;
    l->sight = sight;
    l->done = done;
    l->ctx = ctx;
    l->has_base = base != NULL;
    (void)snprintf(l->base, sizeof l->base, "%s", base != NULL ? base : host->name);
    (void)snprintf(l->next_hop, sizeof l->next_hop, "%s", next_hop != NULL ? next_hop : "");
    l->until = ww_clock_us() + (int64_t)ROUNDS * env->smtp_ms * 1000;
    l->end = evtimer_new(env->base, on_end, l);
    if (l->end != NULL && evtimer_add(l->end, &limit) == 0)
        l->finding = ww_addresses_find(&options, host->name, on_addresses, l, err);
    if (l->finding == NULL) {
        look_free(l);
        return NULL;
    }
    ask_for_records(l);
    return l;
}

void ww_mx_look_cancel(struct ww_mx_look *look)
{
    look_free(look);
}
