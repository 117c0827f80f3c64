#include "proc/msg_cache.h"

#include "proc/msg_parts.h"

static void put_life(struct ww_buf *b, const struct ww_life *life)
{
    put_text(b, life->id, sizeof life->id);
    put_text(b, life->failed_id, sizeof life->failed_id);
    ww_buf_u16(b, life->failures);
    ww_buf_u16(b, life->alerted);
    ww_buf_u16(b, (uint16_t)life->mode);
    ww_buf_u16(b, (uint16_t)life->last);
    ww_buf_u16(b, (uint16_t)life->why);
    ww_buf_u64(b, (uint64_t)life->fetched);
    ww_buf_u64(b, (uint64_t)life->expires);
    ww_buf_u64(b, (uint64_t)life->checked);
    ww_buf_u64(b, (uint64_t)life->next_flight);
    ww_buf_u64(b, (uint64_t)life->retry_at);
}

static void get_life(struct ww_cursor *c, struct ww_life *life)
{
    get_text(c, life->id, sizeof life->id, TEXT_WORD);
    get_text(c, life->failed_id, sizeof life->failed_id, TEXT_WORD);
    life->failures = (uint8_t)get_enum(c, UINT8_MAX + 1);
    life->alerted = get_bool(c);
    life->mode = (enum ww_policy_mode)get_enum(c, WW_MODE_ENFORCE + 1);
    life->last = (enum ww_discovery_outcome)get_enum(c, WW_FOUND_WAITING + 1);
    life->why = (enum ww_err)get_enum(c, WW_ERR_COUNT);
    life->fetched = (int64_t)ww_cursor_u64(c);
    life->expires = (int64_t)ww_cursor_u64(c);
    life->checked = (int64_t)ww_cursor_u64(c);
    life->next_flight = (int64_t)ww_cursor_u64(c);
    life->retry_at = (int64_t)ww_cursor_u64(c);
}

void ww_msg_put_cache_item(struct ww_buf *b, const struct ww_cache_item *m)
{
    put_text(b, m->domain, sizeof m->domain);
    put_life(b, &m->life);
    ww_buf_u64(b, (uint64_t)m->used);
    ww_buf_u16(b, m->in_flight);
    put_text(b, m->detail, sizeof m->detail);
    put_body(b, m->body);
}

enum ww_err ww_msg_get_cache_item(struct ww_slice payload, struct ww_cache_item *m)
{
    struct ww_cursor c = ww_cursor(payload.p, payload.n);
    get_text(&c, m->domain, sizeof m->domain, TEXT_WORD);
    get_life(&c, &m->life);
    m->used = (int64_t)ww_cursor_u64(&c);
    m->in_flight = get_bool(&c);
    get_text(&c, m->detail, sizeof m->detail, TEXT_LINE);
    m->body = get_body(&c);
    return done(&c);
}

void ww_msg_put_cache_list(struct ww_buf *b, const struct ww_msg_cache_list *m)
{
    ww_buf_u32(b, m->place);
    ww_buf_u16(b, m->bodies);
}

enum ww_err ww_msg_get_cache_list(struct ww_slice payload, struct ww_msg_cache_list *m)
{
    struct ww_cursor c = ww_cursor(payload.p, payload.n);
    m->place = ww_cursor_u32(&c);
    m->bodies = get_bool(&c);
    return done(&c);
}

void ww_msg_put_cache_page(struct ww_buf *b, const struct ww_msg_cache_page *m)
{
    ww_buf_u32(b, m->next);
    ww_buf_slice(b, m->items);
}

enum ww_err ww_msg_get_cache_page(struct ww_slice payload, struct ww_msg_cache_page *m)
{
    struct ww_cursor c = ww_cursor(payload.p, payload.n);
    m->next = ww_cursor_u32(&c);
    m->items = rest_of(&c);
    return done(&c);
}

void ww_msg_put_cache_domain(struct ww_buf *b, const struct ww_msg_cache_domain *m)
{
    put_text(b, m->domain, sizeof m->domain);
}

enum ww_err ww_msg_get_cache_domain(struct ww_slice payload, struct ww_msg_cache_domain *m)
{
    struct ww_cursor c = ww_cursor(payload.p, payload.n);
    get_text(&c, m->domain, sizeof m->domain, TEXT_WORD);
    return done(&c);
}

void ww_msg_put_cache_refreshed(struct ww_buf *b, const struct ww_msg_cache_refreshed *m)
{
    ww_buf_u16(b, (uint16_t)m->outcome);
    ww_buf_u16(b, (uint16_t)m->why);
    put_text(b, m->detail, sizeof m->detail);
    ww_msg_put_part(b, m->before);
    ww_msg_put_part(b, m->after);
}

enum ww_err ww_msg_get_cache_refreshed(struct ww_slice payload, struct ww_msg_cache_refreshed *m)
{
    struct ww_cursor c = ww_cursor(payload.p, payload.n);
    m->outcome = (enum ww_discovery_outcome)get_enum(&c, WW_FOUND_WAITING + 1);
    m->why = (enum ww_err)get_enum(&c, WW_ERR_COUNT);
    get_text(&c, m->detail, sizeof m->detail, TEXT_LINE);
    m->before = ww_cursor_take(&c, ww_cursor_u32(&c));
    m->after = ww_cursor_take(&c, ww_cursor_u32(&c));
    return done(&c);
}

void ww_msg_put_cache_purge(struct ww_buf *b, const struct ww_msg_cache_purge *m)
{
    ww_buf_u16(b, m->force);
    ww_buf_u16(b, m->all_stored);
    ww_buf_slice(b, m->domains);
}

enum ww_err ww_msg_get_cache_purge(struct ww_slice payload, struct ww_msg_cache_purge *m)
{
    struct ww_cursor c = ww_cursor(payload.p, payload.n);
    m->force = get_bool(&c);
    m->all_stored = get_bool(&c);
    m->domains = rest_of(&c);
    return done(&c);
}

void ww_msg_put_cache_purged(struct ww_buf *b, const struct ww_msg_cache_purged *m)
{
    ww_buf_u32(b, m->forgotten);
    ww_buf_u32(b, m->enforced);
    ww_buf_u32(b, m->refused);
    ww_buf_u32(b, m->unknown);
    ww_buf_u16(b, (uint16_t)m->store);
}

enum ww_err ww_msg_get_cache_purged(struct ww_slice payload, struct ww_msg_cache_purged *m)
{
    struct ww_cursor c = ww_cursor(payload.p, payload.n);
    m->forgotten = ww_cursor_u32(&c);
    m->enforced = ww_cursor_u32(&c);
    m->refused = ww_cursor_u32(&c);
    m->unknown = ww_cursor_u32(&c);
    m->store = (enum ww_err)get_enum(&c, WW_ERR_COUNT);
    return done(&c);
}

void ww_msg_put_cache_import(struct ww_buf *b, const struct ww_msg_cache_import *m)
{
    ww_buf_u16(b, m->check);
    ww_buf_slice(b, m->policies);
}

enum ww_err ww_msg_get_cache_import(struct ww_slice payload, struct ww_msg_cache_import *m)
{
    struct ww_cursor c = ww_cursor(payload.p, payload.n);
    m->check = get_bool(&c);
    m->policies = rest_of(&c);
    return done(&c);
}

void ww_msg_put_verdict(struct ww_buf *b, enum ww_err verdict)
{
    ww_buf_u16(b, (uint16_t)verdict);
}

bool ww_msg_next_verdict(struct ww_cursor *c, enum ww_err *verdict)
{
    if (ww_cursor_left(c) == 0)
        return false;
    *verdict = (enum ww_err)get_enum(c, WW_ERR_COUNT);
    return !c->failed;
}
