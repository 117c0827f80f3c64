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

/* False when it is none of these; *why (static) says in words. */
bool ww_listen_at_parse(const char *text, struct ww_listen_at *out, const char **why);

/* The path of a Unix socket, borrowed; NULL for an internet one. */
const char *ww_listen_at_path(const struct ww_listen_at *at);

#endif
