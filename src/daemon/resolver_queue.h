/*
 * The flights of one resolver: so many at a time, more wait for their turn (resolver_turns.h), of those so
 * many at most, and for so long at most; and those that fetch a policy wait for that too (fetch_pace.h). Each
 * has an owner, whoever asked; an owner that goes away takes his flights with him.
 *
 * A flight has a part that looks for the MTA-STS policy, a part that surveys the domain for DANE, or both,
 * side by side: what one of them brings does not wait for the other.
 */
#ifndef WW_DAEMON_RESOLVER_QUEUE_H
#define WW_DAEMON_RESOLVER_QUEUE_H

#include "daemon/fetch_gate.h"
#include "drive/dane.h"
#include "drive/discover.h"
#include "proc/msg.h"

struct ww_queue;

struct ww_queue_limits {
    size_t flights;
    size_t waiting;
    int64_t wait_ms;      /* whoever asked has given up by then */
    unsigned question_ms; /* that one question to DNS may take */
    struct ww_pace_limits fetches;
};

/*
 * A part of a flight has ended, or was refused (WW_E_RESOLVER_BUSY, WW_E_NO_MEMORY): that may be told before
 * ww_queue_add returns.
 */
struct ww_queue_handlers {
    void (*resolved)(void *owner, uint64_t flight, const struct ww_discovery_result *result);
    void (*surveyed)(void *owner, uint64_t flight, const struct ww_dane_survey *survey);
};

/* Borrows what the discoverer holds. Nothing flies before ww_queue_open. NULL when memory is short. */
struct ww_queue *ww_queue_new(struct event_base *base, const struct ww_discoverer *discoverer,
                              const struct ww_queue_limits *limits, const struct ww_queue_handlers *handlers);
void ww_queue_free(struct ww_queue *queue);

void ww_queue_open(struct ww_queue *queue);
void ww_queue_add(struct ww_queue *queue, void *owner, const struct ww_msg_resolve *m);

/*
 * No answer was ever validated here, so that surveys for DANE are spared: each is told so at once, and to
 * count for so many seconds. 0: there is DNSSEC, or it may be.
 */
void ww_queue_without_dnssec(struct ww_queue *queue, uint32_t seconds);

/* Flights under way, and those that wait. */
size_t ww_queue_flying(const struct ww_queue *queue);
size_t ww_queue_waiting(const struct ww_queue *queue);

/* Ends all flights of an owner without their callbacks. */
void ww_queue_forget(struct ww_queue *queue, const void *owner);

#endif
