/* Has a loop call ww_log_flush now and then. */
#ifndef WW_DAEMON_LOG_TIMER_H
#define WW_DAEMON_LOG_TIMER_H

struct event;
struct event_base;

/* The caller frees it with event_free before the base. NULL when memory is short. */
struct event *ww_log_timer_new(struct event_base *base);

#endif
