/* Where the daemon listens, as configured: "inet:127.0.0.1:8461", "inet:[::1]:8461", "unix:/path". */
#ifndef WW_DAEMON_LISTEN_AT_H
#define WW_DAEMON_LISTEN_AT_H

#include "core/addr.h"

#include <stdbool.h>
#include <sys/socket.h>

struct ww_listen_at {
    struct sockaddr_storage address;
    socklen_t length;
};

/* False when it is none of these; *why (static) says in words: client/address.h. */
bool ww_listen_at_parse(const char *text, struct ww_listen_at *out, const char **why);

/* The same place; of an internet address all that the kernel adds to it aside. */
bool ww_listen_at_equal(const struct ww_listen_at *a, const struct ww_listen_at *b);

/* As configured; "" for an address of another kind, such as a socket without a path. */
#define WW_LISTEN_AT_TEXT_SIZE 128
void ww_listen_at_format(const struct ww_listen_at *at, char out[WW_LISTEN_AT_TEXT_SIZE]);

/* A Unix socket, or a loopback address: nobody on another machine reaches it. */
bool ww_listen_at_is_local(const struct ww_listen_at *at);

/* The path of a Unix socket, borrowed; NULL for an internet one. */
const char *ww_listen_at_path(const struct ww_listen_at *at);

#endif
