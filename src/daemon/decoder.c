/*
 * The role that reads what others have handed in as reports: mail, gzip, JSON. It has no rights at all, holds
 * nothing from one submission to the next, and may die of any of them.
 */
#include "daemon/asked.h"
#include "daemon/role.h"
#include "proc/msg_intake.h"

#include <event2/event.h>
#include <stdlib.h>
#include <unistd.h>

struct decoder {
    struct event_base *base;
    struct ww_role_stats *stats;
    struct ww_asked *asked;
};

static void on_asked(void *ctx, const struct ww_msg_ask *ask, struct ww_question_ref ref)
{
    struct decoder *d = ctx;
    if (ask->what == WW_ASK_STATS)
        ww_role_stats_tell(d->stats, d->asked, ref);
    else
        ww_asked_fail(d->asked, ref, WW_E_CONTROL_COMMAND);
}

static void finish(void *state)
{
    struct decoder *d = state;
    ww_asked_free(d->asked);
    free(d);
}

static void *start(const struct ww_role_env *env)
{
    struct decoder *d = calloc(1, sizeof *d);
    if (d != NULL) {
        d->base = env->base;
        d->stats = env->stats;
        d->asked = ww_asked_new(env->base, on_asked, d);
    }
    if (d == NULL || d->asked == NULL) {
        ww_log_error("no-memory");
        free(d);
        return NULL;
    }
    return d;
}

static void peer(void *state, const struct ww_msg_peer *m, int fd)
{
    struct decoder *d = state;
    if (m->kind == WW_ROLE_CONTROL)
        ww_asked_peer(d->asked, fd);
    else
        (void)close(fd);
}

static void stop(void *state)
{
    struct decoder *d = state;
    (void)event_base_loopexit(d->base, NULL);
}

const struct ww_role ww_role_decoder = {
    .kind = WW_ROLE_DECODER,
    .rights = 0,
    .start = start,
    .peer = peer,
    .stop = stop,
    .finish = finish,
};
