/* Whom the C library asks for DNS: /etc/resolv.conf as it reads it (resolv.conf(5)). */
#ifndef WW_CLI_RESOLV_CONF_H
#define WW_CLI_RESOLV_CONF_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>

/* As many as the C library asks. */
#define WW_NAMESERVERS_MAX 3

struct ww_nameserver {
    char text[64]; /* as it stands there */
    struct sockaddr_storage address;
    socklen_t length;
};

struct ww_resolv_conf {
    struct ww_nameserver servers[WW_NAMESERVERS_MAX];
    size_t count; /* at least one: without any it is 127.0.0.1 */
};

void ww_resolv_conf_read(const char *text, size_t n, struct ww_resolv_conf *out);

/* The same servers in the same order. */
bool ww_resolv_conf_equal(const struct ww_resolv_conf *a, const struct ww_resolv_conf *b);

/* Whether the address is one of this machine's own, so that no packet leaves it. */
bool ww_nameserver_is_local(const struct ww_nameserver *server);

#endif
