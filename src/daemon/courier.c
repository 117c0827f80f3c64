#include "daemon/asked.h"
#include "daemon/role.h"

#include <event2/event.h>
#include <stdlib.h>
#include <unistd.h>

struct courier {
    struct event_base *base;
    const struct ww_config *config;
    struct ww_role_stats *stats;
    struct ww_asked *asked;
};

static void on_asked(void *ctx, const struct ww_msg_ask *ask, struct ww_question_ref ref)
{
    struct courier *c = ctx;
    if (ask->what == WW_ASK_STATS)
        ww_role_stats_tell(c->stats, c->asked, ref);
    else
        ww_asked_fail(c->asked, ref, WW_E_CONTROL_COMMAND);
}

static void peer(void *state, const struct ww_msg_peer *m, int fd)
{
    struct courier *c = state;
    if (m->kind == WW_ROLE_CONTROL)
        ww_asked_peer(c->asked, fd);
    else
        (void)close(fd);
}

static void finish(void *state)
{
    struct courier *c = state;
    ww_asked_free(c->asked);
    free(c);
}

static void *start(const struct ww_role_env *env)
{
    struct courier *c = calloc(1, sizeof *c);
    if (c == NULL) {
        ww_log_error("no-memory");
        return NULL;
    }
    c->base = env->base;
    c->config = env->config;
    c->stats = env->stats;
    c->asked = ww_asked_new(env->base, on_asked, c);
    if (c->asked != NULL)
        return c;
    ww_log_error("no-memory");
    finish(c);
    return NULL;
}

static void stop(void *state)
{
    struct courier *c = state;
    (void)event_base_loopexit(c->base, NULL);
}

const struct ww_role ww_role_courier = {
    .kind = WW_ROLE_COURIER,
    .rights = WW_MAY_RUN | WW_MAY_CONNECT,
    .start = start,
    .peer = peer,
    .stop = stop,
    .finish = finish,
};
