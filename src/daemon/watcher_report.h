/* What the watcher tells the keeper of an inspection, and what the keeper has told it before: pure. */
#ifndef WW_DAEMON_WATCHER_REPORT_H
#define WW_DAEMON_WATCHER_REPORT_H

#include "check/inspect.h"
#include "proc/msg_watch.h"

/* Inspections at a time: what watch.parallel may be. */
#define WW_WATCHER_MAX 100

/* Appends a ww_msg_watched. False: memory is short, or it does not fit. */
bool ww_watcher_report_put(struct ww_buf *b, const struct ww_sight *sight,
                           const struct ww_check_report *report);

void ww_watcher_past_read(const struct ww_msg_watch *m, struct ww_past *out);

#endif
