/*
 * The HTTP API of the front: GET /v1/policy/{domain}, for senders that speak no socketmap (docs/api.md). It
 * answers as the other look-ups are answered, by the same cache, flights, overrides and dry run.
 */
#ifndef WW_DAEMON_FRONT_HTTP_H
#define WW_DAEMON_FRONT_HTTP_H

#include "daemon/front_lookup.h"

struct ww_front_http;

/*
 * And so many look-ups wait at most: all are of this machine, and one that waits keeps its connection. No
 * more than a quarter of the descriptors that the process may have: listeners and MTAs have the rest.
 */
#define WW_FRONT_HTTP_CONNECTIONS 1024
/* Octets of a request's head. */
#define WW_FRONT_HTTP_HEAD 8192
/* What a request may take beside `answer_deadline`. */
#define WW_FRONT_HTTP_SLACK_MS 5000

/* lookup and config are borrowed. NULL when memory is short. */
struct ww_front_http *ww_front_http_new(struct event_base *base, struct ww_lookup *lookup,
                                        const struct ww_config *config);
/* Before lookup is. */
void ww_front_http_free(struct ww_front_http *http);

/* Another listener, or a new one of the same name. Owns fd. */
void ww_front_http_listener(struct ww_front_http *http, const struct ww_msg_listener *listener, int fd);
/* Those that are connected stay. */
void ww_front_http_listener_gone(struct ww_front_http *http, const struct ww_msg_listener *listener);

/* Accepting begins. */
void ww_front_http_start(struct ww_front_http *http);

/* config has changed. */
void ww_front_http_reload(struct ww_front_http *http);

#endif
