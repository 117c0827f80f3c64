#include "daemon/herald_send.h"

#include "core/dname.h"
#include "daemon/job.h"
#include "daemon/role.h"

#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* The job ends by itself before: this is for one that hangs. */
#define DEADLINE_MS (WW_HERALD_SEND_MS + 30000u)

_Static_assert(sizeof(struct ww_herald_sent) <= PIPE_BUF, "a job's result is written whole");

struct ww_herald_send {
    struct ww_job *job;
    ww_herald_sent_cb *cb;
    void *ctx;
};

void ww_herald_host(char out[WW_HERALD_HOST_SIZE])
{
    char canonical[WW_DNAME_SIZE], host[WW_HERALD_HOST_SIZE] = "";
    bool good =
        gethostname(host, sizeof host - 1) == 0 && ww_dname_canon(host, strlen(host), canonical) == WW_OK;
    (void)snprintf(out, WW_HERALD_HOST_SIZE, "%s", good ? host : "localhost");
}

unsigned ww_herald_channels_of(const struct ww_config *config)
{
    return (config->alert_mail_to_count > 0 ? WW_HERALD_BIT(WW_HERALD_MAIL) : 0) |
           (config->alert_webhook != NULL ? WW_HERALD_BIT(WW_HERALD_WEBHOOK) : 0) |
           (config->alert_command != NULL ? WW_HERALD_BIT(WW_HERALD_COMMAND) : 0);
}

void ww_herald_say(struct ww_herald_sent *out, const char *format, ...)
{
    va_list ap;
    va_start(ap, format);
    ww_job_vsay(out->detail, sizeof out->detail, format, ap);
    va_end(ap);
}

bool ww_herald_give_up(const struct ww_config *config, struct ww_herald_sent *out)
{
    return ww_role_keep_connect(config, WW_ROLE_HERALD, out->detail, sizeof out->detail);
}

static void work(void *ctx, void *result)
{
    const struct ww_herald_task *task = ctx;
    switch (task->channel) {
    case WW_HERALD_MAIL:
        ww_herald_send_mail(task, result);
        break;
    case WW_HERALD_WEBHOOK:
        ww_herald_send_hook(task, result);
        break;
    case WW_HERALD_COMMAND:
        ww_herald_run_command(task, result);
        break;
    case WW_HERALD_CHANNELS:
        break;
    }
}

static void on_done(void *ctx, const void *result)
{
    static const struct ww_herald_sent died = {.detail = "the process that was to send it has died, or hung"};
    struct ww_herald_send *send = ctx;
    ww_herald_sent_cb *cb = send->cb;
    void *cb_ctx = send->ctx;
    free(send);
    cb(cb_ctx, result != NULL ? result : &died);
}

struct ww_herald_send *ww_herald_send_begin(struct event_base *base, const struct ww_herald_task *task,
                                            ww_herald_sent_cb *cb, void *ctx)
{
    struct ww_herald_send *send = calloc(1, sizeof *send);
    if (send == NULL)
        return NULL;
    struct ww_herald_task copy = *task;
    const struct ww_job_what what = {
        .run = work,
        .run_ctx = &copy, /* the new process has it as it is now */
        .result_size = sizeof(struct ww_herald_sent),
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

void ww_herald_send_cancel(struct ww_herald_send *send)
{
    if (send == NULL)
        return;
    ww_job_cancel(send->job);
    free(send);
}
