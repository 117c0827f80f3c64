#include "base/ascii.h"
#include "codec/idn.h"
#include "codec/tlsrpt_read_private.h"
#include "core/tlsrpt_result.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

size_t ww_tlsrpt_list_size(const json_t *list)
{
    return json_is_object(list) ? 1 : json_array_size(list);
}

json_t *ww_tlsrpt_list_at(json_t *list, size_t i)
{
    return json_is_object(list) ? list : json_array_get(list, i);
}

static void take_type(struct ww_tlsrpt_reading *r, json_t *value)
{
    bool known = false;
    r->policy->type = ww_tlsrpt_word(r, value);
    for (int i = WW_POLICY_TYPE_NONE; i <= WW_POLICY_TYPE_TLSA; i++)
        known = known || ww_slice_is(r->policy->type, ww_policy_type_name((enum ww_policy_type)i));
    if (!known && r->policy->type.n > 0)
        ww_tlsrpt_warn(r, WW_E_REPORT_POLICY_TYPE_UNKNOWN);
}

static void take_domain(struct ww_tlsrpt_reading *r, json_t *value)
{
    size_t mark = r->text.n;
    struct ww_slice text = ww_tlsrpt_text(r, value, WW_IDN_TEXT_MAX);
    r->text.n = mark;
    if (text.n == 0)
        return;
    if (ww_dname_canon(text.p, text.n, r->policy->domain) != WW_OK &&
        ww_idn_to_domain(text, r->policy->domain) != WW_OK) {
        r->policy->domain[0] = '\0';
        ww_tlsrpt_warn(r, WW_E_REPORT_DOMAIN);
    } else if (!ww_dname_eq(text, ww_slice_str(r->policy->domain)) || text.p[text.n - 1] == '.') {
        ww_tlsrpt_info(r, WW_E_REPORT_DOMAIN_FORM);
    }
}

static void take_strings(struct ww_tlsrpt_reading *r, json_t *value)
{
    r->policy->strings =
        ww_tlsrpt_lines(r, value, WW_RECEIVED_STRINGS_MAX, WW_E_REPORT_POLICY_STRING_STRING, true);
}

/* Under whichever of its names it comes first. */
static void take_mx_hosts(struct ww_tlsrpt_reading *r, json_t *value)
{
    if (r->policy->mx_hosts.n > 0)
        return;
    size_t start = r->text.n;
    r->policy->mx_hosts =
        ww_tlsrpt_lines(r, value, WW_RECEIVED_MX_HOSTS_MAX, WW_E_REPORT_MX_HOST_STRING, false);
    for (size_t i = start; i < r->text.n; i++)
        r->text.p[i] = ww_lower(r->text.p[i]);
}

static void take_mx_patterns(struct ww_tlsrpt_reading *r, json_t *value)
{
    ww_tlsrpt_warn(r, WW_E_REPORT_MX_HOST_PATTERN);
    take_mx_hosts(r, value);
}

static void take_policy(struct ww_tlsrpt_reading *r, json_t *value)
{
    static const struct ww_tlsrpt_field fields[] = {
        {"policy-type", take_type}, {"policy-domain", take_domain},        {"policy-string", take_strings},
        {"mx-host", take_mx_hosts}, {"mx-host-pattern", take_mx_patterns},
    };
    if (!json_is_object(value)) {
        ww_tlsrpt_warn(r, WW_E_REPORT_POLICY_MISSING);
        return;
    }
    unsigned seen = ww_tlsrpt_take(r, value, fields, COUNT(fields));
    if ((seen & 1) == 0 || r->policy->type.n == 0)
        ww_tlsrpt_missing(r, "policy-type", WW_E_REPORT_POLICY_TYPE_MISSING, WW_SEVERITY_WARNING);
    if ((seen & 2) == 0)
        ww_tlsrpt_missing(r, "policy-domain", WW_E_REPORT_DOMAIN_MISSING, WW_SEVERITY_INFO);
}

static void take_summary(struct ww_tlsrpt_reading *r, json_t *value)
{
    static const struct ww_tlsrpt_field fields[] = {
        {"total-successful-session-count", NULL},
        {"total-failure-session-count", NULL},
    };
    if (!json_is_object(value)) {
        ww_tlsrpt_error(r, WW_E_REPORT_SUMMARY_MISSING);
        return;
    }
    (void)ww_tlsrpt_take(r, value, fields, COUNT(fields));
    r->policy->success = ww_tlsrpt_count(r, value, fields[0].key);
    r->policy->failure = ww_tlsrpt_count(r, value, fields[1].key);
}

/* What the failures say, beside what the summary does. A count that could not be read is told of already. */
static void compare(struct ww_tlsrpt_reading *r)
{
    const struct ww_received_policy *p = r->policy;
    int64_t left = p->failure;
    for (size_t i = 0; i < p->detail_count && left >= 0; i++)
        left -= p->details[i].sessions;
    if (p->detail_count == 0 && p->failure > 0)
        ww_tlsrpt_missing(r, "failure-details", WW_E_REPORT_DETAILS_MISSING, WW_SEVERITY_WARNING);
    else if (left != 0)
        ww_tlsrpt_missing(r, "failure-details", WW_E_REPORT_DETAILS_SUM, WW_SEVERITY_WARNING);
}

void ww_tlsrpt_policy(struct ww_tlsrpt_reading *r, json_t *entry)
{
    static const struct ww_tlsrpt_field fields[] = {
        {"policy", take_policy},
        {"summary", take_summary},
        {"failure-details", ww_tlsrpt_details},
    };
    r->policy->details = r->details + r->detail_count;
    unsigned seen = json_is_object(entry) ? ww_tlsrpt_take(r, entry, fields, COUNT(fields)) : 0;
    if (json_object_get(entry, "policy") == NULL)
        ww_tlsrpt_missing(r, "policy", WW_E_REPORT_POLICY_MISSING, WW_SEVERITY_WARNING);
    if (json_object_get(entry, "summary") == NULL)
        ww_tlsrpt_missing(r, "summary", WW_E_REPORT_SUMMARY_MISSING, WW_SEVERITY_ERROR);
    if ((seen & 2) != 0 && ww_deviations_error(r->deviations) == NULL)
        compare(r);
}
