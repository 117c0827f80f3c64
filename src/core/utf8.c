#include "core/utf8.h"

#include "base/ascii.h"

#include <stdint.h>
#include <string.h>

/* The table of RFC 3629 section 4: only the second octet has bounds that depend on the first. */
static const struct {
    uint8_t first_low, first_high, second_low, second_high;
    size_t length;
} forms[] = {
    {0xc2, 0xdf, 0x80, 0xbf, 2}, {0xe0, 0xe0, 0xa0, 0xbf, 3}, {0xe1, 0xec, 0x80, 0xbf, 3},
    {0xed, 0xed, 0x80, 0x9f, 3}, {0xee, 0xef, 0x80, 0xbf, 3}, {0xf0, 0xf0, 0x90, 0xbf, 4},
    {0xf1, 0xf3, 0x80, 0xbf, 4}, {0xf4, 0xf4, 0x80, 0x8f, 4},
};

static size_t tail_length(const uint8_t *u, size_t n, size_t length)
{
    if (n < length)
        return 0;
    for (size_t i = 2; i < length; i++)
        if (u[i] < 0x80 || u[i] > 0xbf)
            return 0;
    return length;
}

size_t ww_utf8_length(const char *p, size_t n)
{
    const uint8_t *u = (const uint8_t *)p;
    if (n == 0)
        return 0;
    if (u[0] < 0x80)
        return 1;
    for (size_t i = 0; n > 1 && i < sizeof forms / sizeof forms[0]; i++)
        if (u[0] >= forms[i].first_low && u[0] <= forms[i].first_high)
            return u[1] >= forms[i].second_low && u[1] <= forms[i].second_high
                       ? tail_length(u, n, forms[i].length)
                       : 0;
    return 0;
}

/* U+061C, U+200E, U+200F, U+2028 to U+202E and U+2066 to U+2069: behind one of them what stands beside the
 * text is shown in another order, or on another line. */
static bool is_direction(const uint8_t *u, size_t length)
{
    if (length == 2)
        return u[0] == 0xd8 && u[1] == 0x9c;
    if (length != 3 || u[0] != 0xe2)
        return false;
    return u[1] == 0x80 ? (u[2] >= 0x8e && u[2] <= 0x8f) || (u[2] >= 0xa8 && u[2] <= 0xae)
                        : u[1] == 0x81 && u[2] >= 0xa6 && u[2] <= 0xa9;
}

/* C0, DEL, and C1, which terminals obey as well. */
static bool is_control(const char *p, size_t length)
{
    const uint8_t *u = (const uint8_t *)p;
    return u[0] < ' ' || u[0] == 0x7f || (length == 2 && u[0] == 0xc2 && u[1] < 0xa0) ||
           is_direction(u, length);
}

size_t ww_utf8_clean(const char *p, size_t n, char *out, size_t cap)
{
    size_t at = 0, written = 0;
    if (n <= cap && ww_is_plain(ww_slice(p, n))) {
        if (n > 0)
            memmove(out, p, n);
        return n;
    }
    while (at < n) {
        size_t length = ww_utf8_length(p + at, n - at);
        bool as_it_is = length > 0 && !is_control(p + at, length);
        size_t writes = as_it_is ? length : 1;
        if (writes > cap - written)
            break;
        if (as_it_is)
            memmove(out + written, p + at, length);
        else
            out[written] = length > 0 ? ' ' : '?';
        written += writes;
        at += length > 0 ? length : 1;
    }
    return written;
}
