#include "daemon/steward_tend.h"

#include "daemon/log.h"

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
    char trouble[WW_ORDER_DETAIL_SIZE];
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

static void on_worked(void *ctx, const struct ww_msg_order_done *done)
{
    struct ww_steward_tend *t = ctx;
    t->working = NULL;
    ww_steward_turn_worked(&t->turn, now(), done->good, done->detail);
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
    if (t->turn.work == WW_ORDER_NONE) {
        finish(t);
        return;
    }
    t->working = t->hands->work(t->hands->works, &t->tend.domain, t->turn.work, on_worked, t);
    if (t->working != NULL)
        return;
    ww_steward_turn_worked(&t->turn, now(), false, "the role keeper is away");
    finish(t);
}

static bool look(struct ww_steward_tend *t)
{
    const struct ww_steward_hands *hands = t->hands;
    const struct ww_published *d = &t->tend.domain;
    bool fetches = d->host == WW_HOSTED_MIRROR && t->tend.mirrored.n == 0;
    const struct ww_steward_want want = {.domain = d->domain,
                                         .at = now(),
                                         .mirror = fetches ? d->mirror : NULL,
                                         .afresh = d->afresh > d->answered};
    t->looking = hands->look(&hands->eyes, &want, on_saw, t);
    if (t->looking == NULL)
        ww_log_error("no-memory", "for", d->domain);
    return t->looking != NULL;
}

/* What nobody has looked at is as it was; where that lies in time, nothing is due for its age. */
static void on_files(void *ctx, const struct ww_msg_order_done *done)
{
    struct ww_steward_tend *t = ctx;
    int64_t until = t->tend.domain.certificate_until;
    t->working = NULL;
    memcpy(t->trouble, done->detail, sizeof t->trouble);
    if (done->seen)
        t->certificate = (struct ww_steward_certificate){done->from, done->until};
    else
        t->certificate = (struct ww_steward_certificate){until != 0 ? now() : 0, until};
    if (look(t))
        return;
    t->cb(t->ctx, NULL);
    free(t);
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
    t->hands = hands;
    t->cb = cb;
    t->ctx = ctx;
    t->working = hands->work(hands->works, &t->tend.domain, WW_ORDER_FILES, on_files, t);
    if (t->working != NULL)
        return t;
    ww_log_debug("not-told", "name", "keeper");
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
