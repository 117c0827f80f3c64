/*
 * Reports by HTTPS (RFC 8460 section 5.2), from anybody; by HTTP behind a proxy; and what `waxwing report
 * ingest` hands in, by HTTP on a Unix socket.
 */
#ifndef WW_DAEMON_INTAKE_HTTP_H
#define WW_DAEMON_INTAKE_HTTP_H

#include "daemon/intake_jobs.h"

struct ww_intake_http;

/*
 * All is borrowed. Before confinement: reads certificate and key. NULL: the reason is in the log; a
 * certificate that cannot be used is none: then each handshake fails at once, and the log says why.
 */
struct ww_intake_http *ww_intake_http_new(struct event_base *base, const struct ww_config *config,
                                          struct ww_intake_jobs *jobs, struct ww_stats *stats);
void ww_intake_http_free(struct ww_intake_http *http);

/* Another listener, or a new one of the same name: SUBMIT, REPORTS or REPORTS_TLS. Owns fd. */
void ww_intake_http_listener(struct ww_intake_http *http, const struct ww_msg_listener *listener, int fd);
/* Who is connected stays. */
void ww_intake_http_listener_gone(struct ww_intake_http *http, const struct ww_msg_listener *listener);

#endif
