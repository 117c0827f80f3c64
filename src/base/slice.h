/* A run of bytes that somebody else owns. */
#ifndef WW_BASE_SLICE_H
#define WW_BASE_SLICE_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

/* Borrowed bytes; valid as long as what they were cut from. May hold NUL; is never NUL-terminated. */
struct ww_slice {
    const char *p;
    size_t n;
};

static inline struct ww_slice ww_slice(const char *p, size_t n)
{
    struct ww_slice s = {p, n};
    return s;
}

static inline struct ww_slice ww_slice_str(const char *s)
{
    return ww_slice(s, strlen(s));
}

static inline bool ww_slice_eq(struct ww_slice a, struct ww_slice b)
{
    return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

static inline bool ww_slice_is(struct ww_slice a, const char *s)
{
    return ww_slice_eq(a, ww_slice_str(s));
}

static inline bool ww_slice_starts(struct ww_slice a, const char *s)
{
    size_t n = strlen(s);
    return a.n >= n && (n == 0 || memcmp(a.p, s, n) == 0);
}

#endif
