/*
 * How often an event may stand in the log: so many lines of one event a minute, and then the number of those
 * that were left out, so that nobody can fill the disk, or bury what matters, by making us log.
 */
#ifndef WW_DAEMON_LOG_LIMIT_H
#define WW_DAEMON_LOG_LIMIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define WW_LOG_LINES_MAX 60
#define WW_LOG_SPAN_MS INT64_C(60000)

/* Further events share the last place. */
#define WW_LOG_EVENTS_MAX 96

struct ww_log_event {
    const char *event;
    int64_t since; /* the first line of this span */
    unsigned lines;
    unsigned level;      /* the lowest number, which is the most severe, of what was left out */
    uint64_t suppressed; /* left out in this span */
};

struct ww_log_limit {
    struct ww_log_event events[WW_LOG_EVENTS_MAX];
    size_t count;
};

/*
 * False when the line must be left out, which is counted. The name of an event lives as long as the program;
 * now is in milliseconds by a clock that does not go back.
 */
bool ww_log_limit_take(struct ww_log_limit *limit, const char *event, unsigned level, int64_t now);

/*
 * The next event of which lines were left out in a span that is over (or any span, if all), and begins a new
 * one. False: there is none.
 */
bool ww_log_limit_over(struct ww_log_limit *limit, int64_t now, bool all, struct ww_log_event *out);

#endif
