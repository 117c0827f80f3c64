/*
 * Accepting connections on the listeners that the supervisor hands down. Pauses at the cap of connections,
 * and when the system has no descriptors left; who comes meanwhile waits in the listener's queue.
 */
#ifndef WW_DAEMON_FRONT_ACCEPT_H
#define WW_DAEMON_FRONT_ACCEPT_H

#include "daemon/front_client.h"
#include "proc/msg.h"

struct ww_acceptor;

/* clients is borrowed. NULL when memory is short. */
struct ww_acceptor *ww_acceptor_new(struct event_base *base, struct ww_clients *clients);
void ww_acceptor_free(struct ww_acceptor *acceptor);

/* Another listener, or a new one of the same name. Owns fd. */
void ww_acceptor_listener(struct ww_acceptor *acceptor, const struct ww_msg_listener *listener, int fd);

/* Those that are connected stay. */
void ww_acceptor_listener_gone(struct ww_acceptor *acceptor, const struct ww_msg_listener *listener);

/* Accepting begins. */
void ww_acceptor_start(struct ww_acceptor *acceptor);

/* A connection was closed: there is room again. */
void ww_acceptor_room(struct ww_acceptor *acceptor);

#endif
