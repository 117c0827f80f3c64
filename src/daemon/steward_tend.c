#include "daemon/steward_tend.h"

#include "daemon/log.h"
#include "publish/certificate.h"
#include "publish/tree.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

struct ww_steward_tend {
    const struct ww_steward_hands *hands;
    ww_steward_tended_cb *cb;
    void *ctx;
    struct ww_steward_looking *looking; /* NULL: not now */
    struct ww_steward_working *working;
    struct ww_msg_tend tend; /* of the payload */
    struct ww_steward_certificate certificate;
    char trouble[WW_TREE_DETAIL_SIZE];
    struct ww_steward_turn turn;
    char payload[];
};

static int64_t now(void)
{
    return (int64_t)time(NULL);
}

static void finish(struct ww_steward_tend *t)
{
    t->cb(t->ctx, &t->turn.tended);
    free(t);
}

/* ---- Before the look ---- */

/* What is served lies there; what is served no more does not. */
static void see_to_tree(struct ww_steward_tend *t)
{
    const struct ww_msg_tend *m = &t->tend;
    const char *tree = t->hands->config->publish_tree;
    const struct ww_served *last = m->served_count > 0 ? &m->served[m->served_count - 1] : NULL;
    char host[WW_STEWARD_HOST_SIZE];
    if (m->domain.host != WW_HOSTED_TREE)
        return;
    (void)snprintf(host, sizeof host, "mta-sts.%s", m->domain.domain);
    if (tree == NULL)
        (void)snprintf(t->trouble, sizeof t->trouble,
                       "publish.tree is not set: there is no place for the policy");
    else if (last != NULL && last->until == 0)
        (void)ww_tree_put(tree, host, last->body, t->trouble);
    else if (last != NULL)
        (void)ww_tree_remove(tree, host, t->trouble);
}

static void read_certificate(struct ww_steward_tend *t)
{
    struct ww_certificate_span span;
    char host[WW_STEWARD_HOST_SIZE];
    (void)snprintf(host, sizeof host, "mta-sts.%s", t->tend.domain.domain);
    if (ww_certificate_span(t->hands->config->publish_folder, host, &span))
        t->certificate = (struct ww_steward_certificate){span.not_before, span.not_after};
}

/* ---- After it ---- */

static void log_work(const struct ww_steward_turn *turn, const struct ww_steward_worked *worked)
{
    const char *domain = turn->tended.domain.domain;
    bool issue = turn->work == WW_STEWARD_ISSUE;
    if (issue && worked->good)
        ww_log_info("certificate-made", "domain", domain, "host", turn->host);
    else if (issue)
        ww_log_warning("certificate-failed", "domain", domain, "host", turn->host, "detail", worked->detail);
    else if (worked->good)
        ww_log_info("dns-changed", "domain", domain, "name", turn->change.name);
    else
        ww_log_warning("dns-change-failed", "domain", domain, "name", turn->change.name, "detail",
                       worked->detail);
}

static void on_worked(void *ctx, const struct ww_steward_worked *worked)
{
    struct ww_steward_tend *t = ctx;
    t->working = NULL;
    log_work(&t->turn, worked);
    ww_steward_turn_worked(&t->turn, now(), worked->good, worked->detail);
    finish(t);
}

static void on_saw(void *ctx, const struct ww_steward_saw *saw)
{
    struct ww_steward_tend *t = ctx;
    const struct ww_steward_in in = {
        .now = now(),
        .config = t->hands->config,
        .tend = &t->tend,
        .sight = saw->sight,
        .said = saw->said,
        .mirrored = t->tend.mirrored.n > 0 ? t->tend.mirrored : saw->mirrored,
        .certificate = t->certificate,
        .trouble = t->trouble,
    };
    t->looking = NULL;
    ww_steward_turn(&in, t->hands->patience, &t->turn);
    if (t->turn.work == WW_STEWARD_NO_WORK) {
        finish(t);
        return;
    }
    t->working = t->hands->work(t->hands->base, t->hands->config, &t->turn, on_worked, t);
    if (t->working != NULL)
        return;
    ww_steward_turn_worked(&t->turn, now(), false, "processes or memory are short");
    finish(t);
}

struct ww_steward_tend *ww_steward_tend(const struct ww_steward_hands *hands, struct ww_slice payload,
                                        ww_steward_tended_cb *cb, void *ctx)
{
    struct ww_steward_tend *t = calloc(1, sizeof *t + payload.n);
    if (t == NULL)
        return NULL;
    memcpy(t->payload, payload.p, payload.n);
    if (ww_msg_get_tend(ww_slice(t->payload, payload.n), &t->tend) != WW_OK) {
        ww_log_error("message-malformed", "from", "keeper");
        free(t);
        return NULL;
    }
    const struct ww_published *d = &t->tend.domain;
    bool fetches = d->host == WW_HOSTED_MIRROR && t->tend.mirrored.n == 0;
    t->hands = hands;
    t->cb = cb;
    t->ctx = ctx;
    see_to_tree(t);
    read_certificate(t);
    t->looking = hands->look(&hands->eyes, d->domain, now(), fetches ? d->mirror : NULL, on_saw, t);
    if (t->looking != NULL)
        return t;
    ww_log_error("no-memory", "for", d->domain);
    free(t);
    return NULL;
}

void ww_steward_tend_cancel(struct ww_steward_tend *tend)
{
    if (tend->looking != NULL)
        tend->hands->look_cancel(tend->looking);
    if (tend->working != NULL)
        tend->hands->work_cancel(tend->working);
    free(tend);
}
