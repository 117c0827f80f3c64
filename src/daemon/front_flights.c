#include "daemon/front_flights.h"

#include "daemon/clock.h"

#include <event2/event.h>
#include <stdlib.h>

/* Half as many again as there are flights at most. The low bits of a flight's number are its bucket. */
#define BUCKET_BITS 15
#define BUCKETS ((size_t)1 << BUCKET_BITS)

TAILQ_HEAD(flight_ages, ww_front_flight);
TAILQ_HEAD(waiter_ages, ww_waiter);

struct ww_flights {
    struct event *timer;
    int64_t armed; /* when the timer fires; 0: it does not */
    unsigned deadline_ms;
    unsigned limit_ms;
    struct ww_flights_handlers handlers;
    void *ctx;
    uint64_t serial;
    size_t count;
    /* All wait equally long, so the order of coming is the order of deadlines; the same for flights. */
    struct waiter_ages waiters;
    struct flight_ages flights;
    struct ww_front_flight *buckets[BUCKETS];
};

static void arm(struct ww_flights *f, int64_t due, int64_t now)
{
    if (f->armed != 0 && f->armed <= due)
        return;
    int64_t ms = due > now ? due - now : 0;
    struct timeval tv = {.tv_sec = ms / 1000, .tv_usec = ms % 1000 * 1000};
    if (event_add(f->timer, &tv) == 0)
        f->armed = due;
}

static void unlink_waiter(struct ww_flights *f, struct ww_waiter *waiter)
{
    TAILQ_REMOVE(&waiter->flight->waiters, waiter, same);
    TAILQ_REMOVE(&f->waiters, waiter, age);
    waiter->flight = NULL;
}

static void on_timer(evutil_socket_t s, short what, void *arg)
{
    (void)s;
    (void)what;
    struct ww_flights *f = arg;
    int64_t now = ww_clock_ms();
    struct ww_waiter *waiter;
    struct ww_front_flight *flight;
    f->armed = 0;
    while ((waiter = TAILQ_FIRST(&f->waiters)) != NULL && waiter->deadline <= now) {
        unlink_waiter(f, waiter);
        waiter->woken(waiter);
    }
    while ((flight = TAILQ_FIRST(&f->flights)) != NULL && flight->give_up <= now)
        f->handlers.lost(f->ctx, flight);
    if ((waiter = TAILQ_FIRST(&f->waiters)) != NULL)
        arm(f, waiter->deadline, now);
    if ((flight = TAILQ_FIRST(&f->flights)) != NULL)
        arm(f, flight->give_up, now);
}

struct ww_flights *ww_flights_new(struct event_base *base, unsigned deadline_ms, unsigned limit_ms,
                                  const struct ww_flights_handlers *handlers, void *ctx)
{
    struct ww_flights *f = calloc(1, sizeof *f);
    if (f == NULL)
        return NULL;
    f->deadline_ms = deadline_ms;
    f->limit_ms = limit_ms;
    f->handlers = *handlers;
    f->ctx = ctx;
    TAILQ_INIT(&f->waiters);
    TAILQ_INIT(&f->flights);
    f->timer = evtimer_new(base, on_timer, f);
    if (f->timer == NULL) {
        free(f);
        return NULL;
    }
    return f;
}

void ww_flights_set_deadline(struct ww_flights *flights, unsigned deadline_ms)
{
    int64_t now = ww_clock_ms();
    struct ww_waiter *waiter;
    flights->deadline_ms = deadline_ms;
    TAILQ_FOREACH(waiter, &flights->waiters, age)
    {
        if (waiter->deadline > now + deadline_ms)
            waiter->deadline = now + deadline_ms;
    }
    if ((waiter = TAILQ_FIRST(&flights->waiters)) != NULL)
        arm(flights, waiter->deadline, now);
}

static struct ww_front_flight **slot_of(struct ww_flights *f, const struct ww_front_flight *flight)
{
    struct ww_front_flight **slot = &f->buckets[flight->number & (BUCKETS - 1)];
    while (*slot != flight)
        slot = &(*slot)->chain;
    return slot;
}

/* Out of the tables, so that it is not found any more; it lives on until it is freed. */
static void take_off(struct ww_flights *f, struct ww_front_flight *flight)
{
    *slot_of(f, flight) = flight->chain;
    TAILQ_REMOVE(&f->flights, flight, age);
    f->count--;
}

void ww_flights_free(struct ww_flights *flights)
{
    if (flights == NULL)
        return;
    struct ww_front_flight *flight;
    while ((flight = TAILQ_FIRST(&flights->flights)) != NULL) {
        while (!TAILQ_EMPTY(&flight->waiters))
            unlink_waiter(flights, TAILQ_FIRST(&flight->waiters));
        take_off(flights, flight);
        free(flight);
    }
    event_free(flights->timer);
    free(flights);
}

struct ww_front_flight *ww_flights_find(const struct ww_flights *flights, const struct ww_front_name *name)
{
    struct ww_front_flight *flight = flights->buckets[name->hash & (BUCKETS - 1)];
    while (flight != NULL && (flight->name.hash != name->hash || flight->name.n != name->n ||
                              memcmp(flight->domain, name->domain, name->n) != 0))
        flight = flight->chain;
    return flight;
}

struct ww_front_flight *ww_flights_numbered(const struct ww_flights *flights, uint64_t number)
{
    struct ww_front_flight *flight = flights->buckets[number & (BUCKETS - 1)];
    while (flight != NULL && flight->number != number)
        flight = flight->chain;
    return flight;
}

struct ww_front_flight *ww_flights_begin(struct ww_flights *flights, const struct ww_front_name *name)
{
    if (flights->count >= WW_FLIGHTS_MAX)
        return NULL;
    struct ww_front_flight *flight = calloc(1, sizeof *flight + name->n + 1);
    if (flight == NULL)
        return NULL;
    int64_t now = ww_clock_ms();
    memcpy(flight->domain, name->domain, name->n);
    flight->name = (struct ww_front_name){flight->domain, name->n, name->hash};
    flight->number = ++flights->serial << BUCKET_BITS | (name->hash & (BUCKETS - 1));
    flight->give_up = now + flights->limit_ms;
    TAILQ_INIT(&flight->waiters);
    struct ww_front_flight **bucket = &flights->buckets[name->hash & (BUCKETS - 1)];
    flight->chain = *bucket;
    *bucket = flight;
    TAILQ_INSERT_TAIL(&flights->flights, flight, age);
    flights->count++;
    arm(flights, flight->give_up, now);
    return flight;
}

void ww_flights_end(struct ww_flights *flights, struct ww_front_flight *flight)
{
    struct ww_waiter *waiter;
    take_off(flights, flight);
    /* From the front each time: whoever is woken may take others off. */
    while ((waiter = TAILQ_FIRST(&flight->waiters)) != NULL) {
        unlink_waiter(flights, waiter);
        waiter->woken(waiter);
    }
    free(flight);
}

void ww_flights_wait(struct ww_flights *flights, struct ww_front_flight *flight, struct ww_waiter *waiter)
{
    int64_t now = ww_clock_ms();
    waiter->flight = flight;
    waiter->deadline = now + flights->deadline_ms;
    TAILQ_INSERT_TAIL(&flight->waiters, waiter, same);
    TAILQ_INSERT_TAIL(&flights->waiters, waiter, age);
    arm(flights, waiter->deadline, now);
}

void ww_flights_leave(struct ww_flights *flights, struct ww_waiter *waiter)
{
    if (waiter->flight != NULL)
        unlink_waiter(flights, waiter);
}

struct ww_front_flight *ww_flights_next(const struct ww_flights *flights, struct ww_front_flight *before)
{
    return before == NULL ? TAILQ_FIRST(&flights->flights) : TAILQ_NEXT(before, age);
}

size_t ww_flights_count(const struct ww_flights *flights)
{
    return flights->count;
}
