/*
 * Roles that do nothing but what shows whether the supervisor does its work: a resolver and a keeper that
 * send back what they get, and a front that tells each client its process id, what it may do, and that all
 * peers have answered.
 */
#include "daemon/role.h"

#include <event2/event.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define PEERS_MAX 16
#define PING 99

struct fake {
    struct event_base *base;
    const char *store; /* borrowed of the configuration that it was started with */
    char *store_then;
    struct ww_chan *peers[WW_ROLE_COUNT][PEERS_MAX];
    bool answered[WW_ROLE_COUNT][PEERS_MAX];
    unsigned resolvers;
    struct event *listeners[4];
    size_t listener_count;
    int client; /* one at a time */
};

static void *start(const struct ww_role_env *env)
{
    struct fake *f = calloc(1, sizeof *f);
    if (f == NULL)
        return NULL;
    f->base = env->base;
    f->client = -1;
    f->store = env->config->store;
    f->store_then = strdup(f->store);
    if (getenv("WW_FAKE_STUCK") != NULL && env->index == 1)
        pause();
    if (getenv("WW_FAKE_FAIL") != NULL && env->index == 1) {
        free(f->store_then);
        free(f);
        return NULL;
    }
    return f;
}

static void finish_client(struct fake *f)
{
    char line[128];
    bool all = f->answered[WW_ROLE_KEEPER][0] && f->resolvers > 0;
    for (unsigned i = 0; i < f->resolvers; i++)
        all = all && f->answered[WW_ROLE_RESOLVER][i];
    if (!all || f->client < 0)
        return;
    int fd = open("/etc/passwd", O_RDONLY | O_CLOEXEC);
    int n = snprintf(line, sizeof line, "pid=%d uid=%d resolvers=%u open=%s\n", (int)getpid(), (int)getuid(),
                     f->resolvers, fd >= 0 ? "yes" : "no");
    if (fd >= 0)
        close(fd);
    if (n > 0)
        (void)!write(f->client, line, (size_t)n);
    close(f->client);
    f->client = -1;
}

static void on_message(void *ctx, struct ww_chan *chan, uint16_t type, struct ww_slice payload, int fd)
{
    struct fake *f = ctx;
    if (fd >= 0)
        close(fd);
    if (type == PING) {
        (void)!ww_chan_send(chan, PING + 1, payload, -1);
        return;
    }
    for (int kind = 0; kind < WW_ROLE_COUNT; kind++) {
        for (int i = 0; i < PEERS_MAX; i++)
            f->answered[kind][i] |= f->peers[kind][i] == chan;
    }
    finish_client(f);
}

static void on_down(void *ctx, struct ww_chan *chan)
{
    struct fake *f = ctx;
    for (int kind = 0; kind < WW_ROLE_COUNT; kind++) {
        for (int i = 0; i < PEERS_MAX; i++) {
            if (f->peers[kind][i] == chan)
                f->peers[kind][i] = NULL;
        }
    }
    ww_chan_free(chan);
}

static void peer(void *state, const struct ww_msg_peer *p, int fd)
{
    static const struct ww_chan_handlers handlers = {.message = on_message, .down = on_down};
    struct fake *f = state;
    struct ww_chan **place = &f->peers[p->kind][p->index % PEERS_MAX];
    ww_chan_free(*place);
    *place = ww_chan_new(f->base, fd, &handlers, f);
    if (p->kind == WW_ROLE_RESOLVER)
        f->resolvers = p->count;
    /* A client that waits for a peer that has come back asks it as well. */
    if (f->client >= 0)
        (void)!ww_chan_send(*place, PING, ww_slice_str("hello"), -1);
}

static void on_client(evutil_socket_t fd, short what, void *arg)
{
    (void)what;
    struct fake *f = arg;
    if (f->client >= 0)
        close(f->client);
    f->client = accept4(fd, NULL, NULL, SOCK_CLOEXEC);
    memset(f->answered, 0, sizeof f->answered);
    for (int kind = 0; kind < WW_ROLE_COUNT; kind++) {
        for (int i = 0; i < PEERS_MAX; i++) {
            if (f->peers[kind][i] != NULL)
                (void)!ww_chan_send(f->peers[kind][i], PING, ww_slice_str("hello"), -1);
        }
    }
}

static void listener(void *state, const struct ww_msg_listener *l, int fd)
{
    (void)l;
    struct fake *f = state;
    struct event *e = event_new(f->base, fd, EV_READ | EV_PERSIST, on_client, f);
    event_add(e, NULL);
    f->listeners[f->listener_count++] = e;
}

static void journal(void *state, int fd)
{
    (void)state;
    close(fd);
}

/* What a role took when it was started stays. */
static void reload(void *state)
{
    const struct fake *f = state;
    if (strcmp(f->store, f->store_then) != 0)
        abort();
}

static void stop(void *state)
{
    struct fake *f = state;
    event_base_loopexit(f->base, NULL);
}

static void finish(void *state)
{
    struct fake *f = state;
    for (int kind = 0; kind < WW_ROLE_COUNT; kind++) {
        for (int i = 0; i < PEERS_MAX; i++)
            ww_chan_free(f->peers[kind][i]);
    }
    for (size_t i = 0; i < f->listener_count; i++) {
        close(event_get_fd(f->listeners[i]));
        event_free(f->listeners[i]);
    }
    free(f->store_then);
    free(f);
}

#define FAKE(name, role_kind, role_rights, role_listener)               \
    const struct ww_role ww_role_##name = {.kind = (role_kind),         \
                                           .rights = (role_rights),     \
                                           .start = start,              \
                                           .peer = peer,                \
                                           .listener = (role_listener), \
                                           .journal = journal,          \
                                           .reload = reload,            \
                                           .stop = stop,                \
                                           .finish = finish}

FAKE(front, WW_ROLE_FRONT, WW_MAY_ACCEPT, listener);
FAKE(resolver, WW_ROLE_RESOLVER, WW_MAY_CONNECT, NULL);
FAKE(keeper, WW_ROLE_KEEPER, WW_MAY_FILES, NULL);
FAKE(control, WW_ROLE_CONTROL, WW_MAY_ACCEPT, listener);
FAKE(preload, WW_ROLE_PRELOAD, WW_MAY_RUN | WW_MAY_CONNECT, NULL);
FAKE(watcher, WW_ROLE_WATCHER, WW_MAY_CONNECT, NULL);
FAKE(collector, WW_ROLE_COLLECTOR, WW_MAY_ACCEPT, listener);
FAKE(courier, WW_ROLE_COURIER, WW_MAY_RUN | WW_MAY_CONNECT, NULL);
FAKE(intake, WW_ROLE_INTAKE, WW_MAY_ACCEPT | WW_MAY_CONNECT, listener);
FAKE(decoder, WW_ROLE_DECODER, 0, NULL);
FAKE(publisher, WW_ROLE_PUBLISHER, WW_MAY_ACCEPT | WW_MAY_FILES, listener);
FAKE(steward, WW_ROLE_STEWARD, WW_MAY_CONNECT, NULL);
FAKE(clerk, WW_ROLE_CLERK, WW_MAY_RUN | WW_MAY_CONNECT, NULL);
