/*
 * What messages are made of, for those who write and read them: each get fails the cursor when what it finds
 * is not what the put of its name writes.
 */
#ifndef WW_PROC_MSG_PARTS_H
#define WW_PROC_MSG_PARTS_H

#include "proc/msg.h"

/* What a string in a message may hold. */
enum text {
    TEXT_WORD, /* graphic ASCII: names and ids */
    TEXT_LINE, /* printable ASCII: words that were escaped already */
    TEXT_ANY,  /* all but NUL: words for people, escaped where they are shown */
};

static inline void put_text(struct ww_buf *b, const char *s, size_t size)
{
    size_t n = strnlen(s, size);
    if (n == size) {
        b->failed = true;
        return;
    }
    ww_buf_u16(b, (uint16_t)n);
    ww_buf_bytes(b, s, n);
}

static inline void get_text(struct ww_cursor *c, char *out, size_t size, enum text text)
{
    struct ww_slice s = ww_cursor_take(c, ww_cursor_u16(c));
    const char least = text == TEXT_WORD ? '!' : ' ';
    bool good = s.n < size && memchr(s.p, '\0', s.n) == NULL;
    for (size_t i = 0; good && text != TEXT_ANY && i < s.n; i++)
        good = s.p[i] >= least && s.p[i] < 0x7f;
    if (!good) {
        c->failed = true;
        s.n = 0;
    }
    memcpy(out, s.p, s.n);
    out[s.n] = '\0';
}

static inline void put_body(struct ww_buf *b, struct ww_slice body)
{
    if (body.n > WW_POLICY_BODY_MAX) {
        b->failed = true;
        return;
    }
    ww_buf_u32(b, (uint32_t)body.n);
    ww_buf_slice(b, body);
}

static inline struct ww_slice get_body(struct ww_cursor *c)
{
    uint32_t n = ww_cursor_u32(c);
    if (n > WW_POLICY_BODY_MAX)
        c->failed = true;
    return ww_cursor_take(c, n);
}

/* Octets of any length, behind their count. */
static inline void put_slice(struct ww_buf *b, struct ww_slice s)
{
    ww_buf_u32(b, (uint32_t)s.n);
    ww_buf_slice(b, s);
}

static inline struct ww_slice get_slice(struct ww_cursor *c, size_t max)
{
    uint32_t n = ww_cursor_u32(c);
    if (n > max)
        c->failed = true;
    return ww_cursor_take(c, c->failed ? 0 : n);
}

/* Reads an enum value and fails when it is not below count. */
static inline unsigned get_enum(struct ww_cursor *c, unsigned count)
{
    unsigned v = ww_cursor_u16(c);
    if (v < count)
        return v;
    c->failed = true;
    return 0;
}

static inline bool get_bool(struct ww_cursor *c)
{
    return get_enum(c, 2) == 1;
}

static inline enum ww_err done(const struct ww_cursor *c)
{
    return c->failed || ww_cursor_left(c) > 0 ? WW_E_MSG_MALFORMED : WW_OK;
}

static inline struct ww_slice rest_of(struct ww_cursor *c)
{
    return ww_cursor_take(c, ww_cursor_left(c));
}

/* So many octets; zeros when there are not as many. */
static inline void get_octets(struct ww_cursor *c, uint8_t *out, size_t n)
{
    struct ww_slice s = ww_cursor_take(c, n);
    memset(out, 0, n);
    if (s.n == n)
        memcpy(out, s.p, n);
}

static inline void put_origin(struct ww_buf *b, const struct ww_origin *origin)
{
    put_text(b, origin->address, sizeof origin->address);
    ww_buf_bytes(b, origin->cert.fingerprint, sizeof origin->cert.fingerprint);
    put_text(b, origin->cert.issuer, sizeof origin->cert.issuer);
    ww_buf_u64(b, (uint64_t)origin->cert.not_after);
}

static inline void get_origin(struct ww_cursor *c, struct ww_origin *out)
{
    get_text(c, out->address, sizeof out->address, TEXT_WORD);
    get_octets(c, out->cert.fingerprint, sizeof out->cert.fingerprint);
    get_text(c, out->cert.issuer, sizeof out->cert.issuer, TEXT_LINE);
    out->cert.not_after = (int64_t)ww_cursor_u64(c);
}

#endif
