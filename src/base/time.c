#include "base/time.h"

#include "base/buf.h"

#include <stdbool.h>

/* Not by gmtime_r: glibc opens the time zone file in it, which a confined process must not. */

#define DAY_SECONDS 86400
#define LAST_SECOND INT64_C(253402300799) /* 9999-12-31T23:59:59Z */

static bool is_leap(int64_t year)
{
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static void put_padded(struct ww_buf *b, int64_t value, int width, char after)
{
    char digits[4];
    for (int i = width; i > 0; value /= 10)
        digits[--i] = (char)('0' + value % 10);
    ww_buf_bytes(b, digits, (size_t)width);
    ww_buf_char(b, after);
}

void ww_time_format(int64_t seconds, char out[WW_TIME_SIZE])
{
    static const int lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    if (seconds < 0)
        seconds = 0;
    if (seconds > LAST_SECOND)
        seconds = LAST_SECOND;
    int64_t day = seconds / DAY_SECONDS;
    int64_t time = seconds % DAY_SECONDS;

    int64_t year = 1970;
    for (; day >= 365 + is_leap(year); year++)
        day -= 365 + is_leap(year);
    int month = 0;
    for (; day >= lengths[month] + (month == 1 && is_leap(year)); month++)
        day -= lengths[month] + (month == 1 && is_leap(year));

    struct ww_buf b = ww_buf(out, WW_TIME_SIZE);
    put_padded(&b, year, 4, '-');
    put_padded(&b, month + 1, 2, '-');
    put_padded(&b, day + 1, 2, 'T');
    put_padded(&b, time / 3600, 2, ':');
    put_padded(&b, time / 60 % 60, 2, ':');
    put_padded(&b, time % 60, 2, 'Z');
    ww_buf_char(&b, '\0');
}
