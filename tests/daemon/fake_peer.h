/* The other end of a role's channel, on the same loop: keeps what it gets. */
#ifndef WW_TESTS_DAEMON_FAKE_PEER_H
#define WW_TESTS_DAEMON_FAKE_PEER_H

#include "daemon/clock.h"
#include "proc/chan.h"
#include "proc/msg.h"

#include <event2/event.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#define FAKE_PEER_MESSAGES 8192

struct fake_message {
    uint16_t type;
    struct ww_slice payload; /* owned */
};

struct fake_peer {
    struct ww_chan *chan;
    struct fake_message messages[FAKE_PEER_MESSAGES];
    size_t count;
    size_t taken;
    bool down;
};

static inline void fake_peer_message(void *ctx, struct ww_chan *chan, uint16_t type, struct ww_slice payload,
                                     int fd)
{
    (void)chan;
    struct fake_peer *peer = ctx;
    assert_int_equal(fd, -1);
    assert_true(peer->count < FAKE_PEER_MESSAGES);
    char *copy = malloc(payload.n + 1);
    assert_non_null(copy);
    if (payload.n > 0)
        memcpy(copy, payload.p, payload.n);
    peer->messages[peer->count++] = (struct fake_message){type, ww_slice(copy, payload.n)};
}

static inline void fake_peer_down(void *ctx, struct ww_chan *chan)
{
    (void)chan;
    struct fake_peer *peer = ctx;
    peer->down = true;
}

/* Ends what the peer was before. Gives the role's end. */
static inline int fake_peer_open(struct fake_peer *peer, struct event_base *base)
{
    static const struct ww_chan_handlers handlers = {fake_peer_message, fake_peer_down};
    int fds[2];
    ww_chan_free(peer->chan);
    peer->down = false;
    assert_int_equal(ww_chan_pair(fds), WW_OK);
    peer->chan = ww_chan_new(base, fds[0], &handlers, peer);
    assert_non_null(peer->chan);
    return fds[1];
}

static inline void fake_peer_close(struct fake_peer *peer)
{
    ww_chan_free(peer->chan);
    peer->chan = NULL;
    for (size_t i = 0; i < peer->count; i++)
        free((void *)(uintptr_t)peer->messages[i].payload.p);
    peer->count = 0;
    peer->taken = 0;
}

static inline void fake_peer_send(struct fake_peer *peer, enum ww_msg_type type, const struct ww_buf *b)
{
    struct ww_slice payload = b != NULL ? ww_slice(b->p, b->n) : ww_slice(NULL, 0);
    assert_true(b == NULL || !b->failed);
    assert_int_equal(ww_chan_send(peer->chan, (uint16_t)type, payload, -1), WW_OK);
}

/* The next message that was not taken yet; NULL when there is none. */
static inline const struct fake_message *fake_peer_next(struct fake_peer *peer)
{
    return peer->taken < peer->count ? &peer->messages[peer->taken++] : NULL;
}

static inline void fake_peer_send_policy(struct fake_peer *peer, const struct ww_stored_policy *policy)
{
    static char space[WW_CHAN_MESSAGE_MAX];
    struct ww_buf b = ww_buf(space, sizeof space);
    ww_msg_put_policy(&b, policy);
    fake_peer_send(peer, WW_MSG_POLICY, &b);
}

/* All that can be done without waiting. */
static inline void test_settle(struct event_base *base)
{
    for (int i = 0; i < 20; i++)
        (void)event_base_loop(base, EVLOOP_NONBLOCK);
}

static inline void test_run_ms(struct event_base *base, int64_t ms)
{
    int64_t end = ww_clock_ms() + ms;
    while (ww_clock_ms() < end) {
        test_settle(base);
        usleep(1000);
    }
}

#endif
