#include "net/http_private.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

/* Connections taken in one turn, so that those that are there are served meanwhile. */
#define BATCH 16

struct ww_http_listener {
    TAILQ_ENTRY(ww_http_listener) entry;
    struct ww_http_server *server;
    struct event *readable;
    SSL_CTX *tls; /* or NULL */
    int fd;
    char name[];
};

static void listener_free(struct ww_http_listener *l)
{
    TAILQ_REMOVE(&l->server->listeners, l, entry);
    if (l->readable != NULL)
        event_free(l->readable);
    SSL_CTX_free(l->tls);
    close(l->fd);
    free(l);
}

/* After each change of what keeps it from accepting. One that finds no memory waits for the next change. */
static void update(struct ww_http_server *s)
{
    struct ww_http_listener *l;
    TAILQ_FOREACH(l, &s->listeners, entry)
    {
        if (s->paused || s->full || s->exhausted)
            (void)event_del(l->readable);
        else
            (void)event_add(l->readable, NULL);
    }
}

static void on_again(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    (void)what;
    struct ww_http_server *s = arg;
    s->exhausted = false;
    update(s);
}

static void pause_for_descriptors(struct ww_http_server *s)
{
    const struct timeval second = {.tv_sec = 1};
    if (event_add(s->again, &second) != 0)
        return; /* then accept goes on failing without a pause, and works again in its time */
    s->exhausted = true;
    update(s);
}

static struct ww_addr address_of(const struct sockaddr_storage *sa)
{
    struct ww_addr a = {.length = 0};
    if (sa->ss_family == AF_INET) {
        a.length = 4;
        memcpy(a.octets, &((const struct sockaddr_in *)(const void *)sa)->sin_addr, 4);
    } else if (sa->ss_family == AF_INET6) {
        const struct in6_addr *v6 = &((const struct sockaddr_in6 *)(const void *)sa)->sin6_addr;
        a.length = IN6_IS_ADDR_V4MAPPED(v6) ? 4 : 16;
        memcpy(a.octets, v6->s6_addr + 16 - a.length, a.length);
    }
    return a;
}

/* Whoever has one IPv6 address has the whole /64 around it. */
static bool same_peer(const struct ww_addr *a, const struct ww_addr *b)
{
    return a->length == b->length && memcmp(a->octets, b->octets, a->length == 4 ? 4 : 8) == 0;
}

static size_t count_of(const struct ww_http_connections *list, const struct ww_addr *peer)
{
    const struct ww_http_connection *c;
    size_t n = 0;
    TAILQ_FOREACH(c, list, entry)
    {
        n += same_peer(&c->peer, peer);
    }
    return n;
}

static bool has_enough(const struct ww_http_server *s, const struct ww_addr *peer)
{
    return peer->length > 0 && count_of(&s->idle, peer) + count_of(&s->busy, peer) >= s->limits.per_address;
}

/* What has come from it was not read yet: it is as good as busy. */
static bool has_spoken(const struct ww_http_connection *c)
{
    char octet;
    return (c->ssl != NULL && ww_http_tls_has_more(c)) || recv(c->fd, &octet, 1, MSG_PEEK | MSG_DONTWAIT) > 0;
}

static bool has_room(const struct ww_http_server *s)
{
    return s->count < s->limits.connections || (!TAILQ_EMPTY(&s->idle) && !has_spoken(TAILQ_FIRST(&s->idle)));
}

/* There is room. False: there is nobody more for now. */
static bool accept_one(const struct ww_http_listener *l)
{
    struct ww_http_server *s = l->server;
    struct sockaddr_storage sa = {.ss_family = AF_UNSPEC};
    socklen_t length = sizeof sa;
    int fd = accept4(l->fd, (struct sockaddr *)&sa, &length, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0 && (errno == EINTR || errno == ECONNABORTED))
        return true;
    if (fd < 0) {
        if (errno != EAGAIN)
            pause_for_descriptors(s);
        return false;
    }
    struct ww_addr peer = address_of(&sa);
    if (has_enough(s, &peer)) {
        close(fd);
        return true;
    }
    if (s->count >= s->limits.connections)
        ww_http_connection_free(TAILQ_FIRST(&s->idle));
    /* The second half of an answer does not wait for the peer's acknowledgement. Not for Unix sockets. */
    int on = 1;
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    ww_http_connection_add(s, fd, &peer, l->tls);
    return true;
}

static void on_connection(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    (void)what;
    const struct ww_http_listener *l = arg;
    struct ww_http_server *s = l->server;
    for (int i = 0; i < BATCH; i++) {
        if (!has_room(s)) {
            s->full = true;
            update(s);
            return;
        }
        if (!accept_one(l))
            return;
    }
}

void ww_http_server_room(struct ww_http_server *server)
{
    if (!server->full)
        return;
    server->full = false;
    update(server);
}

struct ww_http_server *ww_http_server_new(struct event_base *base, const struct ww_http_limits *limits,
                                          ww_http_handler *handler, void *ctx)
{
    struct ww_http_server *s = calloc(1, sizeof *s);
    if (s == NULL)
        return NULL;
    s->base = base;
    s->limits = *limits;
    s->handler = handler;
    s->ctx = ctx;
    TAILQ_INIT(&s->listeners);
    TAILQ_INIT(&s->idle);
    TAILQ_INIT(&s->busy);
    s->again = evtimer_new(base, on_again, s);
    if (s->again != NULL)
        return s;
    free(s);
    return NULL;
}

void ww_http_server_deafen(struct ww_http_server *server, const char *name)
{
    struct ww_http_listener *l;
    TAILQ_FOREACH(l, &server->listeners, entry)
    {
        if (strcmp(l->name, name) == 0) {
            listener_free(l);
            return;
        }
    }
}

void ww_http_server_free(struct ww_http_server *server)
{
    if (server == NULL)
        return;
    while (!TAILQ_EMPTY(&server->listeners))
        listener_free(TAILQ_FIRST(&server->listeners));
    while (!TAILQ_EMPTY(&server->idle))
        ww_http_connection_free(TAILQ_FIRST(&server->idle));
    while (!TAILQ_EMPTY(&server->busy))
        ww_http_connection_free(TAILQ_FIRST(&server->busy));
    event_free(server->again);
    free(server);
}

void ww_http_server_check(struct ww_http_server *server, ww_http_check *check)
{
    server->check = check;
}

static enum ww_err listen_on(struct ww_http_server *server, const char *name, int fd, SSL_CTX *tls)
{
    size_t n = strlen(name);
    ww_http_server_deafen(server, name);
    struct ww_http_listener *l = calloc(1, sizeof *l + n + 1);
    if (l == NULL) {
        close(fd);
        return WW_E_NO_MEMORY;
    }
    l->server = server;
    l->fd = fd;
    if (tls != NULL && SSL_CTX_up_ref(tls) == 1)
        l->tls = tls;
    memcpy(l->name, name, n);
    TAILQ_INSERT_TAIL(&server->listeners, l, entry);
    l->readable = event_new(server->base, fd, EV_READ | EV_PERSIST, on_connection, l);
    if (l->readable == NULL || l->tls != tls || evutil_make_socket_nonblocking(fd) != 0) {
        listener_free(l);
        return WW_E_NO_MEMORY;
    }
    update(server);
    return WW_OK;
}

enum ww_err ww_http_server_listen(struct ww_http_server *server, const char *name, int fd)
{
    return listen_on(server, name, fd, NULL);
}

enum ww_err ww_http_server_listen_tls(struct ww_http_server *server, const char *name, int fd, SSL_CTX *tls)
{
    return listen_on(server, name, fd, tls);
}

void ww_http_server_pause(struct ww_http_server *server, bool paused)
{
    server->paused = paused;
    update(server);
}

void ww_http_server_set_deadline(struct ww_http_server *server, unsigned deadline_ms)
{
    server->limits.deadline_ms = deadline_ms;
}

size_t ww_http_server_count(const struct ww_http_server *server)
{
    return server->count;
}

uint64_t ww_http_server_failed(const struct ww_http_server *server)
{
    return server->failed;
}
