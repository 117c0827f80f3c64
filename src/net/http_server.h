/*
 * An HTTP/1.x server on the loop, with or without TLS, for all roles that serve HTTP: it accepts on listeners
 * that it was handed, reads requests (core/http_request.h), and gives each to a handler, which answers at
 * once or later.
 *
 * Its peers are hostile. Connections are capped, in all and for each address: at the cap one that has no
 * request under way gives way to a new one, and when all have, new ones wait in the listener's queue. Each
 * request ends by its deadline, from its first octet to the last one of its answer; so does the wait for a
 * connection's first request, with the TLS handshake. Requests of one connection are answered one after the
 * other.
 */
#ifndef WW_NET_HTTP_SERVER_H
#define WW_NET_HTTP_SERVER_H

#include "base/err.h"
#include "core/addr.h"
#include "core/dname.h"
#include "core/http_request.h"

#include <openssl/ssl.h>
#include <stddef.h>
#include <stdint.h>

struct event_base;
struct ww_http_server;
struct ww_http_exchange;

struct ww_http_limits {
    size_t connections;   /* in all */
    size_t per_address;   /* of one IPv4 address, or one /64 of IPv6; peers on Unix sockets have none */
    unsigned deadline_ms; /* of one request, its answer included */
    unsigned idle_ms;     /* between two requests of a connection */
    size_t head_max;      /* octets of a request's head; a longer one is answered with 431 */
    size_t body_max;      /* octets; a longer body is answered with 413 */
    size_t input_max;     /* octets of all requests that are not whole yet; who finds no room is answered with
                             503; 0: as many as the rest allows */
};

struct ww_http_request {
    struct ww_http_head head;
    struct ww_slice body;
};

struct ww_http_response {
    unsigned status;
    const char *type;    /* Content-Type, or NULL when there is no body */
    const char *headers; /* further ones, whole lines with CRLF, or NULL */
    struct ww_slice body;
};

/*
 * Answers with ww_http_answer, now or later, once for each exchange. request is borrowed during the call.
 * Must not free the server.
 */
typedef void ww_http_handler(void *ctx, struct ww_http_exchange *exchange,
                             const struct ww_http_request *request);

/*
 * Looks at a head before the body is read. False: *refusal is the answer, borrowed until the next call.
 * Without a check all are good.
 */
typedef bool ww_http_check(void *ctx, const struct ww_http_head *head, const struct ww_addr *peer,
                           struct ww_http_response *refusal);

/* Nothing is served before a listener comes. NULL when memory is short. */
struct ww_http_server *ww_http_server_new(struct event_base *base, const struct ww_http_limits *limits,
                                          ww_http_handler *handler, void *ctx);

/* ctx is that of the handler. Before a listener comes. */
void ww_http_server_check(struct ww_http_server *server, ww_http_check *check);

/* Closes listeners and connections. Exchanges that are not answered yet still have to be. */
void ww_http_server_free(struct ww_http_server *server);

/*
 * Takes over a listening socket and makes it non-blocking; the one before of this name is closed. On failure
 * fd is closed.
 */
WW_MUST_CHECK enum ww_err ww_http_server_listen(struct ww_http_server *server, const char *name, int fd);

/*
 * The same for HTTPS, with a context such as that of ww_tls_server_new, which is shared; a peer that speaks
 * no TLS is closed, and so is one with which another protocol than HTTP was agreed on, as soon as it is. The
 * process ignores SIGPIPE.
 */
WW_MUST_CHECK enum ww_err ww_http_server_listen_tls(struct ww_http_server *server, const char *name, int fd,
                                                    SSL_CTX *tls);

/* Closes the listener of this name, if there is one; who is connected stays. */
void ww_http_server_deafen(struct ww_http_server *server, const char *name);

/* While it is paused nobody is accepted: who comes waits in the listener's queue. */
void ww_http_server_pause(struct ww_http_server *server, bool paused);

/* Another deadline for the requests that begin from now on. */
void ww_http_server_set_deadline(struct ww_http_server *server, unsigned deadline_ms);

/* Connections that there are. */
size_t ww_http_server_count(const struct ww_http_server *server);

/* Connections whose TLS handshake has failed, or was never finished, since the server was made. */
uint64_t ww_http_server_failed(const struct ww_http_server *server);

/* Whose request it is; length 0 on a Unix socket. Valid until it is answered. */
const struct ww_addr *ww_http_exchange_peer(const struct ww_http_exchange *exchange);

/* The host that the TLS handshake was made for, in canonical form. False: it named none, or there is no TLS.
 */
bool ww_http_exchange_server_name(const struct ww_http_exchange *exchange, char name[WW_DNAME_SIZE]);

/*
 * Ends the exchange: the response (copied) goes out, unless the client has gone. To a HEAD goes its head
 * alone.
 */
void ww_http_answer(struct ww_http_exchange *exchange, const struct ww_http_response *response);

#endif
