#include "codec/received_json.h"

static json_t *deviation_json(const struct ww_deviation *d)
{
    return json_pack("{s:s, s:s, s:I, s:s, s:s, s:s}", "id", ww_err_id(d->rule), "severity",
                     ww_severity_name(d->severity), "count", (json_int_t)d->count, "at", d->at, "message",
                     ww_err_message(d->rule), "source", ww_err_source(d->rule));
}

json_t *ww_deviations_json(const struct ww_deviations *deviations)
{
    json_t *list = json_array();
    for (int severity = WW_SEVERITY_ERROR; severity <= WW_SEVERITY_INFO; severity++) {
        for (size_t i = 0; i < deviations->count; i++) {
            const struct ww_deviation *d = &deviations->list[i];
            if (d->severity != (enum ww_severity)severity ||
                json_array_append_new(list, deviation_json(d)) == 0)
                continue;
            json_decref(list);
            return NULL;
        }
    }
    return list;
}

static json_t *text_or_null(struct ww_slice text)
{
    return text.n > 0 ? json_stringn(text.p, text.n) : json_null();
}

json_t *ww_received_lint_json(const struct ww_received *report, const struct ww_deviations *deviations)
{
    static const struct ww_received none = {.count = 0};
    const struct ww_received *m = report != NULL ? report : &none;
    enum ww_verdict verdict = ww_deviations_error(deviations) == NULL ? WW_VERDICT_VALID : WW_VERDICT_INVALID;
    return json_pack("{s:s, s:o, s:o, s:I, s:I, s:I, s:o}", "result", ww_verdict_name(verdict),
                     "organization", text_or_null(m->organization), "report_id", text_or_null(m->report_id),
                     "policies", (json_int_t)m->count, "success", (json_int_t)m->success, "failure",
                     (json_int_t)m->failure, "findings", ww_deviations_json(deviations));
}
