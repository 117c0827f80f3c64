#include "daemon/front_framing.h"

#include "base/ascii.h"
#include "core/exim.h"
#include "core/netstring.h"

static enum ww_framed next_netstring(const char *p, size_t n, bool eof, struct ww_question *question,
                                     size_t *used)
{
    struct ww_slice payload;
    switch (ww_netstring_cut(p, n, WW_SOCKETMAP_QUERY_MAX, &payload, used)) {
    case WW_NETSTRING_WHOLE:
        ww_question_read(payload, question);
        return WW_FRAMED_WHOLE;
    case WW_NETSTRING_MORE:
        return eof ? WW_FRAMED_END : WW_FRAMED_MORE;
    case WW_NETSTRING_MALFORMED:
        break;
    }
    return WW_FRAMED_END;
}

static enum ww_framed refuse(struct ww_question *question, const char *answer, size_t n, size_t *used)
{
    *question = (struct ww_question){.map = WW_MAP_LINE, .fixed = answer};
    *used = n;
    return WW_FRAMED_LAST;
}

/* A line without its end may have lost more than that: it is no name that anybody has asked for. */
static enum ww_framed next_line(const char *p, size_t n, bool eof, struct ww_question *question, size_t *used)
{
    struct ww_slice line;
    switch (ww_line_cut(p, n, WW_LINE_MAX, &line, used)) {
    case WW_LINE_WHOLE:
        ww_question_read_line(line, question);
        return WW_FRAMED_LAST;
    case WW_LINE_MORE:
        if (!eof)
            return WW_FRAMED_MORE;
        return refuse(question, WW_EXIM_TEMPERR("the request has no line feed at its end"), n, used);
    case WW_LINE_LONG:
        break;
    }
    return refuse(question, WW_EXIM_TEMPERR("the request is longer than any domain name"), n, used);
}

enum ww_framed ww_framing_next(enum ww_framing *framing, const char *p, size_t n, bool eof,
                               struct ww_question *question, size_t *used)
{
    if (n == 0)
        return eof ? WW_FRAMED_END : WW_FRAMED_MORE;
    if (*framing == WW_FRAMING_UNKNOWN)
        *framing = ww_is_alpha(p[0]) ? WW_FRAMING_LINE : WW_FRAMING_NETSTRINGS;
    if (*framing == WW_FRAMING_LINE)
        return next_line(p, n, eof, question, used);
    return next_netstring(p, n, eof, question, used);
}
