#include "codec/explain.h"
#include "daemon/asked.h"
#include "daemon/front_accept.h"
#include "daemon/front_cache_asked.h"
#include "daemon/front_http.h"
#include "daemon/front_overrides_list.h"
#include "daemon/role.h"
#include "proc/confine.h"

#include <event2/event.h>
#include <stdlib.h>
#include <unistd.h>

struct front {
    struct event_base *base;
    struct ww_lookup *lookup;
    struct ww_clients *clients;
    struct ww_acceptor *acceptor;
    struct ww_front_http *http;
    struct ww_asked *asked;
    struct ww_cache_asked *cache_asked;
    struct ww_role_stats *stats;
    struct event *patience; /* with the preload list */
    bool loaded;
    bool listed;
    bool open;
};

/* Longer than it takes to read a list that is kept; mail is not held back for one that does not come. */
#define PRELOAD_SECONDS 5

/* Without the list a first look-up could be answered with less than the one before a restart. */
static void open_doors(struct front *f)
{
    if (!f->loaded || !f->listed || f->open)
        return;
    f->open = true;
    ww_acceptor_start(f->acceptor);
    ww_front_http_start(f->http);
}

static void on_ready(void *ctx)
{
    struct front *f = ctx;
    f->loaded = true;
    open_doors(f);
}

static void on_preload(void *ctx)
{
    struct front *f = ctx;
    f->listed = true;
    open_doors(f);
}

static void on_patience(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    (void)what;
    struct front *f = arg;
    if (!f->listed)
        ww_log_warning("preload-late", "detail", "look-ups begin before the preload list is there");
    on_preload(f);
}

static void on_closed(void *ctx)
{
    struct front *f = ctx;
    ww_acceptor_room(f->acceptor);
}

static void on_asked(void *ctx, const struct ww_msg_ask *ask, struct ww_question_ref ref)
{
    struct front *f = ctx;
    if (ask->what == WW_ASK_STATS) {
        ww_lookup_gauges(f->lookup);
        ww_stat_set(&f->stats->stats, WW_STAT_CONNECTIONS, ww_clients_count(f->clients));
        ww_role_stats_tell(f->stats, f->asked, ref);
        return;
    }
    if (ask->what == WW_ASK_OVERRIDE_LIST)
        ww_overrides_list(ww_lookup_overrides(f->lookup), f->asked, ref);
    else if (!ww_cache_asked_take(f->cache_asked, ask, ref))
        ww_asked_fail(f->asked, ref, WW_E_CONTROL_COMMAND);
}

static void finish(void *state)
{
    struct front *f = state;
    if (f->patience != NULL)
        event_free(f->patience);
    ww_cache_asked_free(f->cache_asked);
    ww_asked_free(f->asked);
    ww_front_http_free(f->http);
    ww_acceptor_free(f->acceptor);
    ww_clients_free(f->clients);
    ww_lookup_free(f->lookup);
    free(f);
}

static void *start(const struct ww_role_env *env)
{
    static const struct ww_lookup_handlers handlers = {on_ready, on_preload};
    const struct timeval patience = {.tv_sec = PRELOAD_SECONDS};
    struct front *f = calloc(1, sizeof *f);
    if (f == NULL) {
        ww_log_error("no-memory");
        return NULL;
    }
    ww_explain_prepare();
    f->base = env->base;
    f->stats = env->stats;
    f->lookup = ww_lookup_new(env, &handlers, f);
    if (f->lookup != NULL)
        f->clients = ww_clients_new(env->base, f->lookup, on_closed, f);
    if (f->clients != NULL)
        f->acceptor = ww_acceptor_new(env->base, f->clients);
    if (f->acceptor != NULL)
        f->http = ww_front_http_new(env->base, f->lookup, env->config);
    if (f->http != NULL)
        f->asked = ww_asked_new(env->base, on_asked, f);
    if (f->asked != NULL)
        f->cache_asked = ww_cache_asked_new(f->asked, f->lookup);
    if (f->cache_asked != NULL)
        f->patience = evtimer_new(env->base, on_patience, f);
    f->listed = env->config->preload_source == NULL;
    if (f->patience != NULL && event_add(f->patience, &patience) == 0)
        return f;
    ww_log_error("no-memory");
    finish(f);
    return NULL;
}

static void peer(void *state, const struct ww_msg_peer *m, int fd)
{
    struct front *f = state;
    if (m->kind == WW_ROLE_RESOLVER)
        ww_lookup_resolver(f->lookup, m, fd);
    else if (m->kind == WW_ROLE_KEEPER)
        ww_lookup_keeper(f->lookup, fd);
    else if (m->kind == WW_ROLE_PRELOAD)
        ww_lookup_preload(f->lookup, fd);
    else if (m->kind == WW_ROLE_COLLECTOR)
        ww_lookup_collector(f->lookup, fd);
    else if (m->kind == WW_ROLE_CONTROL)
        ww_asked_peer(f->asked, fd);
    else
        close(fd);
}

static void listener(void *state, const struct ww_msg_listener *m, int fd)
{
    struct front *f = state;
    if (m->purpose == WW_LISTEN_HTTP)
        ww_front_http_listener(f->http, m, fd);
    else
        ww_acceptor_listener(f->acceptor, m, fd);
}

static void listener_gone(void *state, const struct ww_msg_listener *m)
{
    struct front *f = state;
    if (m->purpose == WW_LISTEN_HTTP)
        ww_front_http_listener_gone(f->http, m);
    else
        ww_acceptor_listener_gone(f->acceptor, m);
}

static void reload(void *state)
{
    struct front *f = state;
    ww_lookup_reload(f->lookup);
    ww_front_http_reload(f->http);
}

static void stop(void *state)
{
    struct front *f = state;
    event_base_loopexit(f->base, NULL);
}

const struct ww_role ww_role_front = {
    .kind = WW_ROLE_FRONT,
    .rights = WW_MAY_ACCEPT,
    .start = start,
    .peer = peer,
    .listener = listener,
    .listener_gone = listener_gone,
    .reload = reload,
    .stop = stop,
    .finish = finish,
};
