#include "proc/msg_herald.h"

#include "proc/msg_parts.h"

void ww_msg_put_alert_test(struct ww_buf *b, const struct ww_msg_alert_test *m)
{
    for (unsigned i = 0; i < WW_HERALD_CHANNELS; i++) {
        ww_buf_u16(b, m->channels[i].open);
        ww_buf_u16(b, m->channels[i].delivered);
        put_text(b, m->channels[i].detail, sizeof m->channels[i].detail);
    }
}

enum ww_err ww_msg_get_alert_test(struct ww_slice payload, struct ww_msg_alert_test *m)
{
    struct ww_cursor c = ww_cursor(payload.p, payload.n);
    for (unsigned i = 0; i < WW_HERALD_CHANNELS; i++) {
        m->channels[i].open = get_bool(&c);
        m->channels[i].delivered = get_bool(&c);
        get_text(&c, m->channels[i].detail, sizeof m->channels[i].detail, TEXT_LINE);
    }
    return done(&c);
}
