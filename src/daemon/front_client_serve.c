#include "daemon/front_client_private.h"

#include "daemon/clock.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>

/*
 * What one connection may have answered in a turn of the loop, so that whoever asks much at once lets others
 * wait no longer than that. An explanation takes as long as many other answers.
 */
#define TURN_WORK 64
#define EXPLAIN_WORK 16

/* A request that could not be answered at once, or that stands behind such a one. */
struct ww_client_request {
    struct ww_waiter waiter; /* first: a waiter is a request */
    struct ww_client *client;
    bool ready;
    int64_t since; /* microseconds */
    struct ww_question question;
    TAILQ_ENTRY(ww_client_request) order;
};

static void drop_request(struct ww_client *c, struct ww_client_request *r)
{
    ww_lookup_leave(c->all->lookup, &r->waiter);
    TAILQ_REMOVE(&c->requests, r, order);
    c->request_count--;
    free(r);
}

void ww_client_drop_requests(struct ww_client *c)
{
    while (!TAILQ_EMPTY(&c->requests))
        drop_request(c, TAILQ_FIRST(&c->requests));
}

/* Sends what is in b; what the peer does not take waits, and with it all that follows. */
static void flush(struct ww_client *c, struct ww_buf *b)
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
static void answer_ready(struct ww_client *c, struct ww_buf *b)
{
    struct ww_client_request *r;
    while (c->out_n == 0 && (r = TAILQ_FIRST(&c->requests)) != NULL && r->ready) {
        ww_lookup_answer(c->all->lookup, &r->question, b);
        ww_stat_observe_slow(ww_lookup_stats(c->all->lookup), WW_STAT_LOOKUP_WAITED,
                             (uint64_t)(ww_clock_us() - r->since));
        drop_request(c, r);
        if (b->n >= WW_CLIENT_OUTPUT)
            flush(c, b);
    }
}

static void on_woken(struct ww_waiter *waiter);

/* Puts a request at the end of those that wait. */
static void postpone(struct ww_client *c, const struct ww_question *question)
{
    struct ww_client_request *r = calloc(1, sizeof *r);
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
static unsigned take_question(struct ww_client *c, const struct ww_question *question, struct ww_buf *b)
{
    if (TAILQ_EMPTY(&c->requests) && ww_lookup_try(c->all->lookup, question, b))
        c->all->batch_answers++;
    else
        postpone(c, question);
    if (b->n >= WW_CLIENT_OUTPUT)
        flush(c, b);
    return question->map == WW_MAP_EXPLAIN ? EXPLAIN_WORK : 1;
}

/* Keeps input for later. */
static void keep(struct ww_client *c, const char *p, size_t n)
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

void ww_client_serve(struct ww_client *c, const char *p, size_t n, const struct ww_client_batched *ahead)
{
    struct ww_clients *all = c->all;
    struct ww_buf b = ww_buf(all->out, sizeof all->out);
    size_t at = 0;
    unsigned work = 0;
    bool half = false;
    ww_client_set_again(c, false);
    for (;;) {
        struct ww_question question;
        const struct ww_question *next = &question;
        size_t used = 0;
        enum ww_framed framed;
        answer_ready(c, &b);
        if (c->ended || c->broken || half || ww_client_blocked(c) || work >= TURN_WORK)
            break;
        if (at == 0 && ahead != NULL && ahead->first_n > 0) {
            next = &ahead->first;
            used = ahead->first_n;
            framed = ahead->framed;
        } else {
            framed = ww_framing_next(&c->framing, p + at, n - at, c->eof, &question, &used);
        }
        at += used;
        half = framed == WW_FRAMED_MORE;
        c->ended = framed == WW_FRAMED_LAST || framed == WW_FRAMED_END;
        if (framed == WW_FRAMED_WHOLE || framed == WW_FRAMED_LAST)
            work += take_question(c, next, &b);
    }
    if (b.n > 0)
        flush(c, &b);
    if (c->ended)
        at = n;
    ww_client_set_again(c, work >= TURN_WORK && at < n && !ww_client_blocked(c));
    if (!half || at == n)
        c->half_since = 0;
    else if (at > 0 || c->half_since == 0)
        c->half_since = all->tick;
    keep(c, p + at, n - at);
    ww_client_settle(c);
}

void ww_client_resume(struct ww_client *c)
{
    if (c->batched != NULL)
        return;
    char *kept = c->in;
    size_t n = c->in_n;
    c->in = NULL;
    c->in_n = 0;
    ww_client_serve(c, kept, n, NULL);
    free(kept);
}

static void on_woken(struct ww_waiter *waiter)
{
    struct ww_client_request *r = (struct ww_client_request *)waiter;
    struct ww_client *c = r->client;
    r->ready = true;
    if (r == TAILQ_FIRST(&c->requests) && c->out_n == 0)
        ww_client_resume(c);
}
