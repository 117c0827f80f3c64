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

struct ww_buf ww_buf(char *p, size_t cap);

void ww_buf_bytes(struct ww_buf *b, const void *p, size_t n);
void ww_buf_slice(struct ww_buf *b, struct ww_slice s);
void ww_buf_str(struct ww_buf *b, const char *s);
void ww_buf_char(struct ww_buf *b, char c);
void ww_buf_decimal(struct ww_buf *b, uint64_t v);

/* Network byte order: what struct ww_cursor reads. */
void ww_buf_u8(struct ww_buf *b, uint8_t v);
void ww_buf_u16(struct ww_buf *b, uint16_t v);
void ww_buf_u32(struct ww_buf *b, uint32_t v);
void ww_buf_u64(struct ww_buf *b, uint64_t v);

#endif
