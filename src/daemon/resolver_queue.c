#include "daemon/resolver_queue.h"

#include "daemon/clock.h"
#include "daemon/resolver_turns.h"

#include <stdlib.h>
#include <sys/queue.h>

/* What one site has in flight at a time, as a part of all. */
#define SITE_PART 4

struct job {
    struct ww_turn turn; /* first: a turn is a job */
    TAILQ_ENTRY(job) entry;
    struct ww_queue *queue;
    struct ww_flight *flight; /* NULL: waits */
    struct ww_fetch *fetch;   /* NULL: has no need of it so far */
    void *owner;
    uint64_t number;
    int64_t since;
    struct ww_discovery_ask ask;
};

struct ww_queue {
    struct ww_discoverer discoverer;
    struct ww_gate *gate;
    ww_queue_cb *cb;
    struct ww_turns *turns;
    TAILQ_HEAD(, job) jobs;
    size_t flying_count;
    struct ww_queue_limits limits;
    bool open;
};

static void refuse(struct ww_queue *q, void *owner, uint64_t number, enum ww_err why)
{
    struct ww_discovery_result result = {.outcome = WW_FOUND_DNS_FAILURE, .why = why};
    const char *words = ww_err_message(why);
    memcpy(result.detail, words, strnlen(words, sizeof result.detail - 1));
    q->cb(owner, number, &result);
}

/* Its flight has ended, or there is none. */
static void job_free(struct job *j)
{
    struct ww_queue *q = j->queue;
    if (j->fetch != NULL)
        ww_gate_leave(q->gate, j->fetch);
    if (j->turn.flying)
        q->flying_count--;
    ww_turns_end(q->turns, &j->turn);
    TAILQ_REMOVE(&q->jobs, j, entry);
    free(j);
}

static void refuse_job(struct job *j, enum ww_err why)
{
    struct ww_queue *q = j->queue;
    void *owner = j->owner;
    uint64_t number = j->number;
    job_free(j);
    refuse(q, owner, number, why);
}

static void start_waiting(struct ww_queue *q);

static void on_result(void *ctx, const struct ww_discovery_result *result)
{
    struct job *j = ctx;
    struct ww_queue *q = j->queue;
    void *owner = j->owner;
    uint64_t number = j->number;
    job_free(j);
    q->cb(owner, number, result);
    start_waiting(q);
}

/* Without memory for one flight there is none for the next either: those wait for the next occasion. */
static void start_waiting(struct ww_queue *q)
{
    struct ww_turn *turn;
    int64_t now = ww_clock_ms();
    while (q->open && q->flying_count < q->limits.flights && (turn = ww_turns_next(q->turns)) != NULL) {
        struct job *j = (struct job *)turn;
        q->flying_count++;
        if (now - j->since >= q->limits.wait_ms) {
            refuse_job(j, WW_E_RESOLVER_BUSY);
            continue;
        }
        j->flight = ww_discover(&q->discoverer, &j->ask, on_result, j);
        if (j->flight == NULL) {
            refuse_job(j, WW_E_NO_MEMORY);
            return;
        }
    }
}

static void give_up(struct job *j, enum ww_err why)
{
    struct ww_queue *q = j->queue;
    ww_discover_cancel(j->flight);
    refuse_job(j, why);
    start_waiting(q);
}

static void before_fetch(void *ctx)
{
    struct job *j = ctx;
    bool held = j->ask.known_id[0] != '\0';
    j->fetch = ww_gate_enter(j->queue->gate, j, ww_slice_str(j->ask.domain), held);
    if (j->fetch == NULL)
        give_up(j, WW_E_NO_MEMORY);
}

static void on_go(void *owner)
{
    struct job *j = owner;
    ww_discover_fetch(j->flight);
}

/* Nothing is wrong with the policy host, so it is not told as one of its failures. */
static void on_late(void *owner)
{
    give_up(owner, WW_E_RESOLVER_BUSY);
}

struct ww_queue *ww_queue_new(struct event_base *base, const struct ww_discoverer *discoverer,
                              const struct ww_queue_limits *limits, ww_queue_cb *cb)
{
    static const struct ww_gate_handlers handlers = {.go = on_go, .late = on_late};
    struct ww_queue *q = calloc(1, sizeof *q);
    if (q == NULL)
        return NULL;
    q->discoverer = *discoverer;
    q->discoverer.before_fetch = before_fetch;
    q->cb = cb;
    q->limits = *limits;
    TAILQ_INIT(&q->jobs);
    q->turns = ww_turns_new((limits->flights + SITE_PART - 1) / SITE_PART);
    q->gate = ww_gate_new(base, &limits->fetches, &handlers);
    if (q->turns != NULL && q->gate != NULL)
        return q;
    ww_queue_free(q);
    return NULL;
}

static void forget(struct ww_queue *q, const void *owner)
{
    for (struct job *j = TAILQ_FIRST(&q->jobs), *next; j != NULL; j = next) {
        next = TAILQ_NEXT(j, entry);
        if (owner != NULL && j->owner != owner)
            continue;
        if (j->flight != NULL)
            ww_discover_cancel(j->flight);
        job_free(j);
    }
}

void ww_queue_forget(struct ww_queue *queue, const void *owner)
{
    forget(queue, owner);
    start_waiting(queue);
}

void ww_queue_free(struct ww_queue *queue)
{
    if (queue == NULL)
        return;
    forget(queue, NULL);
    ww_gate_free(queue->gate);
    ww_turns_free(queue->turns);
    free(queue);
}

void ww_queue_open(struct ww_queue *queue)
{
    queue->open = true;
    start_waiting(queue);
}

void ww_queue_add(struct ww_queue *queue, void *owner, uint64_t number, const struct ww_discovery_ask *ask)
{
    bool full = ww_turns_waiting(queue->turns) >= queue->limits.waiting;
    struct job *j = full ? NULL : calloc(1, sizeof *j);
    bool held = ask->known_id[0] != '\0';
    if (j == NULL || !ww_turns_add(queue->turns, &j->turn, ww_slice_str(ask->domain), held)) {
        free(j);
        refuse(queue, owner, number, full ? WW_E_RESOLVER_BUSY : WW_E_NO_MEMORY);
        return;
    }
    j->queue = queue;
    j->owner = owner;
    j->number = number;
    j->since = ww_clock_ms();
    j->ask = *ask;
    TAILQ_INSERT_TAIL(&queue->jobs, j, entry);
    start_waiting(queue);
}

size_t ww_queue_flying(const struct ww_queue *queue)
{
    return queue->flying_count;
}

size_t ww_queue_waiting(const struct ww_queue *queue)
{
    return ww_turns_waiting(queue->turns);
}
