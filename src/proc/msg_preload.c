#include "proc/msg_preload.h"

#include "proc/msg_parts.h"

const char *ww_preload_outcome_name(enum ww_preload_outcome outcome)
{
    static const char *const names[WW_PRELOAD_OUTCOMES] = {
        [WW_PRELOAD_NOT_LOOKED] = "none",
        [WW_PRELOAD_NEW] = "new",
        [WW_PRELOAD_UNCHANGED] = "unchanged",
        [WW_PRELOAD_FAILED] = "failed",
    };
    return (unsigned)outcome < WW_PRELOAD_OUTCOMES ? names[outcome] : "unknown";
}

void ww_msg_put_preload(struct ww_buf *b, const struct ww_msg_preload *m)
{
    ww_buf_u16(b, m->there);
    ww_buf_u64(b, (uint64_t)m->timestamp);
    ww_buf_u64(b, (uint64_t)m->expires);
    ww_buf_u32(b, m->domains);
    put_text(b, m->author, sizeof m->author);
    put_text(b, m->key, sizeof m->key);
    put_text(b, m->user, sizeof m->user);
    ww_buf_u16(b, (uint16_t)m->outcome);
    ww_buf_u16(b, (uint16_t)m->err);
    put_text(b, m->detail, sizeof m->detail);
    ww_buf_u64(b, (uint64_t)m->looked);
    ww_buf_u64(b, (uint64_t)m->next);
}

enum ww_err ww_msg_get_preload(struct ww_slice payload, struct ww_msg_preload *m)
{
    struct ww_cursor c = ww_cursor(payload.p, payload.n);
    m->there = get_bool(&c);
    m->timestamp = (int64_t)ww_cursor_u64(&c);
    m->expires = (int64_t)ww_cursor_u64(&c);
    m->domains = ww_cursor_u32(&c);
    get_text(&c, m->author, sizeof m->author, TEXT_ANY);
    get_text(&c, m->key, sizeof m->key, TEXT_WORD);
    get_text(&c, m->user, sizeof m->user, TEXT_ANY);
    m->outcome = (enum ww_preload_outcome)get_enum(&c, WW_PRELOAD_OUTCOMES);
    m->err = (enum ww_err)get_enum(&c, WW_ERR_COUNT);
    get_text(&c, m->detail, sizeof m->detail, TEXT_ANY);
    m->looked = (int64_t)ww_cursor_u64(&c);
    m->next = (int64_t)ww_cursor_u64(&c);
    return done(&c);
}
