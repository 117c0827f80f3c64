#include "proc/msg_watch.h"

#include "proc/msg_parts.h"

static void put_item(struct ww_buf *b, const struct ww_msg_alert_item *m)
{
    ww_buf_u16(b, (uint16_t)m->kind);
    ww_buf_u16(b, (uint16_t)m->severity);
    put_text(b, m->check, sizeof m->check);
    put_text(b, m->where, sizeof m->where);
    put_text(b, m->seen, sizeof m->seen);
    ww_buf_u64(b, (uint64_t)m->since);
}

static void get_item(struct ww_cursor *c, struct ww_msg_alert_item *m)
{
    m->kind = (enum ww_alert_kind)get_enum(c, WW_ALERT_KINDS);
    m->severity = (enum ww_severity)get_enum(c, WW_SEVERITY_INFO + 1);
    get_text(c, m->check, sizeof m->check, TEXT_WORD);
    get_text(c, m->where, sizeof m->where, TEXT_LINE);
    get_text(c, m->seen, sizeof m->seen, TEXT_LINE);
    m->since = (int64_t)ww_cursor_u64(c);
}

void ww_msg_put_alert(struct ww_buf *b, const struct ww_msg_alert *m)
{
    ww_buf_u64(b, m->number);
    ww_buf_u64(b, (uint64_t)m->at);
    put_text(b, m->domain, sizeof m->domain);
    put_text(b, m->group, sizeof m->group);
    ww_buf_u16(b, m->errors);
    ww_buf_u16(b, m->warnings);
    ww_buf_u16(b, m->left_out);
    ww_buf_u16(b, m->delivered_count);
    for (size_t i = 0; i < m->delivered_count && i < WW_MSG_ALERT_CHANNELS_MAX; i++)
        put_text(b, m->delivered[i], sizeof m->delivered[i]);
    ww_buf_u16(b, m->count);
    for (size_t i = 0; i < m->count && i < WW_MSG_ALERT_ITEMS_MAX; i++)
        put_item(b, &m->items[i]);
}

enum ww_err ww_msg_get_alert(struct ww_slice payload, struct ww_msg_alert *m)
{
    struct ww_cursor c = ww_cursor(payload.p, payload.n);
    m->number = ww_cursor_u64(&c);
    m->at = (int64_t)ww_cursor_u64(&c);
    get_text(&c, m->domain, sizeof m->domain, TEXT_WORD);
    get_text(&c, m->group, sizeof m->group, TEXT_LINE);
    m->errors = ww_cursor_u16(&c);
    m->warnings = ww_cursor_u16(&c);
    m->left_out = ww_cursor_u16(&c);
    m->delivered_count = (uint16_t)get_enum(&c, WW_MSG_ALERT_CHANNELS_MAX + 1);
    for (size_t i = 0; i < m->delivered_count; i++)
        get_text(&c, m->delivered[i], sizeof m->delivered[i], TEXT_LINE);
    m->count = (uint16_t)get_enum(&c, WW_MSG_ALERT_ITEMS_MAX + 1);
    for (size_t i = 0; i < m->count; i++)
        get_item(&c, &m->items[i]);
    if (m->count == 0)
        c.failed = true;
    return done(&c);
}

void ww_msg_put_alerted(struct ww_buf *b, const struct ww_msg_alerted *m)
{
    ww_buf_u64(b, m->number);
    ww_buf_u16(b, m->done);
    ww_buf_u16(b, m->delivered);
    put_text(b, m->channel, sizeof m->channel);
    put_text(b, m->detail, sizeof m->detail);
}

enum ww_err ww_msg_get_alerted(struct ww_slice payload, struct ww_msg_alerted *m)
{
    struct ww_cursor c = ww_cursor(payload.p, payload.n);
    m->number = ww_cursor_u64(&c);
    m->done = get_bool(&c);
    m->delivered = get_bool(&c);
    get_text(&c, m->channel, sizeof m->channel, TEXT_LINE);
    get_text(&c, m->detail, sizeof m->detail, TEXT_LINE);
    return done(&c);
}
