/*
 * Flights under way, one a domain, and the look-ups that wait for them. Every wait has a deadline of its own,
 * shorter than the flight; a flight whose answer never comes is given up after a while.
 */
#ifndef WW_DAEMON_FRONT_FLIGHTS_H
#define WW_DAEMON_FRONT_FLIGHTS_H

#include "daemon/front_cache.h"

struct event_base;

/* More are not begun: what then asks for an unknown domain gets no answer. */
#define WW_FLIGHTS_MAX 20000

/* A flight takes its DNS time-outs and one GET; a minute and a half is the end of all patience. */
#define WW_FLIGHT_LIMIT_MS 90000

struct ww_front_flight {
    uint64_t number;
    struct ww_front_name name;
    unsigned lives; /* the holder's: how many resolver processes it was handed to, */
    unsigned via;   /* and which one has it; */
    bool sts;       /* what it brings: its part about MTA-STS, */
    bool dane;      /* and that about DANE; each until it has ended */
    bool refresh;   /* begun without a look-up */
    bool used;      /* by a look-up: mail waits for what it brings */
    bool forced;    /* begun by the operator: fetches whatever is known */
    int64_t give_up;
    TAILQ_HEAD(ww_waiters_of_flight, ww_waiter) waiters;
    LIST_HEAD(ww_rechecks, ww_recheck) rechecks; /* the holder's */
    TAILQ_ENTRY(ww_front_flight) age;
    struct ww_front_flight *chain;
    char domain[];
};

/* Part of the struct of whoever waits; zeroed at first. Not touched once it was woken. */
struct ww_waiter {
    /* The flight has ended, or the deadline is there: answer with what is known. */
    void (*woken)(struct ww_waiter *waiter);
    struct ww_front_flight *flight; /* NULL: does not wait */
    int64_t deadline;
    TAILQ_ENTRY(ww_waiter) same;
    TAILQ_ENTRY(ww_waiter) age;
};

struct ww_flights_handlers {
    /* The flight is past its limit; the callee ends it. */
    void (*lost)(void *ctx, struct ww_front_flight *flight);
};

struct ww_flights;

/* NULL when memory is short. */
struct ww_flights *ww_flights_new(struct event_base *base, unsigned deadline_ms, unsigned limit_ms,
                                  const struct ww_flights_handlers *handlers, void *ctx);
/* Nobody is woken. */
void ww_flights_free(struct ww_flights *flights);

/* How long who waits from now on waits at most; and who waits already, if that is shorter. */
void ww_flights_set_deadline(struct ww_flights *flights, unsigned deadline_ms);

/* NULL when there is none for the domain, or of this number. */
struct ww_front_flight *ww_flights_find(const struct ww_flights *flights, const struct ww_front_name *name);
struct ww_front_flight *ww_flights_numbered(const struct ww_flights *flights, uint64_t number);

/* Begins one; there is none for the domain. NULL at the cap, or when memory is short. */
struct ww_front_flight *ww_flights_begin(struct ww_flights *flights, const struct ww_front_name *name);

/* Takes the flight off and wakes all that wait for it; they may begin others, and leave. */
void ww_flights_end(struct ww_flights *flights, struct ww_front_flight *flight);

void ww_flights_wait(struct ww_flights *flights, struct ww_front_flight *flight, struct ww_waiter *waiter);
/* Leaves without being woken; also when it does not wait. */
void ww_flights_leave(struct ww_flights *flights, struct ww_waiter *waiter);

/* The flights from the oldest on: NULL for the first, NULL at the end. */
struct ww_front_flight *ww_flights_next(const struct ww_flights *flights, struct ww_front_flight *before);
size_t ww_flights_count(const struct ww_flights *flights);

#endif
