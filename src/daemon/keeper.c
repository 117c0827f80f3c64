#include "daemon/asked.h"
#include "daemon/keeper_advise.h"
#include "daemon/keeper_anchors.h"
#include "daemon/keeper_front.h"
#include "daemon/keeper_history.h"
#include "daemon/keeper_outbox.h"
#include "daemon/keeper_overrides.h"
#include "daemon/keeper_publish.h"
#include "daemon/keeper_received.h"
#include "daemon/keeper_report_alerts.h"
#include "daemon/keeper_results.h"
#include "daemon/keeper_store.h"
#include "daemon/keeper_watch.h"
#include "daemon/role.h"
#include "proc/confine.h"

#include <event2/event.h>
#include <jansson.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#define PURGE_SECONDS 3600
/* What has expired stays for a day: the clock may be wrong. */
#define PURGE_GRACE (24 * 60 * 60)
/* Rows of the history looked at each hour: a year is long. */
#define PURGE_HISTORY_ROWS 20000
/* Loading reads all that there is; a closer look for damage takes no longer than this. */
#define CHECK_MS 1000

struct keeper {
    struct event_base *base;
    const struct ww_config *config;
    char *path; /* of the store: as long as this lives, while the configuration may change */
    void (*tell_supervisor)(void *process, enum ww_msg_type type);
    void *process;
    struct ww_keeper_store *store;
    struct ww_keeper_front *front;
    struct ww_asked *asked;
    struct ww_keeper_overrides *overrides;
    struct ww_keeper_anchors *anchors;
    struct ww_keeper_watch *watch;
    struct ww_keeper_results *results;
    struct ww_keeper_outbox *outbox;
    struct ww_keeper_received *received;
    struct ww_keeper_publish *publish;
    struct ww_keeper_report_alerts *report_alerts;
    struct ww_role_stats *stats;
    bool checked;
    char history_place[WW_DNAME_SIZE]; /* of its purge */
    struct event *purge;
};

static void tell_front(void *ctx, enum ww_msg_type type, struct ww_slice payload)
{
    struct keeper *k = ctx;
    ww_keeper_front_tell(k->front, type, payload);
}

static void purge(struct keeper *k)
{
    struct ww_store *store = ww_keeper_store_to_write(k->store);
    int64_t now = (int64_t)time(NULL);
    if (store == NULL)
        return;
    enum ww_err err = ww_store_expire(store, now - PURGE_GRACE);
    if (err == WW_OK)
        err = ww_history_purge(store, now, k->config->history_keep, PURGE_HISTORY_ROWS, k->history_place);
    if (err != WW_OK)
        ww_keeper_store_failed(k->store, err);
}

/* Once: damage where nothing was read from, found while memory has what may be lost. */
static void check(struct keeper *k)
{
    struct ww_store *store = ww_keeper_store_to_write(k->store);
    if (store == NULL || k->checked)
        return;
    k->checked = true;
    enum ww_err err = ww_store_check(store, CHECK_MS);
    if (err != WW_OK)
        ww_keeper_store_failed(k->store, err);
}

static void on_loaded(void *ctx)
{
    purge(ctx);
    check(ctx);
}

static void on_purge(evutil_socket_t s, short what, void *arg)
{
    (void)s;
    (void)what;
    purge(arg);
}

/* The store may be well: they go on. */
static void tell_parts(struct keeper *k)
{
    ww_keeper_overrides_well(k->overrides);
    ww_keeper_anchors_well(k->anchors);
    ww_keeper_watch_well(k->watch);
    ww_keeper_results_well(k->results);
    ww_keeper_outbox_well(k->outbox);
    ww_keeper_received_well(k->received);
    ww_keeper_publish_well(k->publish);
    ww_keeper_report_alerts_well(k->report_alerts);
}

static size_t on_well(void *ctx)
{
    struct keeper *k = ctx;
    size_t written = ww_keeper_front_well(k->front);
    if (ww_keeper_store_to_write(k->store) == NULL)
        return 0;
    tell_parts(k);
    ww_keeper_front_load_owed(k->front);
    return written;
}

static void set_gauges(struct keeper *k)
{
    struct ww_stats *s = &k->stats->stats;
    enum ww_err trouble = ww_keeper_store_trouble(k->store);
    ww_keeper_front_count(k->front);
    ww_keeper_anchors_count(k->anchors);
    ww_keeper_watch_count(k->watch);
    ww_keeper_results_count(k->results);
    ww_keeper_outbox_count(k->outbox);
    ww_keeper_received_count(k->received);
    ww_keeper_publish_count(k->publish);
    ww_stat_set(s, WW_STAT_STORE_UP, trouble == WW_OK);
    ww_stat_set(s, WW_STAT_STORE_TROUBLE, trouble);
}

static void on_asked(void *ctx, const struct ww_msg_ask *ask, struct ww_question_ref ref)
{
    struct keeper *k = ctx;
    enum ww_err err = WW_OK;
    if (ask->what == WW_ASK_STATS) {
        set_gauges(k);
        ww_role_stats_tell(k->stats, k->asked, ref);
        return;
    }
    ww_keeper_front_flush(k->front); /* what was seen a moment ago is asked for at once */
    if (ask->what == WW_ASK_HISTORY) {
        err = ww_keeper_tell_history(ww_keeper_store_to_read(k->store), k->asked, ask, ref);
        if (err != WW_OK)
            ww_keeper_store_failed(k->store, err);
        return;
    }
    if (ask->what == WW_ASK_WATCH) {
        ww_keeper_watch_asked(k->watch, k->asked, ask, ref);
        return;
    }
    if (ask->what == WW_ASK_REPORT) {
        ww_keeper_outbox_asked(k->outbox, k->asked, ask, ref);
        return;
    }
    if (ask->what == WW_ASK_RECEIVED) {
        ww_keeper_received_asked(k->received, k->asked, ask, ref);
        return;
    }
    if (ask->what == WW_ASK_PUBLISH) {
        ww_keeper_publish_asked(k->publish, k->asked, ask, ref);
        return;
    }
    if (ask->what == WW_ASK_ADVISE) {
        ww_keeper_advise_asked(k->store, k->asked, ask, ref);
        return;
    }
    err = ww_keeper_overrides_asked(k->overrides, ask);
    if (err == WW_OK)
        ww_asked_tell(k->asked, ref, ww_slice(NULL, 0), false);
    else
        ww_asked_fail(k->asked, ref, err);
}

static void finish(void *state)
{
    struct keeper *k = state;
    if (k->purge != NULL)
        event_free(k->purge);
    ww_asked_free(k->asked);
    ww_keeper_publish_free(k->publish);
    ww_keeper_received_free(k->received);
    ww_keeper_report_alerts_free(k->report_alerts);
    ww_keeper_outbox_free(k->outbox);
    ww_keeper_results_free(k->results);
    ww_keeper_watch_free(k->watch);
    ww_keeper_anchors_free(k->anchors);
    ww_keeper_overrides_free(k->overrides);
    ww_keeper_front_free(k->front);
    ww_keeper_store_free(k->store);
    free(k->path);
    free(k);
}

static void on_anchors_changed(void *ctx)
{
    struct keeper *k = ctx;
    k->tell_supervisor(k->process, WW_MSG_ANCHORS_CHANGED);
}

static void tell_watching(void *ctx, enum ww_msg_type type)
{
    struct keeper *k = ctx;
    k->tell_supervisor(k->process, type);
}

static void on_new_alerts(void *ctx)
{
    struct keeper *k = ctx;
    ww_keeper_watch_raised(k->watch);
}

static void *start(const struct ww_role_env *env)
{
    struct keeper *k = calloc(1, sizeof *k);
    if (k == NULL) {
        ww_log_error("no-memory");
        return NULL;
    }
    k->base = env->base;
    k->stats = env->stats;
    k->config = env->config;
    k->tell_supervisor = env->tell;
    k->process = env->process;
    k->path = strdup(env->config->store);
    if (k->path != NULL)
        k->store = ww_keeper_store_new(env->base, k->path, &env->stats->stats, on_well, k);
    if (k->store != NULL)
        k->front = ww_keeper_front_new(env->base, k->store, env->config, &env->stats->stats, on_loaded, k);
    k->asked = ww_asked_new(env->base, on_asked, k);
    if (k->front != NULL)
        k->overrides = ww_keeper_overrides_new(env->base, k->store, tell_front, k);
    if (k->overrides != NULL)
        ww_keeper_front_overrides(k->front, k->overrides);
    if (k->store != NULL)
        k->anchors =
            ww_keeper_anchors_new(env->base, k->store, k->path, &env->stats->stats, on_anchors_changed, k);
    if (k->store != NULL)
        k->watch =
            ww_keeper_watch_new(env->base, k->store, env->config, &env->stats->stats, tell_watching, k);
    if (k->store != NULL)
        k->outbox = ww_keeper_outbox_new(env->base, k->store, env->config, &env->stats->stats);
    if (k->store != NULL)
        k->received = ww_keeper_received_new(env->base, k->store, env->config, &env->stats->stats);
    if (k->store != NULL)
        k->publish =
            ww_keeper_publish_new(env->base, k->store, env->config, &env->stats->stats, on_new_alerts, k);
    if (k->store != NULL)
        k->report_alerts = ww_keeper_report_alerts_new(env->base, k->store, env->config, &env->stats->stats,
                                                       on_new_alerts, k);
    if (k->outbox != NULL)
        k->results = ww_keeper_results_new(env->base, k->store, k->outbox, env->config, &env->stats->stats);
    if (k->received != NULL)
        ww_keeper_received_alerts(k->received, k->report_alerts);
    bool looks = k->watch != NULL && k->results != NULL && k->received != NULL && k->publish != NULL &&
                 k->report_alerts != NULL && ww_keeper_watch_looks(k->watch, k->results);
    k->purge = event_new(env->base, -1, EV_PERSIST, on_purge, k);
    const struct timeval hour = {.tv_sec = PURGE_SECONDS};
    ww_history_prepare();
    json_object_seed(0); /* while files can still be opened */
    if (k->overrides != NULL && k->anchors != NULL && looks && k->asked != NULL && k->purge != NULL &&
        event_add(k->purge, &hour) == 0)
        return k;
    ww_log_error("no-memory");
    finish(k);
    return NULL;
}

/* Only now, so that the file belongs to the role's own user. Trouble with it is no reason to end. */
static bool confined(void *state)
{
    struct keeper *k = state;
    ww_keeper_store_open(k->store);
    tell_parts(k);
    return true;
}

static void peer(void *state, const struct ww_msg_peer *m, int fd)
{
    struct keeper *k = state;
    if (m->kind == WW_ROLE_CONTROL) {
        ww_asked_peer(k->asked, fd);
        return;
    }
    if (m->kind == WW_ROLE_RESOLVER && m->index == 0) {
        ww_keeper_anchors_peer(k->anchors, fd);
        return;
    }
    if (m->kind == WW_ROLE_WATCHER || m->kind == WW_ROLE_HERALD) {
        ww_keeper_watch_peer(k->watch, m->kind, fd);
        return;
    }
    if (m->kind == WW_ROLE_COLLECTOR) {
        ww_keeper_results_peer(k->results, fd);
        return;
    }
    if (m->kind == WW_ROLE_COURIER) {
        ww_keeper_outbox_peer(k->outbox, fd);
        return;
    }
    if (m->kind == WW_ROLE_STEWARD || m->kind == WW_ROLE_CLERK || m->kind == WW_ROLE_PUBLISHER) {
        ww_keeper_publish_peer(k->publish, m->kind, fd);
        return;
    }
    if (m->kind == WW_ROLE_INTAKE) {
        ww_keeper_received_peer(k->received, fd);
        return;
    }
    if (m->kind != WW_ROLE_FRONT) {
        close(fd);
        return;
    }
    ww_keeper_front_peer(k->front, fd);
}

static void anchor_seed(void *state, struct ww_slice payload, int fd)
{
    struct keeper *k = state;
    ww_keeper_anchors_seed(k->anchors, payload, fd);
}

/* Reports may go out from now on, or elsewhere; all other settings are looked at when they are needed. */
static void reload(void *state)
{
    struct keeper *k = state;
    ww_keeper_outbox_well(k->outbox);
}

static void stop(void *state)
{
    struct keeper *k = state;
    ww_keeper_front_stop(k->front);
    event_base_loopexit(k->base, NULL);
}

const struct ww_role ww_role_keeper = {
    .kind = WW_ROLE_KEEPER,
    .rights = WW_MAY_FILES,
    .start = start,
    .confined = confined,
    .peer = peer,
    .anchor_seed = anchor_seed,
    .reload = reload,
    .stop = stop,
    .finish = finish,
};
