/* What the parts of front_client.h share: connections of MTAs, in three files. */
#ifndef WW_DAEMON_FRONT_CLIENT_PRIVATE_H
#define WW_DAEMON_FRONT_CLIENT_PRIVATE_H

#include "daemon/front_client.h"
#include "daemon/front_framing.h"

#include <event2/util.h>

/* Read at once from one connection; holds the longest request with its framing. */
#define WW_CLIENT_INPUT 16384
_Static_assert(WW_CLIENT_INPUT >= WW_FRAMING_MAX, "a whole request fits");

/*
 * So many connections that have something to read are read before any of them is answered: the memory that
 * their domains stand in is fetched meanwhile.
 */
#define WW_CLIENT_BATCH 8
#define WW_CLIENT_BATCH_INPUT ((size_t)4 * WW_CLIENT_INPUT)

/* Answers are sent when so much is there, or when there are no more requests. */
#define WW_CLIENT_OUTPUT ((size_t)64 * 1024)

struct ww_client_request;
struct ww_client;

/* A connection's input, read in this turn of the loop. */
struct ww_client_batched {
    struct ww_client *client; /* NULL: it has gone meanwhile */
    const char *p;
    size_t n;
    size_t first_n; /* of the first request with its framing; 0 when it is not whole */
    enum ww_framed framed;
    struct ww_question first;
};

struct ww_client {
    struct ww_clients *all;
    struct ww_client_batched *batched; /* NULL: nothing was read in this turn */
    int fd;
    enum ww_framing framing;
    struct event *readable;
    struct event *writable;
    bool reading;
    bool writing;
    bool again;  /* what is kept goes on in the next turn */
    bool eof;    /* the peer sends no more; what it has asked before is answered still */
    bool ended;  /* no more requests come, or are taken */
    bool broken; /* nothing can be sent any more */
    char *in;    /* the start of a request, or requests while too much waits */
    size_t in_n;
    char *out; /* what the peer has not taken yet */
    size_t out_n;
    size_t out_at;
    size_t request_count;
    TAILQ_HEAD(ww_client_requests, ww_client_request) requests;
    unsigned active;     /* ticks */
    unsigned half_since; /* when the request began that is not whole; 0: there is none */
    TAILQ_ENTRY(ww_client) link;
    TAILQ_ENTRY(ww_client) next_turn;
};

struct ww_clients {
    struct event_base *base;
    struct ww_lookup *lookup;
    void (*closed)(void *ctx);
    void *ctx;
    struct event *timer;
    unsigned tick; /* seconds, from 1 on: the hot path asks no clock */
    size_t count;
    TAILQ_HEAD(ww_client_list, ww_client) clients;
    TAILQ_HEAD(ww_client_turns, ww_client) next_turn;
    size_t next_turn_count;
    struct event *again; /* begins that turn */
    struct event *turn;  /* serves the batch */
    size_t batch_n;
    int64_t batch_since;    /* microseconds: one look at the clock for all of it */
    uint64_t batch_answers; /* that were given at once */
    struct ww_client_batched batch[WW_CLIENT_BATCH];
    size_t in_n; /* of the batch */
    char in[WW_CLIENT_BATCH_INPUT];
    /* Only in use while one connection is served. */
    char out[WW_CLIENT_OUTPUT + WW_ANSWER_ROOM];
};

/* front_client.c: ends the connection. */
void ww_client_hang_up(struct ww_client *c);
/* Waits for what can go on next; ends the connection when that is nothing. */
void ww_client_settle(struct ww_client *c);
/* What is kept goes on in the next turn, or not. */
void ww_client_set_again(struct ww_client *c, bool again);

/* front_client_serve.c: requests wait, or are answered. */
static inline bool ww_client_blocked(const struct ww_client *c)
{
    return c->out_n > 0 || c->request_count >= WW_CLIENT_REQUESTS;
}
/*
 * Serves n octets of input as far as it goes; ahead is NULL, or holds their first request. May end the
 * connection.
 */
void ww_client_serve(struct ww_client *c, const char *p, size_t n, const struct ww_client_batched *ahead);
/* What was kept goes on, now that less waits; what is in the batch will by itself. */
void ww_client_resume(struct ww_client *c);
void ww_client_drop_requests(struct ww_client *c);

/* front_client_read.c: event callbacks of a connection, and of the turn that serves what was read. */
void ww_client_on_readable(evutil_socket_t s, short what, void *arg);
void ww_client_on_writable(evutil_socket_t s, short what, void *arg);
void ww_client_on_turn(evutil_socket_t s, short what, void *arg);

#endif
