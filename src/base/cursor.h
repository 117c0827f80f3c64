/*
 * Reading binary data front to back. The error is sticky: after a read that does not fit, all reads yield
 * zeros and empty slices, so a reader checks `failed` once, at its end.
 */
#ifndef WW_BASE_CURSOR_H
#define WW_BASE_CURSOR_H

#include "base/slice.h"

#include <stdbool.h>
#include <stdint.h>

struct ww_cursor {
    const uint8_t *p;
    const uint8_t *end;
    bool failed;
};

struct ww_cursor ww_cursor(const void *p, size_t n);

/* Bytes not read yet; 0 after a failure. */
size_t ww_cursor_left(const struct ww_cursor *c);

/* Network byte order. */
uint8_t ww_cursor_u8(struct ww_cursor *c);
uint16_t ww_cursor_u16(struct ww_cursor *c);
uint32_t ww_cursor_u32(struct ww_cursor *c);
uint64_t ww_cursor_u64(struct ww_cursor *c);

/* The next n bytes, borrowed from what the cursor reads. */
struct ww_slice ww_cursor_take(struct ww_cursor *c, size_t n);

#endif
