/* What follows from what a look has seen: for each MX host, and for the domain. */
#include "cli/explain.h"

#include "codec/explain.h"
#include "core/judge.h"
#include "core/words.h"
#include "probe/mx_probe.h"

#include <stdlib.h>

static bool is_ordered(const struct ww_look *look)
{
    return look->override != NULL && look->override->level != WW_OVERRIDE_ENFORCE_TESTING;
}

/* DANE at a host needs secure MX records (RFC 7672 section 2.2.1), and an MTA that can do it. */
static enum ww_dane_state state_of(const struct ww_look *look, const struct ww_dane_host *host)
{
    enum ww_dane_use use = look->order->config->dane.use;
    if (use == WW_DANE_OFF || use == WW_DANE_BLIND || look->survey.never_validated || is_ordered(look))
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

/* The list counts where there is no policy, and what it has in testing only where an override enforces it. */
static bool is_by_list(const struct ww_look *look)
{
    return look->has_listed && !look->has_policy && !look->has_ordered &&
           (look->listed.mode == WW_MODE_ENFORCE || look->override != NULL);
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

/* By what its hosts are judged; `room` is what its policy lives in. */
static struct ww_delivery delivery_of(const struct ww_look *look, struct ww_policy *room)
{
    struct ww_delivery d = {.dane_suffices = look->order->config->dane.suffices,
                            .sts = {.cached = look->policy_is_cached, .without = without_policy(look)}};
    *room = look->has_ordered ? look->ordered : look->now;
    if (look->override != NULL && (look->has_ordered || look->has_policy) && room->mode != WW_MODE_NONE)
        room->mode = WW_MODE_ENFORCE;
    if ((look->has_ordered || look->has_policy) && room->mode != WW_MODE_NONE)
        d.sts.policy = room;
    if (is_by_list(look)) {
        *room = look->listed_policy;
        d.sts.policy = room;
    }
    if (look->survey.mx_dnssec == WW_DNSSEC_SECURE)
        d.next_hop = ww_slice_str(look->order->domain);
    return d;
}

struct verdict {
    bool deliver;
    const char *type;   /* or NULL */
    const char *result; /* or NULL */
    const char *needs;  /* or NULL */
    const char *why;    /* or NULL */
    const char *source;
};

static json_t *verdict_json(const struct verdict *v, bool live)
{
    return json_pack("{s:s, s:b, s:s?, s:s?, s:s?, s:s?, s:s}", "action",
                     ww_action_name(v->deliver ? WW_ACTION_DELIVER : WW_ACTION_SKIP), "live", live,
                     "policy_type", v->type, "result_type", v->result, "needs", v->needs, "why", v->why,
                     "source", v->source);
}

/* What a delivery to a host needs that could be as good as any. */
static void say_needs(struct verdict *v, const struct ww_delivery *d, const struct ww_judgement *j)
{
    bool enforced = d->sts.policy != NULL && d->sts.policy->mode == WW_MODE_ENFORCE;
    if (j->dane == WW_RULE_DANE_EE_HOLDS) {
        v->needs = enforced && !d->dane_suffices
                       ? "a certificate that its TLSA records match, and valid for its name"
                       : "a certificate that its TLSA records match";
        v->source = ww_rule_source(WW_RULE_DOMAIN_ALL_USABLE);
    } else if (enforced) {
        v->needs = "a valid certificate for its name";
        v->source = ww_rule_source(WW_RULE_STS_NAME);
    } else if (j->dane == WW_RULE_DANE_ENCRYPTED) {
        v->needs = "TLS, whatever the certificate";
        v->source = ww_rule_source(j->dane);
    } else {
        v->needs = "nothing: TLS when it is offered";
    }
}

/* An override that takes the place of policy and DANE, but for those that ask for certain names. */
static void judge_ordered(struct verdict *v, const struct ww_look *look, const struct ww_seen_mx *seen)
{
    v->deliver = true;
    v->needs = "nothing: TLS when it is offered";
    v->source = ww_rule_source(WW_RULE_DOMAIN_ORDERED);
    if (look->override->level != WW_OVERRIDE_ENCRYPT)
        return;
    v->needs = "TLS, whatever the certificate";
    v->deliver = seen->starttls && seen->handshake;
    if (!v->deliver)
        v->why = ww_rule_text(seen->starttls ? WW_RULE_STS_HANDSHAKE : WW_RULE_STS_STARTTLS);
}

static json_t *judge(const struct ww_look *look, const struct ww_seen_mx *seen, bool live)
{
    char why[WW_JUDGE_WHY_MAX + 1];
    struct ww_buf b = ww_buf(why, sizeof why - 1);
    struct ww_policy room;
    struct verdict v = {.deliver = false};
    if (is_ordered(look) && !(look->override->level == WW_OVERRIDE_SECURE &&
                              (look->has_ordered || look->has_policy || is_by_list(look)))) {
        judge_ordered(&v, look, seen);
        return verdict_json(&v, live);
    }
    const struct ww_delivery d = delivery_of(look, &room);
    const struct ww_judgement j = ww_judge(&d, seen);
    v = (struct verdict){.deliver = j.action == WW_ACTION_DELIVER,
                         .type = ww_policy_type_name(j.policy_type),
                         .result = ww_result_type_name(j.result),
                         .source = ww_judge_source(&j)};
    if (is_by_list(look) && j.policy_type == WW_POLICY_TYPE_STS)
        v.type = NULL; /* no policy is applied, and none is reported on */
    if (v.deliver && !live) {
        say_needs(&v, &d, &j);
        return verdict_json(&v, live);
    }
    ww_judge_put_why(&b, &d, &j);
    why[b.n] = '\0';
    v.why = why;
    return verdict_json(&v, live);
}

json_t *ww_look_host_json(const struct ww_look *look, const struct ww_dane_host *host)
{
    struct ww_slice names[WW_MX_PROBE_NAMES_MAX];
    struct ww_slice name = ww_slice_str(host->name);
    const char *base = ww_dane_host_base(host);
    enum ww_err err;
    const struct ww_mx_probe_result *result = ww_live_result(look, host, &err);
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
        err = WW_E_MX_NO_ADDRESS;
    if (err != WW_OK) {
        const struct verdict v = {.why = ww_err_message(err), .source = ww_err_source(err)};
        return verdict_json(&v, !host->no_address);
    }
    if (result == NULL)
        return judge(look, &best, false);
    struct ww_seen_mx seen = ww_mx_probe_seen(result, host->name, best.dane, names);
    seen.tlsa_base = ww_slice_str(base != NULL ? base : "");
    return judge(look, &seen, true);
}

json_t *ww_look_now_json(const struct ww_look *look)
{
    const struct ww_config *config = look->order->config;
    struct ww_domain_host room[WW_DANE_HOSTS_MAX];
    struct ww_domain_dane dane = {.count = 0};
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
        .listed = look->has_listed ? &look->listed : NULL,
        .listed_until = look->listed_until,
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
