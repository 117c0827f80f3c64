/* The role that serves the policies of our own domains: what the keeper tells it to, with the certificates
 * that it finds below publish.folder. It changes nothing anywhere. */
#include "daemon/asked.h"
#include "daemon/publisher_http.h"
#include "daemon/role.h"

#include <event2/event.h>
#include <stdlib.h>
#include <unistd.h>

struct publisher {
    struct event_base *base;
    struct ww_role_stats *stats;
    struct ww_asked *asked;
    struct ww_chan *keeper; /* NULL: it is away, and what is served goes on being served */
    bool syncing;           /* the keeper is telling of all sites */
    char *folder;           /* what the configuration says may change */
    struct ww_publisher_sites *sites;
    struct ww_publisher_keys *keys;
    struct ww_publisher_http *http;
};

/* ---- The keeper ---- */

static bool tell_state(void *ctx, const struct ww_msg_site_state *state)
{
    struct publisher *p = ctx;
    char space[sizeof *state + 64];
    struct ww_buf b = ww_buf(space, sizeof space);
    ww_msg_put_site_state(&b, state);
    return p->keeper != NULL && !b.failed &&
           ww_chan_send(p->keeper, WW_MSG_SITE_STATE, ww_slice(b.p, b.n), -1) == WW_OK;
}

/* While all are told of, their files are not looked at in between: that would take seconds. */
static bool take_site(struct publisher *p, struct ww_slice payload)
{
    struct ww_msg_site m;
    if (ww_msg_get_site(payload, &m) != WW_OK)
        return false;
    struct ww_publisher_site *site = ww_publisher_sites_put(p->sites, &m);
    if (site == NULL)
        ww_log_error("no-memory");
    else if (!p->syncing)
        ww_publisher_keys_look(p->keys, site);
    return true;
}

static bool take_gone(struct publisher *p, struct ww_slice payload)
{
    struct ww_msg_site_gone m;
    if (ww_msg_get_site_gone(payload, &m) != WW_OK)
        return false;
    ww_publisher_sites_gone(p->sites, m.domain);
    return true;
}

static bool take(struct publisher *p, uint16_t type, struct ww_slice payload)
{
    switch (type) {
    case WW_MSG_SITES:
        p->syncing = true;
        ww_publisher_sites_begin(p->sites);
        return true;
    case WW_MSG_SITE:
        return take_site(p, payload);
    case WW_MSG_SITES_DONE:
        p->syncing = false;
        ww_publisher_sites_end(p->sites);
        ww_publisher_keys_look_at_all(p->keys);
        return true;
    case WW_MSG_SITE_GONE:
        return take_gone(p, payload);
    default:
        return false;
    }
}

static void on_message(void *ctx, struct ww_chan *chan, uint16_t type, struct ww_slice payload, int fd)
{
    struct publisher *p = ctx;
    (void)chan;
    if (fd >= 0)
        (void)close(fd);
    if (!take(p, type, payload))
        ww_log_error("message-malformed", "from", "keeper");
}

static void on_down(void *ctx, struct ww_chan *chan)
{
    struct publisher *p = ctx;
    ww_chan_free(chan);
    p->keeper = NULL;
}

/* ---- The role ---- */

static void on_asked(void *ctx, const struct ww_msg_ask *ask, struct ww_question_ref ref)
{
    struct publisher *p = ctx;
    if (ask->what != WW_ASK_STATS) {
        ww_asked_fail(p->asked, ref, WW_E_CONTROL_COMMAND);
        return;
    }
    ww_publisher_http_count(p->http);
    ww_publisher_keys_count(p->keys);
    ww_role_stats_tell(p->stats, p->asked, ref);
}

static void finish(void *state)
{
    struct publisher *p = state;
    ww_publisher_http_free(p->http);
    ww_publisher_keys_free(p->keys);
    ww_publisher_sites_free(p->sites);
    ww_chan_free(p->keeper);
    ww_asked_free(p->asked);
    free(p->folder);
    free(p);
}

static bool open_all(struct publisher *p, const struct ww_role_env *env)
{
    struct ww_stats *stats = &env->stats->stats;
    p->folder = strdup(env->config->publish_folder);
    p->asked = ww_asked_new(env->base, on_asked, p);
    p->sites = ww_publisher_sites_new();
    if (p->folder != NULL && p->sites != NULL)
        p->keys = ww_publisher_keys_new(env->base, p->folder, p->sites, stats, tell_state, p);
    if (p->keys != NULL)
        p->http = ww_publisher_http_new(env->base, p->folder, p->sites, p->keys, stats);
    return p->asked != NULL && p->http != NULL;
}

static void *start(const struct ww_role_env *env)
{
    struct publisher *p = calloc(1, sizeof *p);
    if (p == NULL) {
        ww_log_error("no-memory");
        return NULL;
    }
    p->base = env->base;
    p->stats = env->stats;
    if (open_all(p, env))
        return p;
    ww_log_error("no-memory");
    finish(p);
    return NULL;
}

static void peer(void *state, const struct ww_msg_peer *m, int fd)
{
    static const struct ww_chan_handlers handlers = {.message = on_message, .down = on_down};
    struct publisher *p = state;
    if (m->kind == WW_ROLE_CONTROL) {
        ww_asked_peer(p->asked, fd);
        return;
    }
    if (m->kind != WW_ROLE_KEEPER) {
        (void)close(fd);
        return;
    }
    ww_chan_free(p->keeper);
    p->keeper = ww_chan_new(p->base, fd, &handlers, p);
    if (p->keeper == NULL)
        ww_log_error("no-memory");
}

static void listener(void *state, const struct ww_msg_listener *listener, int fd)
{
    struct publisher *p = state;
    ww_publisher_http_listener(p->http, listener, fd);
}

static void listener_gone(void *state, const struct ww_msg_listener *listener)
{
    struct publisher *p = state;
    ww_publisher_http_listener_gone(p->http, listener);
}

/* Somebody has brought new certificates, and says so. */
static void reload(void *state)
{
    struct publisher *p = state;
    ww_publisher_keys_look_at_all(p->keys);
}

static void stop(void *state)
{
    struct publisher *p = state;
    (void)event_base_loopexit(p->base, NULL);
}

const struct ww_role ww_role_publisher = {
    .kind = WW_ROLE_PUBLISHER,
    .rights = WW_MAY_ACCEPT | WW_MAY_READ,
    .start = start,
    .peer = peer,
    .listener = listener,
    .listener_gone = listener_gone,
    .reload = reload,
    .stop = stop,
    .finish = finish,
};
