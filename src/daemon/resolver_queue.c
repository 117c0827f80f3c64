#include "daemon/resolver_queue.h"

#include <stdlib.h>
#include <sys/queue.h>

struct job {
    TAILQ_ENTRY(job) entry;
    struct ww_queue *queue;
    struct ww_flight *flight; /* NULL: waits */
    void *owner;
    uint64_t number;
    struct ww_discovery_ask ask;
};

TAILQ_HEAD(jobs, job);

struct ww_queue {
    const struct ww_discoverer *discoverer;
    ww_queue_cb *cb;
    struct jobs flying;
    struct jobs waiting;
    size_t flying_count;
    size_t flying_max;
    size_t waiting_count;
    size_t waiting_max;
    bool open;
};

static void refuse(struct ww_queue *q, void *owner, uint64_t number, enum ww_err why)
{
    struct ww_discovery_result result = {.outcome = WW_FOUND_DNS_FAILURE, .why = why};
    const char *words = ww_err_message(why);
    memcpy(result.detail, words, strnlen(words, sizeof result.detail - 1));
    q->cb(owner, number, &result);
}

static void job_free(struct job *j)
{
    struct ww_queue *q = j->queue;
    if (j->flight != NULL) {
        ww_discover_cancel(j->flight);
        TAILQ_REMOVE(&q->flying, j, entry);
        q->flying_count--;
    } else {
        TAILQ_REMOVE(&q->waiting, j, entry);
        q->waiting_count--;
    }
    free(j);
}

static void start_waiting(struct ww_queue *q);

static void on_result(void *ctx, const struct ww_discovery_result *result)
{
    struct job *j = ctx;
    struct ww_queue *q = j->queue;
    TAILQ_REMOVE(&q->flying, j, entry);
    q->flying_count--;
    q->cb(j->owner, j->number, result);
    free(j);
    start_waiting(q);
}

/* Without memory for one flight there is none for the next either: those wait for the next occasion. */
static void start_waiting(struct ww_queue *q)
{
    struct job *j;
    while (q->open && q->flying_count < q->flying_max && (j = TAILQ_FIRST(&q->waiting)) != NULL) {
        j->flight = ww_discover(q->discoverer, &j->ask, on_result, j);
        if (j->flight == NULL) {
            void *owner = j->owner;
            uint64_t number = j->number;
            job_free(j);
            refuse(q, owner, number, WW_E_NO_MEMORY);
            return;
        }
        TAILQ_REMOVE(&q->waiting, j, entry);
        q->waiting_count--;
        TAILQ_INSERT_TAIL(&q->flying, j, entry);
        q->flying_count++;
    }
}

struct ww_queue *ww_queue_new(const struct ww_discoverer *discoverer, size_t flights_max, size_t waiting_max,
                              ww_queue_cb *cb)
{
    struct ww_queue *q = calloc(1, sizeof *q);
    if (q == NULL)
        return NULL;
    q->discoverer = discoverer;
    q->cb = cb;
    q->flying_max = flights_max;
    q->waiting_max = waiting_max;
    TAILQ_INIT(&q->flying);
    TAILQ_INIT(&q->waiting);
    return q;
}

static void forget(struct jobs *jobs, const void *owner)
{
    struct job *j = TAILQ_FIRST(jobs);
    while (j != NULL) {
        struct job *next = TAILQ_NEXT(j, entry);
        if (owner == NULL || j->owner == owner)
            job_free(j);
        j = next;
    }
}

void ww_queue_forget(struct ww_queue *queue, const void *owner)
{
    forget(&queue->flying, owner);
    forget(&queue->waiting, owner);
    start_waiting(queue);
}

void ww_queue_free(struct ww_queue *queue)
{
    if (queue == NULL)
        return;
    forget(&queue->flying, NULL);
    forget(&queue->waiting, NULL);
    free(queue);
}

void ww_queue_open(struct ww_queue *queue)
{
    queue->open = true;
    start_waiting(queue);
}

void ww_queue_add(struct ww_queue *queue, void *owner, uint64_t number, const struct ww_discovery_ask *ask)
{
    bool full = queue->waiting_count >= queue->waiting_max;
    struct job *j = full ? NULL : calloc(1, sizeof *j);
    if (j == NULL) {
        refuse(queue, owner, number, full ? WW_E_RESOLVER_BUSY : WW_E_NO_MEMORY);
        return;
    }
    j->queue = queue;
    j->owner = owner;
    j->number = number;
    j->ask = *ask;
    TAILQ_INSERT_TAIL(&queue->waiting, j, entry);
    queue->waiting_count++;
    start_waiting(queue);
}
