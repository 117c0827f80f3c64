/* What the server and its connections know of each other. Private to the HTTP server. */
#ifndef WW_NET_HTTP_PRIVATE_H
#define WW_NET_HTTP_PRIVATE_H

#include "core/addr.h"
#include "net/http_server.h"

#include <event2/event.h>
#include <openssl/ssl.h>
#include <sys/queue.h>
#include <sys/types.h>

struct ww_http_connection;
TAILQ_HEAD(ww_http_connections, ww_http_connection);

struct ww_http_server {
    struct event_base *base;
    struct ww_http_limits limits;
    ww_http_handler *handler;
    ww_http_check *check; /* or NULL */
    void *ctx;
    TAILQ_HEAD(, ww_http_listener) listeners;
    /* Those without a request under way stand in the order in which they became so. */
    struct ww_http_connections idle;
    struct ww_http_connections busy;
    size_t count;
    size_t input;        /* octets that requests take which are not served yet */
    uint64_t failed;     /* handshakes */
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
    bool checked;                      /* the head of the request under way was found good */
    bool continued;                    /* "100 Continue" was sent for it, or is not wanted any more */
    bool broken;                       /* freed as soon as nobody works on it */
    char *in;                          /* input that is not served yet; NULL when there is none */
    size_t in_n;
    size_t in_size;
    char *out;
    size_t out_at;
    size_t out_n;
    SSL *ssl;         /* NULL: plain text */
    bool wants_write; /* TLS itself has to send something before more can be read */
    bool tls_over;    /* nothing more can be said: goodbye was, or it has failed */
};

/* Takes over fd (non-blocking). tls: or NULL. When memory is short it is closed. */
void ww_http_connection_add(struct ww_http_server *server, int fd, const struct ww_addr *peer, SSL_CTX *tls);

/* Closes it, without an answer if one is due. */
void ww_http_connection_free(struct ww_http_connection *c);

/* A connection was closed, or another one may give way: there may be room again. */
void ww_http_server_room(struct ww_http_server *server);

/* TLS on a connection (http_tls.c). False: memory is short. */
WW_MUST_CHECK bool ww_http_tls_begin(struct ww_http_connection *c, SSL_CTX *ctx);
/* As recv and send, with errno: EAGAIN, or EPROTO for all that ends it. The handshake is part of either. */
ssize_t ww_http_tls_recv(struct ww_http_connection *c, char *p, size_t n);
ssize_t ww_http_tls_send(struct ww_http_connection *c, const char *p, size_t n);
/* There is input that no event will tell of. */
bool ww_http_tls_has_more(const struct ww_http_connection *c);
/* Says that nothing more will come. False: once it can be written (wants_write). */
bool ww_http_tls_goodbye(struct ww_http_connection *c);
void ww_http_tls_end(struct ww_http_connection *c);

#endif
