/*
 * The role that makes changes outside for the published domains: records by DNS updates, certificates by
 * ACME, files for another web server. It holds the keys to all that, and reads nothing of strangers: its
 * orders come from the keeper (msg_order.h), and each is carried out in a process of its own (clerk_order.h).
 * It holds nothing that a restart would lose: what was not told as done is ordered again.
 */
#include "daemon/asked.h"
#include "daemon/clerk_order.h"
#include "daemon/role.h"

#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

struct clerk;

/* A place for one. */
struct one {
    struct clerk *clerk;
    struct ww_clerk_order *order; /* NULL: it is free */
};

struct clerk {
    struct event_base *base;
    const struct ww_config *config;
    struct ww_role_stats *stats;
    struct ww_asked *asked;
    struct ww_chan *keeper;
    struct one open[WW_ORDERS_MAX];
};

/* A keeper that is gone orders it anew, if it is still to be done. */
static void tell_done(struct clerk *c, const struct ww_msg_order_done *done)
{
    char bytes[sizeof *done + 16];
    struct ww_buf b = ww_buf(bytes, sizeof bytes);
    ww_msg_put_order_done(&b, done);
    if (c->keeper == NULL || b.failed ||
        ww_chan_send(c->keeper, WW_MSG_ORDER_DONE, ww_slice(b.p, b.n), -1) != WW_OK)
        ww_log_debug("not-told", "name", "keeper");
}

static void on_done(void *ctx, const struct ww_msg_order_done *done)
{
    struct one *one = ctx;
    one->order = NULL;
    tell_done(one->clerk, done);
}

static void take(struct clerk *c, const struct ww_msg_order *order)
{
    struct ww_msg_order_done failed = {.number = order->number};
    const char *why = "more orders are open than there may be";
    unsigned i = 0;
    while (i < WW_ORDERS_MAX && c->open[i].order != NULL)
        i++;
    if (i < WW_ORDERS_MAX) {
        c->open[i].clerk = c;
        c->open[i].order = ww_clerk_order_begin(c->base, c->config, order, on_done, &c->open[i], &why);
        if (c->open[i].order != NULL)
            return;
    }
    (void)snprintf(failed.detail, sizeof failed.detail, "%s", why);
    tell_done(c, &failed);
}

static void on_keeper(void *ctx, struct ww_chan *chan, uint16_t type, struct ww_slice payload, int fd)
{
    struct ww_msg_order order;
    (void)chan;
    if (fd >= 0)
        (void)close(fd);
    if (type == WW_MSG_ORDER && ww_msg_get_order(payload, &order) == WW_OK)
        take(ctx, &order);
    else
        ww_log_error("message-malformed", "from", "keeper");
}

/* The next keeper knows nothing of what this one has ordered. */
static void leave_keeper(struct clerk *c)
{
    for (unsigned i = 0; i < WW_ORDERS_MAX; i++) {
        ww_clerk_order_cancel(c->open[i].order);
        c->open[i].order = NULL;
    }
    ww_chan_free(c->keeper);
    c->keeper = NULL;
}

static void on_keeper_down(void *ctx, struct ww_chan *chan)
{
    (void)chan;
    leave_keeper(ctx);
}

static void peer(void *state, const struct ww_msg_peer *m, int fd)
{
    static const struct ww_chan_handlers handlers = {.message = on_keeper, .down = on_keeper_down};
    struct clerk *c = state;
    if (m->kind == WW_ROLE_CONTROL) {
        ww_asked_peer(c->asked, fd);
        return;
    }
    if (m->kind != WW_ROLE_KEEPER) {
        (void)close(fd);
        return;
    }
    leave_keeper(c);
    c->keeper = ww_chan_new(c->base, fd, &handlers, c);
    if (c->keeper == NULL)
        ww_log_error("no-memory", "for", "channel to the keeper");
}

static void on_asked(void *ctx, const struct ww_msg_ask *ask, struct ww_question_ref ref)
{
    struct clerk *c = ctx;
    if (ask->what == WW_ASK_STATS)
        ww_role_stats_tell(c->stats, c->asked, ref);
    else
        ww_asked_fail(c->asked, ref, WW_E_CONTROL_COMMAND);
}

static void *start(const struct ww_role_env *env)
{
    struct clerk *c = calloc(1, sizeof *c);
    if (c != NULL) {
        c->base = env->base;
        c->config = env->config;
        c->stats = env->stats;
        c->asked = ww_asked_new(env->base, on_asked, c);
    }
    if (c != NULL && c->asked != NULL)
        return c;
    ww_log_error("no-memory");
    free(c);
    return NULL;
}

/* What it works with is read anew for each order. */
static void reload(void *state)
{
    (void)state;
}

static void stop(void *state)
{
    struct clerk *c = state;
    (void)event_base_loopexit(c->base, NULL);
}

static void finish(void *state)
{
    struct clerk *c = state;
    leave_keeper(c);
    ww_asked_free(c->asked);
    free(c);
}

const struct ww_role ww_role_clerk = {
    .kind = WW_ROLE_CLERK,
    .rights = WW_MAY_CONNECT | WW_MAY_RUN,
    .start = start,
    .peer = peer,
    .reload = reload,
    .stop = stop,
    .finish = finish,
};
