/*
 * The line protocol, for an MTA that can write a line to a socket and read until its end (Exim's
 * ${readsocket}): one request, `sts DOMAIN` and a line feed; one line as the answer; then the connection is
 * closed.
 */
#ifndef WW_CORE_LINE_H
#define WW_CORE_LINE_H

#include "base/slice.h"

/* Octets of a request without its line feed: more than any domain name takes in UTF-8. */
#define WW_LINE_MAX 1100

enum ww_line {
    WW_LINE_WHOLE, /* *line and *used are set */
    WW_LINE_MORE,  /* no line feed yet: read more */
    WW_LINE_LONG,  /* longer than max: never whole */
};

/* Cuts the first line of p, without its "\n" or "\r\n"; *line is borrowed from p, *used is what it took. */
enum ww_line ww_line_cut(const char *p, size_t n, size_t max, struct ww_slice *line, size_t *used);

/* What a request asks for, as it came, borrowed. False: it is not `sts`, one space, and something. */
bool ww_line_request(struct ww_slice line, struct ww_slice *key);

#endif
