#include "daemon/front_client_private.h"

#include <event2/event.h>
#include <stdlib.h>
#include <unistd.h>

/* By a timer that is due at once: what is made active within a turn belongs to that turn. */
void ww_client_set_again(struct ww_client *c, bool again)
{
    static const struct timeval at_once;
    struct ww_clients *all = c->all;
    if (again == c->again)
        return;
    c->again = again;
    if (!again) {
        TAILQ_REMOVE(&all->next_turn, c, next_turn);
        all->next_turn_count--;
        return;
    }
    TAILQ_INSERT_TAIL(&all->next_turn, c, next_turn);
    all->next_turn_count++;
    if (event_pending(all->again, EV_TIMEOUT, NULL) == 0 && event_add(all->again, &at_once) != 0)
        c->broken = true;
}

static void client_free(struct ww_client *c)
{
    ww_client_drop_requests(c);
    ww_client_set_again(c, false);
    TAILQ_REMOVE(&c->all->clients, c, link);
    c->all->count--;
    if (c->batched != NULL)
        c->batched->client = NULL;
    if (c->readable != NULL)
        event_free(c->readable);
    if (c->writable != NULL)
        event_free(c->writable);
    close(c->fd);
    free(c->in);
    free(c->out);
    free(c);
}

void ww_client_hang_up(struct ww_client *c)
{
    struct ww_clients *all = c->all;
    client_free(c);
    all->closed(all->ctx);
}

void ww_client_settle(struct ww_client *c)
{
    bool done = c->ended && c->request_count == 0 && c->out_n == 0;
    bool read = !c->ended && !ww_client_blocked(c) && !c->again;
    bool write = c->out_n > 0;
    if (!c->broken && read != c->reading)
        c->broken = (read ? event_add(c->readable, NULL) : event_del(c->readable)) != 0;
    if (!c->broken && write != c->writing)
        c->broken = (write ? event_add(c->writable, NULL) : event_del(c->writable)) != 0;
    c->reading = read;
    c->writing = write;
    if (done || c->broken)
        ww_client_hang_up(c);
}

static void on_again(evutil_socket_t s, short what, void *arg)
{
    (void)s;
    (void)what;
    struct ww_clients *all = arg;
    struct ww_client *c;
    /* Who is not through then stands in the list anew. */
    for (size_t n = all->next_turn_count; n > 0 && (c = TAILQ_FIRST(&all->next_turn)) != NULL; n--)
        ww_client_resume(c);
}

static void on_timer(evutil_socket_t s, short what, void *arg)
{
    (void)s;
    (void)what;
    struct ww_clients *all = arg;
    struct ww_client *next;
    const unsigned patience =
        all->count >= WW_CLIENTS_MAX ? WW_CLIENT_IDLE_FULL_SECONDS : WW_CLIENT_IDLE_SECONDS;
    all->tick++;
    for (struct ww_client *c = TAILQ_FIRST(&all->clients); c != NULL; c = next) {
        next = TAILQ_NEXT(c, link);
        unsigned idle = all->tick - c->active;
        if ((c->half_since != 0 && all->tick - c->half_since > WW_CLIENT_REQUEST_SECONDS) ||
            (c->out_n > 0 && idle > WW_CLIENT_ANSWER_SECONDS) || (c->request_count == 0 && idle > patience))
            ww_client_hang_up(c);
    }
}

struct ww_clients *ww_clients_new(struct event_base *base, struct ww_lookup *lookup,
                                  void (*closed)(void *ctx), void *ctx)
{
    struct ww_clients *all = calloc(1, sizeof *all);
    if (all == NULL)
        return NULL;
    all->base = base;
    all->lookup = lookup;
    all->closed = closed;
    all->ctx = ctx;
    all->tick = 1;
    TAILQ_INIT(&all->clients);
    TAILQ_INIT(&all->next_turn);
    const struct timeval second = {.tv_sec = 1};
    all->timer = event_new(base, -1, EV_PERSIST, on_timer, all);
    all->turn = event_new(base, -1, 0, ww_client_on_turn, all);
    all->again = evtimer_new(base, on_again, all);
    if (all->timer == NULL || all->turn == NULL || all->again == NULL ||
        event_add(all->timer, &second) != 0) {
        ww_clients_free(all);
        return NULL;
    }
    return all;
}

void ww_clients_free(struct ww_clients *clients)
{
    if (clients == NULL)
        return;
    while (!TAILQ_EMPTY(&clients->clients))
        client_free(TAILQ_FIRST(&clients->clients));
    if (clients->timer != NULL)
        event_free(clients->timer);
    if (clients->turn != NULL)
        event_free(clients->turn);
    if (clients->again != NULL)
        event_free(clients->again);
    free(clients);
}

void ww_clients_add(struct ww_clients *clients, int fd)
{
    struct ww_client *c = calloc(1, sizeof *c);
    if (c == NULL) {
        close(fd);
        return;
    }
    c->all = clients;
    c->fd = fd;
    c->active = clients->tick;
    TAILQ_INIT(&c->requests);
    TAILQ_INSERT_TAIL(&clients->clients, c, link);
    clients->count++;
    ww_stat_add(ww_lookup_stats(clients->lookup), WW_STAT_CONNECTED, 1);
    c->readable = event_new(clients->base, fd, EV_READ | EV_PERSIST, ww_client_on_readable, c);
    c->writable = event_new(clients->base, fd, EV_WRITE | EV_PERSIST, ww_client_on_writable, c);
    c->broken = c->readable == NULL || c->writable == NULL;
    ww_client_settle(c);
}

size_t ww_clients_count(const struct ww_clients *clients)
{
    return clients->count;
}
