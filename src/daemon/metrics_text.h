/* What all roles have counted, in Prometheus's text format 0.0.4. */
#ifndef WW_DAEMON_METRICS_TEXT_H
#define WW_DAEMON_METRICS_TEXT_H

#include "daemon/control_stats.h"

#define WW_METRICS_TYPE "text/plain; version=0.0.4; charset=utf-8"

/* Room that is always enough. */
#define WW_METRICS_MAX ((size_t)512 * 1024)

/*
 * Values by an error's name are left out where they are zero; all others are there from the beginning. b's
 * `failed` tells of overflow.
 */
void ww_metrics_text(struct ww_buf *b, const struct ww_control_stats *stats,
                     const struct ww_msg_roles *status);

#endif
