#include "cli/results_input.h"

#include "base/ascii.h"
#include "codec/idn.h"
#include "codec/journal_line.h"
#include "core/result_line.h"
#include "core/syslog_line.h"

#include <time.h>

#define DAY 86400

bool ww_results_input_init(struct ww_results_input *in, ww_postfix_tell *tell, void *ctx)
{
    *in = (struct ww_results_input){.postfix = ww_postfix_results_new(), .tell = tell, .ctx = ctx};
    return in->postfix != NULL;
}

void ww_results_input_free(struct ww_results_input *in)
{
    ww_postfix_results_free(in->postfix);
    in->postfix = NULL;
}

/* The year is the one that puts the time next to now, and not into the future. */
static int64_t wall_to_unix(const struct ww_wall_time *wall, int64_t now)
{
    time_t clock = (time_t)now;
    struct tm here;
    if (localtime_r(&clock, &here) == NULL)
        return now;
    for (int back = 0; back < 2; back++) {
        struct tm tm = {.tm_year = here.tm_year - back,
                        .tm_mon = wall->month - 1,
                        .tm_mday = wall->day,
                        .tm_hour = wall->hour,
                        .tm_min = wall->minute,
                        .tm_sec = wall->second,
                        .tm_isdst = -1};
        time_t then = mktime(&tm);
        if (then != (time_t)-1 && then <= clock + DAY)
            return then;
    }
    return now;
}

/* Postfix logs what it was given, and that may be a name in UTF-8. */
static void to_ascii(struct ww_postfix_says *says, char room[WW_DNAME_SIZE])
{
    bool plain = true;
    for (size_t i = 0; i < says->domain.n; i++)
        plain = plain && (unsigned char)says->domain.p[i] < 0x80;
    if (!plain && ww_idn_to_domain(says->domain, room) == WW_OK)
        says->domain = ww_slice_str(room);
}

static bool hear(struct ww_results_input *in, struct ww_postfix_heard heard, struct ww_slice message,
                 const struct ww_wall_time *wall, int64_t now)
{
    struct ww_postfix_says says;
    char domain[WW_DNAME_SIZE];
    in->taken++;
    ww_postfix_log_parse(ww_postfix_program(heard.tag), message, &says);
    if (says.line == WW_POSTFIX_NOTHING)
        return true;
    if (wall != NULL)
        heard.time = wall_to_unix(wall, now);
    to_ascii(&says, domain);
    heard.says = &says;
    return ww_postfix_results_take(in->postfix, &heard, in->tell, in->ctx);
}

bool ww_results_input_entry(struct ww_results_input *in, const struct ww_journal_line *entry)
{
    struct ww_postfix_heard heard = {
        .time = entry->seconds, .host = entry->host, .tag = entry->tag, .pid = entry->pid};
    return hear(in, heard, entry->message, NULL, 0);
}

static void take_event(struct ww_results_input *in, const char *p, size_t n, int64_t now)
{
    struct ww_tls_result event;
    size_t offset;
    bool says;
    if (ww_result_line_take(p, n, &event, &says, &offset) != WW_OK) {
        in->refused++;
        return;
    }
    in->taken++;
    if (event.time == 0)
        event.time = now;
    if (says)
        in->tell(in->ctx, &event);
}

bool ww_results_input_line(struct ww_results_input *in, const char *p, size_t n, int64_t now)
{
    struct ww_syslog_line line;
    struct ww_journal_line entry;
    bool good = true;
    if (ww_slice_starts(ww_slice(p, n), "waxwing-")) {
        take_event(in, p, n, now);
    } else if (n > 0 && p[0] == '{') {
        if (!ww_journal_line_parse(p, n, &entry))
            return true;
        good = ww_results_input_entry(in, &entry);
        ww_journal_line_free(&entry);
    } else if (ww_syslog_line_parse(p, n, &line)) {
        struct ww_postfix_heard heard = {
            .time = line.seconds, .host = line.host, .tag = line.tag, .pid = line.pid};
        good = hear(in, heard, line.message, line.is_wall ? &line.wall : NULL, now);
    }
    return good;
}
