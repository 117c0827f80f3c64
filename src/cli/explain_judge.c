/* What follows from what a look has seen: for each MX host, and for the domain. */
#include "cli/explain.h"

#include "codec/explain.h"
#include "core/judge.h"
#include "core/words.h"
#include "daemon/front_overrides.h"

#include <stdlib.h>

#define STS_SECTION "RFC 8461 section 4.2"
#define OVERRIDE_SECTION "RFC 7435 section 3"

/* DANE at a host needs secure MX records (RFC 7672 section 2.2.1), and an MTA that can do it. */
static enum ww_dane_state state_of(const struct ww_look *look, const struct ww_dane_host *host)
{
    enum ww_dane_use use = look->order->config->dane.use;
    if (use == WW_DANE_OFF || use == WW_DANE_BLIND)
        return WW_DANE_INSECURE;
    switch (look->survey.mx_dnssec) {
    case WW_DNSSEC_SECURE:
        return host->state;
    case WW_DNSSEC_INSECURE:
        return WW_DANE_INSECURE;
    case WW_DNSSEC_BOGUS:
        return WW_DANE_BOGUS;
    case WW_DNSSEC_UNKNOWN:
        break;
    }
    return WW_DANE_LOOKUP_FAILED;
}

static enum ww_rule without_policy(const struct ww_look *look)
{
    if (look->has_policy)
        return WW_RULE_MODE_NONE;
    if (look->found.why == WW_E_STS_MULTIPLE)
        return WW_RULE_SEVERAL_RECORDS;
    return look->found.outcome == WW_FOUND_NO_RECORD || look->found.outcome == WW_FOUND_RECORD_INVALID ||
                   look->found.outcome == WW_FOUND_DNS_FAILURE
               ? WW_RULE_NO_RECORD
               : WW_RULE_NO_POLICY;
}

static bool is_ordered(const struct ww_look *look)
{
    return look->override != NULL && look->override->level != WW_OVERRIDE_ENFORCE_TESTING;
}

struct ww_delivery ww_look_delivery(const struct ww_look *look, struct ww_policy *room)
{
    struct ww_delivery d = {.dane_suffices = look->order->config->dane.suffices,
                            .sts = {.cached = look->policy_is_cached, .without = without_policy(look)}};
    *room = look->now;
    if (look->override != NULL && look->has_policy && room->mode == WW_MODE_TESTING)
        room->mode = WW_MODE_ENFORCE;
    if (look->has_policy && room->mode != WW_MODE_NONE)
        d.sts.policy = room;
    if (look->survey.mx_dnssec == WW_DNSSEC_SECURE)
        d.next_hop = ww_slice_str(look->order->domain);
    return d;
}

static json_t *judged(const char *action, const char *type, const char *needs, const char *why,
                      const char *source)
{
    return json_pack("{s:s, s:s?, s:s?, s:s?, s:s?}", "action", action, "policy_type", type, "needs", needs,
                     "why", why, "source", source);
}

static json_t *passes(const struct ww_delivery *d, const struct ww_judgement *j)
{
    const char *type = ww_policy_type_name(j->policy_type);
    bool enforced = d->sts.policy != NULL && d->sts.policy->mode == WW_MODE_ENFORCE;
    if (j->dane == WW_RULE_DANE_EE_HOLDS)
        return judged("deliver", type,
                      enforced && !d->dane_suffices
                          ? "a certificate that its TLSA records match, and valid for its name"
                          : "a certificate that its TLSA records match",
                      NULL, ww_rule_source(WW_RULE_DOMAIN_ALL_USABLE));
    if (enforced)
        return judged("deliver", type, "a valid certificate for its name", NULL, STS_SECTION);
    if (j->dane == WW_RULE_DANE_ENCRYPTED)
        return judged("deliver", type, "TLS, whatever the certificate", NULL, ww_rule_source(j->dane));
    return judged("deliver", type, "nothing: TLS when it is offered", NULL, ww_rule_source(j->rule));
}

json_t *ww_look_host_json(const struct ww_look *look, const struct ww_dane_host *host)
{
    char why[WW_JUDGE_WHY_MAX + 1];
    struct ww_buf b = ww_buf(why, sizeof why - 1);
    struct ww_policy room;
    struct ww_slice name = ww_slice_str(host->name);
    const struct ww_delivery d = ww_look_delivery(look, &room);
    const struct ww_seen_mx best = {
        .host = name,
        .starttls = true,
        .handshake = true,
        .tls_version = WW_TLS_1_2,
        .has_certificate = true,
        .names = &name,
        .name_count = 1,
        .dane = state_of(look, host),
        .tlsa_match = true,
        .tlsa_usage = WW_TLSA_DANE_EE,
    };
    if (host->no_address)
        return judged("skip", NULL, NULL, ww_err_message(WW_E_MX_NO_ADDRESS),
                      ww_err_source(WW_E_MX_NO_ADDRESS));
    if (is_ordered(look))
        return judged("deliver", NULL, "what the override says", NULL, OVERRIDE_SECTION);
    const struct ww_judgement j = ww_judge(&d, &best);
    if (j.action == WW_ACTION_DELIVER)
        return passes(&d, &j);
    ww_judge_put_why(&b, &d, &j);
    why[b.n] = '\0';
    return judged("skip", ww_policy_type_name(j.policy_type), NULL, why, ww_judge_source(&j));
}

json_t *ww_look_now_json(const struct ww_look *look)
{
    const struct ww_config *config = look->order->config;
    struct ww_domain_host room[WW_DANE_HOSTS_MAX];
    struct ww_domain_dane dane;
    if (look->surveyed)
        dane = ww_domain_dane_read(&look->survey, look->order->at, room);
    int64_t fetched = look->life.fetched, expires = look->life.expires;
    const char *id = look->life.id;
    if (look->policy_is_cached) {
        fetched = look->cached_fetched;
        expires = look->cached_expires;
        id = look->cached_id;
    }
    const struct ww_explain e = {
        .domain = look->order->domain,
        .policy = look->has_policy ? &look->now : NULL,
        .id = id,
        .fetched = fetched,
        .expires = expires,
        .source = "direct",
        .last = ww_discovery_outcome_name(look->found.outcome),
        .why = look->found.why,
        .detail = look->found.detail,
        .checked = look->order->at,
        .testing_may = config->testing_may,
        .override = look->override,
        .dry_run = config->dry_run,
        .dane = look->surveyed ? &dane : NULL,
        .settings = config->dane,
    };
    char *text = malloc(WW_EXPLAIN_MAX);
    struct ww_buf b = ww_buf(text, WW_EXPLAIN_MAX);
    json_t *json = NULL;
    if (text != NULL && ww_explain_json(&b, &e) == WW_OK)
        json = json_loadb(b.p, b.n, 0, NULL);
    free(text);
    return json;
}
