#include "check/report_json.h"

#include "codec/json_values.h"
#include "core/dns_answer.h"

#include <stdio.h>

static json_t *family_json(const struct ww_addresses_answer *told)
{
    char special[WW_ADDR_TEXT_SIZE] = "";
    if (told->refused_as != NULL)
        ww_addr_format(&told->refused_addr, special);
    return json_pack("{s:b, s:o, s:s, s:I, s:b, s:o, s:I, s:I, s:o, s:o}", "ended", told->ended, "error",
                     ww_json_error(told->err), "dnssec", ww_dnssec_name(told->dnssec), "ttl",
                     (json_int_t)told->ttl, "nxdomain", told->rcode == WW_DNS_NXDOMAIN, "alias_of",
                     ww_json_words(told->owner), "count", (json_int_t)told->count, "refused",
                     (json_int_t)told->refused, "refused_address", ww_json_words(special), "refused_as",
                     ww_json_words(told->refused_as));
}

static json_t *dns_json(const struct ww_host_sight *sight)
{
    if (!sight->resolved)
        return json_null();
    return json_pack("{s:o, s:o, s:o, s:o}", "error", ww_json_error(sight->dns_err), "detail",
                     ww_json_words(sight->dns_detail), "ipv6", family_json(&sight->ipv6), "ipv4",
                     family_json(&sight->ipv4));
}

static json_t *names_json(const struct ww_tls_leaf *leaf)
{
    json_t *list = json_array();
    for (size_t i = 0; i < leaf->name_count; i++)
        (void)json_array_append_new(list, json_string(leaf->names[i]));
    return list;
}

static json_t *certificate_json(const struct ww_tls_leaf *leaf)
{
    if (!leaf->shown)
        return json_null();
    return json_pack(
        "{s:o, s:o, s:o, s:b, s:o, s:o}", "sha256", ww_json_hex(leaf->cert.fingerprint, WW_FINGERPRINT_SIZE),
        "issuer", ww_json_words(leaf->cert.issuer), "names", names_json(leaf), "more_names", leaf->more_names,
        "not_before", ww_json_time(leaf->not_before), "not_after", ww_json_time(leaf->cert.not_after));
}

static json_t *version_json(uint16_t version)
{
    char text[sizeof "unknown"] = "unknown";
    if (version == 0)
        return json_null();
    if (version >> 8 == 3 && (version & 0xff) >= 1 && (version & 0xff) <= 4)
        (void)snprintf(text, sizeof text, "1.%d", (version & 0xff) - 1);
    return json_string(text);
}

static json_t *number_or_null(size_t number)
{
    return number > 0 ? json_integer((json_int_t)number) : json_null();
}

static json_t *difference_json(const struct ww_host_address_sight *a)
{
    if (a->other_line == 0)
        return json_null();
    return json_pack("{s:I, s:s, s:s}", "line", (json_int_t)a->other_line, "here", a->here, "first",
                     a->there);
}

static json_t *http_json(const struct ww_host_address_sight *a)
{
    if (a->status == 0)
        return json_null();
    return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:I, s:o}", "status", number_or_null(a->status),
                     "status_for_browsers", number_or_null(a->as_browser), "content_type",
                     ww_json_words(a->type), "location", ww_json_words(a->headers.location), "cache_control",
                     ww_json_words(a->headers.cache_control), "age", ww_json_words(a->headers.age), "octets",
                     (json_int_t)a->size, "differs", difference_json(a));
}

static json_t *address_json(const struct ww_host_address_sight *a)
{
    char text[WW_ADDR_TEXT_SIZE];
    ww_addr_format(&a->addr, text);
    return json_pack("{s:s, s:b, s:I, s:o, s:o, s:b, s:o, s:o, s:o}", "address", text, "tested", a->tested,
                     "ms", (json_int_t)(a->us / 1000), "error", ww_json_error(a->err), "detail",
                     ww_json_words(a->detail), "our_side", a->from_us, "tls", version_json(a->tls_version),
                     "certificate", certificate_json(&a->leaf), "http", http_json(a));
}

static json_t *body_from_json(const struct ww_host_sight *sight)
{
    char text[WW_ADDR_TEXT_SIZE];
    if (sight->body.p == NULL || sight->count == 0)
        return json_null();
    ww_addr_format(&sight->addresses[sight->body_from].addr, text);
    return json_string(text);
}

json_t *ww_host_json(const struct ww_host_sight *sight)
{
    json_t *addresses = json_array();
    for (size_t i = 0; sight->looked && i < sight->count; i++)
        (void)json_array_append_new(addresses, address_json(&sight->addresses[i]));
    if (sight->looked)
        return json_pack("{s:b, s:o, s:o, s:o}", "late", sight->late, "dns", dns_json(sight), "addresses",
                         addresses, "policy_from", body_from_json(sight));
    json_decref(addresses);
    return json_null();
}

/* As it is where it is UTF-8, so that a change can be shown; else escaped, and cut where it is long. */
static json_t *body_json(struct ww_slice body)
{
    bool has_nul = body.n > 0 && memchr(body.p, '\0', body.n) != NULL; /* readers of JSON refuse it */
    json_t *json = has_nul ? NULL : json_stringn(body.p, body.n);
    return json != NULL ? json : ww_json_octets(body);
}

json_t *ww_policy_body_json(const struct ww_sight *sight)
{
    const struct ww_policy *policy = sight->has_policy ? &sight->policy : NULL;
    json_t *mx = json_array();
    struct ww_slice pattern;
    if (sight->host.body.p == NULL) {
        json_decref(mx);
        return json_null();
    }
    for (size_t pos = 0; policy != NULL && ww_policy_next_mx(policy, &pos, &pattern);)
        (void)json_array_append_new(mx, ww_json_octets(pattern));
    return json_pack("{s:b, s:o, s:o, s:o, s:I, s:o}", "valid", policy != NULL, "mode",
                     policy != NULL ? json_string(ww_policy_mode_name(policy->mode)) : json_null(), "max_age",
                     policy != NULL ? json_integer((json_int_t)policy->max_age) : json_null(), "mx", mx,
                     "octets", (json_int_t)sight->host.body.n, "body", body_json(sight->host.body));
}
