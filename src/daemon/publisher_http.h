/*
 * What the publisher answers. By HTTPS: the policy of the host that the handshake was made for, at the one
 * path that there is, and nothing else. By HTTP: challenges of ACME (RFC 8555 section 8.3), and nothing else.
 */
#ifndef WW_DAEMON_PUBLISHER_HTTP_H
#define WW_DAEMON_PUBLISHER_HTTP_H

#include "daemon/publisher_keys.h"
#include "proc/msg.h"

struct ww_publisher_http;

/* All is borrowed. NULL when memory is short. */
struct ww_publisher_http *ww_publisher_http_new(struct event_base *base, const char *folder,
                                                struct ww_publisher_sites *sites,
                                                struct ww_publisher_keys *keys, struct ww_stats *stats);
void ww_publisher_http_free(struct ww_publisher_http *http);

/* Another listener, or a new one of the same name: POLICIES or CHALLENGES. Owns fd. */
void ww_publisher_http_listener(struct ww_publisher_http *http, const struct ww_msg_listener *listener,
                                int fd);
/* Who is connected stays. */
void ww_publisher_http_listener_gone(struct ww_publisher_http *http, const struct ww_msg_listener *listener);

/* Sets the gauges, and what the listeners have counted. */
void ww_publisher_http_count(const struct ww_publisher_http *http);

#endif
