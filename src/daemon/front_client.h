/*
 * The connections of MTAs, by socketmap or the line protocol (front_framing.h): pipelining, and what a slow
 * or hostile peer may cost. Answers go out in the order of the requests; a connection that has too much
 * waiting is not read until that has shrunk, and one that asks much at once takes turns with the others.
 */
#ifndef WW_DAEMON_FRONT_CLIENT_H
#define WW_DAEMON_FRONT_CLIENT_H

#include "daemon/front_lookup.h"

#define WW_CLIENTS_MAX 4096

/* Requests of one connection that wait, for a flight or for one before them. */
#define WW_CLIENT_REQUESTS 64

/* Without a request for so long: closed. Postfix itself closes after 10 to 100 s. */
#define WW_CLIENT_IDLE_SECONDS 300
/* The same while there is no room for another connection: whoever has nothing to ask gives way to who has. */
#define WW_CLIENT_IDLE_FULL_SECONDS 2
/* A request that has begun is whole after so long. */
#define WW_CLIENT_REQUEST_SECONDS 10
/* Answers that wait are read, in part at least, after so long. */
#define WW_CLIENT_ANSWER_SECONDS 30

struct ww_clients;

/* closed is called after a connection has gone. lookup is borrowed. NULL when memory is short. */
struct ww_clients *ww_clients_new(struct event_base *base, struct ww_lookup *lookup,
                                  void (*closed)(void *ctx), void *ctx);
/* Closes all connections; closed is not called. */
void ww_clients_free(struct ww_clients *clients);

/* Takes over a connection (non-blocking). When memory is short it is closed. */
void ww_clients_add(struct ww_clients *clients, int fd);
size_t ww_clients_count(const struct ww_clients *clients);

#endif
