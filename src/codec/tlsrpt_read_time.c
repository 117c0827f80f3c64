#include "base/ascii.h"
#include "base/time.h"
#include "codec/tlsrpt_read_private.h"

#define DAY 86400
/* Octets of "2026-11-28" and "2026-11-28T00:00:00", and of the longest text that is looked at. */
#define DATE_LENGTH 10
#define TIME_LENGTH 19
#define TEXT_MAX 60

static bool is_digits(struct ww_slice s)
{
    for (size_t i = 0; i < s.n; i++)
        if (!ww_is_digit(s.p[i]))
            return false;
    return s.n > 0;
}

/* Octets of a fraction of a second, of which nothing is kept. */
static size_t fraction_length(struct ww_slice s)
{
    size_t n = 1;
    if (s.n == 0 || s.p[0] != '.')
        return 0;
    while (n < s.n && ww_is_digit(s.p[n]))
        n++;
    return n > 1 ? n : 0;
}

/* The zone, as RFC 3339 has it. */
static void put_zone(struct ww_tlsrpt_reading *r, struct ww_buf *b, struct ww_slice zone)
{
    bool spaced = zone.n > 1 && zone.p[0] == ' ';
    zone = ww_slice(zone.p + spaced, zone.n - spaced);
    bool named = ww_is_nocase(zone, "utc") || ww_is_nocase(zone, "gmt");
    bool offset = zone.n > 0 && (zone.p[0] == '+' || zone.p[0] == '-');
    struct ww_slice digits = offset ? ww_slice(zone.p + 1, zone.n - 1) : zone;
    bool short_form = offset && is_digits(digits) && (digits.n == 2 || digits.n == 4);
    if (zone.n == 0)
        ww_tlsrpt_warn(r, WW_E_REPORT_DATE_NO_ZONE);
    else if (spaced || named || short_form)
        ww_tlsrpt_warn(r, WW_E_REPORT_DATE_ZONE);
    if (zone.n == 0 || named) {
        ww_buf_char(b, 'Z');
    } else if (short_form) {
        ww_buf_bytes(b, zone.p, 3);
        ww_buf_char(b, ':');
        ww_buf_str(b, digits.n == 2 ? "00" : "");
        ww_buf_bytes(b, digits.p + 2, digits.n - 2);
    } else {
        ww_buf_slice(b, zone);
    }
}

static bool parse(struct ww_tlsrpt_reading *r, struct ww_slice s, bool is_end, int64_t *out)
{
    char room[TEXT_MAX + 16];
    struct ww_buf b = ww_buf(room, sizeof room);
    if (s.n == DATE_LENGTH) {
        ww_tlsrpt_warn(r, WW_E_REPORT_DATE_DAY);
        ww_buf_slice(&b, s);
        ww_buf_str(&b, is_end ? "T23:59:59Z" : "T00:00:00Z");
    } else if (s.n >= TIME_LENGTH && s.n <= TEXT_MAX) {
        if (s.p[DATE_LENGTH] == ' ')
            ww_tlsrpt_warn(r, WW_E_REPORT_DATE_SPACE);
        ww_buf_bytes(&b, s.p, TIME_LENGTH);
        s = ww_slice(s.p + TIME_LENGTH, s.n - TIME_LENGTH);
        size_t fraction = fraction_length(s);
        put_zone(r, &b, ww_slice(s.p + fraction, s.n - fraction));
    }
    return !b.failed && ww_time_parse(ww_slice(b.p, b.n), out);
}

static int64_t take_time(struct ww_tlsrpt_reading *r, const json_t *range, const char *key, bool is_end)
{
    const json_t *value = json_object_get(range, key);
    int64_t time = 0;
    ww_tlsrpt_enter(r, key);
    if (!parse(r,
               json_is_string(value) ? ww_slice(json_string_value(value), json_string_length(value))
                                     : ww_slice("", 0),
               is_end, &time)) {
        ww_tlsrpt_error(r, WW_E_REPORT_DATE);
        time = 0;
    }
    ww_tlsrpt_leave(r);
    return time;
}

/* Both ends are known. */
static void judge(struct ww_tlsrpt_reading *r)
{
    int64_t begin = r->report.begin, end = r->report.end;
    int64_t seconds = end - begin + (end % 60 == 59);
    if (end < begin)
        ww_tlsrpt_warn(r, WW_E_REPORT_RANGE_BACKWARDS);
    else if (seconds < DAY)
        ww_tlsrpt_info(r, WW_E_REPORT_RANGE_SHORT);
    else if (seconds > DAY)
        ww_tlsrpt_info(r, WW_E_REPORT_RANGE_LONG);
    if (end > begin && end % DAY == 0)
        ww_tlsrpt_missing(r, "end-datetime", WW_E_REPORT_END_IS_MIDNIGHT, WW_SEVERITY_INFO);
}

void ww_tlsrpt_range(struct ww_tlsrpt_reading *r, json_t *range)
{
    static const struct ww_tlsrpt_field fields[] = {{"start-datetime", NULL}, {"end-datetime", NULL}};
    if (!json_is_object(range)) {
        ww_tlsrpt_error(r, WW_E_REPORT_DATE_RANGE_MISSING);
        return;
    }
    (void)ww_tlsrpt_take(r, range, fields, sizeof fields / sizeof *fields);
    r->report.begin = take_time(r, range, fields[0].key, false);
    r->report.end = take_time(r, range, fields[1].key, true);
    if (r->report.begin != 0 && r->report.end != 0)
        judge(r);
}
