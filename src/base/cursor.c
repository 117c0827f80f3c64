#include "base/cursor.h"

struct ww_cursor ww_cursor(const void *p, size_t n)
{
    struct ww_cursor c = {.p = p, .end = NULL, .failed = false};
    c.end = n > 0 ? c.p + n : c.p;
    return c;
}

size_t ww_cursor_left(const struct ww_cursor *c)
{
    return c->failed ? 0 : (size_t)(c->end - c->p);
}

struct ww_slice ww_cursor_take(struct ww_cursor *c, size_t n)
{
    if (n > ww_cursor_left(c)) {
        c->failed = true;
        return ww_slice("", 0);
    }
    struct ww_slice s = ww_slice((const char *)c->p, n);
    if (n > 0)
        c->p += n;
    return s;
}

static uint64_t number(struct ww_cursor *c, size_t n)
{
    struct ww_slice s = ww_cursor_take(c, n);
    uint64_t v = 0;
    for (size_t i = 0; i < s.n; i++)
        v = v << 8 | (uint8_t)s.p[i];
    return v;
}

uint8_t ww_cursor_u8(struct ww_cursor *c)
{
    return (uint8_t)number(c, 1);
}

uint16_t ww_cursor_u16(struct ww_cursor *c)
{
    return (uint16_t)number(c, 2);
}

uint32_t ww_cursor_u32(struct ww_cursor *c)
{
    return (uint32_t)number(c, 4);
}

uint64_t ww_cursor_u64(struct ww_cursor *c)
{
    return number(c, 8);
}
