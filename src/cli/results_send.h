/* Sends the events of a queue to a socket of the protocol, and takes away those that were answered. Never
 * blocks. */
#ifndef WW_CLI_RESULTS_SEND_H
#define WW_CLI_RESULTS_SEND_H

#include "cli/results_queue.h"
#include "daemon/listen_at.h"

#include <stdint.h>

struct ww_results_send {
    struct ww_listen_at at;
    int fd;             /* -1: not connected */
    bool complained;    /* that nobody answers; said once for each time */
    int64_t retry_at;   /* ww_clock_ms */
    int64_t pause;      /* before the next try (ms) */
    int64_t waits_from; /* for answers; 0: for none */
    size_t sent;        /* lines of the queue's front that were written whole */
    size_t written;     /* octets of the next one, its line feed among them */
    char answer[256];   /* what came */
    size_t answered;
    char line[256]; /* the answer that was taken last */
};

/* address is borrowed; false when it is no "unix:PATH". */
bool ww_results_send_init(struct ww_results_send *s, const char *address);
void ww_results_send_close(struct ww_results_send *s);

/* What to wait for with poll(2): 0 while there is no connection. */
short ww_results_send_events(const struct ww_results_send *s, const struct ww_results_queue *queue);

/*
 * Does what can be done now. True when events were taken away. *trouble is NULL, or the words (errno's, or
 * static) for which the receiver is away, said once for each time; *refused is NULL, or the answer that
 * refused an event, borrowed until the next call.
 */
bool ww_results_send_step(struct ww_results_send *s, struct ww_results_queue *queue, int64_t now_ms,
                          const char **trouble, const char **refused);

#endif
