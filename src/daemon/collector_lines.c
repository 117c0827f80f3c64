#include "daemon/collector_lines.h"

#include "daemon/clock.h"
#include "daemon/line_client.h"
#include "daemon/log.h"

#include <errno.h>
#include <event2/event.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* So many listeners of lines; further ones are told of and left out. */
#define LISTENERS_MAX 16

struct place {
    struct ww_collector_lines *all;
    struct ww_line_client client;
    struct event *event;
    struct ucred peer;
};

struct ear {
    struct ww_collector_lines *all;
    char *name; /* NULL: it is free */
    struct event *event;
};

struct ww_collector_lines {
    struct event_base *base;
    struct ww_drain *intake;
    unsigned count;
    struct ear ears[LISTENERS_MAX];
    struct place places[WW_LINE_CLIENTS_MAX];
};

static bool ready(void *ctx)
{
    const struct place *p = ctx;
    return ww_drain_ready(p->all->intake);
}

static bool take(void *ctx, const struct ww_tls_result *told)
{
    const struct place *p = ctx;
    struct ww_tls_result event = *told;
    if (strcmp(event.mta, WW_TLS_RESULT_OURS) == 0) /* as nobody out there may say */
        event.mta[0] = '\0';
    return ww_drain_line(p->all->intake, &event, p->peer.uid, p->peer.pid);
}

static void refused(void *ctx, enum ww_err err, size_t offset)
{
    const struct place *p = ctx;
    ww_drain_refused(p->all->intake, "line", p->peer.uid, p->peer.pid, err, offset);
}

/* While all places are taken, further clients wait in the queue of the kernel. */
static void listen_or_not(struct ww_collector_lines *l)
{
    for (size_t i = 0; i < LISTENERS_MAX; i++) {
        if (l->ears[i].name == NULL)
            continue;
        if (l->count < WW_LINE_CLIENTS_MAX)
            (void)event_add(l->ears[i].event, NULL);
        else
            (void)event_del(l->ears[i].event);
    }
}

static void on_client(evutil_socket_t fd, short what, void *arg);

static void wait_for(struct place *p)
{
    const struct timeval idle = {.tv_sec = WW_LINE_CLIENT_IDLE_MS / 1000 + 1};
    short wanted = (short)((ww_line_client_wants_to_read(&p->client) ? EV_READ : 0) |
                           (ww_line_client_wants_to_write(&p->client) ? EV_WRITE : 0));
    (void)event_assign(p->event, p->all->base, p->client.fd, wanted, on_client, p);
    (void)event_add(p->event, &idle);
}

static void leave(struct place *p)
{
    p->all->count--;
    listen_or_not(p->all);
}

static void serve(struct place *p, bool readable)
{
    const struct ww_line_taker taker = {ready, take, refused, p};
    (void)event_del(p->event);
    ww_line_client_serve(&p->client, &taker, readable, ww_clock_ms());
    if (p->client.fd >= 0)
        wait_for(p);
    else
        leave(p);
}

static void on_client(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    serve(arg, (what & EV_READ) != 0);
}

static void on_connection(evutil_socket_t fd, short what, void *arg)
{
    const struct ear *ear = arg;
    struct ww_collector_lines *l = ear->all;
    struct place *p = l->places;
    (void)what;
    while (p->client.fd >= 0)
        p++;
    int client = accept4(fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (client < 0) {
        if (errno != EAGAIN && errno != EINTR && errno != ECONNABORTED)
            ww_log_error("accept-failed", "listener", ear->name, "detail", strerror(errno));
        return;
    }
    socklen_t size = sizeof p->peer;
    p->peer = (struct ucred){.uid = (uid_t)-1};
    (void)getsockopt(client, SOL_SOCKET, SO_PEERCRED, &p->peer, &size);
    if (!ww_line_client_open(&p->client, client, ww_clock_ms())) {
        ww_log_error("no-memory", "for", ear->name);
        return;
    }
    l->count++;
    listen_or_not(l);
    wait_for(p);
}

static void forget(struct ear *ear)
{
    if (ear->event != NULL) {
        int fd = (int)event_get_fd(ear->event);
        event_free(ear->event);
        (void)close(fd);
    }
    free(ear->name);
    *ear = (struct ear){.all = ear->all};
}

void ww_collector_lines_listen(struct ww_collector_lines *l, const char *name, int fd)
{
    struct ear *ear = NULL;
    for (size_t i = 0; ear == NULL && i < LISTENERS_MAX; i++)
        if (l->ears[i].name == NULL)
            ear = &l->ears[i];
    if (ear != NULL) {
        ear->name = strdup(name);
        ear->event = event_new(l->base, fd, EV_READ | EV_PERSIST, on_connection, ear);
        if (ear->name != NULL && ear->event != NULL) {
            listen_or_not(l);
            return;
        }
    }
    ww_log_error("no-memory", "for", name);
    if (ear == NULL || ear->event == NULL)
        (void)close(fd);
    if (ear != NULL)
        forget(ear);
}

void ww_collector_lines_listener_gone(struct ww_collector_lines *l, const char *name)
{
    for (size_t i = 0; i < LISTENERS_MAX; i++)
        if (l->ears[i].name != NULL && strcmp(l->ears[i].name, name) == 0)
            forget(&l->ears[i]);
}

void ww_collector_lines_resume(struct ww_collector_lines *l)
{
    for (size_t i = 0; i < WW_LINE_CLIENTS_MAX; i++)
        if (l->places[i].client.fd >= 0)
            serve(&l->places[i], false);
}

struct ww_collector_lines *ww_collector_lines_new(struct event_base *base, struct ww_drain *intake)
{
    struct ww_collector_lines *l = calloc(1, sizeof *l);
    bool good = l != NULL;
    for (size_t i = 0; good && i < LISTENERS_MAX; i++)
        l->ears[i].all = l;
    for (size_t i = 0; l != NULL && i < WW_LINE_CLIENTS_MAX; i++) {
        struct place *p = &l->places[i];
        p->all = l;
        p->client.fd = -1;
        p->event = event_new(base, -1, 0, on_client, p);
        good = good && p->event != NULL;
    }
    if (l != NULL) {
        l->base = base;
        l->intake = intake;
    }
    if (good)
        return l;
    ww_collector_lines_free(l);
    return NULL;
}

void ww_collector_lines_free(struct ww_collector_lines *l)
{
    if (l == NULL)
        return;
    for (size_t i = 0; i < LISTENERS_MAX; i++)
        forget(&l->ears[i]);
    for (size_t i = 0; i < WW_LINE_CLIENTS_MAX; i++) {
        if (l->places[i].client.fd >= 0)
            ww_line_client_close(&l->places[i].client);
        if (l->places[i].event != NULL)
            event_free(l->places[i].event);
    }
    free(l);
}
