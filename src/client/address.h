/* Where waxwingd listens, in text: "inet:127.0.0.1:8461", "inet:[::1]:8461", "unix:/path". */
#ifndef WW_CLIENT_ADDRESS_H
#define WW_CLIENT_ADDRESS_H

#include "base/slice.h"

#include <sys/socket.h>

struct ww_address {
    struct sockaddr_storage address;
    socklen_t length;
};

/* False when it is none of these; *why (static) says in words. */
bool ww_address_parse(const char *text, struct ww_address *out, const char **why);

#endif
