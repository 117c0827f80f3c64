/*
 * A report to an HTTPS host (RFC 8460 section 5.4). A certificate that is not good does not stop it: who asks
 * for reports often does so because his certificates are not in order. It is tried the strict way first, so
 * that it is known.
 */
#include "daemon/courier_send.h"
#include "daemon/job.h"
#include "daemon/post.h"

#include <event2/event.h>

/* Of each of the two ways. */
#define POST_MS (WW_COURIER_SEND_MS / 2)

struct posting {
    const struct ww_courier_task *task;
    struct ww_courier_sent *out;
    struct event_base *base;
    struct ww_https *https;
};

static void post(struct posting *p, bool anybody);

/* A host that is busy, or has a fault of its own, is asked again; one that does not want it is not. */
static enum ww_target_outcome judge(unsigned status)
{
    if (status >= 200 && status < 300)
        return WW_TRIED_ACCEPTED;
    if (status < 300 || status >= 500 || status == 408 || status == 425 || status == 429)
        return WW_TRIED_LATER;
    return WW_TRIED_REFUSED;
}

static void on_reply(void *ctx, const struct ww_https_reply *reply)
{
    struct posting *p = ctx;
    bool anybody = p->out->insecure;
    bool bad = !anybody && ww_https_is_certificate(reply->err);
    p->out->outcome = reply->err == WW_OK ? judge(reply->status) : WW_TRIED_LATER;
    /* Of what was accepted in the end, the words on its certificate stay. */
    if (bad || p->out->outcome != WW_TRIED_ACCEPTED)
        ww_post_say(p->out->detail, sizeof p->out->detail, p->task->rua->name, reply);
    if (bad)
        post(p, true);
    else
        (void)event_base_loopbreak(p->base);
}

static void post(struct posting *p, bool anybody)
{
    static const char *const headers[] = {"Content-Type: application/tlsrpt+gzip", NULL};
    const struct ww_courier_task *task = p->task;
    const struct ww_https_post what = {
        .body = task->report->content, .headers = headers, .port = task->rua->port, .anybody = anybody};
    enum ww_err err;
    p->out->insecure = anybody;
    if (ww_https_post(p->https, task->rua->name, task->rua->path, task->addrs, task->addr_count, &what,
                      on_reply, p, &err) != NULL)
        return;
    ww_courier_fail(p->out, "%s: %s", task->rua->name, ww_err_message(err));
    (void)event_base_loopbreak(p->base);
}

void ww_courier_post(const struct ww_courier_task *task, struct ww_courier_sent *out)
{
    struct posting p = {.task = task, .out = out, .base = event_base_new()};
    out->outcome = WW_TRIED_LATER;
    if (p.base == NULL)
        ww_courier_fail(out, "out of memory");
    else
        p.https = ww_post_open(p.base, task->config, false, POST_MS, out->detail, sizeof out->detail);
    if (p.https != NULL && ww_courier_give_up(task, out)) {
        post(&p, false);
        (void)event_base_dispatch(p.base);
    }
    out->insecure = out->insecure && out->outcome == WW_TRIED_ACCEPTED;
    ww_https_free(p.https);
    if (p.base != NULL)
        event_base_free(p.base);
}
