/*
 * Writing into a caller's array. The error is sticky: what does not fit is left out whole and `failed` is
 * set, so that a writer checks once, at its end. Never allocates.
 */
#ifndef WW_BASE_BUF_H
#define WW_BASE_BUF_H

#include "base/slice.h"

#include <stdbool.h>
#include <stdint.h>

struct ww_buf {
    char *p;    /* the caller's array */
    size_t cap; /* its size */
    size_t n;   /* bytes written */
    bool failed;
};

/* These are inline: answers are written octet by octet. */

static inline struct ww_buf ww_buf(char *p, size_t cap)
{
    struct ww_buf b = {.p = p, .cap = cap, .n = 0, .failed = false};
    return b;
}

/* n octets for the caller to write; NULL when they do not fit. */
static inline char *ww_buf_take(struct ww_buf *b, size_t n)
{
    if (b->failed || n > b->cap - b->n) {
        b->failed = true;
        return NULL;
    }
    b->n += n;
    return b->p + b->n - n;
}

static inline void ww_buf_bytes(struct ww_buf *b, const void *p, size_t n)
{
    char *to = ww_buf_take(b, n);
    if (to != NULL && n > 0)
        memcpy(to, p, n);
}

static inline void ww_buf_slice(struct ww_buf *b, struct ww_slice s)
{
    ww_buf_bytes(b, s.p, s.n);
}

static inline void ww_buf_str(struct ww_buf *b, const char *s)
{
    ww_buf_bytes(b, s, strlen(s));
}

static inline void ww_buf_char(struct ww_buf *b, char c)
{
    ww_buf_bytes(b, &c, 1);
}

void ww_buf_decimal(struct ww_buf *b, uint64_t v);

/* Network byte order: what struct ww_cursor reads. */
void ww_buf_u8(struct ww_buf *b, uint8_t v);
void ww_buf_u16(struct ww_buf *b, uint16_t v);
void ww_buf_u32(struct ww_buf *b, uint32_t v);
void ww_buf_u64(struct ww_buf *b, uint64_t v);

#endif
