#include "daemon/courier_send.h"

#include "daemon/job.h"
#include "daemon/role.h"

#include <limits.h>
#include <stdlib.h>

/* The job ends by itself before: this is for one that hangs. */
#define DEADLINE_MS (WW_COURIER_SEND_MS + 30000u)

_Static_assert(sizeof(struct ww_courier_sent) <= PIPE_BUF, "a job's result is written whole");

struct ww_courier_send {
    struct ww_job *job;
    ww_courier_sent_cb *cb;
    void *ctx;
};

void ww_courier_fail(struct ww_courier_sent *out, const char *format, ...)
{
    va_list ap;
    va_start(ap, format);
    ww_job_vsay(out->detail, sizeof out->detail, format, ap);
    va_end(ap);
    out->outcome = WW_TRIED_LATER;
}

bool ww_courier_give_up(const struct ww_courier_task *task, struct ww_courier_sent *out)
{
    out->outcome = WW_TRIED_LATER;
    return ww_role_keep_connect(task->config, WW_ROLE_COURIER, out->detail, sizeof out->detail);
}

static void work(void *ctx, void *result)
{
    const struct ww_courier_task *task = ctx;
    if (task->rua->scheme == WW_RUA_MAILTO)
        ww_courier_mail(task, result);
    else
        ww_courier_post(task, result);
}

static void on_done(void *ctx, const void *result)
{
    static const struct ww_courier_sent died = {
        .outcome = WW_TRIED_LATER, .detail = "the process that was to send it has died, or hung"};
    struct ww_courier_send *send = ctx;
    ww_courier_sent_cb *cb = send->cb;
    void *cb_ctx = send->ctx;
    free(send);
    cb(cb_ctx, result != NULL ? result : &died);
}

struct ww_courier_send *ww_courier_send_begin(struct event_base *base, const struct ww_courier_task *task,
                                              ww_courier_sent_cb *cb, void *ctx)
{
    struct ww_courier_send *send = calloc(1, sizeof *send);
    if (send == NULL)
        return NULL;
    struct ww_courier_task copy = *task;
    const struct ww_job_what what = {
        .run = work,
        .run_ctx = &copy, /* the new process has it as it is now */
        .result_size = sizeof(struct ww_courier_sent),
        .deadline_ms = DEADLINE_MS,
        .done = on_done,
        .done_ctx = send,
    };
    send->cb = cb;
    send->ctx = ctx;
    send->job = ww_job_begin(base, &what);
    if (send->job != NULL)
        return send;
    free(send);
    return NULL;
}

void ww_courier_send_cancel(struct ww_courier_send *send)
{
    if (send == NULL)
        return;
    ww_job_cancel(send->job);
    free(send);
}
