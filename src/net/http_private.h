/* What the server and its connections know of each other. Private to the HTTP server. */
#ifndef WW_NET_HTTP_PRIVATE_H
#define WW_NET_HTTP_PRIVATE_H

#include "core/addr.h"
#include "net/http_server.h"

#include <event2/event.h>
#include <sys/queue.h>

struct ww_http_connection;
TAILQ_HEAD(ww_http_connections, ww_http_connection);

struct ww_http_server {
    struct event_base *base;
    struct ww_http_limits limits;
    ww_http_handler *handler;
    void *ctx;
    TAILQ_HEAD(, ww_http_listener) listeners;
    /* Those without a request under way stand in the order in which they became so. */
    struct ww_http_connections idle;
    struct ww_http_connections busy;
    size_t count;
    struct event *again; /* ends a pause for want of descriptors */
    bool paused;
    bool full; /* a pause for want of room */
    bool exhausted;
};

struct ww_http_connection {
    TAILQ_ENTRY(ww_http_connection) entry;
    struct ww_http_server *server;
    struct ww_addr peer; /* length 0: it has no address */
    int fd;
    struct event *readable;
    struct event *writable;
    struct event *deadline;
    struct ww_http_exchange *exchange; /* that is not answered yet, or NULL */
    bool busy;                         /* a request is under way; says in which list it stands */
    bool partial;                      /* that request is not whole yet */
    bool serving;                      /* inside of the loop that serves: an answer waits for it */
    bool ended;                        /* the peer sends no more */
    bool closing;                      /* nothing more is served: what is queued goes out, and then the end */
    bool lingering;                    /* all was sent: what the peer still sends is read away */
    bool continued;                    /* "100 Continue" was sent for the request under way */
    bool broken;                       /* freed as soon as nobody works on it */
    char *in;                          /* input that is not served yet; NULL when there is none */
    size_t in_n;
    size_t in_size;
    char *out;
    size_t out_at;
    size_t out_n;
};

/* Takes over fd (non-blocking). When memory is short it is closed. */
void ww_http_connection_add(struct ww_http_server *server, int fd, const struct ww_addr *peer);

/* Closes it, without an answer if one is due. */
void ww_http_connection_free(struct ww_http_connection *c);

/* A connection was closed, or another one may give way: there may be room again. */
void ww_http_server_room(struct ww_http_server *server);

#endif
