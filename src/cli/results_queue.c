#include "cli/results_queue.h"

#include <stdlib.h>

void ww_results_queue_clear(struct ww_results_queue *queue)
{
    while (queue->count > 0)
        ww_results_queue_pop(queue);
}

bool ww_results_queue_put(struct ww_results_queue *queue, struct ww_slice line)
{
    char *copy = queue->count < WW_RESULTS_QUEUE_MAX ? strndup(line.p, line.n) : NULL;
    if (copy == NULL)
        return false;
    queue->lines[(queue->first + queue->count) % WW_RESULTS_QUEUE_MAX] = copy;
    queue->count++;
    return true;
}

const char *ww_results_queue_at(const struct ww_results_queue *queue, size_t i)
{
    return i < queue->count ? queue->lines[(queue->first + i) % WW_RESULTS_QUEUE_MAX] : NULL;
}

void ww_results_queue_pop(struct ww_results_queue *queue)
{
    free(queue->lines[queue->first]);
    queue->lines[queue->first] = NULL;
    queue->first = (queue->first + 1) % WW_RESULTS_QUEUE_MAX;
    queue->count--;
}
