/* Events that wait for whoever takes them, as lines of the protocol, in order and in a bounded number. */
#ifndef WW_CLI_RESULTS_QUEUE_H
#define WW_CLI_RESULTS_QUEUE_H

#include "base/slice.h"

/* One line of a log makes WW_POSTFIX_WAITING_MAX events and two more at the most. */
#define WW_RESULTS_QUEUE_MAX 1000
#define WW_RESULTS_QUEUE_ROOM 16

struct ww_results_queue {
    char *lines[WW_RESULTS_QUEUE_MAX]; /* a ring of NUL-terminated lines without line feeds */
    size_t first;
    size_t count;
};

void ww_results_queue_clear(struct ww_results_queue *queue);

/* True when the events of one more line of a log have room. */
static inline bool ww_results_queue_has_room(const struct ww_results_queue *queue)
{
    return queue->count + WW_RESULTS_QUEUE_ROOM <= WW_RESULTS_QUEUE_MAX;
}

/* Copies the line. False when memory is short or the queue full. */
bool ww_results_queue_put(struct ww_results_queue *queue, struct ww_slice line);

/* The i-th from the front, borrowed; NULL behind the last. */
const char *ww_results_queue_at(const struct ww_results_queue *queue, size_t i);

/* Takes the first one away; there has to be one. */
void ww_results_queue_pop(struct ww_results_queue *queue);

#endif
