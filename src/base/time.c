#include "base/time.h"

#include "base/ascii.h"
#include "base/buf.h"

/* Not by gmtime_r: glibc opens the time zone file in it, which a confined process must not. */

#define DAY_SECONDS 86400
#define LAST_SECOND INT64_C(253402300799) /* 9999-12-31T23:59:59Z */

static bool is_leap(int64_t year)
{
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

/* month from 0 on */
static int month_length(int64_t year, int month)
{
    static const int lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return lengths[month] + (month == 1 && is_leap(year) ? 1 : 0);
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
    for (; day >= month_length(year, month); month++)
        day -= month_length(year, month);

    struct ww_buf b = ww_buf(out, WW_TIME_SIZE);
    put_padded(&b, year, 4, '-');
    put_padded(&b, month + 1, 2, '-');
    put_padded(&b, day + 1, 2, 'T');
    put_padded(&b, time / 3600, 2, ':');
    put_padded(&b, time / 60 % 60, 2, ':');
    put_padded(&b, time % 60, 2, 'Z');
    ww_buf_char(&b, '\0');
}

/* Takes so many digits and the character behind them, unless that is NUL; -1 when they are not there. */
static int take_number(struct ww_slice *s, size_t digits, char after)
{
    int value = 0;
    size_t n = digits + (after != '\0' ? 1 : 0);
    if (s->n < n || (after != '\0' && s->p[digits] != after))
        return -1;
    for (size_t i = 0; i < digits; i++) {
        if (!ww_is_digit(s->p[i]))
            return -1;
        value = value * 10 + (s->p[i] - '0');
    }
    *s = ww_slice(s->p + n, s->n - n);
    return value;
}

static bool skip_fraction(struct ww_slice *s)
{
    size_t n = 1;
    if (s->n == 0 || s->p[0] != '.')
        return true;
    while (n < s->n && ww_is_digit(s->p[n]))
        n++;
    *s = ww_slice(s->p + n, s->n - n);
    return n > 1;
}

/* Seconds east of UTC. */
static bool take_zone(struct ww_slice s, int64_t *east)
{
    *east = 0;
    if (ww_slice_is(s, "Z") || ww_slice_is(s, "z"))
        return true;
    if (s.n == 0 || (s.p[0] != '+' && s.p[0] != '-'))
        return false;
    int sign = s.p[0] == '-' ? -1 : 1;
    s = ww_slice(s.p + 1, s.n - 1);
    int hours = take_number(&s, 2, ':');
    int minutes = take_number(&s, 2, '\0');
    *east = sign * (hours * 3600 + minutes * 60);
    return hours >= 0 && hours < 24 && minutes >= 0 && minutes < 60 && s.n == 0;
}

bool ww_time_parse(struct ww_slice text, int64_t *seconds)
{
    int year = take_number(&text, 4, '-');
    int month = take_number(&text, 2, '-') - 1;
    bool spaced = text.n > 2 && (text.p[2] == 't' || text.p[2] == ' ');
    int day = take_number(&text, 2, spaced ? text.p[2] : 'T') - 1;
    int hour = take_number(&text, 2, ':');
    int minute = take_number(&text, 2, ':');
    int second = take_number(&text, 2, '\0');
    int64_t east;
    /* A leap second is the last one of its minute for all that reckons in Unix seconds. */
    if (year < 1970 || month < 0 || month > 11 || day < 0 || day >= month_length(year, month) || hour < 0 ||
        hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 60 || !skip_fraction(&text) ||
        !take_zone(text, &east))
        return false;
    int64_t days = day;
    for (int y = 1970; y < year; y++)
        days += 365 + is_leap(y);
    for (int m = 0; m < month; m++)
        days += month_length(year, m);
    *seconds = days * DAY_SECONDS + hour * 3600 + minute * 60 + (second < 60 ? second : 59) - east;
    return *seconds >= 0 && *seconds <= LAST_SECOND;
}
