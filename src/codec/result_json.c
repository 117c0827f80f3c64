#include "codec/result_json.h"

#include "base/time.h"

/* NULL, which packs as null, for "". */
static const char *or_null(const char *text)
{
    return text[0] != '\0' ? text : NULL;
}

json_t *ww_result_json(const struct ww_tls_result *r)
{
    char time[WW_TIME_SIZE] = "";
    if (r->time > 0)
        ww_time_format(r->time, time);
    return json_pack("{s:i, s:s?, s:s, s:s, s:s?, s:s?, s:s?, s:s?, s:s?, s:s?, s:s?, s:s?, s:s?, s:s?}",
                     "version", WW_TLS_RESULT_VERSION, "time", or_null(time), "domain", r->domain, "result",
                     ww_tls_result_name(r->type), "mx", or_null(r->mx), "ip", or_null(r->ip), "from",
                     or_null(r->from), "policy", r->policy_known ? ww_policy_type_name(r->policy) : NULL,
                     "mode", or_null(ww_result_mode_name(r->mode)), "policy_id", or_null(r->policy_id), "tls",
                     or_null(ww_tls_seen_name(r->tls)), "text", or_null(r->text), "mta", or_null(r->mta),
                     "session", or_null(r->session));
}
