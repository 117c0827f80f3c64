/*
 * How requests are framed on a connection. Its first octet says it: a digit begins a netstring (socketmap),
 * of which any number may follow; a letter begins the line protocol (core/line.h), one request and its
 * answer.
 */
#ifndef WW_DAEMON_FRONT_FRAMING_H
#define WW_DAEMON_FRONT_FRAMING_H

#include "core/line.h"
#include "daemon/front_question.h"

/* The longest request with its framing. */
#define WW_FRAMING_MAX (WW_SOCKETMAP_QUERY_MAX + sizeof "10000:,")
_Static_assert(WW_FRAMING_MAX > WW_LINE_MAX + 2, "a line fits as well");

enum ww_framing {
    WW_FRAMING_UNKNOWN, /* nothing has come yet */
    WW_FRAMING_NETSTRINGS,
    WW_FRAMING_LINE,
};

enum ww_framed {
    WW_FRAMED_WHOLE, /* *question and *used are set */
    WW_FRAMED_LAST,  /* the same, and nothing that follows is read */
    WW_FRAMED_MORE,  /* the beginning of a request */
    WW_FRAMED_END,   /* no request: it is malformed, or the end */
};

/*
 * Takes the next request from n octets that have come, the first of the connection where *framing is not
 * known; eof: no more will. A line that is no request is one that is told so.
 */
enum ww_framed ww_framing_next(enum ww_framing *framing, const char *p, size_t n, bool eof,
                               struct ww_question *question, size_t *used);

#endif
