#include "daemon/asked.h"
#include "daemon/role.h"
#include "proc/msg_publish.h"

#include <event2/event.h>
#include <stdlib.h>
#include <unistd.h>

struct steward {
    struct event_base *base;
    struct ww_role_stats *stats;
    struct ww_asked *asked;
};

static void on_asked(void *ctx, const struct ww_msg_ask *ask, struct ww_question_ref ref)
{
    struct steward *r = ctx;
    if (ask->what == WW_ASK_STATS)
        ww_role_stats_tell(r->stats, r->asked, ref);
    else
        ww_asked_fail(r->asked, ref, WW_E_CONTROL_COMMAND);
}

static void finish(void *state)
{
    struct steward *r = state;
    ww_asked_free(r->asked);
    free(r);
}

static void *start(const struct ww_role_env *env)
{
    struct steward *r = calloc(1, sizeof *r);
    if (r != NULL) {
        r->base = env->base;
        r->stats = env->stats;
        r->asked = ww_asked_new(env->base, on_asked, r);
    }
    if (r == NULL || r->asked == NULL) {
        ww_log_error("no-memory");
        free(r);
        return NULL;
    }
    return r;
}

static void peer(void *state, const struct ww_msg_peer *m, int fd)
{
    struct steward *r = state;
    if (m->kind == WW_ROLE_CONTROL)
        ww_asked_peer(r->asked, fd);
    else
        (void)close(fd);
}

static void stop(void *state)
{
    struct steward *r = state;
    (void)event_base_loopexit(r->base, NULL);
}

const struct ww_role ww_role_steward = {
    .kind = WW_ROLE_STEWARD,
    .rights = 0,
    .start = start,
    .peer = peer,
    .stop = stop,
    .finish = finish,
};
