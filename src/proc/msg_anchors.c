#include "proc/msg_anchors.h"

#include "proc/msg_parts.h"

const char *ww_anchor_source_name(enum ww_anchor_source source)
{
    static const char *const names[WW_ANCHOR_SOURCES] = {"built-in", "system", "file", "rfc5011"};
    return (unsigned)source < WW_ANCHOR_SOURCES ? names[source] : "unknown";
}

void ww_msg_put_anchor_seed(struct ww_buf *b, const struct ww_msg_anchor_seed *m)
{
    ww_buf_u16(b, (uint16_t)m->source);
    ww_buf_u16(b, m->updates);
    ww_buf_u16(b, m->error);
    put_text(b, m->path, sizeof m->path);
}

enum ww_err ww_msg_get_anchor_seed(struct ww_slice payload, struct ww_msg_anchor_seed *m)
{
    struct ww_cursor c = ww_cursor(payload.p, payload.n);
    m->source = (enum ww_anchor_source)get_enum(&c, WW_ANCHORS_KEPT);
    m->updates = get_bool(&c);
    m->error = ww_cursor_u16(&c);
    get_text(&c, m->path, sizeof m->path, TEXT_ANY);
    return done(&c);
}
