#include "daemon/front_client.h"

#include "core/netstring.h"
#include "daemon/clock.h"

#include <errno.h>
#include <event2/event.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

/* Read at once from one connection; holds the longest request with its framing. */
#define INPUT_SIZE 16384
_Static_assert(INPUT_SIZE >= WW_SOCKETMAP_QUERY_MAX + sizeof "10000:,", "a whole request fits");

/*
 * So many connections that have something to read are read before any of them is answered: the memory that
 * their domains stand in is fetched meanwhile.
 */
#define BATCH 8
#define BATCH_INPUT ((size_t)4 * INPUT_SIZE)

/* Answers are sent when so much is there, or when there are no more requests. */
#define OUTPUT_ENOUGH ((size_t)64 * 1024)

/*
 * What one connection may have answered in a turn of the loop, so that whoever asks much at once lets others
 * wait no longer than that. An explanation takes as long as many other answers.
 */
#define TURN_WORK 64
#define EXPLAIN_WORK 16

/* A request that could not be answered at once, or that stands behind such a one. */
struct request {
    struct ww_waiter waiter; /* first: a waiter is a request */
    struct client *client;
    bool ready;
    int64_t since; /* microseconds */
    struct ww_question question;
    TAILQ_ENTRY(request) order;
};

/* A connection's input, read in this turn of the loop. */
struct batched {
    struct client *client; /* NULL: it has gone meanwhile */
    const char *p;
    size_t n;
    size_t first_n; /* of the first request with its framing; 0 when it is not whole */
    struct ww_question first;
};

struct client {
    struct ww_clients *all;
    struct batched *batched; /* NULL: nothing was read in this turn */
    int fd;
    struct event *readable;
    struct event *writable;
    bool reading;
    bool writing;
    bool again;  /* what is kept goes on in the next turn */
    bool ended;  /* no more requests come, or are taken */
    bool broken; /* nothing can be sent any more */
    char *in;    /* the start of a request, or requests while too much waits */
    size_t in_n;
    char *out; /* what the peer has not taken yet */
    size_t out_n;
    size_t out_at;
    size_t request_count;
    TAILQ_HEAD(request_order, request) requests;
    unsigned active;     /* ticks */
    unsigned half_since; /* when the request began that is not whole; 0: there is none */
    TAILQ_ENTRY(client) link;
    TAILQ_ENTRY(client) next_turn;
};

struct ww_clients {
    struct event_base *base;
    struct ww_lookup *lookup;
    void (*closed)(void *ctx);
    void *ctx;
    struct event *timer;
    unsigned tick; /* seconds, from 1 on: the hot path asks no clock */
    size_t count;
    TAILQ_HEAD(client_list, client) clients;
    TAILQ_HEAD(client_turns, client) next_turn;
    size_t next_turn_count;
    struct event *again; /* begins that turn */
    struct event *turn;  /* serves the batch */
    size_t batch_n;
    int64_t batch_since;    /* microseconds: one look at the clock for all of it */
    uint64_t batch_answers; /* that were given at once */
    struct batched batch[BATCH];
    size_t in_n; /* of the batch */
    char in[BATCH_INPUT];
    /* Only in use while one connection is served. */
    char out[OUTPUT_ENOUGH + WW_ANSWER_ROOM];
};

static void drop_request(struct client *c, struct request *r)
{
    ww_lookup_leave(c->all->lookup, &r->waiter);
    TAILQ_REMOVE(&c->requests, r, order);
    c->request_count--;
    free(r);
}

/* By a timer that is due at once: what is made active within a turn belongs to that turn. */
static void set_again(struct client *c, bool again)
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

static void client_free(struct client *c)
{
    while (!TAILQ_EMPTY(&c->requests))
        drop_request(c, TAILQ_FIRST(&c->requests));
    set_again(c, false);
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

static void hang_up(struct client *c)
{
    struct ww_clients *all = c->all;
    client_free(c);
    all->closed(all->ctx);
}

static bool blocked(const struct client *c)
{
    return c->out_n > 0 || c->request_count >= WW_CLIENT_REQUESTS;
}

/* Sends what is in b; what the peer does not take waits, and with it all that follows. */
static void flush(struct client *c, struct ww_buf *b)
{
    ssize_t sent = 0;
    if (b->n > 0 && !c->broken)
        sent = send(c->fd, b->p, b->n, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent < 0 && errno != EAGAIN && errno != EINTR)
        c->broken = true;
    size_t left = sent > 0 ? b->n - (size_t)sent : b->n;
    if (left > 0 && !c->broken) {
        c->out = malloc(left);
        c->broken = c->out == NULL;
        c->out_at = 0;
        c->out_n = c->broken ? 0 : left;
        if (!c->broken)
            memcpy(c->out, b->p + b->n - left, left);
    }
    b->n = 0;
}

/* Answers that are next in order and ready. */
static void answer_ready(struct client *c, struct ww_buf *b)
{
    struct request *r;
    while (c->out_n == 0 && (r = TAILQ_FIRST(&c->requests)) != NULL && r->ready) {
        ww_lookup_answer(c->all->lookup, &r->question, b);
        ww_stat_observe_slow(ww_lookup_stats(c->all->lookup), WW_STAT_LOOKUP_WAITED,
                             (uint64_t)(ww_clock_us() - r->since));
        drop_request(c, r);
        if (b->n >= OUTPUT_ENOUGH)
            flush(c, b);
    }
}

static void on_woken(struct ww_waiter *waiter);

/* Puts a request at the end of those that wait. */
static void postpone(struct client *c, const struct ww_question *question)
{
    struct request *r = calloc(1, sizeof *r);
    if (r == NULL) {
        c->broken = true;
        return;
    }
    r->waiter.woken = on_woken;
    r->client = c;
    r->question = *question;
    r->since = ww_clock_us();
    TAILQ_INSERT_TAIL(&c->requests, r, order);
    c->request_count++;
    r->ready = ww_lookup_can_answer(c->all->lookup, question) ||
               !ww_lookup_wait(c->all->lookup, question, &r->waiter);
}

/* Gives the work that it was. */
static unsigned take_question(struct client *c, const struct ww_question *question, struct ww_buf *b)
{
    if (TAILQ_EMPTY(&c->requests) && ww_lookup_try(c->all->lookup, question, b))
        c->all->batch_answers++;
    else
        postpone(c, question);
    if (b->n >= OUTPUT_ENOUGH)
        flush(c, b);
    return question->map == WW_MAP_EXPLAIN ? EXPLAIN_WORK : 1;
}

/* Keeps input for later. */
static void keep(struct client *c, const char *p, size_t n)
{
    if (n > 0 && n != c->in_n) {
        char *larger = realloc(c->in, n);
        if (larger == NULL) {
            c->broken = true;
            return;
        }
        c->in = larger;
    }
    if (n > 0) {
        memcpy(c->in, p, n);
    } else if (c->in != NULL) {
        free(c->in);
        c->in = NULL;
    }
    c->in_n = n;
}

/* Waits for what can go on next; ends the connection when that is nothing. False then: it is gone. */
static bool settle(struct client *c)
{
    bool done = c->ended && c->request_count == 0 && c->out_n == 0;
    bool read = !c->ended && !blocked(c) && !c->again;
    bool write = c->out_n > 0;
    if (!c->broken && read != c->reading)
        c->broken = (read ? event_add(c->readable, NULL) : event_del(c->readable)) != 0;
    if (!c->broken && write != c->writing)
        c->broken = (write ? event_add(c->writable, NULL) : event_del(c->writable)) != 0;
    c->reading = read;
    c->writing = write;
    if (!done && !c->broken)
        return true;
    hang_up(c);
    return false;
}

/* Cuts the next request from the input, and reads it. */
static enum ww_netstring next_question(const char *p, size_t n, struct ww_question *question, size_t *used)
{
    struct ww_slice payload;
    enum ww_netstring cut = ww_netstring_cut(p, n, WW_SOCKETMAP_QUERY_MAX, &payload, used);
    if (cut == WW_NETSTRING_WHOLE)
        ww_question_read(payload, question);
    return cut;
}

/*
 * Serves n octets of input as far as it goes; ahead is NULL, or holds their first request. May end the
 * connection.
 */
static void serve(struct client *c, const char *p, size_t n, const struct batched *ahead)
{
    struct ww_clients *all = c->all;
    struct ww_buf b = ww_buf(all->out, sizeof all->out);
    size_t at = 0;
    unsigned work = 0;
    bool half = false;
    set_again(c, false);
    for (;;) {
        struct ww_question question;
        size_t used = 0;
        answer_ready(c, &b);
        if (c->ended || c->broken || half || blocked(c) || work >= TURN_WORK)
            break;
        if (at == 0 && ahead != NULL && ahead->first_n > 0) {
            at = ahead->first_n;
            work += take_question(c, &ahead->first, &b);
            continue;
        }
        enum ww_netstring cut = next_question(p + at, n - at, &question, &used);
        at += used;
        half = cut == WW_NETSTRING_MORE;
        c->ended = cut == WW_NETSTRING_MALFORMED;
        if (cut == WW_NETSTRING_WHOLE)
            work += take_question(c, &question, &b);
    }
    if (b.n > 0)
        flush(c, &b);
    if (c->ended)
        at = n;
    set_again(c, work >= TURN_WORK && at < n && !blocked(c));
    if (!half || at == n)
        c->half_since = 0;
    else if (at > 0 || c->half_since == 0)
        c->half_since = all->tick;
    keep(c, p + at, n - at);
    (void)settle(c);
}

/* What was kept goes on, now that less waits; what is in the batch will by itself. */
static void resume(struct client *c)
{
    if (c->batched != NULL)
        return;
    char *kept = c->in;
    size_t n = c->in_n;
    c->in = NULL;
    c->in_n = 0;
    serve(c, kept, n, NULL);
    free(kept);
}

static void on_again(evutil_socket_t s, short what, void *arg)
{
    (void)s;
    (void)what;
    struct ww_clients *all = arg;
    struct client *c;
    /* Who is not through then stands in the list anew. */
    for (size_t n = all->next_turn_count; n > 0 && (c = TAILQ_FIRST(&all->next_turn)) != NULL; n--)
        resume(c);
}

static void on_turn(evutil_socket_t s, short what, void *arg)
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
        struct batched *one = &all->batch[i];
        if (one->client == NULL)
            continue;
        one->client->batched = NULL;
        serve(one->client, one->p, one->n, one);
    }
    all->batch_n = 0;
    all->in_n = 0;
    if (all->batch_answers > 0)
        ww_stat_observe_fast(ww_lookup_stats(all->lookup), WW_STAT_LOOKUP_CACHED,
                             (uint64_t)(ww_clock_us() - all->batch_since), all->batch_answers);
}

/* Takes n octets that now stand at the end of the batch's input. */
static void add_to_batch(struct client *c, size_t n)
{
    struct ww_clients *all = c->all;
    if (all->batch_n == 0)
        all->batch_since = ww_clock_us();
    struct batched *one = &all->batch[all->batch_n++];
    one->client = c;
    one->p = all->in + all->in_n;
    one->n = n;
    one->first_n = 0;
    c->batched = one;
    all->in_n += n;
    if (next_question(one->p, n, &one->first, &one->first_n) == WW_NETSTRING_WHOLE)
        ww_lookup_soon(all->lookup, &one->first);
    if (all->batch_n == BATCH || sizeof all->in - all->in_n < INPUT_SIZE)
        on_turn(-1, 0, all);
    else if (all->batch_n == 1)
        event_active(all->turn, 0, 0); /* behind all that is to be read in this turn */
}

static void on_readable(evutil_socket_t s, short what, void *arg)
{
    (void)s;
    (void)what;
    struct client *c = arg;
    struct ww_clients *all = c->all;
    char *to = all->in + all->in_n;
    ssize_t got = recv(c->fd, to + c->in_n, INPUT_SIZE - c->in_n, MSG_DONTWAIT);
    if (got < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (c->in_n > 0)
        memcpy(to, c->in, c->in_n);
    c->active = all->tick;
    /* The end of the requests; what was asked before is answered still. */
    c->ended = got == 0;
    c->broken = got < 0;
    add_to_batch(c, c->in_n + (got > 0 ? (size_t)got : 0));
}

static void on_writable(evutil_socket_t s, short what, void *arg)
{
    (void)s;
    (void)what;
    struct client *c = arg;
    ssize_t sent = send(c->fd, c->out + c->out_at, c->out_n, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    c->active = c->all->tick;
    if (sent < 0) {
        hang_up(c);
        return;
    }
    c->out_at += (size_t)sent;
    c->out_n -= (size_t)sent;
    if (c->out_n > 0)
        return;
    free(c->out);
    c->out = NULL;
    resume(c);
}

static void on_woken(struct ww_waiter *waiter)
{
    struct request *r = (struct request *)waiter;
    struct client *c = r->client;
    r->ready = true;
    if (r == TAILQ_FIRST(&c->requests) && c->out_n == 0)
        resume(c);
}

static void on_timer(evutil_socket_t s, short what, void *arg)
{
    (void)s;
    (void)what;
    struct ww_clients *all = arg;
    struct client *next;
    const unsigned patience =
        all->count >= WW_CLIENTS_MAX ? WW_CLIENT_IDLE_FULL_SECONDS : WW_CLIENT_IDLE_SECONDS;
    all->tick++;
    for (struct client *c = TAILQ_FIRST(&all->clients); c != NULL; c = next) {
        next = TAILQ_NEXT(c, link);
        unsigned idle = all->tick - c->active;
        if ((c->half_since != 0 && all->tick - c->half_since > WW_CLIENT_REQUEST_SECONDS) ||
            (c->out_n > 0 && idle > WW_CLIENT_ANSWER_SECONDS) || (c->request_count == 0 && idle > patience))
            hang_up(c);
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
    all->turn = event_new(base, -1, 0, on_turn, all);
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
    struct client *c = calloc(1, sizeof *c);
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
    c->readable = event_new(clients->base, fd, EV_READ | EV_PERSIST, on_readable, c);
    c->writable = event_new(clients->base, fd, EV_WRITE | EV_PERSIST, on_writable, c);
    c->broken = c->readable == NULL || c->writable == NULL;
    (void)settle(c);
}

size_t ww_clients_count(const struct ww_clients *clients)
{
    return clients->count;
}
