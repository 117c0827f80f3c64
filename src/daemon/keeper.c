#include "daemon/asked.h"
#include "daemon/clock.h"
#include "daemon/keeper_advise.h"
#include "daemon/keeper_anchors.h"
#include "daemon/keeper_history.h"
#include "daemon/keeper_outbox.h"
#include "daemon/keeper_overrides.h"
#include "daemon/keeper_publish.h"
#include "daemon/keeper_received.h"
#include "daemon/keeper_report_alerts.h"
#include "daemon/keeper_results.h"
#include "daemon/keeper_store.h"
#include "daemon/keeper_watch.h"
#include "daemon/keeper_writes.h"
#include "daemon/role.h"
#include "proc/confine.h"

#include <event2/event.h>
#include <jansson.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

/* Writes of so long go into one transaction. */
#define BATCH_MS 50
/* So many are not held back any longer. */
#define BATCH_FULL 256

/* Policies read at a time while loading; and how much may wait in the channel before reading pauses. */
#define PAGE 256
/* Policies go together up to this size; larger messages would keep the front from its look-ups for too long.
 */
#define PARCEL ((size_t)16 * 1024)
#define QUEUED_ENOUGH ((size_t)1 << 20)

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
    struct ww_writes *writes;
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
    int64_t oldest_ms;     /* when the first of the writes came that wait */
    struct ww_chan *front; /* NULL while there is none */
    unsigned front_number; /* counts them */
    uint32_t refused;      /* writes of this front that could not be held, */
    bool override_refused; /* and an override among them, which is not counted */
    bool awaited;          /* somebody waits to hear that what waits is durable */
    bool loading;
    bool load_owed; /* the front asked while the store was in trouble */
    bool checked;
    struct ww_store_place place;
    char history_place[WW_DNAME_SIZE]; /* of its purge */
    struct event *batch;
    struct event *page;
    struct event *purge;
    char message[WW_CHAN_MESSAGE_MAX];
    char parcel[PARCEL + WW_CHAN_MESSAGE_MAX]; /* policies that wait for more to go with them */
    size_t parcel_n;
};

static void tell(struct keeper *k, enum ww_msg_type type, struct ww_slice payload)
{
    /* A front that does not take it is gone: the next one asks anew. */
    if (k->front != NULL && ww_chan_send(k->front, (uint16_t)type, payload, -1) != WW_OK)
        k->loading = false;
}

static void tell_front(void *ctx, enum ww_msg_type type, struct ww_slice payload)
{
    tell(ctx, type, payload);
}

static void schedule(struct event *timer, time_t seconds, unsigned ms)
{
    const struct timeval tv = {.tv_sec = seconds, .tv_usec = (suseconds_t)ms * 1000};
    if (!event_pending(timer, EV_TIMEOUT, NULL) && event_add(timer, &tv) != 0)
        ww_log_error("no-memory", "for", "a timer");
}

/* The front has more in memory than the store has on disk, and could not know. */
static void tell_of_loss(struct keeper *k)
{
    if (k->front == NULL || (!ww_keeper_store_take_new(k->store) && k->refused == 0 && !k->override_refused))
        return;
    k->refused = 0;
    k->override_refused = false;
    tell(k, WW_MSG_ANEW, ww_slice(NULL, 0));
}

static void tell_of_trouble(struct keeper *k)
{
    const struct ww_msg_not_stored m = {.why = ww_keeper_store_trouble(k->store)};
    struct ww_buf b = ww_buf(k->message, sizeof k->message);
    if (m.why == WW_OK || !k->awaited)
        return;
    k->awaited = false;
    ww_msg_put_not_stored(&b, &m);
    tell(k, WW_MSG_NOT_STORED, ww_slice(b.p, b.n));
}

/* Writes what waits: how many that were. */
static size_t flush(struct keeper *k)
{
    const struct ww_writes_into into = {ww_keeper_store_to_write(k->store), k->config->history_versions};
    size_t waiting = ww_writes_count(k->writes);
    struct ww_msg_stored m = {0};
    if (into.store == NULL || (waiting == 0 && k->refused == 0 && !k->override_refused))
        return 0;
    enum ww_err err = ww_writes_flush(k->writes, &into, k->front_number, &m.count);
    if (err != WW_OK) {
        ww_keeper_store_failed(k->store, err);
        tell_of_trouble(k);
        return 0;
    }
    k->awaited = false;
    ww_stat_add(&k->stats->stats, WW_STAT_STORE_WRITES, waiting);
    ww_stat_add(&k->stats->stats, WW_STAT_STORE_BATCHES, waiting > 0);
    m.count += k->refused; /* their turn is over as well */
    struct ww_buf b = ww_buf(k->message, sizeof k->message);
    ww_msg_put_stored(&b, &m);
    if (m.count > 0)
        tell(k, WW_MSG_STORED, ww_slice(b.p, b.n));
    tell_of_loss(k);
    return waiting;
}

static void send_parcel(struct keeper *k)
{
    if (k->parcel_n > 0)
        tell(k, WW_MSG_POLICIES, ww_slice(k->parcel, k->parcel_n));
    k->parcel_n = 0;
}

/* A policy that is larger than a parcel goes alone: together they stay below what a message holds. */
static void send_policy(void *ctx, struct ww_slice payload)
{
    struct keeper *k = ctx;
    if (k->parcel_n + payload.n > PARCEL)
        send_parcel(k);
    struct ww_buf b = {k->parcel, sizeof k->parcel, k->parcel_n, false};
    ww_msg_put_part(&b, payload);
    if (!b.failed)
        k->parcel_n = b.n;
}

/* The store is in trouble: the front goes on without it, and gets what it has once that is over. */
static void owe_load(struct keeper *k)
{
    k->loading = false;
    k->load_owed = true;
    ww_writes_each_policy(k->writes, send_policy, k);
    send_parcel(k);
    tell(k, WW_MSG_LOADED, ww_slice(NULL, 0));
}

static void begin_load(struct keeper *k)
{
    (void)flush(k);
    if (ww_keeper_store_to_read(k->store) == NULL) {
        owe_load(k);
        return;
    }
    memset(&k->place, 0, sizeof k->place);
    k->loading = true;
    k->load_owed = false;
    schedule(k->page, 0, 0);
}

static void send_stored(void *ctx, const struct ww_stored_policy *policy)
{
    struct keeper *k = ctx;
    ww_stat_add(&k->stats->stats, WW_STAT_STORE_LOADED, 1);
    struct ww_buf b = ww_buf(k->message, sizeof k->message);
    ww_msg_put_policy(&b, policy);
    if (!b.failed)
        send_policy(k, ww_slice(b.p, b.n));
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

/* A store that can only be read may lack what was written last: it is loaded again when it is well. */
static bool is_whole(struct keeper *k)
{
    return !ww_keeper_store_read_only(k->store);
}

static void load_done(struct keeper *k)
{
    if (!is_whole(k)) {
        owe_load(k);
        return;
    }
    k->loading = false;
    tell(k, WW_MSG_LOADED, ww_slice(NULL, 0));
    purge(k);
    check(k);
}

static void on_page(evutil_socket_t s, short what, void *arg)
{
    (void)s;
    (void)what;
    struct keeper *k = arg;
    if (!k->loading || k->front == NULL || ww_chan_queued(k->front) >= QUEUED_ENOUGH)
        return;
    struct ww_store *store = ww_keeper_store_to_read(k->store);
    if (store == NULL) {
        owe_load(k);
        return;
    }
    enum ww_store_phase before = k->place.phase;
    enum ww_err err = ww_store_walk(store, (int64_t)time(NULL), &k->place, PAGE, send_stored, k);
    send_parcel(k);
    if (err != WW_OK) {
        ww_keeper_store_failed(k->store, err);
        owe_load(k);
        return;
    }
    if (is_whole(k) && before == WW_STORE_ENFORCED && k->place.phase != before)
        tell(k, WW_MSG_ENFORCED_LOADED, ww_slice(NULL, 0));
    if (k->place.phase == WW_STORE_END)
        load_done(k);
    else
        schedule(k->page, 0, 0);
}

static void on_drained(void *ctx, struct ww_chan *chan)
{
    (void)chan;
    struct keeper *k = ctx;
    if (k->loading)
        schedule(k->page, 0, 0);
}

static void on_batch(evutil_socket_t s, short what, void *arg)
{
    (void)s;
    (void)what;
    (void)flush(arg);
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
    size_t written = flush(k);
    if (ww_keeper_store_to_write(k->store) == NULL)
        return 0;
    tell_of_loss(k);
    tell_parts(k);
    if (k->load_owed)
        begin_load(k);
    return written;
}

static void take_write(struct keeper *k, enum ww_msg_type type, struct ww_slice payload)
{
    if (ww_writes_count(k->writes) == 0)
        k->oldest_ms = ww_clock_ms();
    enum ww_err err = ww_writes_add(k->writes, type, payload, k->front_number);
    if (err == WW_OK)
        return;
    if (err == WW_E_MSG_MALFORMED || k->refused == 0)
        ww_log_error("message-refused", "from", "front", "error", ww_err_id(err));
    /* What could not be held is not lost: the front puts all once more. */
    k->refused += err != WW_E_MSG_MALFORMED && type != WW_MSG_OVERRIDE;
    k->override_refused |= err != WW_E_MSG_MALFORMED && type == WW_MSG_OVERRIDE;
}

/* What the front gave back before it asked is among what it gets. */
static void load_overrides(struct keeper *k, struct ww_slice payload)
{
    struct ww_msg_load_overrides m;
    (void)flush(k);
    if (ww_msg_get_load_overrides(payload, &m) == WW_OK)
        ww_keeper_overrides_load(k->overrides, m.number);
    else
        ww_log_error("message-malformed", "from", "front");
}

static void await(struct keeper *k)
{
    k->awaited = true;
    if (ww_writes_count(k->writes) > 0)
        (void)flush(k);
    tell_of_trouble(k);
}

static void on_message(void *ctx, struct ww_chan *chan, uint16_t type, struct ww_slice payload, int fd)
{
    (void)chan;
    struct keeper *k = ctx;
    if (fd >= 0)
        close(fd);
    if (type == WW_MSG_LOAD)
        begin_load(k);
    else if (type == WW_MSG_LOAD_OVERRIDES)
        load_overrides(k, payload);
    else if (type == WW_MSG_POLICY || type == WW_MSG_CONFIRM || type == WW_MSG_FORGET ||
             type == WW_MSG_OVERRIDE)
        take_write(k, (enum ww_msg_type)type, payload);
    else if (type == WW_MSG_AWAIT)
        await(k);
    else
        ww_log_error("message-unknown", "from", "front");
    if (ww_writes_count(k->writes) >= BATCH_FULL)
        (void)flush(k);
    else if (ww_writes_count(k->writes) > 0)
        schedule(k->batch, 0, BATCH_MS);
}

static void leave_front(struct keeper *k)
{
    ww_chan_free(k->front);
    k->front = NULL;
    k->front_number++;
    k->refused = 0;
    k->awaited = false;
    k->override_refused = false;
    k->loading = false;
    k->load_owed = false;
    ww_keeper_overrides_leave(k->overrides);
}

static void on_down(void *ctx, struct ww_chan *chan)
{
    (void)chan;
    leave_front(ctx);
}

static void set_gauges(struct keeper *k)
{
    struct ww_stats *s = &k->stats->stats;
    size_t waiting = ww_writes_count(k->writes);
    enum ww_err trouble = ww_keeper_store_trouble(k->store);
    ww_keeper_anchors_count(k->anchors);
    ww_keeper_watch_count(k->watch);
    ww_keeper_results_count(k->results);
    ww_keeper_outbox_count(k->outbox);
    ww_keeper_received_count(k->received);
    ww_keeper_publish_count(k->publish);
    ww_stat_set(s, WW_STAT_STORE_WAITING, waiting);
    ww_stat_set(s, WW_STAT_STORE_OLDEST, waiting > 0 ? (uint64_t)(ww_clock_ms() - k->oldest_ms) / 1000 : 0);
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
    (void)flush(k); /* what was seen a moment ago is asked for at once */
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
    struct event *const timers[] = {k->batch, k->page, k->purge};
    for (size_t i = 0; i < sizeof timers / sizeof timers[0]; i++)
        if (timers[i] != NULL)
            event_free(timers[i]);
    ww_asked_free(k->asked);
    ww_chan_free(k->front);
    ww_keeper_publish_free(k->publish);
    ww_keeper_received_free(k->received);
    ww_keeper_report_alerts_free(k->report_alerts);
    ww_keeper_outbox_free(k->outbox);
    ww_keeper_results_free(k->results);
    ww_keeper_watch_free(k->watch);
    ww_keeper_anchors_free(k->anchors);
    ww_keeper_overrides_free(k->overrides);
    ww_writes_free(k->writes);
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

static void on_report_alerts(void *ctx)
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
    k->writes = ww_writes_new();
    k->asked = ww_asked_new(env->base, on_asked, k);
    if (k->store != NULL)
        k->overrides = ww_keeper_overrides_new(env->base, k->store, tell_front, k);
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
        k->publish = ww_keeper_publish_new(env->base, k->store, env->config, &env->stats->stats);
    if (k->store != NULL)
        k->report_alerts = ww_keeper_report_alerts_new(env->base, k->store, env->config, &env->stats->stats,
                                                       on_report_alerts, k);
    if (k->outbox != NULL)
        k->results = ww_keeper_results_new(env->base, k->store, k->outbox, env->config, &env->stats->stats);
    if (k->received != NULL)
        ww_keeper_received_alerts(k->received, k->report_alerts);
    bool looks = k->watch != NULL && k->results != NULL && k->received != NULL && k->publish != NULL &&
                 k->report_alerts != NULL && ww_keeper_watch_looks(k->watch, k->results);
    k->batch = evtimer_new(env->base, on_batch, k);
    k->page = evtimer_new(env->base, on_page, k);
    k->purge = event_new(env->base, -1, EV_PERSIST, on_purge, k);
    const struct timeval hour = {.tv_sec = PURGE_SECONDS};
    ww_history_prepare();
    json_object_seed(0); /* while files can still be opened */
    if (k->overrides != NULL && k->anchors != NULL && looks && k->writes != NULL && k->asked != NULL &&
        k->batch != NULL && k->page != NULL && k->purge != NULL && event_add(k->purge, &hour) == 0)
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
    static const struct ww_chan_handlers handlers = {on_message, on_down};
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
    if (m->kind == WW_ROLE_STEWARD || m->kind == WW_ROLE_PUBLISHER) {
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
    leave_front(k);
    k->front = ww_chan_new(k->base, fd, &handlers, k);
    if (k->front == NULL) {
        ww_log_error("no-memory", "for", "channel to the front");
        return;
    }
    ww_chan_on_drained(k->front, on_drained);
    tell_of_loss(k);
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
    (void)flush(k);
    if (ww_writes_count(k->writes) > 0)
        ww_keeper_store_try_now(k->store);
    if (ww_writes_count(k->writes) > 0)
        ww_log_warning("store-writes-lost", "detail", "the store is in trouble at the end");
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
