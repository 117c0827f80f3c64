#include "check/report_json.h"

#include "codec/json_values.h"

#include <string.h>

/* It fits at some address that was seen. */
static bool is_in_use(const struct ww_mx_sight *mx, const struct ww_dane_record *r)
{
    for (size_t i = 0; mx != NULL && i < mx->count; i++) {
        const struct ww_mx_probe_result *p = &mx->addresses[i].first;
        for (size_t k = 0; p->err == WW_OK && k < p->fit_count; k++) {
            const struct ww_mx_probe_fit *fit = &p->fits[k];
            size_t n = fit->size < sizeof fit->data ? fit->size : sizeof fit->data;
            if (fit->fits && fit->usage == r->usage && fit->selector == r->selector &&
                fit->matching == r->matching && fit->size == r->size && memcmp(fit->data, r->data, n) == 0)
                return true;
        }
    }
    return false;
}

static json_t *records_json(const struct ww_dane_host *h, const struct ww_mx_sight *mx)
{
    json_t *list = json_array();
    for (size_t i = 0; i < h->record_count; i++) {
        const struct ww_dane_record *r = &h->records[i];
        size_t kept = r->size < WW_DANE_DATA_MAX ? r->size : WW_DANE_DATA_MAX;
        (void)json_array_append_new(list, json_pack("{s:i, s:i, s:i, s:o, s:i, s:o, s:b}", "usage", r->usage,
                                                    "selector", r->selector, "matching", r->matching, "data",
                                                    ww_json_hex(r->data, kept), "octets", r->size, "unusable",
                                                    ww_json_error(r->unusable), "fits", is_in_use(mx, r)));
    }
    return list;
}

static json_t *dane_json(const struct ww_sight *sight, size_t index)
{
    const struct ww_dane_host *h = &sight->survey.hosts[index];
    if (sight->offline)
        return json_pack("{s:n, s:n, s:n, s:n, s:n, s:o}", "state", "base", "error", "detail", "unsigned",
                         "records", records_json(h, NULL));
    return json_pack("{s:s, s:o, s:o, s:o, s:o, s:o}", "state", ww_dane_state_name(h->state), "base",
                     ww_json_words(ww_dane_host_base(h)), "error", ww_json_error(h->why), "detail",
                     ww_json_words(h->detail), "unsigned",
                     sight->tlsa[index].looked ? json_integer(sight->tlsa[index].count) : json_null(),
                     "records", records_json(h, sight->mx[index]));
}

/* A host that nobody can connect to is judged by no policy. */
static json_t *outlook_json(const struct ww_outlook_host *o)
{
    const struct ww_judgement *j = &o->judgement;
    bool by_policy = j->action == WW_ACTION_DELIVER || j->result != WW_RESULT_NONE;
    const char *result = j->result == WW_RESULT_NONE ? "success" : ww_result_type_name(j->result);
    if (!o->judged)
        return json_null();
    return json_pack("{s:s, s:s?, s:s?, s:b, s:s, s:s}", "action", ww_action_name(j->action), "policy_type",
                     by_policy ? ww_policy_type_name(j->policy_type) : NULL, "result",
                     by_policy ? result : NULL, "authenticated", o->authenticated, "why", o->why, "source",
                     by_policy ? ww_judge_source(j) : ww_err_source(WW_E_MX_NO_ADDRESS));
}

json_t *ww_mx_host_json(const struct ww_sight *sight, size_t index, const struct ww_outlook_host *outlook)
{
    const struct ww_dane_host *h = &sight->survey.hosts[index];
    return json_pack("{s:s, s:i, s:o, s:o, s:o, s:o}", "name", h->name, "preference", h->preference, "alias",
                     ww_json_words(h->alias), "dane", dane_json(sight, index), "outlook",
                     outlook_json(outlook), "addresses", ww_mx_addresses_json(sight->mx[index]));
}
