#include "core/line.h"

#define VERB "sts "

enum ww_line ww_line_cut(const char *p, size_t n, size_t max, struct ww_slice *line, size_t *used)
{
    /* One more for the carriage return, which is no part of the line. */
    size_t seen = n < max + 2 ? n : max + 2;
    const char *end = seen > 0 ? memchr(p, '\n', seen) : NULL;
    if (end == NULL)
        return n < max + 2 ? WW_LINE_MORE : WW_LINE_LONG;
    size_t length = (size_t)(end - p);
    *used = length + 1;
    if (length > 0 && p[length - 1] == '\r')
        length--;
    *line = ww_slice(p, length);
    return length <= max ? WW_LINE_WHOLE : WW_LINE_LONG;
}

bool ww_line_request(struct ww_slice line, struct ww_slice *key)
{
    static const size_t n = sizeof VERB - 1;
    if (!ww_slice_starts(line, VERB) || line.n == n || line.p[n] == ' ')
        return false;
    *key = ww_slice(line.p + n, line.n - n);
    return true;
}
