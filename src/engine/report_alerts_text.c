#include "base/time.h"
#include "core/sessions.h"
#include "core/words.h"
#include "engine/report_alerts_private.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#define DATE_SIZE 11 /* "2026-11-28" */
#define RATE_SIZE 24
#define USUAL_SIZE 40

static void date(int64_t day, char out[DATE_SIZE])
{
    char text[WW_TIME_SIZE];
    ww_time_format(day * WW_DAY_SECONDS, text);
    (void)snprintf(out, DATE_SIZE, "%.10s", text);
}

/* "12.4%" */
static void rate(int64_t millionths, char out[RATE_SIZE])
{
    (void)snprintf(out, RATE_SIZE, "%.1f%%", (double)millionths / 10000);
}

/* What is not nothing does not look so. */
static void usual(int64_t millionths, char out[USUAL_SIZE])
{
    if (millionths == 0)
        (void)snprintf(out, USUAL_SIZE, "none");
    else if (millionths < 1000)
        (void)snprintf(out, USUAL_SIZE, "less than 0.1%%");
    else
        (void)snprintf(out, USUAL_SIZE, "at most %.1f%%", (double)millionths / 10000);
}

/* What senders wrote, in words; cut before it could fill the whole line. */
static struct ww_slice words(const char *text, char *room, size_t size)
{
    struct ww_buf b = ww_buf(room, size);
    ww_words_put_cut(&b, ww_slice_str(text));
    return ww_slice(b.p, b.n);
}

__attribute__((format(printf, 2, 3))) static void add(struct ww_report_told *t, const char *format, ...)
{
    size_t n = strlen(t->seen);
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(t->seen + n, sizeof t->seen - n, format, arguments);
    va_end(arguments);
}

static void say(struct ww_report_told *t, const char *before, const char *text)
{
    char room[160];
    struct ww_slice s = words(text, room, sizeof room);
    if (s.n > 0)
        add(t, "%s%.*s", before, (int)s.n, s.p);
}

static void place(struct ww_report_told *t, const char *text, const char *otherwise)
{
    char room[WW_ALERT_WHERE_SIZE - 1];
    struct ww_slice s = words(text[0] != '\0' ? text : otherwise, room, sizeof room);
    (void)snprintf(t->where, sizeof t->where, "%.*s", (int)s.n, s.p);
}

static void add_unverified(struct ww_report_told *t, int64_t failure)
{
    if (failure > 0)
        add(t, "; reports that are not verified, and not counted, say the same of %" PRId64 " more", failure);
}

static const struct ww_report_day *day_of(const struct ww_report_told *t, const struct ww_report_past *past)
{
    return &past->days[past->today - t->day];
}

static const char *plural(int64_t count)
{
    return count == 1 ? "" : "s";
}

void ww_report_say_rate(struct ww_report_told *t, const struct ww_report_past *past)
{
    const struct ww_report_day *day = day_of(t, past);
    struct ww_report_worst worst = {.mx = ""};
    char on[DATE_SIZE], now[RATE_SIZE], before[USUAL_SIZE];
    past->worst(past->ctx, t->day, NULL, &worst);
    date(t->day, on);
    rate(ww_report_rate(day), now);
    usual(t->usual, before);
    t->seen[0] = '\0';
    add(t, "%" PRId64 " of %" PRId64 " sessions failed on %s: %s, usually %s", day->failure,
        day->success + day->failure, on, now, before);
    say(t, "; most: ", worst.result);
    say(t, ", at ", worst.mx);
    say(t, ", reported by ", worst.sender);
    if (day->enforced > 0)
        add(t, "; %" PRId64 " of them under mode enforce", day->enforced);
    add_unverified(t, day->unverified_failure);
    if (t->where[0] == '\0') /* what has begun at a place is told, and cleared, of that place */
        place(t, worst.mx, "all MX hosts");
}

void ww_report_say_rate_cleared(struct ww_report_told *t, const struct ww_report_past *past, int64_t day)
{
    const struct ww_report_day *d = &past->days[past->today - day];
    char on[DATE_SIZE], now[RATE_SIZE];
    date(day, on);
    rate(ww_report_rate(d), now);
    add(t, "; on %s %" PRId64 " of %" PRId64 " failed: %s", on, d->failure, d->success + d->failure, now);
}

void ww_report_say_first(struct ww_report_told *t, const struct ww_report_past *past)
{
    const struct ww_report_day *day = day_of(t, past);
    struct ww_report_worst worst = {.mx = ""};
    char on[DATE_SIZE];
    past->worst(past->ctx, t->day, NULL, &worst);
    date(t->day, on);
    t->seen[0] = '\0';
    add(t, "%" PRId64 " session%s failed on %s under mode enforce", day->enforced, plural(day->enforced), on);
    say(t, day->enforced == 1 ? ": " : "; most: ", worst.result);
    say(t, ", at ", worst.mx);
    say(t, ", reported by ", worst.sender);
    add_unverified(t, day->unverified_failure);
    place(t, worst.mx, "all MX hosts");
}

void ww_report_say_first_cleared(struct ww_report_told *t)
{
    char on[DATE_SIZE];
    date(t->day, on);
    add(t, "; none after %s", on);
}

void ww_report_say_silent(struct ww_report_told *t, int days, size_t silent, size_t all)
{
    char on[DATE_SIZE];
    date(t->day, on);
    t->seen[0] = '\0';
    add(t, "its last report is of %s; up to then it reported on %d of %d days", on, days,
        WW_REPORT_SENDER_OF_DAYS);
    if (silent > 1)
        add(t, "; of %zu senders that used to report, %zu are silent", all, silent);
    place(t, t->about, "");
}

void ww_report_say_silent_cleared(struct ww_report_told *t, int64_t day)
{
    char on[DATE_SIZE];
    date(day, on);
    add(t, "; reports again, of %s", on);
}

void ww_report_say_result(struct ww_report_told *t, const struct ww_report_past *past,
                          const struct ww_report_result *result)
{
    struct ww_report_worst worst = {.mx = ""};
    char on[DATE_SIZE];
    past->worst(past->ctx, result->day, result->name, &worst);
    date(result->day, on);
    t->seen[0] = '\0';
    add(t, "%" PRId64 " session%s since %s, none before", result->sessions, plural(result->sessions), on);
    say(t, "; most: at ", worst.mx);
    say(t, worst.mx[0] != '\0' ? ", reported by " : "; reported by ", worst.sender);
    add_unverified(t, result->unverified);
    place(t, result->name, "");
}
