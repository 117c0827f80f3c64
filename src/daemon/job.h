/*
 * A role's work in a process of its own: what may crash, hang or block there does not do so in the role. It
 * has the descriptors that it is given, standard error, and no others, and ends with the role.
 */
#ifndef WW_DAEMON_JOB_H
#define WW_DAEMON_JOB_H

#include "base/slice.h"

#include <stdarg.h>
#include <stdbool.h>

struct event_base;
struct ww_job;

/* In the new process: fills the result, which is zero at first. Descriptors have the numbers that they had.
 */
typedef void ww_job_main(void *ctx, void *result);

/* result is borrowed during the call; NULL: the process has died, or took too long. The job is gone. */
typedef void ww_job_cb(void *ctx, const void *result);

struct ww_job_what {
    ww_job_main *run;
    void *run_ctx;
    size_t result_size; /* PIPE_BUF at most */
    const int *keep;    /* descriptors; those that are -1 do not count */
    size_t keep_count;
    unsigned deadline_ms;
    ww_job_cb *done; /* never called before ww_job_begin has returned */
    void *done_ctx;
};

/* NULL when processes or memory are short: errno says which. */
struct ww_job *ww_job_begin(struct event_base *base, const struct ww_job_what *what);

/* Words for a result: cut where they are long; a question mark for what is not printable ASCII. */
void ww_job_say(char *out, size_t size, const char *format, ...) __attribute__((format(printf, 3, 4)));
void ww_job_vsay(char *out, size_t size, const char *format, va_list ap)
    __attribute__((format(printf, 3, 0)));

/* Ends it, and all that it runs, without its callback. */
void ww_job_cancel(struct ww_job *job);

#endif
