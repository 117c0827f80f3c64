#include "daemon/control_ask.h"

#include "daemon/log.h"
#include "proc/chan.h"

#include <event2/event.h>
#include <stdlib.h>
#include <sys/queue.h>
#include <unistd.h>

struct peer {
    struct ww_roles_asked *roles;
    enum ww_role_kind kind;
    unsigned index;
    struct ww_chan *chan; /* NULL while there is none */
};

struct ww_asking {
    struct ww_roles_asked *roles;
    struct peer *peer;
    uint32_t number;
    struct event *deadline;
    struct timeval patience;
    bool pieces;         /* its answer may have several */
    enum ww_err failure; /* what the timer tells when it comes */
    ww_told_cb *cb;
    void *ctx;
    LIST_ENTRY(ww_asking) link;
};

/* Front, keeper and as many resolvers as there can be. */
#define PEERS_MAX WW_MSG_ROLES_MAX

struct ww_roles_asked {
    struct event_base *base;
    struct peer peers[PEERS_MAX];
    size_t peer_count;
    uint32_t number;
    LIST_HEAD(askings, ww_asking) askings;
    char message[WW_CHAN_MESSAGE_MAX];
};

struct ww_roles_asked *ww_roles_asked_new(struct event_base *base)
{
    struct ww_roles_asked *roles = calloc(1, sizeof *roles);
    if (roles == NULL)
        return NULL;
    roles->base = base;
    LIST_INIT(&roles->askings);
    return roles;
}

void ww_roles_asked_free(struct ww_roles_asked *roles)
{
    if (roles == NULL)
        return;
    while (!LIST_EMPTY(&roles->askings))
        ww_asking_cancel(LIST_FIRST(&roles->askings));
    for (size_t i = 0; i < roles->peer_count; i++)
        ww_chan_free(roles->peers[i].chan);
    free(roles);
}

void ww_asking_cancel(struct ww_asking *asking)
{
    LIST_REMOVE(asking, link);
    event_free(asking->deadline);
    free(asking);
}

static struct peer *find_peer(struct ww_roles_asked *roles, enum ww_role_kind kind, unsigned index)
{
    for (size_t i = 0; i < roles->peer_count; i++)
        if (roles->peers[i].kind == kind && roles->peers[i].index == index)
            return &roles->peers[i];
    return NULL;
}

/* Tells the failure from the loop, so that no caller hears of it before its call has returned. */
static void fail_soon(struct ww_asking *a, enum ww_err failure)
{
    a->failure = failure;
    event_active(a->deadline, EV_TIMEOUT, 0);
}

static void on_deadline(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    (void)what;
    struct ww_asking *a = arg;
    const struct ww_msg_told told = {.number = a->number, .err = a->failure, .payload = ww_slice(NULL, 0)};
    ww_told_cb *cb = a->cb;
    void *ctx = a->ctx;
    ww_asking_cancel(a);
    cb(ctx, &told);
}

static void leave(struct peer *p)
{
    struct ww_asking *a;
    ww_chan_free(p->chan);
    p->chan = NULL;
    LIST_FOREACH(a, &p->roles->askings, link)
    {
        if (a->peer == p)
            fail_soon(a, WW_E_CHAN_DOWN);
    }
}

static void on_down(void *ctx, struct ww_chan *chan)
{
    (void)chan;
    leave(ctx);
}

static struct ww_asking *find_asking(struct ww_roles_asked *roles, const struct peer *p, uint32_t number)
{
    struct ww_asking *a;
    LIST_FOREACH(a, &roles->askings, link)
    {
        if (a->number == number && a->peer == p && a->failure != WW_E_CHAN_DOWN)
            return a;
    }
    return NULL;
}

/* Who asked for one piece takes the asking for gone once it is there, whatever the role may say. */
static bool may_have_pieces(enum ww_ask what)
{
    return what == WW_ASK_OVERRIDE_LIST || what == WW_ASK_CACHE_LIST || what == WW_ASK_CACHE_SHOW ||
           what == WW_ASK_WATCH || what == WW_ASK_REPORT || what == WW_ASK_RECEIVED ||
           what == WW_ASK_ADVISE || what == WW_ASK_PUBLISH;
}

static void on_told(struct peer *p, const struct ww_msg_told *told)
{
    static const struct ww_msg_told malformed = {.err = WW_E_MSG_MALFORMED};
    struct ww_asking *a = find_asking(p->roles, p, told->number);
    if (a == NULL)
        return;
    ww_told_cb *cb = a->cb;
    void *ctx = a->ctx;
    bool good = !told->more || a->pieces;
    if (good && told->more)
        (void)event_add(a->deadline, &a->patience);
    else
        ww_asking_cancel(a);
    cb(ctx, good ? told : &malformed);
}

static void on_message(void *ctx, struct ww_chan *chan, uint16_t type, struct ww_slice payload, int fd)
{
    (void)chan;
    struct peer *p = ctx;
    struct ww_msg_told told;
    if (fd >= 0)
        close(fd);
    if (type == WW_MSG_TOLD && ww_msg_get_told(payload, &told) == WW_OK)
        on_told(p, &told);
    else
        ww_log_error("message-malformed", "from", ww_role_kind_name(p->kind));
}

void ww_roles_asked_peer(struct ww_roles_asked *roles, const struct ww_msg_peer *peer, int fd)
{
    static const struct ww_chan_handlers handlers = {on_message, on_down};
    struct peer *p = find_peer(roles, peer->kind, peer->index);
    if (p == NULL && roles->peer_count < PEERS_MAX) {
        p = &roles->peers[roles->peer_count++];
        *p = (struct peer){.roles = roles, .kind = peer->kind, .index = peer->index};
    }
    if (p == NULL) {
        close(fd);
        return;
    }
    leave(p);
    p->chan = ww_chan_new(roles->base, fd, &handlers, p);
    if (p->chan == NULL)
        ww_log_error("no-memory", "for", "channel to a role");
}

static bool send_ask(struct ww_asking *a, enum ww_ask what, struct ww_slice payload)
{
    struct ww_roles_asked *roles = a->roles;
    const struct ww_msg_ask ask = {.number = a->number, .what = what, .payload = payload};
    struct ww_buf b = ww_buf(roles->message, sizeof roles->message);
    ww_msg_put_ask(&b, &ask);
    return a->peer != NULL && a->peer->chan != NULL && !b.failed &&
           ww_chan_send(a->peer->chan, WW_MSG_ASK, ww_slice(b.p, b.n), -1) == WW_OK;
}

struct ww_asking *ww_roles_ask(struct ww_roles_asked *roles, enum ww_role_kind kind, unsigned index,
                               enum ww_ask what, struct ww_slice payload, unsigned deadline_ms,
                               ww_told_cb *cb, void *ctx)
{
    struct ww_asking *a = calloc(1, sizeof *a);
    if (a == NULL)
        return NULL;
    a->roles = roles;
    a->peer = find_peer(roles, kind, index);
    a->number = ++roles->number;
    a->pieces = may_have_pieces(what);
    a->failure = WW_E_CONTROL_TIMEOUT;
    a->patience = (struct timeval){.tv_sec = deadline_ms / 1000, .tv_usec = (deadline_ms % 1000) * 1000};
    a->cb = cb;
    a->ctx = ctx;
    a->deadline = evtimer_new(roles->base, on_deadline, a);
    if (a->deadline == NULL || event_add(a->deadline, &a->patience) != 0) {
        if (a->deadline != NULL)
            event_free(a->deadline);
        free(a);
        return NULL;
    }
    LIST_INSERT_HEAD(&roles->askings, a, link);
    if (!send_ask(a, what, payload))
        fail_soon(a, WW_E_CHAN_DOWN);
    return a;
}
