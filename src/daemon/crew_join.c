#include "daemon/crew_private.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

static uint16_t count_of(const struct ww_crew *crew, enum ww_role_kind kind)
{
    return kind == WW_ROLE_RESOLVER ? (uint16_t)crew->config->resolvers : 1;
}

static bool send_peer(struct ww_child *to, const struct ww_child *peer, bool instead, int fd)
{
    char bytes[16];
    struct ww_buf b = ww_buf(bytes, sizeof bytes);
    struct ww_msg_peer m = {peer->kind, peer->index, count_of(to->crew, peer->kind), instead};
    ww_msg_put_peer(&b, &m);
    return !b.failed && ww_chan_send(to->chan, WW_MSG_PEER, ww_slice(b.p, b.n), fd) == WW_OK;
}

static bool is_hub(const struct ww_child *c)
{
    return c->kind == WW_ROLE_FRONT || c->kind == WW_ROLE_CONTROL;
}

/* The keeper has the first resolver look at the root's keys. */
static bool are_for_anchors(const struct ww_child *a, const struct ww_child *b)
{
    return (a->kind == WW_ROLE_KEEPER && b->kind == WW_ROLE_RESOLVER && b->index == 0) ||
           (b->kind == WW_ROLE_KEEPER && a->kind == WW_ROLE_RESOLVER && a->index == 0);
}

static bool works_with_keeper(const struct ww_child *c)
{
    return c->kind == WW_ROLE_COLLECTOR || c->kind == WW_ROLE_INTAKE || is_for_publication(c) ||
           has_store_work(c);
}

static bool are_for_store(const struct ww_child *a, const struct ww_child *b)
{
    return (a->kind == WW_ROLE_KEEPER && works_with_keeper(b)) ||
           (b->kind == WW_ROLE_KEEPER && works_with_keeper(a));
}

/* Front and control talk to each of the others. */
void ww_crew_join(struct ww_child *a, struct ww_child *b, bool instead)
{
    bool talk = a->kind != b->kind && (is_hub(a) || is_hub(b) || are_for_anchors(a, b) ||
                                       are_for_store(a, b) || (is_for_reception(a) && is_for_reception(b)));
    if (!talk || a->chan == NULL || b->chan == NULL)
        return;
    int ends[2];
    if (ww_chan_pair(ends) != WW_OK) {
        ww_log_error("join-failed", "name", a->name, "peer", b->name, "detail", strerror(errno));
        return;
    }
    /* One of them may have died in this moment; it is joined again when it is started again. */
    if (!send_peer(a, b, false, ends[0]) || !send_peer(b, a, instead, ends[1]))
        ww_log_debug("join-failed", "name", a->name, "peer", b->name);
    close(ends[0]);
    close(ends[1]);
}

struct ww_child *ww_crew_server(const struct ww_crew *crew, const struct ww_listener *l)
{
    switch (l->purpose) {
    case WW_LISTEN_SOCKETMAP:
    case WW_LISTEN_HTTP:
        return front_of(crew);
    case WW_LISTEN_DATAGRAMS:
    case WW_LISTEN_LINES:
        return collector_of(crew);
    case WW_LISTEN_SUBMIT:
    case WW_LISTEN_LMTP:
    case WW_LISTEN_REPORTS:
    case WW_LISTEN_REPORTS_TLS:
        return intake_of(crew);
    case WW_LISTEN_POLICIES:
    case WW_LISTEN_CHALLENGES:
        return publisher_of(crew);
    case WW_LISTEN_CONTROL:
    case WW_LISTEN_METRICS:
    case WW_LISTEN_PURPOSES:
        break;
    }
    return control_of(crew);
}

static void send_listener(const struct ww_crew *crew, enum ww_msg_type type, const struct ww_listener *l,
                          int fd)
{
    char bytes[256];
    struct ww_msg_listener m = {.purpose = l->purpose};
    struct ww_buf b = ww_buf(bytes, sizeof bytes);
    const struct ww_child *server = ww_crew_server(crew, l);
    if (server->chan == NULL) /* it gets those that there are when it is started again */
        return;
    snprintf(m.name, sizeof m.name, "%s", l->name);
    ww_msg_put_listener(&b, &m);
    if (ww_chan_send(server->chan, (uint16_t)type, ww_slice(b.p, b.n), fd) != WW_OK)
        ww_log_error("listener-lost", "listener", l->name);
}

void ww_crew_listener(struct ww_crew *crew, const struct ww_listener *listener)
{
    send_listener(crew, WW_MSG_LISTENER, listener, listener->fd);
}

void ww_crew_listener_gone(struct ww_crew *crew, const struct ww_listener *listener)
{
    send_listener(crew, WW_MSG_LISTENER_GONE, listener, -1);
}
