/* The clients of the line protocol: each line is in the journal before it is answered. */
#ifndef WW_DAEMON_COLLECTOR_LINES_H
#define WW_DAEMON_COLLECTOR_LINES_H

#include "daemon/collector_drain.h"

struct ww_collector_lines;

/* All is borrowed. NULL when memory is short. */
struct ww_collector_lines *ww_collector_lines_new(struct event_base *base, struct ww_drain *intake);
void ww_collector_lines_free(struct ww_collector_lines *lines);

/* A listening socket; owns fd. */
void ww_collector_lines_listen(struct ww_collector_lines *lines, const char *name, int fd);
void ww_collector_lines_listener_gone(struct ww_collector_lines *lines, const char *name);

/* There is room in the journal again. */
void ww_collector_lines_resume(struct ww_collector_lines *lines);

#endif
