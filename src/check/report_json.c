#include "check/report_json.h"

#include "codec/json_values.h"
#include "core/mx_hosts.h"

static json_t *finding_json(const struct ww_check_finding *f)
{
    const struct ww_check_info *info = ww_check_info(f->check);
    return json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s}", "id", info->id, "severity",
                     ww_severity_name(f->severity), "title", info->title, "where", f->where, "seen", f->seen,
                     "why", info->why, "fix", info->fix, "source", info->source);
}

static json_t *findings_json(const struct ww_check_report *report)
{
    json_t *list = json_array();
    for (size_t i = 0; i < report->count; i++)
        (void)json_array_append_new(list, finding_json(&report->findings[i]));
    return list;
}

static json_t *passed_json(const struct ww_check_report *report)
{
    json_t *list = json_array();
    for (unsigned i = 0; i < WW_CHECKS; i++)
        if (report->states[i] == WW_CHECK_SILENT)
            (void)json_array_append_new(list, json_string(ww_check_info((enum ww_check)i)->id));
    return list;
}

static json_t *not_tested_json(const struct ww_check_report *report)
{
    json_t *list = json_array();
    for (unsigned i = 0; i < WW_CHECKS; i++)
        if (report->states[i] == WW_CHECK_NOT_TESTED)
            (void)json_array_append_new(list,
                                        json_pack("{s:s, s:s}", "id", ww_check_info((enum ww_check)i)->id,
                                                  "why", report->not_tested[i]));
    return list;
}

static json_t *mx_json(const struct ww_sight *sight, const struct ww_outlook *outlook)
{
    json_t *hosts = json_array();
    if (!sight->surveyed) {
        json_decref(hosts);
        return json_null();
    }
    for (size_t i = 0; i < sight->survey.count; i++)
        (void)json_array_append_new(hosts, ww_mx_host_json(sight, i, &outlook->hosts[i]));
    return json_pack("{s:s, s:s, s:I, s:o, s:o, s:b, s:o}", "outcome",
                     ww_mx_outcome_name(sight->survey.outcome), "dnssec",
                     ww_dnssec_name(sight->survey.mx_dnssec), "ttl", (json_int_t)sight->survey.mx_ttl,
                     "error", ww_json_error(sight->survey.why), "detail", ww_json_words(sight->survey.detail),
                     "more", sight->survey.more, "hosts", hosts);
}

static const char *worst(const struct ww_check_report *report)
{
    return report->count > 0 ? ww_severity_name(report->findings[0].severity) : "ok";
}

json_t *ww_check_report_json(const struct ww_sight *sight, const struct ww_check_report *report)
{
    struct ww_outlook outlook;
    ww_outlook(sight, &outlook);
    json_t *counts =
        json_pack("{s:I, s:I, s:I}", "error", (json_int_t)ww_check_count(report, WW_SEVERITY_ERROR),
                  "warning", (json_int_t)ww_check_count(report, WW_SEVERITY_WARNING), "info",
                  (json_int_t)ww_check_count(report, WW_SEVERITY_INFO));
    json_t *json = json_pack(
        "{s:i, s:s, s:o, s:I, s:b, s:{s:s, s:o}, s:o, s:s, s:o, s:o, s:I, s:o, s:o, s:o, s:o}", "version",
        WW_CHECK_JSON_VERSION, "domain", sight->domain, "at", ww_json_time(sight->at), "ms",
        (json_int_t)(sight->us / 1000), "offline", sight->offline, "outlook", "kind",
        ww_outlook_name(outlook.kind), "words", ww_json_words(outlook.words), "mode",
        sight->has_policy ? json_string(ww_policy_mode_name(sight->policy.mode)) : json_null(), "severity",
        worst(report), "counts", counts, "findings", findings_json(report), "left_out",
        (json_int_t)report->left_out, "passed", passed_json(report), "not_tested", not_tested_json(report),
        "names", ww_names_json(&sight->names), "host", ww_host_json(&sight->host));
    if (json == NULL || report->failed || json_object_set_new(json, "mx", mx_json(sight, &outlook)) != 0 ||
        json_object_set_new(json, "policy", ww_policy_body_json(sight)) != 0 ||
        json_object_set_new(json, "tlsrpt", ww_tlsrpt_sight_json(sight)) != 0 ||
        json_object_set_new(json, "facts", ww_past_facts_json(sight)) != 0) {
        json_decref(json);
        return NULL;
    }
    return json;
}

json_t *ww_check_list_json(void)
{
    json_t *list = json_array();
    for (unsigned i = 0; i < WW_CHECKS; i++) {
        const struct ww_check_info *info = ww_check_info((enum ww_check)i);
        (void)json_array_append_new(
            list, json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s}", "id", info->id, "area",
                            ww_check_area_name(info->area), "severity", ww_severity_name(info->severity),
                            "otherwise", ww_severity_name(info->otherwise), "title", info->title, "why",
                            info->why, "fix", info->fix, "source", info->source));
    }
    return list;
}
