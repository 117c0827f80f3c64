#include "daemon/front_accept.h"

#include "daemon/log.h"

#include <errno.h>
#include <event2/event.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

/* Connections taken in one turn, so that those that are there are served meanwhile. */
#define BATCH 64

struct listener {
    struct ww_acceptor *acceptor;
    struct event *readable;
    int fd;
    char name[sizeof((struct ww_msg_listener *)NULL)->name];
    TAILQ_ENTRY(listener) link;
};

struct ww_acceptor {
    struct event_base *base;
    struct ww_clients *clients;
    struct event *again; /* ends a pause for want of descriptors */
    bool started;
    bool full;      /* a pause for want of room */
    bool exhausted; /* a pause for want of descriptors or memory */
    bool complained;
    TAILQ_HEAD(listener_list, listener) listeners;
};

static bool accepting(const struct ww_acceptor *a)
{
    return a->started && !a->full && !a->exhausted;
}

/* After each change of what `accepting` says. */
static void update(struct ww_acceptor *a)
{
    struct listener *l;
    TAILQ_FOREACH(l, &a->listeners, link)
    {
        int fault = accepting(a) ? event_add(l->readable, NULL) : event_del(l->readable);
        if (fault != 0)
            ww_log_error("no-memory", "for", l->name);
    }
}

static void pause_for_descriptors(struct ww_acceptor *a, int fault)
{
    const struct timeval second = {.tv_sec = 1};
    if (!a->complained)
        ww_log_warning("accept-failed", "detail", strerror(fault), "done",
                       "those that are connected are served; new ones wait");
    a->complained = true;
    if (event_add(a->again, &second) != 0)
        return; /* then accept goes on failing without a pause, and works again in its time */
    a->exhausted = true;
    update(a);
}

static void on_again(evutil_socket_t s, short what, void *arg)
{
    (void)s;
    (void)what;
    struct ww_acceptor *a = arg;
    a->exhausted = false;
    update(a);
}

static void on_connection(evutil_socket_t s, short what, void *arg)
{
    (void)s;
    (void)what;
    const struct listener *l = arg;
    struct ww_acceptor *a = l->acceptor;
    for (int i = 0; i < BATCH; i++) {
        if (ww_clients_count(a->clients) >= WW_CLIENTS_MAX) {
            a->full = true;
            update(a);
            return;
        }
        int fd = accept4(l->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd < 0 && errno == EAGAIN)
            return;
        if (fd < 0 && (errno == EINTR || errno == ECONNABORTED))
            continue;
        if (fd < 0) {
            pause_for_descriptors(a, errno);
            return;
        }
        a->complained = false;
        /* Answers to pipelined requests do not wait for the peer's acknowledgements. Not for Unix sockets. */
        int on = 1;
        (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        ww_clients_add(a->clients, fd);
    }
}

struct ww_acceptor *ww_acceptor_new(struct event_base *base, struct ww_clients *clients)
{
    struct ww_acceptor *a = calloc(1, sizeof *a);
    if (a == NULL)
        return NULL;
    a->base = base;
    a->clients = clients;
    TAILQ_INIT(&a->listeners);
    a->again = evtimer_new(base, on_again, a);
    if (a->again == NULL) {
        free(a);
        return NULL;
    }
    return a;
}

static void listener_free(struct listener *l)
{
    TAILQ_REMOVE(&l->acceptor->listeners, l, link);
    if (l->readable != NULL)
        event_free(l->readable);
    close(l->fd);
    free(l);
}

void ww_acceptor_free(struct ww_acceptor *acceptor)
{
    if (acceptor == NULL)
        return;
    while (!TAILQ_EMPTY(&acceptor->listeners))
        listener_free(TAILQ_FIRST(&acceptor->listeners));
    event_free(acceptor->again);
    free(acceptor);
}

void ww_acceptor_listener_gone(struct ww_acceptor *acceptor, const struct ww_msg_listener *listener)
{
    struct listener *l;
    TAILQ_FOREACH(l, &acceptor->listeners, link)
    {
        if (strcmp(l->name, listener->name) == 0) {
            listener_free(l);
            return;
        }
    }
}

void ww_acceptor_listener(struct ww_acceptor *acceptor, const struct ww_msg_listener *listener, int fd)
{
    ww_acceptor_listener_gone(acceptor, listener);
    struct listener *l = calloc(1, sizeof *l);
    if (l == NULL) {
        ww_log_error("no-memory", "for", listener->name);
        close(fd);
        return;
    }
    l->acceptor = acceptor;
    l->fd = fd;
    memcpy(l->name, listener->name, sizeof l->name);
    TAILQ_INSERT_TAIL(&acceptor->listeners, l, link);
    l->readable = event_new(acceptor->base, fd, EV_READ | EV_PERSIST, on_connection, l);
    if (l->readable == NULL || evutil_make_socket_nonblocking(fd) != 0) {
        ww_log_error("listen-failed", "listener", l->name);
        listener_free(l);
        return;
    }
    update(acceptor);
}

void ww_acceptor_start(struct ww_acceptor *acceptor)
{
    acceptor->started = true;
    update(acceptor);
}

void ww_acceptor_room(struct ww_acceptor *acceptor)
{
    if (!acceptor->full)
        return;
    acceptor->full = false;
    update(acceptor);
}
