/* What each step of the discovery of an MTA-STS policy has seen. */
#include "cli/explain.h"

#include "base/time.h"
#include "core/dns_answer.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

/* TXT records that are told. */
#define TEXTS_MAX 8
#define TEXT_ROOM ((size_t)1 << 16)

/* Octets of patterns that are told. */
#define PATTERNS_MAX ((size_t)24 * 1024)

/* The TXT records; NULL when memory is short. */
static json_t *texts(struct ww_dns_answer *answer)
{
    struct ww_dns_rr rr;
    json_t *list = json_array();
    char *room = malloc(TEXT_ROOM);
    while (list != NULL && room != NULL && json_array_size(list) < TEXTS_MAX &&
           ww_dns_answer_next(answer, &rr)) {
        size_t n;
        if (ww_dns_txt_join(rr.rdata, room, TEXT_ROOM, &n) == WW_OK)
            (void)json_array_append_new(list, ww_json_octets(ww_slice(room, n)));
    }
    free(room);
    return list;
}

static json_t *record_json(const struct ww_observation *o)
{
    const struct ww_dns_reply *reply = o->record;
    struct ww_dns_answer answer = {.count = 0};
    enum ww_err err = reply->err;
    if (err == WW_OK)
        err = ww_dns_answer_open(&answer, reply->packet.p, reply->packet.n, o->name, WW_DNS_TYPE_TXT);
    bool alias = err == WW_OK && strcmp(answer.owner, o->name) != 0;
    return json_pack("{s:s, s:s, s:o, s:s, s:I, s:I, s:o, s:o, s:o, s:I, s:s}", "name", o->name, "type",
                     "TXT", "alias", ww_json_words(alias ? answer.owner : NULL), "dnssec",
                     ww_dnssec_name(reply->dnssec), "ttl", (json_int_t)answer.ttl, "count",
                     (json_int_t)answer.count, "texts", err == WW_OK ? texts(&answer) : json_array(), "error",
                     ww_json_error(err), "detail", ww_json_words(reply->detail), "ms",
                     (json_int_t)(o->us / 1000), "section", WW_EXPLAIN_RECORD_SECTION);
}

static json_t *family_json(const char *name, const char *type, const struct ww_addresses_answer *told,
                           const struct ww_addr *addrs)
{
    json_t *list = json_array();
    for (size_t i = 0; i < told->count; i++) {
        char text[WW_ADDR_TEXT_SIZE];
        ww_addr_format(&addrs[i], text);
        (void)json_array_append_new(list, json_string(text));
    }
    return json_pack("{s:s, s:s, s:b, s:s, s:I, s:I, s:I, s:o, s:o}", "name", name, "type", type, "ended",
                     told->ended, "dnssec", ww_dnssec_name(told->dnssec), "ttl", (json_int_t)told->ttl,
                     "count", (json_int_t)told->count, "refused", (json_int_t)told->refused, "addresses",
                     list, "error", ww_json_error(told->err));
}

static json_t *addresses_json(const struct ww_observation *o)
{
    const struct ww_addresses_reply *reply = o->addresses;
    size_t ipv6 = reply->count > 0 ? reply->ipv6.count : 0;
    return json_pack("[o, o]", family_json(o->name, "AAAA", &reply->ipv6, reply->addrs),
                     family_json(o->name, "A", &reply->ipv4, reply->addrs + ipv6));
}

static json_t *certificate_json(const struct ww_origin_cert *cert)
{
    if (cert->not_after == 0)
        return json_null();
    return json_pack("{s:o, s:s, s:o}", "sha256", ww_json_hex(cert->fingerprint, WW_FINGERPRINT_SIZE),
                     "issuer", cert->issuer, "not_after", ww_json_time(cert->not_after));
}

static json_t *fetch_json(const struct ww_observation *o)
{
    const struct ww_https_reply *reply = o->fetch;
    char url[WW_DISCOVERY_NAME_SIZE + 64];
    (void)snprintf(url, sizeof url, "https://%s%s", o->name, WW_POLICY_PATH);
    return json_pack("{s:s, s:o, s:I, s:o, s:I, s:I, s:o, s:o, s:o, s:s}", "url", url, "address",
                     ww_json_words(reply->origin.address), "status", (json_int_t)reply->status,
                     "content_type", ww_json_words(reply->content_type), "octets", (json_int_t)reply->body.n,
                     "ms", (json_int_t)(o->us / 1000), "certificate", certificate_json(&reply->origin.cert),
                     "error", ww_json_error(reply->err), "detail", ww_json_words(reply->detail), "section",
                     WW_EXPLAIN_FETCH_SECTION);
}

static void observe(void *ctx, const struct ww_observation *o)
{
    struct ww_look *look = ctx;
    if (o->record != NULL && look->record == NULL)
        look->record = record_json(o);
    else if (o->addresses != NULL && look->addresses == NULL)
        look->addresses = addresses_json(o);
    else if (o->fetch != NULL && look->fetch == NULL)
        look->fetch = fetch_json(o);
}

/* A policy's text as the daemon's answer describes it; NULL when it has none. */
static char *describe_cached(const json_t *daemon, size_t *n)
{
    const json_t *mx = json_object_get(daemon, "mx");
    const char *mode = json_string_value(json_object_get(daemon, "mode"));
    char *text = NULL;
    FILE *f = mode != NULL ? open_memstream(&text, n) : NULL;
    if (f == NULL)
        return NULL;
    (void)fprintf(f, "version: STSv1\nmode: %s\n", mode);
    for (size_t i = 0; i < json_array_size(mx); i++) {
        const char *pattern = json_string_value(json_array_get(mx, i));
        (void)fprintf(f, "mx: %s\n", pattern != NULL ? pattern : "");
    }
    (void)fprintf(f, "max_age: %lld\n", (long long)json_integer_value(json_object_get(daemon, "max_age")));
    bool good = ferror(f) == 0;
    if (fclose(f) == 0 && good)
        return text;
    free(text);
    return NULL;
}

/* An unexpired cached policy outlives every failure of discovery (RFC 8461 section 3.3). */
static void fall_back(struct ww_look *look)
{
    size_t n, offset;
    const json_t *daemon = look->order->daemon;
    const char *id = json_string_value(json_object_get(daemon, "id"));
    look->cached_id = id != NULL ? id : "";
    look->cached_fetched = ww_json_time_of(daemon, "fetched");
    look->cached_expires = ww_json_time_of(daemon, "expires");
    if (look->cached_expires <= look->order->at)
        return;
    look->cached_body = describe_cached(daemon, &n);
    look->has_policy =
        look->cached_body != NULL && ww_policy_parse(look->cached_body, n, &look->now, &offset) == WW_OK;
    look->policy_is_cached = look->has_policy;
}

static void on_result(void *ctx, const struct ww_discovery_result *result)
{
    struct ww_look *look = ctx;
    size_t offset;
    look->found = *result;
    look->found.body = ww_slice(NULL, 0);
    if (result->outcome == WW_FOUND_POLICY)
        look->body = malloc(result->body.n + 1);
    if (look->body != NULL) {
        memcpy(look->body, result->body.p, result->body.n);
        look->has_policy = ww_policy_parse(look->body, result->body.n, &look->now, &offset) == WW_OK;
    }
    (void)ww_life_apply(&look->life, result, look->has_policy ? &look->now : NULL, look->order->at,
                        &look->order->config->life);
    if (!look->has_policy)
        fall_back(look);
    ww_outside_end(&look->net);
}

bool ww_look_sts_begin(struct ww_look *look)
{
    static const struct ww_life nothing;
    struct ww_discovery_ask ask;
    ww_life_ask(&nothing, look->order->domain, look->order->at, &ask);
    look->net.with.observe = observe;
    look->net.with.observe_ctx = look;
    if (ww_discover(&look->net.with, &ask, on_result, look) == NULL)
        return false;
    ww_outside_begin(&look->net);
    return true;
}

static json_t *patterns(const struct ww_policy *policy, bool *truncated)
{
    json_t *list = json_array();
    struct ww_slice mx;
    size_t size = 0;
    for (size_t pos = 0; ww_policy_next_mx(policy, &pos, &mx);) {
        size += mx.n;
        *truncated = *truncated || size > PATTERNS_MAX;
        if (!*truncated)
            (void)json_array_append_new(list, json_stringn(mx.p, mx.n));
    }
    return list;
}

static json_t *policy_json(const struct ww_look *look)
{
    bool truncated = false;
    if (!look->has_policy)
        return json_null();
    json_t *mx = patterns(&look->now, &truncated);
    const char *id = look->policy_is_cached ? look->cached_id : look->life.id;
    json_t *until = ww_json_time(look->policy_is_cached ? look->cached_expires : look->life.expires);
    return json_pack("{s:s, s:s, s:I, s:o, s:b, s:o, s:b, s:s}", "mode", ww_policy_mode_name(look->now.mode),
                     "id", id, "max_age", (json_int_t)look->now.max_age, "until", until, "cached",
                     look->policy_is_cached, "mx", mx, "truncated", truncated, "section",
                     WW_EXPLAIN_POLICY_SECTION);
}

static json_t *or_null(json_t *json)
{
    return json != NULL ? json_incref(json) : json_null();
}

json_t *ww_look_sts_json(const struct ww_look *look)
{
    return json_pack("{s:o, s:o, s:o, s:o, s:s, s:o, s:o}", "record", or_null(look->record), "addresses",
                     or_null(look->addresses), "fetch", or_null(look->fetch), "policy", policy_json(look),
                     "outcome", ww_discovery_outcome_name(look->found.outcome), "error",
                     ww_json_error(look->found.why), "detail", ww_json_words(look->found.detail));
}
