#include "cli/resolv_conf.h"

#include "base/ascii.h"
#include "base/slice.h"

#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define PORT "53"

static void add(struct ww_resolv_conf *out, struct ww_slice text)
{
    static const struct addrinfo hints = {.ai_socktype = SOCK_DGRAM,
                                          .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV};
    struct ww_nameserver *server = &out->servers[out->count];
    struct addrinfo *list = NULL;
    if (text.n == 0 || text.n >= sizeof server->text || out->count == WW_NAMESERVERS_MAX)
        return;
    memset(server, 0, sizeof *server);
    memcpy(server->text, text.p, text.n);
    if (getaddrinfo(server->text, PORT, &hints, &list) != 0)
        return;
    memcpy(&server->address, list->ai_addr, list->ai_addrlen);
    server->length = list->ai_addrlen;
    out->count++;
    freeaddrinfo(list);
}

static void read_line(struct ww_slice line, struct ww_resolv_conf *out)
{
    static const char key[] = "nameserver";
    size_t at = sizeof key - 1;
    if (!ww_slice_starts(line, key) || at == line.n || !ww_is_wsp(line.p[at]))
        return;
    while (at < line.n && ww_is_wsp(line.p[at]))
        at++;
    size_t end = at;
    while (end < line.n && !ww_is_wsp(line.p[end]) && line.p[end] != '\r')
        end++;
    add(out, ww_slice(line.p + at, end - at));
}

void ww_resolv_conf_read(const char *text, size_t n, struct ww_resolv_conf *out)
{
    out->count = 0;
    for (size_t at = 0; at < n;) {
        const char *newline = memchr(text + at, '\n', n - at);
        size_t length = newline != NULL ? (size_t)(newline - (text + at)) : n - at;
        read_line(ww_slice(text + at, length), out);
        at += length + 1;
    }
    if (out->count == 0)
        add(out, ww_slice_str("127.0.0.1"));
}

bool ww_resolv_conf_equal(const struct ww_resolv_conf *a, const struct ww_resolv_conf *b)
{
    bool same = a->count == b->count;
    for (size_t i = 0; same && i < a->count; i++)
        same = a->servers[i].length == b->servers[i].length &&
               memcmp(&a->servers[i].address, &b->servers[i].address, a->servers[i].length) == 0;
    return same;
}

/* Of another machine's address the kernel lets nobody make his own. */
bool ww_nameserver_is_local(const struct ww_nameserver *server)
{
    struct sockaddr_in in;
    struct sockaddr_in6 in6;
    bool bound = false;
    int fd = socket(server->address.ss_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd >= 0 && server->address.ss_family == AF_INET) {
        memcpy(&in, &server->address, sizeof in);
        in.sin_port = 0;
        bound = bind(fd, (const struct sockaddr *)&in, sizeof in) == 0;
    } else if (fd >= 0) {
        memcpy(&in6, &server->address, sizeof in6);
        in6.sin6_port = 0;
        bound = bind(fd, (const struct sockaddr *)&in6, sizeof in6) == 0;
    }
    if (fd >= 0)
        (void)close(fd);
    return bound;
}
