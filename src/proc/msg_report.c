#include "proc/msg_report.h"

#include "proc/msg_parts.h"

void ww_msg_put_fold_ask(struct ww_buf *b, const struct ww_msg_fold_ask *m)
{
    ww_buf_bytes(b, m->journal, sizeof m->journal);
}

enum ww_err ww_msg_get_fold_ask(struct ww_slice payload, struct ww_msg_fold_ask *m)
{
    struct ww_cursor c = ww_cursor(payload.p, payload.n);
    get_octets(&c, m->journal, sizeof m->journal);
    return done(&c);
}

void ww_msg_put_folded(struct ww_buf *b, const struct ww_msg_folded *m)
{
    ww_buf_bytes(b, m->journal, sizeof m->journal);
    ww_buf_u16(b, m->known);
    ww_buf_u64(b, m->position);
}

enum ww_err ww_msg_get_folded(struct ww_slice payload, struct ww_msg_folded *m)
{
    struct ww_cursor c = ww_cursor(payload.p, payload.n);
    get_octets(&c, m->journal, sizeof m->journal);
    m->known = get_bool(&c);
    m->position = ww_cursor_u64(&c);
    return done(&c);
}

void ww_msg_put_fold(struct ww_buf *b, const struct ww_msg_fold *m)
{
    ww_buf_bytes(b, m->journal, sizeof m->journal);
    ww_buf_u64(b, m->from);
    ww_buf_u64(b, m->to);
    ww_buf_slice(b, m->items);
}

enum ww_err ww_msg_get_fold(struct ww_slice payload, struct ww_msg_fold *m)
{
    struct ww_cursor c = ww_cursor(payload.p, payload.n);
    get_octets(&c, m->journal, sizeof m->journal);
    m->from = ww_cursor_u64(&c);
    m->to = ww_cursor_u64(&c);
    m->items = rest_of(&c);
    return m->to < m->from ? WW_E_MSG_MALFORMED : done(&c);
}

static void put_detail(struct ww_buf *b, const struct ww_sessions_detail *d)
{
    const struct ww_slice texts[] = {d->sending_ip,   d->receiving_mx, d->helo,
                                     d->receiving_ip, d->info,         d->reason};
    ww_buf_u16(b, (uint16_t)d->type);
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        put_slice(b, texts[i]);
    ww_buf_u64(b, (uint64_t)d->count);
}

static void get_detail(struct ww_cursor *c, struct ww_sessions_detail *d)
{
    struct ww_slice *const texts[] = {&d->sending_ip,   &d->receiving_mx, &d->helo,
                                      &d->receiving_ip, &d->info,         &d->reason};
    d->type = (enum ww_result_type)get_enum(c, WW_RESULT_TYPES);
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        *texts[i] = get_slice(c, WW_SESSIONS_TEXT_MAX);
    d->count = (int64_t)ww_cursor_u64(c);
}

void ww_msg_put_sessions(struct ww_buf *b, const struct ww_sessions *m)
{
    put_text(b, m->domain, sizeof m->domain);
    ww_buf_u64(b, (uint64_t)m->day);
    put_slice(b, m->record);
    ww_buf_u16(b, m->policy_known);
    ww_buf_u16(b, m->by_us);
    put_text(b, m->policy_id, sizeof m->policy_id);
    ww_buf_u16(b, (uint16_t)m->policy.type);
    put_text(b, m->policy.domain, sizeof m->policy.domain);
    put_slice(b, m->policy.strings);
    put_slice(b, m->policy.mx_hosts);
    ww_buf_u64(b, (uint64_t)m->success);
    ww_buf_u64(b, (uint64_t)m->unverified);
    ww_buf_u64(b, (uint64_t)m->failure);
    ww_buf_u16(b, (uint16_t)m->detail_count);
    for (size_t i = 0; i < m->detail_count; i++)
        put_detail(b, &m->details[i]);
}

enum ww_err ww_msg_get_sessions(struct ww_slice payload, struct ww_msg_sessions *out)
{
    struct ww_cursor c = ww_cursor(payload.p, payload.n);
    struct ww_sessions *m = &out->sessions;
    get_text(&c, m->domain, sizeof m->domain, TEXT_WORD);
    m->day = (int64_t)ww_cursor_u64(&c);
    m->record = get_slice(&c, WW_SESSIONS_RECORD_MAX);
    m->policy_known = get_bool(&c);
    m->by_us = get_bool(&c);
    get_text(&c, m->policy_id, sizeof m->policy_id, TEXT_WORD);
    m->policy.type = (enum ww_policy_type)get_enum(&c, WW_POLICY_TYPE_TLSA + 1);
    get_text(&c, m->policy.domain, sizeof m->policy.domain, TEXT_WORD);
    m->policy.strings = get_slice(&c, WW_SESSIONS_STRINGS_MAX);
    m->policy.mx_hosts = get_slice(&c, WW_SESSIONS_MX_HOSTS_MAX);
    m->success = (int64_t)ww_cursor_u64(&c);
    m->unverified = (int64_t)ww_cursor_u64(&c);
    m->failure = (int64_t)ww_cursor_u64(&c);
    m->detail_count = get_enum(&c, WW_SESSIONS_DETAILS_MAX + 1);
    m->details = out->details;
    for (size_t i = 0; i < m->detail_count; i++)
        get_detail(&c, &out->details[i]);
    return m->day < 0 ? WW_E_MSG_MALFORMED : done(&c);
}

void ww_msg_put_courier_room(struct ww_buf *b, const struct ww_msg_courier_room *m)
{
    ww_buf_u16(b, m->room);
}

enum ww_err ww_msg_get_courier_room(struct ww_slice payload, struct ww_msg_courier_room *m)
{
    struct ww_cursor c = ww_cursor(payload.p, payload.n);
    m->room = ww_cursor_u16(&c);
    return done(&c);
}

void ww_msg_put_report(struct ww_buf *b, const struct ww_msg_report *m)
{
    ww_buf_u64(b, m->number);
    put_text(b, m->domain, sizeof m->domain);
    put_text(b, m->id, sizeof m->id);
    put_text(b, m->organization, sizeof m->organization);
    put_text(b, m->contact, sizeof m->contact);
    ww_buf_u64(b, (uint64_t)m->begin);
    ww_buf_u64(b, (uint64_t)m->end);
    ww_buf_u64(b, m->success);
    ww_buf_u64(b, m->failure);
    ww_buf_u16(b, m->look_up);
    put_slice(b, m->record);
    put_slice(b, m->targets);
    put_slice(b, m->content);
}

enum ww_err ww_msg_get_report(struct ww_slice payload, struct ww_msg_report *m)
{
    struct ww_cursor c = ww_cursor(payload.p, payload.n);
    m->number = ww_cursor_u64(&c);
    get_text(&c, m->domain, sizeof m->domain, TEXT_WORD);
    get_text(&c, m->id, sizeof m->id, TEXT_WORD);
    get_text(&c, m->organization, sizeof m->organization, TEXT_ANY);
    get_text(&c, m->contact, sizeof m->contact, TEXT_WORD);
    m->begin = (int64_t)ww_cursor_u64(&c);
    m->end = (int64_t)ww_cursor_u64(&c);
    m->success = ww_cursor_u64(&c);
    m->failure = ww_cursor_u64(&c);
    m->look_up = get_bool(&c);
    m->record = get_slice(&c, WW_SESSIONS_RECORD_MAX);
    m->targets = get_slice(&c, WW_MSG_REPORT_MAX);
    m->content = get_slice(&c, WW_MSG_REPORT_MAX);
    return done(&c);
}

void ww_msg_put_report_targets(struct ww_buf *b, const struct ww_msg_report_targets *m)
{
    ww_buf_u64(b, m->number);
    ww_buf_u16(b, (uint16_t)m->found);
    put_text(b, m->detail, sizeof m->detail);
    ww_buf_slice(b, m->targets);
}

enum ww_err ww_msg_get_report_targets(struct ww_slice payload, struct ww_msg_report_targets *m)
{
    struct ww_cursor c = ww_cursor(payload.p, payload.n);
    m->number = ww_cursor_u64(&c);
    m->found = (enum ww_record_found)get_enum(&c, WW_RECORD_NOT_NOW + 1);
    get_text(&c, m->detail, sizeof m->detail, TEXT_LINE);
    m->targets = rest_of(&c);
    return done(&c);
}

void ww_msg_put_report_send(struct ww_buf *b, const struct ww_msg_report_send *m)
{
    ww_buf_u64(b, m->number);
    ww_buf_slice(b, m->targets);
}

enum ww_err ww_msg_get_report_send(struct ww_slice payload, struct ww_msg_report_send *m)
{
    struct ww_cursor c = ww_cursor(payload.p, payload.n);
    m->number = ww_cursor_u64(&c);
    m->targets = rest_of(&c);
    return done(&c);
}

void ww_msg_put_report_tried(struct ww_buf *b, const struct ww_msg_report_tried *m)
{
    ww_buf_u64(b, m->number);
    put_text(b, m->uri, sizeof m->uri);
    ww_buf_u16(b, (uint16_t)m->outcome);
    ww_buf_u16(b, m->insecure);
    put_text(b, m->detail, sizeof m->detail);
}

enum ww_err ww_msg_get_report_tried(struct ww_slice payload, struct ww_msg_report_tried *m)
{
    struct ww_cursor c = ww_cursor(payload.p, payload.n);
    m->number = ww_cursor_u64(&c);
    get_text(&c, m->uri, sizeof m->uri, TEXT_WORD);
    m->outcome = (enum ww_target_outcome)get_enum(&c, WW_TRIED_OUTCOMES);
    m->insecure = get_bool(&c);
    get_text(&c, m->detail, sizeof m->detail, TEXT_LINE);
    return done(&c);
}

void ww_msg_put_report_done(struct ww_buf *b, const struct ww_msg_report_done *m)
{
    ww_buf_u64(b, m->number);
}

enum ww_err ww_msg_get_report_done(struct ww_slice payload, struct ww_msg_report_done *m)
{
    struct ww_cursor c = ww_cursor(payload.p, payload.n);
    m->number = ww_cursor_u64(&c);
    return done(&c);
}

void ww_msg_put_domain(struct ww_buf *b, const struct ww_msg_domain *m)
{
    put_text(b, m->domain, sizeof m->domain);
}

enum ww_err ww_msg_get_domain(struct ww_slice payload, struct ww_msg_domain *m)
{
    struct ww_cursor c = ww_cursor(payload.p, payload.n);
    get_text(&c, m->domain, sizeof m->domain, TEXT_WORD);
    return done(&c);
}

void ww_msg_put_looked(struct ww_buf *b, const struct ww_msg_looked *m)
{
    put_text(b, m->domain, sizeof m->domain);
    ww_buf_u16(b, m->asked);
    ww_buf_u16(b, m->failed);
    ww_buf_slice(b, m->items);
}

enum ww_err ww_msg_get_looked(struct ww_slice payload, struct ww_msg_looked *m)
{
    struct ww_cursor c = ww_cursor(payload.p, payload.n);
    get_text(&c, m->domain, sizeof m->domain, TEXT_WORD);
    m->asked = get_bool(&c);
    m->failed = get_bool(&c);
    m->items = rest_of(&c);
    return done(&c);
}

void ww_msg_put_report_ask(struct ww_buf *b, const struct ww_msg_report_ask *m)
{
    ww_buf_u16(b, (uint16_t)m->what);
    ww_buf_u64(b, m->number);
    put_text(b, m->domain, sizeof m->domain);
    ww_buf_u16(b, m->open);
    ww_buf_u64(b, m->after);
    put_text(b, m->state, sizeof m->state);
    put_text(b, m->uri, sizeof m->uri);
    ww_buf_u64(b, (uint64_t)m->until);
    put_text(b, m->who, sizeof m->who);
    put_text(b, m->reason, sizeof m->reason);
}

enum ww_err ww_msg_get_report_ask(struct ww_slice payload, struct ww_msg_report_ask *m)
{
    struct ww_cursor c = ww_cursor(payload.p, payload.n);
    m->what = (enum ww_report_ask)get_enum(&c, WW_REPORT_ASKS);
    m->number = ww_cursor_u64(&c);
    get_text(&c, m->domain, sizeof m->domain, TEXT_WORD);
    m->open = get_bool(&c);
    m->after = ww_cursor_u64(&c);
    get_text(&c, m->state, sizeof m->state, TEXT_WORD);
    get_text(&c, m->uri, sizeof m->uri, TEXT_WORD);
    m->until = (int64_t)ww_cursor_u64(&c);
    get_text(&c, m->who, sizeof m->who, TEXT_ANY);
    get_text(&c, m->reason, sizeof m->reason, TEXT_ANY);
    return done(&c);
}
