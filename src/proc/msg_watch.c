#include "proc/msg_watch.h"

#include "proc/msg_parts.h"

void ww_msg_put_watch_room(struct ww_buf *b, const struct ww_msg_watch_room *m)
{
    ww_buf_u16(b, m->room);
}

enum ww_err ww_msg_get_watch_room(struct ww_slice payload, struct ww_msg_watch_room *m)
{
    struct ww_cursor c = ww_cursor(payload.p, payload.n);
    m->room = ww_cursor_u16(&c);
    return done(&c);
}

void ww_msg_put_watch(struct ww_buf *b, const struct ww_msg_watch *m)
{
    put_text(b, m->domain, sizeof m->domain);
    ww_buf_u16(b, m->has_past);
    ww_buf_u16(b, m->count);
    for (size_t i = 0; i < m->count && i < WW_MSG_WATCH_VERSIONS_MAX; i++) {
        const struct ww_msg_watch_version *v = &m->versions[i];
        put_text(b, v->id, sizeof v->id);
        ww_buf_bytes(b, v->hash, sizeof v->hash);
        ww_buf_u16(b, (uint16_t)v->mode);
        ww_buf_u32(b, v->max_age);
        ww_buf_u64(b, (uint64_t)v->last_seen);
    }
    ww_buf_u64(b, (uint64_t)m->testing_since);
    ww_buf_bytes(b, m->mx_hash, sizeof m->mx_hash);
    put_text(b, m->mx, sizeof m->mx);
}

enum ww_err ww_msg_get_watch(struct ww_slice payload, struct ww_msg_watch *m)
{
    struct ww_cursor c = ww_cursor(payload.p, payload.n);
    get_text(&c, m->domain, sizeof m->domain, TEXT_WORD);
    m->has_past = get_bool(&c);
    m->count = (uint16_t)get_enum(&c, WW_MSG_WATCH_VERSIONS_MAX + 1);
    for (size_t i = 0; i < m->count; i++) {
        struct ww_msg_watch_version *v = &m->versions[i];
        get_text(&c, v->id, sizeof v->id, TEXT_WORD);
        get_octets(&c, v->hash, sizeof v->hash);
        v->mode = (enum ww_policy_mode)get_enum(&c, WW_MODE_ENFORCE + 1);
        v->max_age = ww_cursor_u32(&c);
        v->last_seen = (int64_t)ww_cursor_u64(&c);
    }
    m->testing_since = (int64_t)ww_cursor_u64(&c);
    get_octets(&c, m->mx_hash, sizeof m->mx_hash);
    get_text(&c, m->mx, sizeof m->mx, TEXT_LINE);
    return done(&c);
}

static void put_run(struct ww_buf *b, struct ww_slice octets)
{
    ww_buf_u32(b, (uint32_t)octets.n);
    ww_buf_slice(b, octets);
}

static struct ww_slice get_run(struct ww_cursor *c)
{
    return ww_cursor_take(c, ww_cursor_u32(c));
}

void ww_msg_put_watched(struct ww_buf *b, const struct ww_msg_watched *m)
{
    put_text(b, m->domain, sizeof m->domain);
    ww_buf_u16(b, m->failed);
    ww_buf_u64(b, (uint64_t)m->at);
    ww_buf_u32(b, m->ms);
    ww_buf_u16(b, m->severity);
    ww_buf_u32(b, m->errors);
    ww_buf_u32(b, m->warnings);
    ww_buf_u32(b, m->infos);
    put_text(b, m->outlook, sizeof m->outlook);
    put_text(b, m->mode, sizeof m->mode);
    put_text(b, m->id, sizeof m->id);
    put_body(b, m->body);
    put_text(b, m->mx, sizeof m->mx);
    put_run(b, m->report);
    put_run(b, m->silent);
    put_run(b, m->findings);
    put_run(b, m->ends);
}

enum ww_err ww_msg_get_watched(struct ww_slice payload, struct ww_msg_watched *m)
{
    struct ww_cursor c = ww_cursor(payload.p, payload.n);
    get_text(&c, m->domain, sizeof m->domain, TEXT_WORD);
    m->failed = get_bool(&c);
    m->at = (int64_t)ww_cursor_u64(&c);
    m->ms = ww_cursor_u32(&c);
    m->severity = (uint16_t)get_enum(&c, WW_SEVERITY_INFO + 2);
    m->errors = ww_cursor_u32(&c);
    m->warnings = ww_cursor_u32(&c);
    m->infos = ww_cursor_u32(&c);
    get_text(&c, m->outlook, sizeof m->outlook, TEXT_WORD);
    get_text(&c, m->mode, sizeof m->mode, TEXT_WORD);
    get_text(&c, m->id, sizeof m->id, TEXT_WORD);
    m->body = get_body(&c);
    get_text(&c, m->mx, sizeof m->mx, TEXT_LINE);
    m->report = get_run(&c);
    m->silent = get_run(&c);
    m->findings = get_run(&c);
    m->ends = get_run(&c);
    return done(&c);
}

void ww_msg_put_watch_finding(struct ww_buf *b, const struct ww_msg_watch_finding *m)
{
    ww_buf_u16(b, (uint16_t)m->severity);
    put_text(b, m->check, sizeof m->check);
    put_text(b, m->where, sizeof m->where);
    put_text(b, m->seen, sizeof m->seen);
}

enum ww_err ww_msg_get_watch_finding(struct ww_slice payload, struct ww_msg_watch_finding *m)
{
    struct ww_cursor c = ww_cursor(payload.p, payload.n);
    m->severity = (enum ww_severity)get_enum(&c, WW_SEVERITY_INFO + 1);
    get_text(&c, m->check, sizeof m->check, TEXT_WORD);
    get_text(&c, m->where, sizeof m->where, TEXT_LINE);
    get_text(&c, m->seen, sizeof m->seen, TEXT_LINE);
    return done(&c);
}

void ww_msg_put_watch_end(struct ww_buf *b, const struct ww_msg_watch_end *m)
{
    put_text(b, m->where, sizeof m->where);
    ww_buf_u64(b, (uint64_t)m->not_after);
}

enum ww_err ww_msg_get_watch_end(struct ww_slice payload, struct ww_msg_watch_end *m)
{
    struct ww_cursor c = ww_cursor(payload.p, payload.n);
    get_text(&c, m->where, sizeof m->where, TEXT_LINE);
    m->not_after = (int64_t)ww_cursor_u64(&c);
    return done(&c);
}

void ww_msg_put_piece(struct ww_buf *b, bool last, struct ww_slice octets)
{
    ww_buf_u16(b, last);
    ww_buf_slice(b, octets);
}

enum ww_err ww_msg_get_piece(struct ww_slice payload, bool *last, struct ww_slice *octets)
{
    struct ww_cursor c = ww_cursor(payload.p, payload.n);
    *last = get_bool(&c);
    *octets = rest_of(&c);
    return c.failed || octets->n > WW_MSG_PIECE_MAX ? WW_E_MSG_MALFORMED : WW_OK;
}

void ww_msg_put_watch_ask(struct ww_buf *b, const struct ww_msg_watch_ask *m)
{
    ww_buf_u16(b, (uint16_t)m->what);
    ww_buf_u16(b, m->all);
    put_text(b, m->group, sizeof m->group);
    ww_buf_u64(b, (uint64_t)m->every);
    put_text(b, m->after, sizeof m->after);
    put_text(b, m->check, sizeof m->check);
    ww_buf_u64(b, (uint64_t)m->until);
    put_text(b, m->who, sizeof m->who);
    put_text(b, m->reason, sizeof m->reason);
    ww_buf_slice(b, m->domains);
}

enum ww_err ww_msg_get_watch_ask(struct ww_slice payload, struct ww_msg_watch_ask *m)
{
    struct ww_cursor c = ww_cursor(payload.p, payload.n);
    m->what = (enum ww_watch_ask)get_enum(&c, WW_WATCH_ASKS);
    m->all = get_bool(&c);
    get_text(&c, m->group, sizeof m->group, TEXT_LINE);
    m->every = (int64_t)ww_cursor_u64(&c);
    get_text(&c, m->after, sizeof m->after, TEXT_WORD);
    get_text(&c, m->check, sizeof m->check, TEXT_WORD);
    m->until = (int64_t)ww_cursor_u64(&c);
    get_text(&c, m->who, sizeof m->who, TEXT_ANY);
    get_text(&c, m->reason, sizeof m->reason, TEXT_ANY);
    m->domains = rest_of(&c);
    return c.failed ? WW_E_MSG_MALFORMED : WW_OK;
}
