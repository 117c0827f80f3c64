#include "daemon/steward_work.h"

#include "daemon/job.h"
#include "daemon/role.h"
#include "publish/acme.h"

#include <limits.h>
#include <stdlib.h>

/* So long each may take; the job ends by itself before. */
#define UPDATE_MS 20000u
#define ISSUE_MS 180000u
#define DEADLINE_MS 20000u

_Static_assert(sizeof(struct ww_steward_worked) <= PIPE_BUF, "a job's result is written whole");

struct task {
    const struct ww_config *config;
    const struct ww_steward_turn *turn;
};

struct ww_steward_working {
    struct ww_job *job;
    ww_steward_worked_cb *cb;
    void *ctx;
};

static void update(const struct task *task, struct ww_steward_worked *out)
{
    const struct ww_config *c = task->config;
    struct ww_tsig_key key;
    char detail[WW_DNS_UPDATE_DETAIL_SIZE] = "";
    bool good = c->publish_dns_key == NULL || ww_tsig_key_read(c->publish_dns_key, &key, detail);
    if (good)
        good = ww_role_keep_connect(c, WW_ROLE_STEWARD, detail, sizeof detail);
    out->good = good && ww_dns_update(&c->publish_dns[0], c->publish_dns_key != NULL ? &key : NULL,
                                      &task->turn->change, UPDATE_MS, detail);
    ww_job_say(out->detail, sizeof out->detail, "%s", out->good ? "" : detail);
}

/* Where nobody listens for http-01, the publisher answers by TLS. */
static void issue(const struct task *task, struct ww_steward_worked *out)
{
    const struct ww_config *c = task->config;
    const bool here = task->turn->tended.domain.host != WW_HOSTED_TREE;
    const struct ww_acme acme = {
        .folder = c->publish_folder,
        .directory = c->publish_acme,
        .contact = c->publish_acme_contact,
        .tls_alpn = here && c->publish_http[0] == NULL,
    };
    char detail[WW_ACME_DETAIL_SIZE] = "";
    out->good = ww_acme_issue(&acme, task->turn->host, ISSUE_MS, detail);
    ww_job_say(out->detail, sizeof out->detail, "%s", out->good ? "" : detail);
}

static void work(void *ctx, void *result)
{
    const struct task *task = ctx;
    if (task->turn->work == WW_STEWARD_UPDATE)
        update(task, result);
    else
        issue(task, result);
}

static void on_done(void *ctx, const void *result)
{
    static const struct ww_steward_worked died = {.detail =
                                                      "the process that was to do it has died, or hung"};
    struct ww_steward_working *w = ctx;
    ww_steward_worked_cb *cb = w->cb;
    void *cb_ctx = w->ctx;
    free(w);
    cb(cb_ctx, result != NULL ? result : &died);
}

struct ww_steward_working *ww_steward_work(struct event_base *base, const struct ww_config *config,
                                           const struct ww_steward_turn *turn, ww_steward_worked_cb *cb,
                                           void *ctx)
{
    struct task task = {config, turn}; /* the new process has it as it is now */
    struct ww_steward_working *w = calloc(1, sizeof *w);
    if (w == NULL)
        return NULL;
    const struct ww_job_what what = {
        .run = work,
        .run_ctx = &task,
        .result_size = sizeof(struct ww_steward_worked),
        .deadline_ms = (turn->work == WW_STEWARD_UPDATE ? UPDATE_MS : ISSUE_MS) + DEADLINE_MS,
        .done = on_done,
        .done_ctx = w,
    };
    w->cb = cb;
    w->ctx = ctx;
    w->job = ww_job_begin(base, &what);
    if (w->job != NULL)
        return w;
    free(w);
    return NULL;
}

void ww_steward_work_cancel(struct ww_steward_working *working)
{
    if (working == NULL)
        return;
    ww_job_cancel(working->job);
    free(working);
}
