/*
 * The role that takes in reports of others: by LMTP, by HTTPS, and from `waxwing report ingest`. It reads
 * none of them: the decoder does (intake_jobs.h).
 */
#include "daemon/asked.h"
#include "daemon/role.h"
#include "proc/msg_intake.h"

#include <event2/event.h>
#include <stdlib.h>
#include <unistd.h>

struct intake {
    struct event_base *base;
    struct ww_role_stats *stats;
    struct ww_asked *asked;
};

static void on_asked(void *ctx, const struct ww_msg_ask *ask, struct ww_question_ref ref)
{
    struct intake *i = ctx;
    if (ask->what == WW_ASK_STATS)
        ww_role_stats_tell(i->stats, i->asked, ref);
    else
        ww_asked_fail(i->asked, ref, WW_E_CONTROL_COMMAND);
}

static void finish(void *state)
{
    struct intake *i = state;
    ww_asked_free(i->asked);
    free(i);
}

static void *start(const struct ww_role_env *env)
{
    struct intake *i = calloc(1, sizeof *i);
    if (i != NULL) {
        i->base = env->base;
        i->stats = env->stats;
        i->asked = ww_asked_new(env->base, on_asked, i);
    }
    if (i == NULL || i->asked == NULL) {
        ww_log_error("no-memory");
        free(i);
        return NULL;
    }
    return i;
}

static void peer(void *state, const struct ww_msg_peer *m, int fd)
{
    struct intake *i = state;
    if (m->kind == WW_ROLE_CONTROL)
        ww_asked_peer(i->asked, fd);
    else
        (void)close(fd);
}

static void listener(void *state, const struct ww_msg_listener *listener, int fd)
{
    (void)state;
    (void)listener;
    (void)close(fd);
}

static void stop(void *state)
{
    struct intake *i = state;
    (void)event_base_loopexit(i->base, NULL);
}

const struct ww_role ww_role_intake = {
    .kind = WW_ROLE_INTAKE,
    .rights = WW_MAY_ACCEPT | WW_MAY_CONNECT,
    .start = start,
    .peer = peer,
    .listener = listener,
    .stop = stop,
    .finish = finish,
};
