/*
 * The keeper between steward and clerk: what the steward asks for is ordered when it is due by what the
 * keeper itself has of the domain. A clerk that dies over an order is followed by one that is given it again,
 * made anew.
 */
#include "daemon/keeper_publish_private.h"
#include "daemon/log.h"

#include <event2/event.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

/* How often an order is given to clerks that die over it. */
#define TRIES 2
/* A clerk that is away is waited for. */
#define AWAY_SECONDS 30

static void answer(struct ww_keeper_publish *k, struct ww_msg_order_done *done, uint64_t number)
{
    struct ww_buf b = ww_buf(k->message, sizeof k->message);
    done->number = number;
    ww_msg_put_order_done(&b, done);
    /* A steward that does not take it is gone. */
    if (k->steward == NULL || b.failed ||
        ww_chan_send(k->steward, WW_MSG_ORDER_TOLD, ww_slice(b.p, b.n), -1) != WW_OK)
        ww_log_debug("not-told", "name", "steward");
}

static void refuse(struct ww_keeper_publish *k, uint64_t number, const char *why)
{
    struct ww_msg_order_done done = {.number = number};
    (void)snprintf(done.detail, sizeof done.detail, "%s", why);
    answer(k, &done, number);
}

/* It is over; the place is free. */
static void end(struct ww_keeper_publish *k, struct ww_publish_order *o, struct ww_msg_order_done *done)
{
    struct ww_publish_given *g = ww_keeper_publish_find_given(k, o->ask.domain);
    if (g != NULL && !done->good && o->ask.what != WW_ORDER_FILES)
        g->failed = true;
    o->number = 0;
    if (o->awaited)
        answer(k, done, o->ask.number);
}

static void fail(struct ww_keeper_publish *k, struct ww_publish_order *o, const char *why)
{
    struct ww_msg_order_done done = {.good = false};
    (void)snprintf(done.detail, sizeof done.detail, "%s", why);
    end(k, o, &done);
}

/* ---- To the clerk ---- */

static const char *make(struct ww_keeper_publish *k, struct ww_store *store, const struct ww_publish_order *o,
                        struct ww_publish_known *known, struct ww_msg_order *order)
{
    bool found = false;
    int64_t now = (int64_t)time(NULL);
    enum ww_err err = ww_publish_get(store, o->ask.domain, &known->domain, &found);
    if (err == WW_OK && found)
        err = ww_publish_known_policies(store, now, known);
    if (err != WW_OK) {
        ww_keeper_store_failed(k->store, err);
        return "the store failed";
    }
    if (!found || known->domain.version != o->ask.version)
        return "it was changed meanwhile";
    return ww_publish_order_make(known, k->config, now, o->ask.what, order);
}

static void give(struct ww_keeper_publish *k, struct ww_publish_order *o)
{
    struct ww_store *store = ww_keeper_store_to_read(k->store);
    struct ww_publish_known *known = calloc(1, sizeof *known);
    struct ww_buf b = ww_buf(k->message, sizeof k->message);
    struct ww_msg_order order;
    const char *why = known == NULL ? "memory is short" : store == NULL ? "the store is not open" : NULL;
    if (why == NULL)
        why = make(k, store, o, known, &order);
    if (why == NULL) {
        order.number = o->number;
        ww_msg_put_order(&b, &order);
        o->sent = true;
        o->given++;
        /* A clerk that does not take it is gone: the next one gets it. */
        if (b.failed || ww_chan_send(k->clerk, WW_MSG_ORDER, ww_slice(b.p, b.n), -1) != WW_OK)
            ww_log_debug("not-told", "name", "clerk");
    }
    if (known != NULL)
        ww_publish_known_clear(known);
    free(known);
    if (why != NULL)
        fail(k, o, why);
}

static void wait_for_clerk(struct ww_keeper_publish *k)
{
    const struct timeval away = {.tv_sec = AWAY_SECONDS};
    if (!event_pending(k->away, EV_TIMEOUT, NULL) && event_add(k->away, &away) != 0)
        ww_log_error("no-memory", "for", "a timer");
}

static void on_away(evutil_socket_t fd, short what, void *arg)
{
    struct ww_keeper_publish *k = arg;
    (void)fd, (void)what;
    for (size_t i = 0; i < WW_ORDERS_MAX && k->clerk == NULL; i++)
        if (k->orders[i].number != 0)
            fail(k, &k->orders[i], "the role clerk, which is to do it, is away");
}

static void take_done(struct ww_keeper_publish *k, struct ww_slice payload)
{
    struct ww_msg_order_done done;
    if (ww_msg_get_order_done(payload, &done) != WW_OK || done.number == 0) {
        ww_log_error("message-malformed", "from", "clerk");
        return;
    }
    for (size_t i = 0; i < WW_ORDERS_MAX; i++)
        if (k->orders[i].number == done.number && k->orders[i].sent) {
            end(k, &k->orders[i], &done);
            return;
        }
}

static void on_clerk(void *ctx, struct ww_chan *chan, uint16_t type, struct ww_slice payload, int fd)
{
    (void)chan;
    if (fd >= 0)
        close(fd);
    if (type == WW_MSG_ORDER_DONE)
        take_done(ctx, payload);
    else
        ww_log_error("message-malformed", "from", "clerk");
}

/* What it had is for the next one, unless nobody waits for it, or it may be what ends them. */
static void leave_clerk(struct ww_keeper_publish *k)
{
    ww_chan_free(k->clerk);
    k->clerk = NULL;
    for (size_t i = 0; i < WW_ORDERS_MAX; i++) {
        struct ww_publish_order *o = &k->orders[i];
        o->sent = false;
        if (o->number != 0 && (!o->awaited || o->given >= TRIES))
            fail(k, o, "the process that was to do it has died over it, and died again");
        else if (o->number != 0)
            wait_for_clerk(k);
    }
}

static void on_clerk_down(void *ctx, struct ww_chan *chan)
{
    (void)chan;
    leave_clerk(ctx);
}

void ww_keeper_publish_clerk(struct ww_keeper_publish *k, int fd)
{
    static const struct ww_chan_handlers handlers = {on_clerk, on_clerk_down};
    leave_clerk(k);
    k->clerk = ww_chan_new(k->base, fd, &handlers, k);
    if (k->clerk == NULL) {
        ww_log_error("no-memory", "for", "channel to a role");
        return;
    }
    (void)event_del(k->away);
    for (size_t i = 0; i < WW_ORDERS_MAX; i++)
        if (k->orders[i].number != 0)
            give(k, &k->orders[i]);
}

/* ---- From the steward ---- */

/* Each of a domain that it has, one at a time, and once. */
static const char *may_ask(struct ww_keeper_publish *k, const struct ww_msg_order_ask *ask,
                           struct ww_publish_order **place)
{
    struct ww_publish_given *g = ww_keeper_publish_find_given(k, ask->domain);
    const unsigned bit = 1u << ask->what;
    *place = NULL;
    for (size_t i = 0; i < WW_ORDERS_MAX; i++) {
        if (k->orders[i].number == 0)
            *place = &k->orders[i];
        else if (strcmp(k->orders[i].ask.domain, ask->domain) == 0)
            return "something else is still being done for it";
    }
    if (g == NULL || (g->ordered & bit) != 0)
        return "it is not due";
    if (*place == NULL)
        return "more is to be done than may be at a time";
    g->ordered |= bit;
    return NULL;
}

void ww_keeper_publish_order_asked(struct ww_keeper_publish *k, const struct ww_msg_order_ask *ask)
{
    struct ww_publish_order *o;
    const char *why = may_ask(k, ask, &o);
    if (why != NULL) {
        refuse(k, ask->number, why);
        return;
    }
    *o = (struct ww_publish_order){.number = ++k->last_order, .awaited = true, .ask = *ask};
    if (k->clerk != NULL)
        give(k, o);
    else
        wait_for_clerk(k);
}

/* Nobody waits for what it has asked for; what the clerk has is left to it. */
void ww_keeper_publish_order_steward_left(struct ww_keeper_publish *k)
{
    for (size_t i = 0; i < WW_ORDERS_MAX; i++) {
        k->orders[i].awaited = false;
        if (!k->orders[i].sent)
            k->orders[i].number = 0;
    }
}

bool ww_keeper_publish_orders_open(struct ww_keeper_publish *k)
{
    k->away = evtimer_new(k->base, on_away, k);
    return k->away != NULL;
}

void ww_keeper_publish_orders_close(struct ww_keeper_publish *k)
{
    if (k->away != NULL)
        event_free(k->away);
    ww_chan_free(k->clerk);
}
