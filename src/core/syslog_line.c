#include "core/syslog_line.h"

#include "base/ascii.h"
#include "base/time.h"

/* Longest: "2026-11-29T11:24:44.123456789+01:00". */
#define STAMP_MAX 40

static bool take_until(struct ww_slice *s, char end, struct ww_slice *word)
{
    const char *at = s->n > 0 ? memchr(s->p, end, s->n) : NULL;
    if (at == NULL)
        return false;
    size_t n = (size_t)(at - s->p);
    *word = ww_slice(s->p, n);
    *s = ww_slice(at + 1, s->n - n - 1);
    return true;
}

/* Two digits, the first of which may be a space where the day of the month stands. */
static int two(const char *p, bool spaced)
{
    if ((!ww_is_digit(p[0]) && !(spaced && p[0] == ' ')) || !ww_is_digit(p[1]))
        return -1;
    return (p[0] == ' ' ? 0 : p[0] - '0') * 10 + (p[1] - '0');
}

/* "Nov 29 11:24:44 ": sixteen octets. */
static bool take_wall(struct ww_slice *s, struct ww_wall_time *wall)
{
    static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    const char *p = s->p;
    if (s->n < 16 || p[3] != ' ' || p[6] != ' ' || p[9] != ':' || p[12] != ':' || p[15] != ' ')
        return false;
    wall->month = 0;
    for (int i = 0; i < 12; i++) {
        if (memcmp(p, months + (size_t)i * 3, 3) == 0)
            wall->month = i + 1;
    }
    wall->day = two(p + 4, true);
    wall->hour = two(p + 7, false);
    wall->minute = two(p + 10, false);
    wall->second = two(p + 13, false);
    *s = ww_slice(p + 16, s->n - 16);
    return wall->month > 0 && wall->day >= 1 && wall->day <= 31 && wall->hour >= 0 && wall->hour < 24 &&
           wall->minute >= 0 && wall->minute < 60 && wall->second >= 0 && wall->second <= 60;
}

static bool is_short_zone(struct ww_slice stamp)
{
    const char *sign = stamp.p + stamp.n - 5;
    return stamp.n > 5 && (*sign == '+' || *sign == '-') && memchr(sign, ':', 5) == NULL;
}

static bool take_stamp(struct ww_slice *s, int64_t *seconds)
{
    char text[STAMP_MAX + 1];
    struct ww_slice stamp;
    if (!take_until(s, ' ', &stamp) || stamp.n > STAMP_MAX)
        return false;
    if (!is_short_zone(stamp))
        return ww_time_parse(stamp, seconds);
    memcpy(text, stamp.p, stamp.n - 2);
    text[stamp.n - 2] = ':';
    memcpy(text + stamp.n - 1, stamp.p + stamp.n - 2, 2);
    return ww_time_parse(ww_slice(text, stamp.n + 1), seconds);
}

/* "postfix/smtp[338]: " or "postfix/smtp: ". */
static bool take_tag(struct ww_slice *s, struct ww_slice *tag, uint32_t *pid)
{
    struct ww_slice word;
    if (!take_until(s, ' ', &word) || word.n < 2 || word.p[word.n - 1] != ':')
        return false;
    word.n--;
    *tag = word;
    *pid = 0;
    if (word.p[word.n - 1] != ']')
        return true;
    const char *open = memchr(word.p, '[', word.n);
    if (open == NULL || open == word.p)
        return false;
    const char *digit = open + 1;
    for (; ww_is_digit(*digit) && *pid <= UINT32_MAX / 10 - 1; digit++)
        *pid = *pid * 10 + (uint32_t)(*digit - '0');
    *tag = ww_slice(word.p, (size_t)(open - word.p));
    return digit == word.p + word.n - 1 && digit > open + 1;
}

bool ww_syslog_line_parse(const char *p, size_t n, struct ww_syslog_line *out)
{
    struct ww_slice s = ww_slice(p, n);
    *out = (struct ww_syslog_line){.is_wall = n > 0 && ww_is_alpha(p[0])};
    if (n == 0 || n > WW_SYSLOG_LINE_MAX)
        return false;
    if (!(out->is_wall ? take_wall(&s, &out->wall) : take_stamp(&s, &out->seconds)))
        return false;
    if (!take_until(&s, ' ', &out->host) || out->host.n == 0 || !take_tag(&s, &out->tag, &out->pid))
        return false;
    out->message = s;
    return true;
}
