/* Reports of others as JSON. */
#include "base/time.h"
#include "codec/json_values.h"
#include "codec/received_json.h"
#include "daemon/keeper_received_private.h"

#define DAY_SIZE 11

static json_t *slice_json(struct ww_slice text)
{
    json_t *json = text.n > 0 ? json_stringn(text.p, text.n) : json_null();
    return json != NULL ? json : ww_json_octets(text);
}

static json_t *text_json(const char *text)
{
    return slice_json(ww_slice_str(text));
}

static json_t *day_json(int64_t day)
{
    char text[WW_TIME_SIZE];
    ww_time_format(day * WW_DAY_SECONDS, text);
    return json_stringn(text, DAY_SIZE - 1);
}

/* "": of nobody knows which domain. */
static json_t *domain_json(const char *domain)
{
    return json_string(domain);
}

json_t *ww_keeper_received_row(const struct ww_received_facts *f)
{
    return json_pack("{s:I, s:o, s:o, s:b, s:o, s:o, s:o, s:o, s:o, s:s, s:I, s:I, s:I, s:I}", "number",
                     (json_int_t)f->number, "domain", domain_json(f->domain), "sender", text_json(f->sender),
                     "verified", f->verified, "organization", text_json(f->organization), "report_id",
                     text_json(f->report_id), "begin", ww_json_time(f->begin), "end", ww_json_time(f->end),
                     "came", ww_json_time(f->came_at), "channel",
                     ww_channel_name((enum ww_channel)f->channel), "policies", (json_int_t)f->policies,
                     "success", (json_int_t)f->success, "failure", (json_int_t)f->failure, "findings",
                     (json_int_t)f->deviations.count);
}

static json_t *dkim_json(const struct ww_dkim_fact *d)
{
    return json_pack("{s:s, s:o, s:o, s:b, s:o}", "result", ww_dkim_result_name(d->result), "domain",
                     text_json(d->domain), "selector", text_json(d->selector), "aligned", d->aligned,
                     "detail", text_json(d->detail));
}

json_t *ww_keeper_received_head(const struct ww_received_facts *f)
{
    json_t *head = ww_keeper_received_row(f);
    json_t *more =
        json_pack("{s:o, s:o, s:o, s:o, s:o, s:I, s:o, s:o, s:[]}", "contact", text_json(f->contact),
                  "submitter", text_json(f->submitter), "mail_from", text_json(f->mail_from), "message_id",
                  text_json(f->message_id), "peer", text_json(f->peer), "size", (json_int_t)f->content_n,
                  "dkim", dkim_json(&f->dkim), "findings", ww_deviations_json(&f->deviations), "policies");
    if (more == NULL || json_object_update(head, more) != 0) {
        json_decref(head);
        head = NULL;
    }
    json_decref(more);
    return head;
}

/* One string a line. */
static json_t *lines_json(struct ww_slice lines)
{
    json_t *list = json_array();
    while (lines.n > 0) {
        const char *end = memchr(lines.p, '\n', lines.n);
        size_t n = end != NULL ? (size_t)(end - lines.p) : lines.n;
        json_t *line = json_stringn(lines.p, n);
        (void)json_array_append_new(list, line != NULL ? line : ww_json_octets(ww_slice(lines.p, n)));
        n += end != NULL;
        lines = ww_slice(lines.p + n, lines.n - n);
    }
    return list;
}

json_t *ww_keeper_received_policy(const struct ww_received_row *row)
{
    return json_pack("{s:I, s:s%, s:o, s:o, s:o, s:o, s:I, s:I, s:[]}", "place", (json_int_t)row->place,
                     "domain", row->domain.p, row->domain.n, "type", slice_json(row->type), "policy_domain",
                     slice_json(row->policy_domain), "strings", lines_json(row->strings), "mx_hosts",
                     lines_json(row->mx_hosts), "success", (json_int_t)row->success, "failure",
                     (json_int_t)row->failure, "failures");
}

json_t *ww_keeper_received_failure(const struct ww_received_detail *d)
{
    return json_pack("{s:o, s:I, s:o, s:o, s:o, s:o, s:o, s:o}", "result", slice_json(d->type), "sessions",
                     (json_int_t)d->sessions, "receiving_mx", slice_json(d->receiving_mx), "receiving_ip",
                     slice_json(d->receiving_ip), "sending_ip", slice_json(d->sending_ip), "helo",
                     slice_json(d->helo), "reason", slice_json(d->reason), "info", slice_json(d->info));
}

json_t *ww_keeper_received_export(const struct ww_received_facts *f, const struct ww_received_row *row)
{
    /* Added up over the rows, nothing counts twice. */
    json_int_t success = row->is_first ? row->success : 0, failure = row->is_first ? row->failure : 0;
    json_t *json = json_pack("{s:I, s:s%, s:o, s:b, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:I, s:I}", "number",
                             (json_int_t)f->number, "domain", row->domain.p, row->domain.n, "sender",
                             text_json(f->sender), "verified", f->verified, "organization",
                             text_json(f->organization), "report_id", text_json(f->report_id), "begin",
                             ww_json_time(f->begin), "end", ww_json_time(f->end), "came",
                             ww_json_time(f->came_at), "policy_type", slice_json(row->type), "policy_domain",
                             slice_json(row->policy_domain), "success", success, "failure", failure);
    json_t *detail = ww_keeper_received_failure(&row->detail);
    if (detail == NULL || json_object_update(json, detail) != 0) {
        json_decref(json);
        json = NULL;
    }
    json_decref(detail);
    return json;
}

json_t *ww_keeper_received_sum(enum ww_received_by by, const struct ww_received_sum *s)
{
    json_t *key = by == WW_RECEIVED_BY_DAY ? day_json(s->day) : json_stringn(s->key.p, s->key.n);
    if (key == NULL)
        key = ww_json_octets(s->key);
    if (by == WW_RECEIVED_BY_RESULT || by == WW_RECEIVED_BY_MX)
        return json_pack("{s:o, s:I, s:I, s:I, s:I, s:o}", "key", key, "sessions", (json_int_t)s->sessions,
                         "verified_sessions", (json_int_t)s->verified_sessions, "senders",
                         (json_int_t)s->senders, "domains", (json_int_t)s->domains, "last",
                         ww_json_time(s->last * WW_DAY_SECONDS));
    return json_pack("{s:o, s:I, s:I, s:I, s:I, s:I, s:I, s:I}", "key", key, "reports",
                     (json_int_t)s->reports, "success", (json_int_t)s->success, "failure",
                     (json_int_t)s->failure, "verified_success", (json_int_t)s->verified_success,
                     "verified_failure", (json_int_t)s->verified_failure, "senders", (json_int_t)s->senders,
                     "domains", (json_int_t)s->domains);
}

static json_t *why_json(const struct ww_deviations *d)
{
    const struct ww_deviation *why = ww_deviations_error(d);
    if (why == NULL)
        return json_null();
    return json_pack("{s:s, s:s, s:o}", "id", ww_err_id(why->rule), "message", ww_err_message(why->rule),
                     "at", text_json(why->at));
}

json_t *ww_keeper_received_quarantined(const struct ww_received_quarantine *q)
{
    const struct ww_received_facts *f = &q->facts;
    return json_pack("{s:I, s:o, s:o, s:o, s:o, s:s, s:o, s:b, s:o, s:o, s:I, s:o, s:o, s:o}", "number",
                     (json_int_t)f->number, "domain", text_json(f->domain), "organization",
                     text_json(f->organization), "report_id", text_json(f->report_id), "came",
                     ww_json_time(f->came_at), "channel", ww_channel_name((enum ww_channel)f->channel),
                     "peer", text_json(f->peer), "mail", q->mail, "mail_from", text_json(f->mail_from),
                     "message_id", text_json(f->message_id), "size", (json_int_t)q->size, "why",
                     why_json(&f->deviations), "findings", ww_deviations_json(&f->deviations), "dkim",
                     json_pack("{s:s, s:o}", "result", ww_dkim_result_name(f->dkim.result), "domain",
                               text_json(f->dkim.domain)));
}
