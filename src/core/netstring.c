#include "core/netstring.h"

#include "base/ascii.h"

/*
 * Reads the length while it arrives. The limit is held against each digit, so that the number never wraps and
 * a peer cannot make us wait for the end of an endless one.
 */
static enum ww_netstring cut_length(const char *p, size_t n, size_t max, size_t *length, size_t *at)
{
    size_t value = 0;
    size_t i = 0;
    for (; i < n && ww_is_digit(p[i]); i++) {
        size_t digit = (size_t)(p[i] - '0');
        if (i > 0 && value == 0)
            return WW_NETSTRING_MALFORMED;
        if (digit > max || value > (max - digit) / 10)
            return WW_NETSTRING_MALFORMED;
        value = value * 10 + digit;
    }
    if (i == n)
        return WW_NETSTRING_MORE;
    if (i == 0 || p[i] != ':')
        return WW_NETSTRING_MALFORMED;
    *length = value;
    *at = i + 1;
    return WW_NETSTRING_WHOLE;
}

enum ww_netstring ww_netstring_cut(const char *p, size_t n, size_t max, struct ww_slice *payload,
                                   size_t *used)
{
    size_t length = 0;
    size_t at = 0;
    enum ww_netstring r = cut_length(p, n, max, &length, &at);
    if (r != WW_NETSTRING_WHOLE)
        return r;
    if (n - at <= length)
        return WW_NETSTRING_MORE;
    if (p[at + length] != ',')
        return WW_NETSTRING_MALFORMED;
    *payload = ww_slice(p + at, length);
    *used = at + length + 1;
    return WW_NETSTRING_WHOLE;
}

void ww_netstring_put(struct ww_buf *b, struct ww_slice payload)
{
    ww_buf_decimal(b, payload.n);
    ww_buf_char(b, ':');
    ww_buf_slice(b, payload);
    ww_buf_char(b, ',');
}
