#include "core/utf8.h"

#include <stdint.h>

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
