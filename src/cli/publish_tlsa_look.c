/* What DNS and an MX host show of its keys. */
#include "cli/outside.h"
#include "cli/publish_tlsa.h"
#include "cli/worker.h"
#include "codec/json_values.h"
#include "core/dns_answer.h"
#include "daemon/own_name.h"
#include "probe/mx_probe.h"

#include <stdio.h>
#include <stdlib.h>

#define SMTP_MS 30000
#define SPARE_MS 5000
#define OUTPUT_MAX ((size_t)1 << 16)

struct looking;

struct spot {
    struct looking *look;
    struct ww_addr addr;
};

struct looking {
    const struct ww_publish_tlsa *order;
    const struct ww_config *config;
    struct ww_outside net;
    struct ww_mx_prober *prober;
    char name[WW_DNAME_SIZE + 16];
    char own_name[WW_DNAME_SIZE];
    char *packet; /* that the records are borrowed from; of packet_n octets */
    size_t packet_n;
    enum ww_dane_state state;
    char why[2 * WW_DNS_DETAIL_SIZE];
    uint32_t ttl;
    bool more;                                 /* there are records that were not compared */
    struct ww_tlsa list[WW_MX_PROBE_FITS_MAX]; /* the keys, then what is published */
    size_t key_count, count;                   /* of the list: keys, and all */
    struct spot spots[WW_ADDRESSES_MAX];
    json_t *records, *addresses;
};

static struct ww_tlsa record_of(const uint8_t *key)
{
    return (struct ww_tlsa){WW_TLSA_DANE_EE, WW_TLSA_SELECTOR_SPKI, WW_TLSA_SHA256,
                            ww_slice((const char *)key, WW_TLSA_KEY_SIZE)};
}

static bool is_same(const struct ww_tlsa *a, const struct ww_tlsa *b)
{
    return a->usage == b->usage && a->selector == b->selector && a->matching == b->matching &&
           ww_slice_eq(a->data, b->data);
}

static const char *key_name(size_t i)
{
    return i == 0 ? "current" : "next";
}

static void tell_record(struct looking *l, const struct ww_tlsa *t)
{
    const char *key = NULL;
    json_t *hex = ww_json_hex((const uint8_t *)t->data.p, t->data.n);
    for (size_t i = 0; i < l->key_count; i++)
        key = is_same(t, &l->list[i]) ? key_name(i) : key;
    (void)json_array_append_new(l->records,
                                json_pack("{s:o, s:s?}", "text",
                                          json_sprintf("%u %u %u %s", t->usage, t->selector, t->matching,
                                                       hex != NULL ? json_string_value(hex) : ""),
                                          "key", key));
    json_decref(hex);
}

/* What went wrong, with what is known more closely. */
static void put_why(char *out, size_t size, enum ww_err err, const char *detail)
{
    bool more = detail != NULL && detail[0] != '\0';
    (void)snprintf(out, size, "%s%s%s", ww_err_message(err), more ? ": " : "", more ? detail : "");
}

/* ---- The host ---- */

/* Whether one of the records that are published is right for what the host shows. */
static bool is_let_in(const struct looking *l, const struct ww_mx_probe_result *r)
{
    bool fits = false;
    for (size_t i = l->key_count; i < r->fit_count; i++)
        fits = fits || r->fits[i].fits;
    return fits || l->more || l->state != WW_DANE_SECURE_USABLE;
}

/* In the order of the addresses. */
static void tell_address(struct looking *l, size_t i, const struct ww_addr *addr, const char *shows,
                         bool refused, const char *why)
{
    char text[WW_ADDR_TEXT_SIZE] = "";
    if (addr != NULL)
        ww_addr_format(addr, text);
    while (json_array_size(l->addresses) <= i && json_array_append_new(l->addresses, json_null()) == 0)
        continue;
    (void)json_array_set_new(l->addresses, i,
                             json_pack("{s:s?, s:s, s:b, s:s?}", "address", addr != NULL ? text : NULL,
                                       "shows", shows, "refused", refused, "why", why));
}

static void on_probed(void *ctx, const struct ww_mx_probe_result *r)
{
    const struct spot *s = ctx;
    struct looking *l = s->look;
    const char *shows = "other", *why = NULL;
    char failure[2 * WW_MX_PROBE_DETAIL_SIZE];
    put_why(failure, sizeof failure, r->err, r->detail);
    if (r->err != WW_OK)
        why = failure;
    else if (!r->starttls)
        why = "it offers no STARTTLS";
    else if (!r->handshake || !r->has_certificate)
        why = r->detail[0] != '\0' ? r->detail : "no handshake";
    for (size_t i = 0; i < l->key_count && i < r->fit_count; i++)
        shows = r->fits[i].fits ? key_name(i) : shows;
    tell_address(l, (size_t)(s - l->spots), &s->addr, why != NULL ? "unknown" : shows,
                 why == NULL && !is_let_in(l, r), why);
    ww_outside_end(&l->net);
}

static void on_addresses(void *ctx, const struct ww_addresses_reply *reply)
{
    struct looking *l = ctx;
    char why[2 * WW_DNS_DETAIL_SIZE];
    enum ww_err err;
    for (size_t i = 0; i < reply->count; i++) {
        const struct ww_mx_probe_target target = {.host = l->order->host,
                                                  .addrs = &reply->addrs[i],
                                                  .addr_count = 1,
                                                  .tlsa = l->list,
                                                  .tlsa_count = l->count};
        l->spots[i] = (struct spot){l, reply->addrs[i]};
        if (ww_mx_probe(l->prober, &target, on_probed, &l->spots[i], &err) != NULL)
            ww_outside_begin(&l->net);
        else
            tell_address(l, i, &reply->addrs[i], "unknown", false, ww_err_message(err));
    }
    put_why(why, sizeof why, ww_addresses_err_of_mx(reply->err), reply->detail);
    if (reply->count == 0)
        tell_address(l, 0, NULL, "unknown", false, why);
    ww_outside_end(&l->net);
}

/* ---- DNS ---- */

static void take_records(struct looking *l)
{
    struct ww_dns_answer answer;
    struct ww_dns_rr rr;
    struct ww_tlsa t;
    if (ww_dns_answer_open(&answer, l->packet, l->packet_n, l->name, WW_DNS_TYPE_TLSA) != WW_OK)
        return;
    while (ww_dns_answer_next(&answer, &rr)) {
        if (ww_tlsa_parse(rr.rdata.p, rr.rdata.n, &t) != WW_OK)
            continue;
        tell_record(l, &t);
        if (ww_tlsa_check(&t) != WW_OK)
            continue;
        l->more = l->more || l->count == WW_MX_PROBE_FITS_MAX;
        if (!l->more)
            l->list[l->count++] = t;
    }
}

static enum ww_dane_state classify(struct looking *l, const struct ww_dns_reply *reply)
{
    struct ww_dns_answer answer;
    enum ww_err err = reply->err;
    if (err == WW_OK)
        err = ww_dns_answer_open(&answer, reply->packet.p, reply->packet.n, l->name, WW_DNS_TYPE_TLSA);
    if (err == WW_OK && reply->dnssec == WW_DNSSEC_UNKNOWN)
        err = WW_E_DNS_NOT_VALIDATING;
    if (err != WW_OK) {
        put_why(l->why, sizeof l->why, err, reply->detail);
        return err == WW_E_DNS_BOGUS ? WW_DANE_BOGUS : WW_DANE_LOOKUP_FAILED;
    }
    l->ttl = answer.count > 0 ? answer.ttl : 0;
    l->packet = malloc(reply->packet.n + 1);
    if (l->packet == NULL)
        return WW_DANE_LOOKUP_FAILED;
    l->packet_n = reply->packet.n;
    memcpy(l->packet, reply->packet.p, l->packet_n);
    take_records(l);
    return ww_dane_classify(&answer, reply->dnssec == WW_DNSSEC_SECURE);
}

static void on_tlsa(void *ctx, const struct ww_dns_reply *reply)
{
    struct looking *l = ctx;
    enum ww_err err;
    l->state = classify(l, reply);
    if (ww_outside_find(&l->net, l->order->host, on_addresses, l, &err) != NULL)
        ww_outside_begin(&l->net);
    ww_outside_end(&l->net);
}

/* False: *why (static) says what was wrong. */
static bool look_around(struct looking *l, const char **why)
{
    const struct ww_config *config = l->config;
    enum ww_err err;
    if (!ww_outside_open(&l->net, config, why))
        return false;
    const struct ww_mx_probe_options options = {
        .ca_file = config->fetch_ca_file,
        .helo = ww_own_name(l->own_name) ? l->own_name : NULL,
        .deadline_ms = SMTP_MS,
    };
    l->prober = ww_mx_prober_new(l->net.base, &options, why);
    if (l->prober == NULL || !ww_outside_confine(&l->net, why))
        return false;
    if (ww_dns_ask(l->net.with.dns, l->name, WW_DNS_TYPE_TLSA, on_tlsa, l, &err) == NULL) {
        *why = ww_err_message(err);
        return false;
    }
    ww_outside_begin(&l->net);
    ww_outside_run(&l->net);
    return true;
}

static void prepare(struct looking *l)
{
    l->records = json_array();
    l->addresses = json_array();
    l->list[l->count++] = record_of(l->order->current);
    if (l->order->next_path != NULL)
        l->list[l->count++] = record_of(l->order->next);
    l->key_count = l->count;
    (void)snprintf(l->name, sizeof l->name, "_25._tcp.%s", l->order->host);
}

static void look(void *ctx, int out)
{
    const char *why;
    struct looking *l = ctx;
    prepare(l);
    ww_worker_put(out, look_around(l, &why)
                           ? json_pack("{s:s, s:s, s:I, s:O, s:O}", "dns", ww_dane_state_name(l->state),
                                       "why", l->why, "ttl", (json_int_t)l->ttl, "records", l->records,
                                       "addresses", l->addresses)
                           : json_pack("{s:s}", "failed", why));
    json_decref(l->records);
    json_decref(l->addresses);
    ww_mx_prober_free(l->prober);
    ww_outside_close(&l->net);
    free(l->packet);
}

json_t *ww_publish_tlsa_look(const struct ww_publish_tlsa *o, const struct ww_config *config)
{
    struct looking *l = calloc(1, sizeof *l);
    if (l == NULL)
        return NULL;
    l->order = o;
    l->config = config;
    json_t *told = ww_worker_tell(look, l, 4 * config->dns_timeout_ms + SMTP_MS + SPARE_MS, OUTPUT_MAX);
    free(l);
    return told;
}
