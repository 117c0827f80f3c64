#include "daemon/front_client_private.h"

#include "daemon/clock.h"

#include <errno.h>
#include <event2/event.h>
#include <stdlib.h>
#include <sys/socket.h>

void ww_client_on_turn(evutil_socket_t s, short what, void *arg)
{
    (void)s;
    (void)what;
    struct ww_clients *all = arg;
    size_t n = all->batch_n;
    all->batch_answers = 0;
    for (size_t i = 0; i < n; i++)
        if (all->batch[i].first_n > 0)
            ww_lookup_near(all->lookup, &all->batch[i].first);
    for (size_t i = 0; i < n; i++) {
        struct ww_client_batched *one = &all->batch[i];
        if (one->client == NULL)
            continue;
        one->client->batched = NULL;
        ww_client_serve(one->client, one->p, one->n, one);
    }
    all->batch_n = 0;
    all->in_n = 0;
    if (all->batch_answers > 0)
        ww_stat_observe_fast(ww_lookup_stats(all->lookup), WW_STAT_LOOKUP_CACHED,
                             (uint64_t)(ww_clock_us() - all->batch_since), all->batch_answers);
}

/* Takes n octets that now stand at the end of the batch's input. */
static void add_to_batch(struct ww_client *c, size_t n)
{
    struct ww_clients *all = c->all;
    if (all->batch_n == 0)
        all->batch_since = ww_clock_us();
    struct ww_client_batched *one = &all->batch[all->batch_n++];
    one->client = c;
    one->p = all->in + all->in_n;
    one->n = n;
    one->first_n = 0;
    c->batched = one;
    all->in_n += n;
    one->framed = ww_framing_next(&c->framing, one->p, n, c->eof, &one->first, &one->first_n);
    if (one->first_n > 0)
        ww_lookup_soon(all->lookup, &one->first);
    if (all->batch_n == WW_CLIENT_BATCH || sizeof all->in - all->in_n < WW_CLIENT_INPUT)
        ww_client_on_turn(-1, 0, all);
    else if (all->batch_n == 1)
        event_active(all->turn, 0, 0); /* behind all that is to be read in this turn */
}

void ww_client_on_readable(evutil_socket_t s, short what, void *arg)
{
    (void)s;
    (void)what;
    struct ww_client *c = arg;
    struct ww_clients *all = c->all;
    char *to = all->in + all->in_n;
    ssize_t got = recv(c->fd, to + c->in_n, WW_CLIENT_INPUT - c->in_n, MSG_DONTWAIT);
    if (got < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (c->in_n > 0)
        memcpy(to, c->in, c->in_n);
    c->active = all->tick;
    c->eof = got == 0;
    c->broken = got < 0;
    add_to_batch(c, c->in_n + (got > 0 ? (size_t)got : 0));
}

void ww_client_on_writable(evutil_socket_t s, short what, void *arg)
{
    (void)s;
    (void)what;
    struct ww_client *c = arg;
    ssize_t sent = send(c->fd, c->out + c->out_at, c->out_n, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    c->active = c->all->tick;
    if (sent < 0) {
        ww_client_hang_up(c);
        return;
    }
    c->out_at += (size_t)sent;
    c->out_n -= (size_t)sent;
    if (c->out_n > 0)
        return;
    free(c->out);
    c->out = NULL;
    ww_client_resume(c);
}
