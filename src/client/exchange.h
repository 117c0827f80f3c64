/*
 * One request and one reply of the socketmap over a socket that never blocks: bounded in octets and time.
 * Whoever calls waits (poll), and tells the time. A connection that breaks is made once more, since a server
 * may have closed one that was idle, or be starting again; a refused one is an answer.
 */
#ifndef WW_CLIENT_EXCHANGE_H
#define WW_CLIENT_EXCHANGE_H

#include "base/err.h"
#include "client/address.h"

#include <stdint.h>

enum ww_exchange_state {
    WW_EXCHANGE_OPEN,    /* a connection has to be begun */
    WW_EXCHANGE_CONNECT, /* it is under way */
    WW_EXCHANGE_SEND,
    WW_EXCHANGE_RECEIVE,
    WW_EXCHANGE_ENDED,
};

struct ww_exchange {
    const struct ww_address *to; /* borrowed */
    struct ww_slice request;     /* framed; borrowed */
    int64_t deadline;            /* milliseconds, by a clock that never goes back */
    int64_t pause;               /* not to be opened before */
    int fd;                      /* -1: none */
    enum ww_exchange_state state;
    bool again; /* it was made once more */
    size_t sent;
    char *in;
    size_t in_n;
    size_t in_cap;
    struct ww_slice reply; /* borrowed from it, once it has ended without an error */
    enum ww_err err;       /* why it has ended, or WW_OK */
};

/*
 * Begins, over the idle connection fd, or, with -1, a new one; step goes on. `to` and `request` (a whole
 * netstring) are borrowed until the end. Owns fd.
 */
void ww_exchange_begin(struct ww_exchange *x, const struct ww_address *to, int fd, struct ww_slice request,
                       int64_t deadline);

/* Goes on as far as it can without waiting. True when it has ended. */
bool ww_exchange_step(struct ww_exchange *x, int64_t now);

/* What poll has to wait for: POLLIN, POLLOUT, or 0: for the time alone. */
short ww_exchange_events(const struct ww_exchange *x);

/* So many milliseconds may poll wait at most. */
int ww_exchange_timeout(const struct ww_exchange *x, int64_t now);

/* Frees what it has. Returns the connection, if it can serve another request: the caller's then; else -1. */
int ww_exchange_end(struct ww_exchange *x);

#endif
