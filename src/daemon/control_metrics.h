/* The listener for monitoring: GET /metrics and GET /healthz over HTTP. */
#ifndef WW_DAEMON_CONTROL_METRICS_H
#define WW_DAEMON_CONTROL_METRICS_H

#include "daemon/control_stats.h"

struct ww_metrics;

/* Both are borrowed. NULL when memory is short. */
struct ww_metrics *ww_metrics_new(struct event_base *base, struct ww_control_stats *stats,
                                  const struct ww_msg_roles *status);
void ww_metrics_free(struct ww_metrics *metrics);

/* A listening socket, in place of the one before of its name. Owns fd. */
void ww_metrics_listen(struct ww_metrics *metrics, const char *name, int fd);
void ww_metrics_deafen(struct ww_metrics *metrics, const char *name);

#endif
