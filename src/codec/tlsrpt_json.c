#include "codec/tlsrpt_json.h"

#include "base/buf.h"
#include "base/time.h"
#include "core/utf8.h"

#include <jansson.h>
#include <stdlib.h>

/* Beyond it readers that keep numbers as double lose the last digit (RFC 7493 section 2.2). */
#define COUNT_MAX ((INT64_C(1) << 53) - 1)

#define REPLACEMENT "\xEF\xBF\xBD"

/* U+FDD0 to U+FDEF, and the last two of each plane: I-JSON has none of them (RFC 7493 section 2.1). */
static bool is_noncharacter(const unsigned char *p, size_t length)
{
    if (length == 3 && p[0] == 0xEF)
        return (p[1] == 0xB7 && p[2] >= 0x90 && p[2] <= 0xAF) || (p[1] == 0xBF && p[2] >= 0xBE);
    return length == 4 && (p[1] & 0xF) == 0xF && p[2] == 0xBF && p[3] >= 0xBE;
}

/* What the text begins with: 0 when a reader of I-JSON could not take it. */
static size_t good_length(const char *p, size_t n)
{
    size_t length = ww_utf8_length(p, n);
    return length > 0 && is_noncharacter((const unsigned char *)p, length) ? 0 : length;
}

static json_t *repaired(struct ww_slice s)
{
    char *text = malloc(s.n * strlen(REPLACEMENT));
    if (text == NULL)
        return NULL;
    struct ww_buf b = ww_buf(text, s.n * strlen(REPLACEMENT));
    for (size_t i = 0; i < s.n;) {
        size_t good = good_length(s.p + i, s.n - i), bad = ww_utf8_length(s.p + i, s.n - i);
        if (good > 0)
            ww_buf_bytes(&b, s.p + i, good);
        else
            ww_buf_str(&b, REPLACEMENT);
        i += good > 0 ? good : bad > 0 ? bad : 1;
    }
    json_t *json = json_stringn_nocheck(b.p, b.n);
    free(text);
    return json;
}

/* One bad text of a stranger's must not cost the report. */
static json_t *text_json(struct ww_slice s)
{
    for (size_t i = 0; i < s.n;) {
        size_t length = good_length(s.p + i, s.n - i);
        if (length == 0)
            return repaired(s);
        i += length;
    }
    return json_stringn_nocheck(s.p, s.n);
}

/* A member that is left out when there is nothing to say. Takes value; false: memory is short. */
static bool put(json_t *object, const char *name, json_t *value)
{
    return json_object_set_new_nocheck(object, name, value) == 0;
}

static bool put_text(json_t *object, const char *name, struct ww_slice text)
{
    return text.n == 0 || put(object, name, text_json(text));
}

static bool put_lines(json_t *object, const char *name, struct ww_slice lines)
{
    if (lines.n == 0)
        return true;
    json_t *list = json_array();
    bool ok = list != NULL;
    while (ok && lines.n > 0) {
        const char *end = memchr(lines.p, '\n', lines.n);
        size_t n = end != NULL ? (size_t)(end - lines.p) : lines.n;
        ok = json_array_append_new(list, text_json(ww_slice(lines.p, n))) == 0;
        n += end != NULL;
        lines = ww_slice(lines.p + n, lines.n - n);
    }
    if (!ok) {
        json_decref(list);
        return false;
    }
    return put(object, name, list);
}

static json_t *count_json(int64_t count)
{
    return json_integer(count < 0 ? 0 : count > COUNT_MAX ? COUNT_MAX : count);
}

static struct ww_slice policy_domain(const struct ww_report *report, const struct ww_sessions_policy *policy)
{
    bool own = policy->type != WW_POLICY_TYPE_NONE && policy->domain[0] != '\0';
    return ww_slice_str(own ? policy->domain : report->domain);
}

static bool put_policy(json_t *object, const struct ww_report *report,
                       const struct ww_sessions_policy *policy)
{
    const struct ww_slice none = {NULL, 0};
    bool found = policy->type != WW_POLICY_TYPE_NONE, sts = policy->type == WW_POLICY_TYPE_STS;
    return put(object, "policy-type", json_string(ww_policy_type_name(policy->type))) &&
           put_lines(object, "policy-string", found ? policy->strings : none) &&
           put_text(object, "policy-domain", policy_domain(report, policy)) &&
           put_lines(object, "mx-host", sts ? policy->mx_hosts : none);
}

/*
 * What an MTA gives as the reason is a sentence. It belongs into failure-reason-code, which is for an error
 * code or an error message; additional-information is a URI.
 */
static bool put_detail(json_t *object, const struct ww_sessions_detail *detail)
{
    return put(object, "result-type", json_string(ww_result_type_name(detail->type))) &&
           put_text(object, "sending-mta-ip", detail->sending_ip) &&
           put_text(object, "receiving-mx-hostname", detail->receiving_mx) &&
           put_text(object, "receiving-mx-helo", detail->helo) &&
           put_text(object, "receiving-ip", detail->receiving_ip) &&
           put(object, "failed-session-count", count_json(detail->count)) &&
           put_text(object, "additional-information", detail->info) &&
           put_text(object, "failure-reason-code", detail->reason);
}

/* What was corrected away is not told of, nor is what has no name. */
static bool is_told(const struct ww_sessions_detail *detail)
{
    return detail->count > 0 && ww_result_type_name(detail->type) != NULL;
}

static bool put_details(json_t *object, const struct ww_report_policy *policy)
{
    json_t *list = json_array();
    bool ok = list != NULL;
    for (size_t i = 0; ok && i < policy->detail_count; i++) {
        if (!is_told(&policy->details[i]))
            continue;
        json_t *detail = json_object();
        ok = json_array_append(list, detail) == 0 && put_detail(detail, &policy->details[i]);
        json_decref(detail);
    }
    if (ok && json_array_size(list) > 0)
        return put(object, "failure-details", list);
    json_decref(list);
    return ok;
}

static json_t *policy_json(const struct ww_report *report, const struct ww_report_policy *p)
{
    json_t *object = json_object(), *policy = json_object(), *summary = json_object();
    bool ok = object != NULL && policy != NULL && summary != NULL && put_policy(policy, report, &p->policy) &&
              put(summary, "total-successful-session-count", count_json(p->success)) &&
              put(summary, "total-failure-session-count", count_json(p->failure)) &&
              json_object_set(object, "policy", policy) == 0 &&
              json_object_set(object, "summary", summary) == 0 && put_details(object, p);
    json_decref(policy);
    json_decref(summary);
    if (ok)
        return object;
    json_decref(object);
    return NULL;
}

static json_t *policies_json(const struct ww_report *report)
{
    json_t *list = json_array();
    for (size_t i = 0; list != NULL && i < report->count; i++) {
        if (json_array_append_new(list, policy_json(report, &report->policies[i])) != 0) {
            json_decref(list);
            return NULL;
        }
    }
    return list;
}

static json_t *date_range_json(const struct ww_report *report)
{
    char begin[WW_TIME_SIZE], end[WW_TIME_SIZE];
    ww_time_format(report->begin, begin);
    ww_time_format(report->end, end);
    return json_pack("{s:s, s:s}", "start-datetime", begin, "end-datetime", end);
}

char *ww_tlsrpt_json(const struct ww_report *report, size_t *n)
{
    json_t *object = json_object();
    bool ok = object != NULL && put_text(object, "organization-name", ww_slice_str(report->organization)) &&
              put(object, "date-range", date_range_json(report)) &&
              put_text(object, "contact-info", ww_slice_str(report->contact)) &&
              put_text(object, "report-id", ww_slice_str(report->id)) &&
              put(object, "policies", policies_json(report));
    char *text = ok ? json_dumps(object, JSON_COMPACT) : NULL;
    json_decref(object);
    *n = text != NULL ? strlen(text) : 0;
    return text;
}
