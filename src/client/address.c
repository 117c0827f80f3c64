#include "client/address.h"

#include "base/ascii.h"
#include "core/addr.h"

#include <netinet/in.h>
#include <sys/un.h>

static bool parse_unix(const char *path, struct ww_address *out, const char **why)
{
    struct sockaddr_un un = {.sun_family = AF_UNIX};
    size_t n = strlen(path);
    if (path[0] != '/' || n >= sizeof un.sun_path) {
        *why = "the path of a socket must start with / and have at most 107 characters";
        return false;
    }
    memcpy(un.sun_path, path, n);
    memcpy(&out->address, &un, sizeof un);
    out->length = sizeof un;
    return true;
}

static void fill_inet(const struct ww_addr *addr, in_port_t port, struct ww_address *out)
{
    if (addr->length == 4) {
        struct sockaddr_in in = {.sin_family = AF_INET, .sin_port = port};
        memcpy(&in.sin_addr, addr->octets, 4);
        memcpy(&out->address, &in, sizeof in);
        out->length = sizeof in;
        return;
    }
    struct sockaddr_in6 in6 = {.sin6_family = AF_INET6, .sin6_port = port};
    memcpy(&in6.sin6_addr, addr->octets, 16);
    memcpy(&out->address, &in6, sizeof in6);
    out->length = sizeof in6;
}

static bool parse_port(const char *text, unsigned *port)
{
    *port = 0;
    while (ww_is_digit(*text) && *port <= 65535)
        *port = *port * 10 + (unsigned)(*text++ - '0');
    return *text == '\0' && *port >= 1 && *port <= 65535;
}

static bool parse_inet(const char *text, struct ww_address *out, const char **why)
{
    const char *colon = strrchr(text, ':');
    struct ww_slice host = ww_slice(text, colon == NULL ? 0 : (size_t)(colon - text));
    bool bracketed = host.n >= 2 && host.p[0] == '[' && host.p[host.n - 1] == ']';
    if (bracketed)
        host = ww_slice(host.p + 1, host.n - 2);
    struct ww_addr addr;
    if (host.n == 0 || ww_addr_parse(host, &addr) != WW_OK || bracketed != (addr.length == 16)) {
        *why = "an address is wanted, such as inet:127.0.0.1:8461 or inet:[::1]:8461";
        return false;
    }
    unsigned port;
    if (!parse_port(colon + 1, &port)) {
        *why = "a port of 1 to 65535 is wanted";
        return false;
    }
    fill_inet(&addr, htons((uint16_t)port), out);
    return true;
}

bool ww_address_parse(const char *text, struct ww_address *out, const char **why)
{
    memset(out, 0, sizeof *out);
    if (strncmp(text, "unix:", 5) == 0)
        return parse_unix(text + 5, out, why);
    if (strncmp(text, "inet:", 5) == 0)
        return parse_inet(text + 5, out, why);
    *why = "it must start with inet: or unix:";
    return false;
}
