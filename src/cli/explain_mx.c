/* What the survey for DANE has seen of the MX records and of each host, and what follows for the host. */
#include "cli/explain.h"

#include "core/domain_dane.h"
#include "core/mx_match.h"
#include "drive/dane.h"

#include <stdio.h>
#include <string.h>

#define MX_SECTION "RFC 7672 section 2.2.1"
#define HOST_SECTION "RFC 7672 section 2.2.2"
#define TLSA_SECTION "RFC 7672 section 2.2.3"
#define TLSA_PREFIX "_25._tcp."

/*
 * As the daemon judges it: whoever strips DNSSEC where it has worked before is taken for an attacker. Who may
 * not read the daemon's file of trust anchors does not know of that; the daemon's answer tells it.
 */
static bool has_never_validated(const struct ww_look *look)
{
    const json_t *dane = json_object_get(look->order->daemon, "dane");
    const char *mx = json_string_value(json_object_get(dane, "mx"));
    if (look->net.health != WW_DNS_STRIPPED || look->net.trust.validated_before)
        return false;
    if (look->order->daemon == NULL)
        return true;
    return mx != NULL && strcmp(mx, ww_domain_mx_name(WW_DOMAIN_MX_NO_DNSSEC)) == 0;
}

static void on_survey(void *ctx, const struct ww_dane_survey *survey)
{
    struct ww_look *look = ctx;
    look->survey = *survey;
    look->survey.never_validated = has_never_validated(look);
    look->surveyed = true;
    if (look->live != NULL)
        ww_live_begin(look);
    ww_outside_end(&look->net);
}

bool ww_look_mx_begin(struct ww_look *look)
{
    enum ww_err err;
    if (ww_dane_lookup(look->net.with.dns, look->order->domain, ww_look_dane_ms(look->order->config),
                       on_survey, look, &err) == NULL)
        return false;
    ww_outside_begin(&look->net);
    return true;
}

static json_t *question_json(const struct ww_dane_host *h, enum ww_dane_question q)
{
    const struct ww_dane_answer *a = &h->answers[q];
    char name[sizeof TLSA_PREFIX + WW_DNAME_SIZE];
    bool tlsa = q == WW_DANE_ASK_TLSA || q == WW_DANE_ASK_TLSA_ALIAS;
    (void)snprintf(name, sizeof name, "%s%s", tlsa ? TLSA_PREFIX : "",
                   q == WW_DANE_ASK_TLSA_ALIAS ? h->alias : h->name);
    return json_pack("{s:s, s:s, s:b, s:s, s:I, s:I, s:o, s:s}", "name", name, "type",
                     ww_dane_question_name(q), "ended", a->progress != WW_DANE_PENDING, "dnssec",
                     ww_dnssec_name(a->dnssec), "ttl", (json_int_t)a->ttl, "count", (json_int_t)a->count,
                     "error", ww_json_error(a->err), "section", tlsa ? TLSA_SECTION : HOST_SECTION);
}

static json_t *questions_json(const struct ww_dane_host *h)
{
    json_t *list = json_array();
    for (int q = 0; q < WW_DANE_QUESTIONS; q++)
        if (h->answers[q].progress >= WW_DANE_PENDING)
            (void)json_array_append_new(list, question_json(h, (enum ww_dane_question)q));
    return list;
}

static json_t *record_json(const struct ww_dane_record *r)
{
    size_t kept = r->size < WW_DANE_DATA_MAX ? r->size : WW_DANE_DATA_MAX;
    return json_pack("{s:i, s:i, s:i, s:o, s:i, s:o}", "usage", r->usage, "selector", r->selector, "matching",
                     r->matching, "data", ww_json_hex(r->data, kept), "octets", r->size, "unusable",
                     ww_json_error(r->unusable));
}

static json_t *records_json(const struct ww_dane_host *h)
{
    json_t *list = json_array();
    for (size_t i = 0; i < h->record_count; i++)
        (void)json_array_append_new(list, record_json(&h->records[i]));
    return list;
}

/* The pattern of the policy that names the host. */
static json_t *pattern_json(const struct ww_look *look, const struct ww_dane_host *h)
{
    struct ww_slice pattern;
    for (size_t pos = 0; look->has_policy && ww_policy_next_mx(&look->now, &pos, &pattern);)
        if (ww_mx_match(pattern, ww_slice_str(h->name)))
            return json_stringn(pattern.p, pattern.n);
    return json_null();
}

static json_t *host_json(const struct ww_look *look, const struct ww_dane_host *h)
{
    const char *base = ww_dane_host_base(h);
    return json_pack("{s:s, s:i, s:o, s:s, s:o, s:b, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "host", h->name,
                     "preference", h->preference, "alias", ww_json_words(h->alias), "dane",
                     ww_dane_state_name(h->state), "base", ww_json_words(base), "no_address", h->no_address,
                     "error", ww_json_error(h->why), "detail", ww_json_words(h->detail), "questions",
                     questions_json(h), "records", records_json(h), "pattern", pattern_json(look, h), "probe",
                     ww_live_json(look, h), "judgement", ww_look_host_json(look, h));
}

json_t *ww_look_mx_json(const struct ww_look *look)
{
    const struct ww_dane_survey *s = &look->survey;
    json_t *hosts = json_array();
    for (size_t i = 0; i < s->count; i++)
        (void)json_array_append_new(hosts, host_json(look, &s->hosts[i]));
    return json_pack("{s:s, s:s, s:s, s:s, s:I, s:o, s:o, s:b, s:o, s:s}", "name", look->order->domain,
                     "type", "MX", "outcome", ww_mx_outcome_name(s->outcome), "dnssec",
                     ww_dnssec_name(s->mx_dnssec), "ttl", (json_int_t)s->mx_ttl, "error",
                     ww_json_error(s->why), "detail", ww_json_words(s->detail), "more", s->more, "hosts",
                     hosts, "section", MX_SECTION);
}
