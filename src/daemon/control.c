/* The role that faces the operator: the control socket. What is asked there, it asks the other roles. */
#include "daemon/control_client.h"
#include "daemon/control_metrics.h"

#include <event2/event.h>
#include <stdlib.h>
#include <unistd.h>

struct control {
    struct ww_role_env env;
    struct ww_control shared;
    struct ww_control_clients *clients;
    struct ww_metrics *metrics;
};

static void finish(void *state)
{
    struct control *c = state;
    ww_metrics_free(c->metrics);
    ww_control_clients_free(c->clients);
    ww_control_stats_free(c->shared.stats);
    ww_roles_asked_free(c->shared.roles);
    free(c);
}

static void *start(const struct ww_role_env *env)
{
    struct control *c = calloc(1, sizeof *c);
    if (c == NULL) {
        ww_log_error("no-memory");
        return NULL;
    }
    json_object_seed(0); /* while files can still be opened */
    c->env = *env;
    c->shared.env = &c->env;
    c->shared.roles = ww_roles_asked_new(env->base);
    if (c->shared.roles != NULL)
        c->shared.stats = ww_control_stats_new(env->base, c->shared.roles, &c->shared.status, env->stats);
    if (c->shared.stats != NULL)
        c->metrics = ww_metrics_new(env->base, c->shared.stats, &c->shared.status);
    if (c->metrics != NULL)
        c->clients = ww_control_clients_new(&c->shared);
    if (c->clients != NULL)
        return c;
    ww_log_error("no-memory");
    finish(c);
    return NULL;
}

static void peer(void *state, const struct ww_msg_peer *m, int fd)
{
    struct control *c = state;
    ww_roles_asked_peer(c->shared.roles, m, fd);
}

static void listener(void *state, const struct ww_msg_listener *m, int fd)
{
    struct control *c = state;
    if (m->purpose == WW_LISTEN_CONTROL)
        ww_control_clients_listen(c->clients, fd);
    else if (m->purpose == WW_LISTEN_METRICS)
        ww_metrics_listen(c->metrics, m->name, fd);
    else
        close(fd);
}

static void listener_gone(void *state, const struct ww_msg_listener *m)
{
    struct control *c = state;
    if (m->purpose == WW_LISTEN_CONTROL)
        ww_control_clients_deaf(c->clients);
    else if (m->purpose == WW_LISTEN_METRICS)
        ww_metrics_deafen(c->metrics, m->name);
}

static void roles(void *state, const struct ww_msg_roles *m)
{
    struct control *c = state;
    c->shared.status = *m;
}

static void reload(void *state)
{
    (void)state; /* all that is read of the configuration is read when it is needed */
}

static void stop(void *state)
{
    struct control *c = state;
    event_base_loopexit(c->env.base, NULL);
}

const struct ww_role ww_role_control = {
    .kind = WW_ROLE_CONTROL,
    .rights = WW_MAY_ACCEPT,
    .start = start,
    .peer = peer,
    .listener = listener,
    .listener_gone = listener_gone,
    .roles = roles,
    .reload = reload,
    .stop = stop,
    .finish = finish,
};
