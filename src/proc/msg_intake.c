#include "proc/msg_intake.h"

#include "proc/msg_parts.h"

#include <stdlib.h>

const char *ww_channel_name(enum ww_channel channel)
{
    static const char *const names[] = {
        [WW_CHANNEL_LMTP] = "lmtp", [WW_CHANNEL_HTTPS] = "https", [WW_CHANNEL_LOCAL] = "local"};
    return (unsigned)channel < WW_CHANNELS ? names[channel] : "";
}

const char *ww_taken_name(enum ww_taken taken)
{
    static const char *const names[] = {[WW_TAKEN_NEW] = "new",
                                        [WW_TAKEN_AGAIN] = "again",
                                        [WW_TAKEN_QUARANTINED] = "quarantined",
                                        [WW_TAKEN_NOT_OURS] = "not-ours"};
    return (unsigned)taken < WW_TAKENS ? names[taken] : "";
}

const char *ww_received_by_name(enum ww_received_by by)
{
    static const char *const names[] = {[WW_RECEIVED_BY_DAY] = "day",
                                        [WW_RECEIVED_BY_DOMAIN] = "domain",
                                        [WW_RECEIVED_BY_SENDER] = "sender",
                                        [WW_RECEIVED_BY_RESULT] = "result",
                                        [WW_RECEIVED_BY_MX] = "mx"};
    return (unsigned)by < WW_RECEIVED_BYS ? names[by] : "";
}

void ww_msg_put_decode(struct ww_buf *b, const struct ww_msg_decode *m)
{
    ww_buf_u64(b, m->job);
    ww_buf_u16(b, (uint16_t)m->stage);
    ww_buf_u16(b, m->mail);
    ww_buf_u64(b, (uint64_t)m->now);
    ww_buf_u16(b, (uint16_t)m->key_count);
    for (size_t i = 0; i < m->key_count; i++) {
        put_text(b, m->keys[i].name, sizeof m->keys[i].name);
        ww_buf_u16(b, (uint16_t)m->keys[i].found);
        put_slice(b, m->keys[i].record);
    }
    ww_buf_slice(b, m->octets);
}

enum ww_err ww_msg_get_decode(struct ww_slice payload, struct ww_msg_decode *m)
{
    struct ww_cursor c = ww_cursor(payload.p, payload.n);
    m->job = ww_cursor_u64(&c);
    m->stage = (enum ww_decode_stage)get_enum(&c, WW_DECODE_STAGES);
    m->mail = get_bool(&c);
    m->now = (int64_t)ww_cursor_u64(&c);
    m->key_count = get_enum(&c, WW_DKIM_SIGNATURES_MAX + 1);
    for (size_t i = 0; i < m->key_count; i++) {
        get_text(&c, m->keys[i].name, sizeof m->keys[i].name, TEXT_WORD);
        m->keys[i].found = (enum ww_dkim_key_found)get_enum(&c, WW_DKIM_KEY_FINDS);
        m->keys[i].record = get_slice(&c, WW_DKIM_KEY_RECORD_MAX);
    }
    m->octets = rest_of(&c);
    return done(&c);
}

static void put_names(struct ww_buf *b, const struct ww_dkim_key_names *names)
{
    ww_buf_u16(b, (uint16_t)names->count);
    for (size_t i = 0; i < names->count; i++)
        put_text(b, names->names[i], sizeof names->names[i]);
}

static void get_names(struct ww_cursor *c, struct ww_dkim_key_names *names)
{
    names->count = get_enum(c, WW_DKIM_SIGNATURES_MAX + 1);
    for (size_t i = 0; i < names->count; i++)
        get_text(c, names->names[i], sizeof names->names[i], TEXT_WORD);
}

static void put_mail(struct ww_buf *b, const struct ww_msg_mail_facts *m)
{
    put_text(b, m->from, sizeof m->from);
    put_text(b, m->message_id, sizeof m->message_id);
    put_text(b, m->submitter, sizeof m->submitter);
    put_text(b, m->about, sizeof m->about);
    ww_buf_u16(b, (uint16_t)m->dkim.result);
    put_text(b, m->dkim.domain, sizeof m->dkim.domain);
    put_text(b, m->dkim.selector, sizeof m->dkim.selector);
    ww_buf_u16(b, m->dkim.aligned);
    put_text(b, m->dkim.detail, sizeof m->dkim.detail);
}

static void get_mail(struct ww_cursor *c, struct ww_msg_mail_facts *m)
{
    get_text(c, m->from, sizeof m->from, TEXT_ANY);
    get_text(c, m->message_id, sizeof m->message_id, TEXT_ANY);
    get_text(c, m->submitter, sizeof m->submitter, TEXT_WORD);
    get_text(c, m->about, sizeof m->about, TEXT_WORD);
    m->dkim.result = (enum ww_dkim_result)get_enum(c, WW_DKIM_RESULTS);
    get_text(c, m->dkim.domain, sizeof m->dkim.domain, TEXT_WORD);
    get_text(c, m->dkim.selector, sizeof m->dkim.selector, TEXT_WORD);
    m->dkim.aligned = get_bool(c);
    get_text(c, m->dkim.detail, sizeof m->dkim.detail, TEXT_LINE);
}

static void put_deviations(struct ww_buf *b, const struct ww_deviations *d)
{
    ww_buf_u16(b, (uint16_t)d->count);
    for (size_t i = 0; i < d->count; i++) {
        ww_buf_u16(b, (uint16_t)d->list[i].rule);
        ww_buf_u16(b, (uint16_t)d->list[i].severity);
        ww_buf_u32(b, d->list[i].count);
        put_text(b, d->list[i].at, sizeof d->list[i].at);
    }
}

static void get_deviations(struct ww_cursor *c, struct ww_deviations *d)
{
    d->count = get_enum(c, WW_DEVIATIONS_MAX + 1);
    for (size_t i = 0; i < d->count; i++) {
        d->list[i].rule = (enum ww_err)get_enum(c, WW_ERR_COUNT);
        d->list[i].severity = (enum ww_severity)get_enum(c, WW_SEVERITY_INFO + 1);
        d->list[i].count = ww_cursor_u32(c);
        get_text(c, d->list[i].at, sizeof d->list[i].at, TEXT_LINE);
    }
}

void ww_msg_put_decoded(struct ww_buf *b, const struct ww_msg_decoded *m)
{
    ww_buf_u64(b, m->job);
    ww_buf_u16(b, (uint16_t)m->stage);
    put_names(b, &m->names);
    put_mail(b, &m->mail);
    put_deviations(b, &m->deviations);
    put_slice(b, m->report);
    put_slice(b, m->content);
}

enum ww_err ww_msg_get_decoded(struct ww_slice payload, struct ww_msg_decoded *m)
{
    struct ww_cursor c = ww_cursor(payload.p, payload.n);
    m->job = ww_cursor_u64(&c);
    m->stage = (enum ww_decode_stage)get_enum(&c, WW_DECODE_STAGES);
    get_names(&c, &m->names);
    get_mail(&c, &m->mail);
    get_deviations(&c, &m->deviations);
    m->report = get_slice(&c, WW_RECEIVED_ENCODED_MAX);
    m->content = get_slice(&c, WW_MSG_SUBMISSION_MAX);
    return done(&c);
}

void ww_msg_put_take(struct ww_buf *b, const struct ww_msg_take *m)
{
    ww_buf_u64(b, m->job);
    ww_buf_u16(b, (uint16_t)m->channel);
    ww_buf_u64(b, (uint64_t)m->came_at);
    put_text(b, m->peer, sizeof m->peer);
    ww_buf_u16(b, m->mail);
    put_slice(b, m->decoded);
    put_slice(b, m->octets);
}

enum ww_err ww_msg_get_take(struct ww_slice payload, struct ww_msg_take *m)
{
    struct ww_cursor c = ww_cursor(payload.p, payload.n);
    m->job = ww_cursor_u64(&c);
    m->channel = (enum ww_channel)get_enum(&c, WW_CHANNELS);
    m->came_at = (int64_t)ww_cursor_u64(&c);
    get_text(&c, m->peer, sizeof m->peer, TEXT_LINE);
    m->mail = get_bool(&c);
    m->decoded = get_slice(&c, WW_MSG_DECODED_MAX);
    m->octets = get_slice(&c, WW_MSG_SUBMISSION_MAX);
    return done(&c);
}

void ww_msg_put_taken(struct ww_buf *b, const struct ww_msg_taken *m)
{
    ww_buf_u64(b, m->job);
    ww_buf_u16(b, (uint16_t)m->err);
    ww_buf_u16(b, (uint16_t)m->taken);
    ww_buf_u64(b, m->number);
    ww_buf_u16(b, (uint16_t)m->why);
    put_text(b, m->at, sizeof m->at);
}

enum ww_err ww_msg_get_taken(struct ww_slice payload, struct ww_msg_taken *m)
{
    struct ww_cursor c = ww_cursor(payload.p, payload.n);
    m->job = ww_cursor_u64(&c);
    m->err = (enum ww_err)get_enum(&c, WW_ERR_COUNT);
    m->taken = (enum ww_taken)get_enum(&c, WW_TAKENS);
    m->number = ww_cursor_u64(&c);
    m->why = (enum ww_err)get_enum(&c, WW_ERR_COUNT);
    get_text(&c, m->at, sizeof m->at, TEXT_LINE);
    return done(&c);
}

void ww_msg_put_received_ask(struct ww_buf *b, const struct ww_msg_received_ask *m)
{
    ww_buf_u16(b, (uint16_t)m->what);
    ww_buf_u64(b, m->number);
    put_text(b, m->domain, sizeof m->domain);
    put_text(b, m->sender, sizeof m->sender);
    put_text(b, m->result, sizeof m->result);
    ww_buf_u64(b, (uint64_t)m->since);
    ww_buf_u64(b, (uint64_t)m->until);
    ww_buf_u16(b, m->failed);
    ww_buf_u16(b, (uint16_t)m->by);
    ww_buf_u64(b, m->after);
    ww_buf_u32(b, m->max);
}

enum ww_err ww_msg_get_received_ask(struct ww_slice payload, struct ww_msg_received_ask *m)
{
    struct ww_cursor c = ww_cursor(payload.p, payload.n);
    m->what = (enum ww_received_ask)get_enum(&c, WW_RECEIVED_ASKS);
    m->number = ww_cursor_u64(&c);
    get_text(&c, m->domain, sizeof m->domain, TEXT_WORD);
    get_text(&c, m->sender, sizeof m->sender, TEXT_ANY);
    get_text(&c, m->result, sizeof m->result, TEXT_ANY);
    m->since = (int64_t)ww_cursor_u64(&c);
    m->until = (int64_t)ww_cursor_u64(&c);
    m->failed = get_bool(&c);
    m->by = (enum ww_received_by)get_enum(&c, WW_RECEIVED_BYS);
    m->after = ww_cursor_u64(&c);
    m->max = ww_cursor_u32(&c);
    return done(&c);
}

void ww_msg_put_advise_ask(struct ww_buf *b, const struct ww_msg_advise_ask *m)
{
    put_text(b, m->domain, sizeof m->domain);
    ww_buf_u32(b, m->days);
    ww_buf_u16(b, m->looked);
    ww_buf_u64(b, (uint64_t)m->at);
    put_text(b, m->outlook, sizeof m->outlook);
    put_text(b, m->mode, sizeof m->mode);
    put_text(b, m->id, sizeof m->id);
    put_text(b, m->mx, sizeof m->mx);
    ww_buf_u16(b, m->count);
    for (size_t i = 0; i < m->count; i++) {
        ww_buf_u16(b, (uint16_t)m->faults[i].severity);
        put_text(b, m->faults[i].check, sizeof m->faults[i].check);
        put_text(b, m->faults[i].where, sizeof m->faults[i].where);
        put_text(b, m->faults[i].seen, sizeof m->faults[i].seen);
    }
    put_slice(b, m->body);
}

enum ww_err ww_msg_get_advise_ask(struct ww_slice payload, struct ww_msg_advise_ask *m)
{
    struct ww_cursor c = ww_cursor(payload.p, payload.n);
    get_text(&c, m->domain, sizeof m->domain, TEXT_WORD);
    m->days = ww_cursor_u32(&c);
    m->looked = get_bool(&c);
    m->at = (int64_t)ww_cursor_u64(&c);
    get_text(&c, m->outlook, sizeof m->outlook, TEXT_WORD);
    get_text(&c, m->mode, sizeof m->mode, TEXT_WORD);
    get_text(&c, m->id, sizeof m->id, TEXT_WORD);
    get_text(&c, m->mx, sizeof m->mx, TEXT_LINE);
    m->count = (uint16_t)get_enum(&c, WW_MSG_ADVISE_FAULTS_MAX + 1);
    for (size_t i = 0; i < m->count; i++) {
        m->faults[i].severity = (enum ww_severity)get_enum(&c, WW_SEVERITY_INFO + 1);
        get_text(&c, m->faults[i].check, sizeof m->faults[i].check, TEXT_LINE);
        get_text(&c, m->faults[i].where, sizeof m->faults[i].where, TEXT_LINE);
        get_text(&c, m->faults[i].seen, sizeof m->faults[i].seen, TEXT_LINE);
    }
    m->body = get_slice(&c, WW_VERSION_BODY_MAX);
    return done(&c);
}
