/*
 * Work in a process of its own, which tells what it finds as lines of JSON: what talks to strangers gives up
 * its rights there (outside.h), and nothing that it runs into holds up its parent.
 */
#ifndef WW_CLI_WORKER_H
#define WW_CLI_WORKER_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct ww_worker {
    int fd; /* to wait at for reading; -1: it has ended, and all that it told is here */
    pid_t pid;
    int64_t deadline; /* ww_clock_ms */
    bool late;        /* it was given up: too slow, too much was told, or it went on after it had told all */
    int status;       /* of waitpid(2); 0 while it is late */
    size_t most;      /* octets of output that it may still tell */
    char *output;     /* what was told and not taken yet is from `taken` to n */
    size_t room;
    size_t n;
    size_t taken;
};

/* Runs in the new process, which ends with it; writes to `out`. */
typedef void ww_worker_main(void *ctx, int out);

/* For that process: tells one object; takes over its reference, and NULL is not told. What strangers have
 * said is written as ASCII. */
void ww_worker_put(int out, json_t *line);

/* False: memory or processes are short, and there is nothing but to free it. */
bool ww_worker_begin(struct ww_worker *worker, ww_worker_main *run, void *ctx, unsigned deadline_ms,
                     size_t most);

/* To be called when its fd can be read. */
void ww_worker_read(struct ww_worker *worker);

/* Gives it up when its deadline is over. */
void ww_worker_check(struct ww_worker *worker);

/* The next object that it told and that is whole, for the caller to give back; NULL: none for now. What is no
 * JSON is left out. */
json_t *ww_worker_next(struct ww_worker *worker);

/* Ends it if it is at work. Does nothing to one that is zero but for fd = -1. */
void ww_worker_free(struct ww_worker *worker);

/* The first object that such a process tells, when it has ended; NULL: none. */
json_t *ww_worker_tell(ww_worker_main *run, void *ctx, unsigned deadline_ms, size_t most);

#endif
