#include "check/names_json.h"
#include "check/report_json.h"
#include "codec/json_values.h"

static json_t *mail_json(const struct ww_rua_mail *mail)
{
    return json_pack("{s:o, s:o, s:i, s:b, s:o, s:o, s:o, s:o}", "mx",
                     mail->found ? json_string(ww_mx_outcome_name(mail->outcome)) : json_null(), "mx_error",
                     ww_json_error(mail->mx_err), "tried", (int)mail->tried, "greeted", mail->greeted, "host",
                     ww_json_words(mail->host), "error", ww_json_error(mail->err), "detail",
                     ww_json_words(mail->detail), "enforced",
                     mail->policy_known ? json_boolean(mail->enforced) : json_null());
}

static json_t *web_json(const struct ww_rua_web *web)
{
    return json_pack("{s:b, s:i, s:o, s:o}", "asked", web->asked, "status", (int)web->status, "error",
                     ww_json_error(web->err), "detail", ww_json_words(web->detail));
}

static json_t *destination_json(const struct ww_rua_destination *d)
{
    return json_pack("{s:s, s:o, s:b, s:o, s:o}", "uri", d->uri, "name", ww_json_words(d->name), "ended",
                     d->ended, "mail", d->scheme == WW_RUA_MAILTO ? mail_json(&d->mail) : json_null(),
                     "https", d->scheme == WW_RUA_HTTPS ? web_json(&d->web) : json_null());
}

json_t *ww_tlsrpt_sight_json(const struct ww_sight *sight)
{
    const struct ww_name_texts *texts = &sight->names.texts[WW_NAMES_TLSRPT];
    json_t *list = json_array();
    if (!sight->names.looked) {
        json_decref(list);
        return json_null();
    }
    for (size_t i = 0; i < sight->rua.count; i++)
        (void)json_array_append_new(list, destination_json(&sight->rua.destinations[i]));
    bool known = texts->ended && texts->err == WW_OK;
    return json_pack("{s:o, s:o, s:o, s:b, s:b, s:o, s:b}", "record",
                     known ? json_string(ww_txt_presence_name(sight->names.tlsrpt)) : json_null(), "txt",
                     ww_name_texts_json(texts), "rua", ww_json_words(sight->names.rua), "looked",
                     sight->rua.looked, "late", sight->rua.late, "destinations", list, "more",
                     sight->rua.more);
}
