#include "proc/msg_history.h"

#include "proc/msg_parts.h"

void ww_msg_put_history(struct ww_buf *b, const struct ww_msg_history *m)
{
    put_text(b, m->domain, sizeof m->domain);
    ww_buf_u64(b, (uint64_t)m->before);
}

enum ww_err ww_msg_get_history(struct ww_slice payload, struct ww_msg_history *m)
{
    struct ww_cursor c = ww_cursor(payload.p, payload.n);
    get_text(&c, m->domain, sizeof m->domain, TEXT_WORD);
    m->before = (int64_t)ww_cursor_u64(&c);
    return done(&c);
}

void ww_msg_put_version(struct ww_buf *b, const struct ww_version *m)
{
    put_text(b, m->id, sizeof m->id);
    ww_buf_bytes(b, m->hash, sizeof m->hash);
    ww_buf_u64(b, (uint64_t)m->turn);
    ww_buf_u64(b, (uint64_t)m->turns);
    ww_buf_u64(b, (uint64_t)m->first_seen);
    ww_buf_u64(b, (uint64_t)m->last_seen);
    ww_buf_u64(b, (uint64_t)m->expires);
    ww_buf_u16(b, (uint16_t)m->mode);
    ww_buf_u32(b, (uint32_t)m->size);
    ww_buf_u16(b, m->body.p != NULL);
    put_body(b, m->body.p != NULL ? m->body : ww_slice("", 0));
    put_origin(b, &m->origin);
}

enum ww_err ww_msg_get_version(struct ww_slice payload, struct ww_version *m)
{
    struct ww_cursor c = ww_cursor(payload.p, payload.n);
    get_text(&c, m->id, sizeof m->id, TEXT_WORD);
    get_octets(&c, m->hash, sizeof m->hash);
    m->turn = (int64_t)ww_cursor_u64(&c);
    m->turns = (int64_t)ww_cursor_u64(&c);
    m->first_seen = (int64_t)ww_cursor_u64(&c);
    m->last_seen = (int64_t)ww_cursor_u64(&c);
    m->expires = (int64_t)ww_cursor_u64(&c);
    m->mode = (enum ww_policy_mode)get_enum(&c, WW_MODE_ENFORCE + 1);
    m->size = ww_cursor_u32(&c);
    bool kept = get_bool(&c);
    m->body = get_body(&c);
    get_origin(&c, &m->origin);
    if (m->size > WW_POLICY_BODY_MAX || m->body.n > WW_VERSION_BODY_MAX || m->body.n != (kept ? m->size : 0))
        c.failed = true;
    if (!kept)
        m->body.p = NULL;
    return done(&c);
}
