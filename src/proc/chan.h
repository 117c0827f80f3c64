/*
 * One end of a SOCK_SEQPACKET socket pair on the loop: whole messages, in order, each with at most one
 * descriptor. What the socket does not take at once waits in a queue with a cap.
 */
#ifndef WW_PROC_CHAN_H
#define WW_PROC_CHAN_H

#include "base/err.h"
#include "base/slice.h"

#include <stdint.h>

struct event_base;
struct ww_chan;

/* Largest message, header included: a policy body and what goes with it. */
#define WW_CHAN_MESSAGE_MAX (96 * 1024)

/* Version of all messages between roles; both ends run the same binary, so another one is an error. */
#define WW_CHAN_VERSION 1

struct ww_chan_handlers {
    /* A message arrived. fd is -1 or owned by the callee. payload is borrowed during the call. */
    void (*message)(void *ctx, struct ww_chan *chan, uint16_t type, struct ww_slice payload, int fd);
    /* The peer is gone or broke the framing; called once. The callee frees the channel, now or later. */
    void (*down)(void *ctx, struct ww_chan *chan);
};

/* Takes over fd (made non-blocking). NULL when memory is short; fd is closed then. ctx is the callers'. */
struct ww_chan *ww_chan_new(struct event_base *base, int fd, const struct ww_chan_handlers *handlers,
                            void *ctx);
void ww_chan_free(struct ww_chan *chan);

/*
 * Sends or queues a message. fd is -1 or a descriptor to pass; it stays the caller's (it is duplicated).
 * An error when the message is too long, or the queue's cap (64 MiB) is reached, or the peer is gone.
 */
WW_MUST_CHECK enum ww_err ww_chan_send(struct ww_chan *chan, uint16_t type, struct ww_slice payload, int fd);

/* Octets that wait in the queue: a sender of bulk pauses above a limit of its own. */
size_t ww_chan_queued(const struct ww_chan *chan);

/* Called (if set) whenever the queue has become empty. */
void ww_chan_on_drained(struct ww_chan *chan, void (*drained)(void *ctx, struct ww_chan *chan));

/* A connected pair, close-on-exec. */
WW_MUST_CHECK enum ww_err ww_chan_pair(int fds[2]);

#endif
