/*
 * The head of an HTTP/1.x request (RFC 9112), read strictly: what two readers could understand in two ways is
 * refused, so that nothing can be smuggled past one of them. No bare LF, CR or NUL, no folded header, no
 * space before a colon, one Host, one Content-Length, no Transfer-Encoding.
 */
#ifndef WW_CORE_HTTP_REQUEST_H
#define WW_CORE_HTTP_REQUEST_H

#include "base/slice.h"

#include <stdbool.h>
#include <stdint.h>

enum ww_http_cut {
    WW_HTTP_WHOLE,   /* *head and *used are set */
    WW_HTTP_MORE,    /* a prefix of a good one: read more */
    WW_HTTP_REFUSED, /* head->status says with which answer; end the connection behind it */
};

/* All slices are borrowed from the input. */
struct ww_http_head {
    struct ww_slice method;
    struct ww_slice path;  /* starts with "/"; not decoded */
    struct ww_slice query; /* behind the "?", or empty */
    struct ww_slice headers;
    uint64_t length; /* of the body: its Content-Length, or 0 */
    bool keep_alive; /* the client wants to go on with this connection */
    bool expects_continue;
    unsigned status; /* of WW_HTTP_REFUSED: 400, 501 or 505 */
};

/*
 * Cuts the first head off p; *used is how many octets of p it took, the empty line included. The caller caps
 * the octets that it shows while more are wanted. Empty lines before the request are skipped.
 */
enum ww_http_cut ww_http_head_cut(const char *p, size_t n, struct ww_http_head *head, size_t *used);

/*
 * The header at *pos (0 at first), in order; *pos moves behind it. The value has no space around it. False at
 * the end.
 */
bool ww_http_next_header(const struct ww_http_head *head, size_t *pos, struct ww_slice *name,
                         struct ww_slice *value);

#endif
