#include "base/buf.h"

void ww_buf_decimal(struct ww_buf *b, uint64_t v)
{
    char digits[20];
    size_t i = sizeof digits;
    do {
        digits[--i] = (char)('0' + v % 10);
        v /= 10;
    } while (v > 0);
    ww_buf_bytes(b, digits + i, sizeof digits - i);
}

static void number(struct ww_buf *b, uint64_t v, size_t n)
{
    char octets[8];
    for (size_t i = 0; i < n; i++)
        octets[i] = (char)(uint8_t)(v >> (8 * (n - 1 - i)));
    ww_buf_bytes(b, octets, n);
}

void ww_buf_u8(struct ww_buf *b, uint8_t v)
{
    number(b, v, 1);
}

void ww_buf_u16(struct ww_buf *b, uint16_t v)
{
    number(b, v, 2);
}

void ww_buf_u32(struct ww_buf *b, uint32_t v)
{
    number(b, v, 4);
}

void ww_buf_u64(struct ww_buf *b, uint64_t v)
{
    number(b, v, 8);
}
