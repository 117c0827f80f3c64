/*
 * The flights of one resolver: so many at a time, more wait for their turn (resolver_turns.h), of those so
 * many at most, and for so long at most; and those that fetch a policy wait for that too (fetch_pace.h). Each
 * has an owner, whoever asked; an owner that goes away takes his flights with him.
 */
#ifndef WW_DAEMON_RESOLVER_QUEUE_H
#define WW_DAEMON_RESOLVER_QUEUE_H

#include "daemon/fetch_gate.h"
#include "drive/discover.h"

struct ww_queue;

struct ww_queue_limits {
    size_t flights;
    size_t waiting;
    int64_t wait_ms; /* whoever asked has given up by then */
    struct ww_pace_limits fetches;
};

/*
 * A flight has ended, or was refused (WW_E_RESOLVER_BUSY, WW_E_NO_MEMORY): that may be told before
 * ww_queue_add returns.
 */
typedef void ww_queue_cb(void *owner, uint64_t number, const struct ww_discovery_result *result);

/* Borrows what the discoverer holds. Nothing flies before ww_queue_open. NULL when memory is short. */
struct ww_queue *ww_queue_new(struct event_base *base, const struct ww_discoverer *discoverer,
                              const struct ww_queue_limits *limits, ww_queue_cb *cb);
void ww_queue_free(struct ww_queue *queue);

void ww_queue_open(struct ww_queue *queue);
void ww_queue_add(struct ww_queue *queue, void *owner, uint64_t number, const struct ww_discovery_ask *ask);

/* Flights under way, and those that wait. */
size_t ww_queue_flying(const struct ww_queue *queue);
size_t ww_queue_waiting(const struct ww_queue *queue);

/* Ends all flights of an owner without their callbacks. */
void ww_queue_forget(struct ww_queue *queue, const void *owner);

#endif
