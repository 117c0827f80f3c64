/* Netstrings: `<length>:<bytes>,` as socketmap frames its messages. */
#ifndef WW_CORE_NETSTRING_H
#define WW_CORE_NETSTRING_H

#include "base/buf.h"
#include "base/err.h"
#include "base/slice.h"

enum ww_netstring {
    WW_NETSTRING_WHOLE,     /* *payload and *used are set */
    WW_NETSTRING_MORE,      /* a prefix of a good one: read more */
    WW_NETSTRING_MALFORMED, /* no length, a leading zero, a length above max, or no comma: end the connection
                             */
};

/* Cuts the first netstring of p. *payload is borrowed from p; *used is how many octets of p it took. */
enum ww_netstring ww_netstring_cut(const char *p, size_t n, size_t max, struct ww_slice *payload,
                                   size_t *used);

/* Appends a whole netstring. */
void ww_netstring_put(struct ww_buf *b, struct ww_slice payload);

#endif
