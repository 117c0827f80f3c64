/* The probes of MX hosts: each host's addresses and TLSA records, then a talk with it. */
#include "cli/explain.h"

#include "core/dns_answer.h"
#include "core/words.h"
#include "daemon/own_name.h"
#include "probe/mx_probe.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define PREFIX "_25._tcp."

struct live_host {
    struct ww_look *look;
    const struct ww_dane_host *host;
    size_t wanted; /* answers that the probe waits for */
    char *packet;  /* the answer with its TLSA records; they are borrowed from it */
    struct ww_tlsa tlsa[WW_MX_PROBE_TLSA_MAX];
    size_t tlsa_count;
    struct ww_addr addrs[WW_MX_PROBE_ADDRS_MAX];
    size_t addr_count;
    enum ww_err err; /* why there is no probe, or WW_OK */
    char detail[WW_MX_PROBE_DETAIL_SIZE];
    bool probed;
    struct ww_mx_probe_result result;
};

struct ww_live {
    struct ww_mx_prober *prober;
    char own_name[WW_DNAME_SIZE]; /* or "" */
    struct live_host hosts[WW_DANE_HOSTS_MAX];
};

struct ww_live *ww_live_new(struct ww_look *look, const char **why)
{
    const struct ww_config *config = look->order->config;
    struct ww_live *live = calloc(1, sizeof *live);
    if (live == NULL)
        return NULL;
    const struct ww_mx_probe_options options = {
        .ca_file = config->fetch_ca_file,
        .helo = ww_own_name(live->own_name) ? live->own_name : NULL,
        .deadline_ms = WW_LIVE_PROBE_MS,
    };
    live->prober = ww_mx_prober_new(look->net.base, &options, why);
    if (live->prober != NULL)
        return live;
    free(live);
    return NULL;
}

void ww_live_free(struct ww_live *live)
{
    if (live == NULL)
        return;
    for (size_t i = 0; i < WW_DANE_HOSTS_MAX; i++)
        free(live->hosts[i].packet);
    ww_mx_prober_free(live->prober);
    free(live);
}

static void fail(struct live_host *h, enum ww_err err, const char *detail)
{
    if (h->err != WW_OK)
        return;
    h->err = err;
    (void)snprintf(h->detail, sizeof h->detail, "%s", detail != NULL ? detail : "");
}

static void on_probed(void *ctx, const struct ww_mx_probe_result *result)
{
    struct live_host *h = ctx;
    h->result = *result;
    h->probed = true;
    ww_outside_end(&h->look->net);
}

/* One of the answers is there. */
static void advance(struct live_host *h)
{
    struct ww_look *look = h->look;
    enum ww_err err;
    if (--h->wanted == 0 && h->err == WW_OK) {
        const struct ww_mx_probe_target target = {
            .host = h->host->name,
            .base = ww_dane_host_base(h->host),
            .next_hop = look->survey.mx_dnssec == WW_DNSSEC_SECURE ? look->order->domain : NULL,
            .addrs = h->addrs,
            .addr_count = h->addr_count,
            .tlsa = h->tlsa,
            .tlsa_count = h->tlsa_count,
        };
        ww_outside_begin(&look->net);
        if (ww_mx_probe(look->live->prober, &target, on_probed, h, &err) == NULL) {
            fail(h, err, NULL);
            ww_outside_end(&look->net);
        }
    }
    ww_outside_end(&look->net);
}

static void on_addresses(void *ctx, const struct ww_addresses_reply *reply)
{
    struct live_host *h = ctx;
    if (reply->err != WW_OK)
        fail(h, ww_addresses_err_of_mx(reply->err), reply->detail);
    for (size_t i = 0; i < reply->count && i < WW_MX_PROBE_ADDRS_MAX; i++)
        h->addrs[h->addr_count++] = reply->addrs[i];
    advance(h);
}

static enum ww_err read_tlsa(struct live_host *h, const char *name, struct ww_slice packet)
{
    h->packet = malloc(packet.n + 1);
    if (h->packet == NULL)
        return WW_E_NO_MEMORY;
    memcpy(h->packet, packet.p, packet.n);
    return ww_tlsa_usable(ww_slice(h->packet, packet.n), name, h->tlsa, WW_MX_PROBE_TLSA_MAX, &h->tlsa_count);
}

static void name_of_tlsa(const struct live_host *h, char out[sizeof PREFIX + WW_DNAME_SIZE])
{
    (void)snprintf(out, sizeof PREFIX + WW_DNAME_SIZE, "%s%s", PREFIX, ww_dane_host_base(h->host));
}

static void on_tlsa(void *ctx, const struct ww_dns_reply *reply)
{
    struct live_host *h = ctx;
    char name[sizeof PREFIX + WW_DNAME_SIZE];
    enum ww_err err = reply->err;
    name_of_tlsa(h, name);
    if (err == WW_OK)
        err = read_tlsa(h, name, reply->packet);
    if (err == WW_OK && reply->dnssec != WW_DNSSEC_SECURE)
        err = WW_E_DNS_BOGUS; /* it was secure a moment ago */
    if (err != WW_OK)
        fail(h, err, reply->detail);
    advance(h);
}

static void begin(struct live_host *h)
{
    char name[sizeof PREFIX + WW_DNAME_SIZE];
    struct ww_outside *net = &h->look->net;
    enum ww_err err;
    /* A question that cannot be asked ends at once. */
    h->wanted = 1;
    ww_outside_begin(net);
    if (ww_dane_host_base(h->host) != NULL) {
        h->wanted++;
        ww_outside_begin(net);
        name_of_tlsa(h, name);
        if (ww_dns_ask(net->with.dns, name, WW_DNS_TYPE_TLSA, on_tlsa, h, &err) == NULL) {
            fail(h, err, NULL);
            advance(h);
        }
    }
    if (ww_outside_find(net, h->host->name, on_addresses, h, &err) == NULL) {
        fail(h, err, NULL);
        advance(h);
    }
}

/* A sender connects to no host of which DANE could not be found out. */
static bool is_tried(const struct ww_dane_host *host)
{
    return !host->no_address && host->state != WW_DANE_BOGUS && host->state != WW_DANE_LOOKUP_FAILED;
}

void ww_live_begin(struct ww_look *look)
{
    for (size_t i = 0; i < look->survey.count; i++) {
        struct live_host *h = &look->live->hosts[i];
        h->look = look;
        h->host = &look->survey.hosts[i];
        if (is_tried(h->host))
            begin(h);
    }
}

static const struct live_host *find(const struct ww_look *look, const struct ww_dane_host *host)
{
    const struct live_host *h = look->live != NULL ? &look->live->hosts[host - look->survey.hosts] : NULL;
    return h != NULL && (h->probed || h->err != WW_OK) ? h : NULL;
}

const struct ww_mx_probe_result *ww_live_result(const struct ww_look *look, const struct ww_dane_host *host,
                                                enum ww_err *err)
{
    const struct live_host *h = find(look, host);
    *err = WW_OK;
    if (h == NULL)
        return NULL;
    *err = h->probed ? h->result.err : h->err;
    return *err == WW_OK ? &h->result : NULL;
}

static json_t *certificate_json(const struct ww_mx_probe_result *r)
{
    static const char *const statuses[] = {
        [WW_CERT_OK] = "ok",
        [WW_CERT_EXPIRED] = "expired",
        [WW_CERT_UNTRUSTED] = "untrusted",
        [WW_CERT_SELF_SIGNED] = "self-signed",
    };
    json_t *names = json_array();
    if (!r->has_certificate) {
        json_decref(names);
        return json_null();
    }
    for (size_t i = 0; i < r->name_count; i++)
        (void)json_array_append_new(names, json_string(r->names[i]));
    return json_pack("{s:s, s:o, s:b, s:o, s:o, s:o, s:o}", "status", statuses[r->status], "names", names,
                     "more_names", r->more_names, "common_name", ww_json_words(r->common_name), "issuer",
                     ww_json_words(r->issuer), "sha256", ww_json_hex(r->fingerprint, sizeof r->fingerprint),
                     "not_after", ww_json_time(r->not_after));
}

static json_t *version_json(const struct ww_mx_probe_result *r)
{
    if (!r->handshake)
        return json_null();
    return json_sprintf("%d.%d", r->tls_version >> 8 == 3 ? 1 : 0, (r->tls_version & 0xff) - 1);
}

json_t *ww_live_json(const struct ww_look *look, const struct ww_dane_host *host)
{
    const struct live_host *h = find(look, host);
    char address[WW_ADDR_TEXT_SIZE] = "";
    if (h == NULL)
        return json_null();
    const struct ww_mx_probe_result *r = &h->result;
    enum ww_err err = h->probed ? r->err : h->err;
    bool seen = h->probed && err == WW_OK;
    if (seen)
        ww_addr_format(&r->addr, address);
    if (seen)
        err = r->tls_err;
    return json_pack("{s:b, s:o, s:I, s:I, s:b, s:b, s:o, s:o, s:o, s:b, s:o, s:I, s:o, s:o}", "reached",
                     seen, "address", ww_json_words(address), "ms", (json_int_t)(r->us / 1000), "smtp_code",
                     (json_int_t)r->smtp_code, "starttls", r->starttls, "handshake", r->handshake,
                     "tls_version", version_json(r), "cipher", ww_json_words(r->cipher), "certificate",
                     certificate_json(r), "tlsa_match", r->tlsa_match, "tlsa_usage",
                     r->tlsa_match ? json_integer(r->tlsa_usage) : json_null(), "tlsa_readable",
                     (json_int_t)r->tlsa_readable, "error", ww_json_error(err), "detail",
                     ww_json_words(h->probed ? r->detail : h->detail));
}
