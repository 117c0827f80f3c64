#include "daemon/log_limit.h"

#include <string.h>

static struct ww_log_event *find_or_add(struct ww_log_limit *limit, const char *event)
{
    for (size_t i = 0; i < limit->count; i++) {
        struct ww_log_event *e = &limit->events[i];
        if (e->event == event || strcmp(e->event, event) == 0)
            return e;
    }
    if (limit->count == WW_LOG_EVENTS_MAX)
        return &limit->events[WW_LOG_EVENTS_MAX - 1];
    struct ww_log_event *e = &limit->events[limit->count++];
    *e = (struct ww_log_event){.event = event};
    return e;
}

static void begin_span(struct ww_log_event *e, int64_t now)
{
    *e = (struct ww_log_event){.event = e->event, .since = now};
}

bool ww_log_limit_take(struct ww_log_limit *limit, const char *event, unsigned level, int64_t now)
{
    struct ww_log_event *e = find_or_add(limit, event);
    /* What was left out and not asked for yet stays counted. */
    if (e->suppressed == 0 && (e->lines == 0 || now - e->since >= WW_LOG_SPAN_MS))
        begin_span(e, now);
    if (e->lines < WW_LOG_LINES_MAX) {
        e->lines++;
        return true;
    }
    if (e->suppressed == 0 || level < e->level)
        e->level = level;
    e->suppressed++;
    return false;
}

bool ww_log_limit_over(struct ww_log_limit *limit, int64_t now, bool all, struct ww_log_event *out)
{
    for (size_t i = 0; i < limit->count; i++) {
        struct ww_log_event *e = &limit->events[i];
        if (e->suppressed > 0 && (all || now - e->since >= WW_LOG_SPAN_MS)) {
            *out = *e;
            begin_span(e, now);
            return true;
        }
    }
    return false;
}
