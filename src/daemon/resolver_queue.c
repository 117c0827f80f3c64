#include "daemon/resolver_queue.h"

#include "daemon/clock.h"
#include "daemon/resolver_turns.h"
#include "engine/dane_survey.h"

#include <stdlib.h>
#include <sys/queue.h>

/* What one site has in flight at a time, as a part of all. */
#define SITE_PART 4

/* A survey asks for MX, addresses and TLSA records, one after another: so many times as long as one question
 * may take. */
#define SURVEY_QUESTIONS 3

struct job {
    struct ww_turn turn; /* first: a turn is a job */
    TAILQ_ENTRY(job) entry;
    struct ww_queue *queue;
    struct ww_flight *flight;      /* NULL: waits, or that part has ended */
    struct ww_dane_lookup *survey; /* the same */
    struct ww_fetch *fetch;        /* NULL: has no need of it so far */
    void *owner;
    int64_t since;
    struct ww_msg_resolve asked; /* of its parts, those that have not ended */
};

struct ww_queue {
    struct ww_discoverer discoverer;
    struct ww_gate *gate;
    struct ww_queue_handlers handlers;
    struct ww_turns *turns;
    TAILQ_HEAD(, job) jobs;
    size_t flying_count;
    struct ww_queue_limits limits;
    uint32_t without_dnssec;
    bool open;
};

static void refuse_sts(struct ww_queue *q, void *owner, uint64_t flight, enum ww_err why)
{
    struct ww_discovery_result result = {.outcome = WW_FOUND_DNS_FAILURE, .why = why};
    const char *words = ww_err_message(why);
    memcpy(result.detail, words, strnlen(words, sizeof result.detail - 1));
    q->handlers.resolved(owner, flight, &result);
}

static void refuse_dane(struct ww_queue *q, void *owner, uint64_t flight, enum ww_err why)
{
    static struct ww_dane_survey survey;
    ww_dane_survey_fail(&survey, why, NULL);
    if (q->without_dnssec > 0) {
        survey.never_validated = true;
        survey.lifetime = q->without_dnssec;
    }
    q->handlers.surveyed(owner, flight, &survey);
}

static void refuse(struct ww_queue *q, void *owner, const struct ww_msg_resolve *m, enum ww_err why)
{
    if (m->sts)
        refuse_sts(q, owner, m->flight, why);
    if (m->dane)
        refuse_dane(q, owner, m->flight, why);
}

static void leave_gate(struct job *j)
{
    if (j->fetch != NULL)
        ww_gate_leave(j->queue->gate, j->fetch);
    j->fetch = NULL;
}

/* Its parts have ended, or were not begun. */
static void job_free(struct job *j)
{
    struct ww_queue *q = j->queue;
    leave_gate(j);
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
    const struct ww_msg_resolve asked = j->asked;
    job_free(j);
    refuse(q, owner, &asked, why);
}

/* The job is gone when it was its last part. */
static void end_sts(struct job *j)
{
    j->flight = NULL;
    j->asked.sts = false;
    leave_gate(j);
    if (!j->asked.dane)
        job_free(j);
}

static void end_dane(struct job *j)
{
    j->survey = NULL;
    j->asked.dane = false;
    if (!j->asked.sts)
        job_free(j);
}

static void start_waiting(struct ww_queue *q);

static void on_result(void *ctx, const struct ww_discovery_result *result)
{
    struct job *j = ctx;
    struct ww_queue *q = j->queue;
    void *owner = j->owner;
    uint64_t flight = j->asked.flight;
    end_sts(j);
    q->handlers.resolved(owner, flight, result);
    start_waiting(q);
}

static void on_survey(void *ctx, const struct ww_dane_survey *survey)
{
    struct job *j = ctx;
    struct ww_queue *q = j->queue;
    void *owner = j->owner;
    uint64_t flight = j->asked.flight;
    end_dane(j);
    q->handlers.surveyed(owner, flight, survey);
    start_waiting(q);
}

/* False, and both are as they were: memory is short. *no_survey says why there is none, where one is wanted.
 */
static bool begin(struct job *j, enum ww_err *no_survey)
{
    struct ww_queue *q = j->queue;
    *no_survey = WW_E_DNS_NOT_VALIDATING;
    if (j->asked.dane && q->without_dnssec == 0) {
        unsigned deadline = SURVEY_QUESTIONS * q->limits.question_ms;
        j->survey = ww_dane_lookup(q->discoverer.dns, j->asked.ask.domain, deadline, on_survey, j, no_survey);
        if (j->survey == NULL && *no_survey == WW_E_NO_MEMORY)
            return false;
    }
    if (j->asked.sts)
        j->flight = ww_discover(&q->discoverer, &j->asked.ask, on_result, j);
    if (j->flight != NULL || !j->asked.sts)
        return true;
    if (j->survey != NULL)
        ww_dane_lookup_cancel(j->survey);
    return false;
}

/* A survey that cannot be made is told of at once; the job may be gone then. */
static void tell_if_not_surveyed(struct job *j, enum ww_err why)
{
    struct ww_queue *q = j->queue;
    void *owner = j->owner;
    uint64_t flight = j->asked.flight;
    if (!j->asked.dane || j->survey != NULL)
        return;
    end_dane(j);
    refuse_dane(q, owner, flight, why);
}

/* Without memory for one flight there is none for the next either: those wait for the next occasion. */
static void start_waiting(struct ww_queue *q)
{
    struct ww_turn *turn;
    enum ww_err no_survey;
    int64_t now = ww_clock_ms();
    while (q->open && q->flying_count < q->limits.flights && (turn = ww_turns_next(q->turns)) != NULL) {
        struct job *j = (struct job *)turn;
        q->flying_count++;
        if (now - j->since >= q->limits.wait_ms) {
            refuse_job(j, WW_E_RESOLVER_BUSY);
            continue;
        }
        if (!begin(j, &no_survey)) {
            refuse_job(j, WW_E_NO_MEMORY);
            return;
        }
        tell_if_not_surveyed(j, no_survey);
    }
}

/* Of the part that looks for the policy. */
static void give_up(struct job *j, enum ww_err why)
{
    struct ww_queue *q = j->queue;
    void *owner = j->owner;
    uint64_t flight = j->asked.flight;
    ww_discover_cancel(j->flight);
    end_sts(j);
    refuse_sts(q, owner, flight, why);
    start_waiting(q);
}

static void before_fetch(void *ctx)
{
    struct job *j = ctx;
    const struct ww_discovery_ask *ask = &j->asked.ask;
    j->fetch = ww_gate_enter(j->queue->gate, j, ww_slice_str(ask->domain), ask->known_id[0] != '\0');
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
                              const struct ww_queue_limits *limits, const struct ww_queue_handlers *handlers)
{
    static const struct ww_gate_handlers gate = {.go = on_go, .late = on_late};
    struct ww_queue *q = calloc(1, sizeof *q);
    if (q == NULL)
        return NULL;
    q->discoverer = *discoverer;
    q->discoverer.before_fetch = before_fetch;
    q->handlers = *handlers;
    q->limits = *limits;
    TAILQ_INIT(&q->jobs);
    q->turns = ww_turns_new((limits->flights + SITE_PART - 1) / SITE_PART);
    q->gate = ww_gate_new(base, &limits->fetches, &gate);
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
        if (j->survey != NULL)
            ww_dane_lookup_cancel(j->survey);
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

void ww_queue_without_dnssec(struct ww_queue *queue, uint32_t seconds)
{
    queue->without_dnssec = seconds;
}

void ww_queue_add(struct ww_queue *queue, void *owner, const struct ww_msg_resolve *m)
{
    bool full = ww_turns_waiting(queue->turns) >= queue->limits.waiting;
    struct job *j = full ? NULL : calloc(1, sizeof *j);
    bool held = m->ask.known_id[0] != '\0';
    if (j == NULL || !ww_turns_add(queue->turns, &j->turn, ww_slice_str(m->ask.domain), held)) {
        free(j);
        refuse(queue, owner, m, full ? WW_E_RESOLVER_BUSY : WW_E_NO_MEMORY);
        return;
    }
    j->queue = queue;
    j->owner = owner;
    j->since = ww_clock_ms();
    j->asked = *m;
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
