/* The generic syntax of URIs (RFC 3986 appendix A): what a URI is, not what its scheme makes of it. */
#ifndef WW_CORE_URI_H
#define WW_CORE_URI_H

#include "base/buf.h"
#include "base/err.h"

/* A checked URI in its parts, borrowed, without their delimiters. */
struct ww_uri {
    struct ww_slice scheme;
    struct ww_slice user; /* p is NULL where there is none, as in the next ones but the path */
    struct ww_slice host; /* there is one in an authority alone; a literal in its brackets */
    struct ww_slice port; /* digits, perhaps none */
    struct ww_slice path;
    struct ww_slice query;
    struct ww_slice fragment;
};

/* Takes a URI apart and checks it: a scheme is required. On an error *offset is where the rule is broken. */
WW_MUST_CHECK enum ww_err ww_uri_parse(const char *p, size_t n, struct ww_uri *out, size_t *offset);

/*
 * Appends what text means: each percent sign with its two digits is one octet, any at all (section 2.1).
 * Other octets stay as they are. Fails with WW_E_URI_PERCENT, *offset at that sign, or WW_E_TOO_LONG when it
 * does not fit.
 */
WW_MUST_CHECK enum ww_err ww_uri_decode(struct ww_slice text, struct ww_buf *out, size_t *offset);

#endif
