#include "daemon/listen_at.h"

#include "client/address.h"

#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/un.h>

bool ww_listen_at_parse(const char *text, struct ww_listen_at *out, const char **why)
{
    struct ww_address address;
    bool good = ww_address_parse(text, &address, why);
    *out = (struct ww_listen_at){address.address, address.length};
    return good;
}

const char *ww_listen_at_path(const struct ww_listen_at *at)
{
    const struct sockaddr_un *un = (const void *)&at->address;
    return at->address.ss_family == AF_UNIX ? un->sun_path : NULL;
}

/* Address and port of an internet socket. */
static bool read_inet(const struct ww_listen_at *at, struct ww_addr *addr, uint16_t *port)
{
    const struct sockaddr_in *in = (const void *)&at->address;
    const struct sockaddr_in6 *in6 = (const void *)&at->address;
    memset(addr, 0, sizeof *addr);
    if (at->address.ss_family == AF_INET) {
        addr->length = 4;
        memcpy(addr->octets, &in->sin_addr, 4);
        *port = ntohs(in->sin_port);
        return true;
    }
    if (at->address.ss_family != AF_INET6)
        return false;
    addr->length = 16;
    memcpy(addr->octets, &in6->sin6_addr, 16);
    *port = ntohs(in6->sin6_port);
    return true;
}

/* The kernel's own addresses end with the path, without a zero if it is long. */
static size_t path_length(const struct ww_listen_at *at)
{
    size_t before = offsetof(struct sockaddr_un, sun_path);
    return at->length > before ? strnlen(ww_listen_at_path(at), at->length - before) : 0;
}

bool ww_listen_at_equal(const struct ww_listen_at *a, const struct ww_listen_at *b)
{
    struct ww_addr addr_a, addr_b;
    uint16_t port_a, port_b;
    const char *path_a = ww_listen_at_path(a), *path_b = ww_listen_at_path(b);
    if (path_a != NULL && path_b != NULL) {
        size_t n = path_length(a);
        return n > 0 && n == path_length(b) && memcmp(path_a, path_b, n) == 0;
    }
    return read_inet(a, &addr_a, &port_a) && read_inet(b, &addr_b, &port_b) && port_a == port_b &&
           addr_a.length == addr_b.length && memcmp(addr_a.octets, addr_b.octets, addr_a.length) == 0;
}

bool ww_listen_at_is_local(const struct ww_listen_at *at)
{
    struct ww_addr addr;
    uint16_t port;
    if (at->address.ss_family == AF_UNIX)
        return true;
    if (!read_inet(at, &addr, &port))
        return false;
    const char *special = ww_addr_special(&addr);
    return special != NULL && strcmp(special, "loopback") == 0;
}

void ww_listen_at_format(const struct ww_listen_at *at, char out[WW_LISTEN_AT_TEXT_SIZE])
{
    struct ww_addr addr;
    uint16_t port;
    char text[WW_ADDR_TEXT_SIZE];
    out[0] = '\0';
    if (ww_listen_at_path(at) != NULL && path_length(at) > 0) {
        snprintf(out, WW_LISTEN_AT_TEXT_SIZE, "unix:%.*s", (int)path_length(at), ww_listen_at_path(at));
    } else if (read_inet(at, &addr, &port)) {
        ww_addr_format(&addr, text);
        snprintf(out, WW_LISTEN_AT_TEXT_SIZE, addr.length == 16 ? "inet:[%s]:%u" : "inet:%s:%u", text, port);
    }
}
