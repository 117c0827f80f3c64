/*
 * One piece of work on hostile octets in a process of its own that has no rights at all: what it makes of
 * them comes back through a pipe. It may take its time, its memory and its life, and no more.
 */
#ifndef WW_PROC_SEALED_H
#define WW_PROC_SEALED_H

#include <stdbool.h>
#include <stddef.h>

struct ww_sealed_limits {
    unsigned deadline_ms; /* then it is killed; a little more of processor time is not granted either */
    size_t memory;        /* octets of address space; not where a sanitizer needs all of it */
    size_t answer;        /* octets of the answer; with more it is killed */
};

enum ww_sealed_end {
    WW_SEALED_DONE, /* it has ended by itself, and the answer is whole */
    WW_SEALED_DIED,
    WW_SEALED_LATE,
    WW_SEALED_TALKS, /* the answer is too long */
    WW_SEALED_OPEN,  /* it could not give up its rights, and has not begun */
    WW_SEALED_SHORT, /* there is no memory or no process for it */
};

/*
 * Runs in the new process, with the descriptor of the pipe and standard error alone, and ends with it. What
 * opens files late has to have done so before (json_object_seed). False: it failed, which is as if it died.
 */
typedef bool ww_sealed_work(void *ctx, int out);

/* Blocks until it has ended. *answer: allocated, the caller frees it; NULL unless it is WW_SEALED_DONE. */
enum ww_sealed_end ww_sealed_run(ww_sealed_work *work, void *ctx, const struct ww_sealed_limits *limits,
                                 char **answer, size_t *n);

#endif
