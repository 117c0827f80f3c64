#include "daemon/keeper_writes.h"
#include "daemon/role.h"
#include "proc/confine.h"

#include <event2/event.h>
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

#define RETRY_SECONDS 5
#define PURGE_SECONDS 3600
/* What has expired stays for a day: the clock may be wrong. */
#define PURGE_GRACE (24 * 60 * 60)

struct keeper {
    struct event_base *base;
    const char *path;
    struct ww_store *store; /* NULL while it is in trouble */
    struct ww_store *rest;  /* to load from, when the trouble is that it cannot be written; or NULL */
    bool complained;        /* about the trouble that there is */
    struct ww_writes *writes;
    struct ww_chan *front; /* NULL while there is none */
    unsigned front_number; /* counts them */
    bool loading;
    bool load_owed; /* the front asked while the store was in trouble */
    struct ww_store_place place;
    struct event *batch;
    struct event *retry;
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

static void schedule(struct event *timer, time_t seconds, unsigned ms)
{
    const struct timeval tv = {.tv_sec = seconds, .tv_usec = (suseconds_t)ms * 1000};
    if (!event_pending(timer, EV_TIMEOUT, NULL) && event_add(timer, &tv) != 0)
        ww_log_error("no-memory", "for", "a timer");
}

static const char *advice(enum ww_err err)
{
    switch ((int)err) {
    case WW_E_STORE_OPEN:
        return "the directory must exist and belong to Waxwing's user";
    case WW_E_STORE_FOREIGN:
    case WW_E_STORE_CORRUPT:
        return "move the file away, or set `store` to another path";
    case WW_E_STORE_NEWER:
        return "install the newer version again, or move the file away";
    case WW_E_STORE_BUSY:
        return "end the program that holds it";
    default:
        return "see that the disk has room and can be written";
    }
}

/* Look-ups go on from memory meanwhile; said once for each time of trouble. */
static void store_failed(struct keeper *k, enum ww_err err, const char *detail)
{
    if (!k->complained)
        ww_log_error("store-failed", "store", k->path, "error", ww_err_id(err), "detail", detail, "advice",
                     advice(err));
    k->complained = true;
    ww_store_close(k->store);
    k->store = NULL;
    schedule(k->retry, RETRY_SECONDS, 0);
}

static void flush(struct keeper *k)
{
    if (k->store == NULL || ww_writes_count(k->writes) == 0)
        return;
    struct ww_msg_stored m = {0};
    enum ww_err err = ww_writes_flush(k->writes, k->store, k->front_number, &m.count);
    if (err != WW_OK) {
        store_failed(k, err, ww_store_detail(k->store));
        return;
    }
    if (m.count == 0)
        return;
    struct ww_buf b = ww_buf(k->message, sizeof k->message);
    ww_msg_put_stored(&b, &m);
    tell(k, WW_MSG_STORED, ww_slice(b.p, b.n));
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

static bool open_rest(struct keeper *k)
{
    enum ww_err err;
    char detail[256];
    k->rest = ww_store_open_to_read(k->path, &err, detail, sizeof detail);
    if (k->rest != NULL)
        ww_log_warning("store-read-only", "store", k->path, "done",
                       "what is stored is used; what is new is only kept in memory");
    return k->rest != NULL;
}

static void begin_load(struct keeper *k)
{
    flush(k);
    ww_store_close(k->rest);
    k->rest = NULL;
    if (k->store == NULL && !open_rest(k)) {
        owe_load(k);
        return;
    }
    memset(&k->place, 0, sizeof k->place);
    k->loading = true;
    k->load_owed = k->store == NULL;
    schedule(k->page, 0, 0);
}

static void send_stored(void *ctx, const struct ww_stored_policy *policy)
{
    struct keeper *k = ctx;
    struct ww_buf b = ww_buf(k->message, sizeof k->message);
    ww_msg_put_policy(&b, policy);
    if (!b.failed)
        send_policy(k, ww_slice(b.p, b.n));
}

static void purge(struct keeper *k)
{
    if (k->store == NULL)
        return;
    enum ww_err err = ww_store_expire(k->store, (int64_t)time(NULL) - PURGE_GRACE);
    if (err != WW_OK)
        store_failed(k, err, ww_store_detail(k->store));
}

static void load_failed(struct keeper *k, enum ww_err err)
{
    if (k->store != NULL)
        store_failed(k, err, ww_store_detail(k->store));
    owe_load(k);
}

static void load_done(struct keeper *k)
{
    k->loading = false;
    if (k->store == NULL) {
        owe_load(k);
        return;
    }
    tell(k, WW_MSG_LOADED, ww_slice(NULL, 0));
    purge(k);
}

static void on_page(evutil_socket_t s, short what, void *arg)
{
    (void)s;
    (void)what;
    struct keeper *k = arg;
    struct ww_store *from = k->store != NULL ? k->store : k->rest;
    if (!k->loading || k->front == NULL || from == NULL || ww_chan_queued(k->front) >= QUEUED_ENOUGH)
        return;
    enum ww_store_phase before = k->place.phase;
    enum ww_err err = ww_store_walk(from, (int64_t)time(NULL), &k->place, PAGE, send_stored, k);
    send_parcel(k);
    if (err != WW_OK) {
        load_failed(k, err);
        return;
    }
    /* What is only the rest may lack some. */
    if (from == k->store && before == WW_STORE_ENFORCED && k->place.phase != before)
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
    flush(arg);
}

static void on_purge(evutil_socket_t s, short what, void *arg)
{
    (void)s;
    (void)what;
    purge(arg);
}

static bool open_store(struct keeper *k)
{
    enum ww_err err;
    char detail[256] = "";
    k->store = ww_store_open(k->path, &err, detail, sizeof detail);
    if (k->store == NULL)
        store_failed(k, err, detail);
    return k->store != NULL;
}

static void on_retry(evutil_socket_t s, short what, void *arg)
{
    (void)s;
    (void)what;
    struct keeper *k = arg;
    if (k->store == NULL && !open_store(k))
        return;
    flush(k);
    if (k->store == NULL)
        return;
    ww_log_info("store-recovered", "store", k->path);
    k->complained = false;
    if (k->load_owed)
        begin_load(k);
}

static void on_message(void *ctx, struct ww_chan *chan, uint16_t type, struct ww_slice payload, int fd)
{
    (void)chan;
    struct keeper *k = ctx;
    enum ww_err err = WW_OK;
    if (fd >= 0)
        close(fd);
    if (type == WW_MSG_LOAD)
        begin_load(k);
    else if (type == WW_MSG_POLICY || type == WW_MSG_CONFIRM)
        err = ww_writes_add(k->writes, (enum ww_msg_type)type, payload, k->front_number);
    else
        err = WW_E_MSG_MALFORMED;
    if (err != WW_OK)
        ww_log_error("message-refused", "from", "front", "error", ww_err_id(err));
    if (ww_writes_count(k->writes) >= BATCH_FULL)
        flush(k);
    else if (ww_writes_count(k->writes) > 0)
        schedule(k->batch, 0, BATCH_MS);
}

static void leave_front(struct keeper *k)
{
    ww_chan_free(k->front);
    k->front = NULL;
    k->front_number++;
    k->loading = false;
    k->load_owed = false;
}

static void on_down(void *ctx, struct ww_chan *chan)
{
    (void)chan;
    leave_front(ctx);
}

static void finish(void *state)
{
    struct keeper *k = state;
    struct event *const timers[] = {k->batch, k->retry, k->page, k->purge};
    for (size_t i = 0; i < sizeof timers / sizeof timers[0]; i++)
        if (timers[i] != NULL)
            event_free(timers[i]);
    ww_chan_free(k->front);
    ww_writes_free(k->writes);
    ww_store_close(k->store);
    ww_store_close(k->rest);
    free(k);
}

static void *start(const struct ww_role_env *env)
{
    struct keeper *k = calloc(1, sizeof *k);
    if (k == NULL) {
        ww_log_error("no-memory");
        return NULL;
    }
    k->base = env->base;
    k->path = env->config->store;
    k->writes = ww_writes_new();
    k->batch = evtimer_new(env->base, on_batch, k);
    k->retry = evtimer_new(env->base, on_retry, k);
    k->page = evtimer_new(env->base, on_page, k);
    k->purge = event_new(env->base, -1, EV_PERSIST, on_purge, k);
    const struct timeval hour = {.tv_sec = PURGE_SECONDS};
    if (k->writes != NULL && k->batch != NULL && k->retry != NULL && k->page != NULL && k->purge != NULL &&
        event_add(k->purge, &hour) == 0)
        return k;
    ww_log_error("no-memory");
    finish(k);
    return NULL;
}

/* Only now, so that the file belongs to the role's own user. Trouble with it is no reason to end. */
static bool confined(void *state)
{
    (void)open_store(state);
    return true;
}

static void peer(void *state, const struct ww_msg_peer *m, int fd)
{
    static const struct ww_chan_handlers handlers = {on_message, on_down};
    struct keeper *k = state;
    if (m->kind != WW_ROLE_FRONT) {
        close(fd);
        return;
    }
    leave_front(k);
    k->front = ww_chan_new(k->base, fd, &handlers, k);
    if (k->front != NULL)
        ww_chan_on_drained(k->front, on_drained);
    else
        ww_log_error("no-memory", "for", "channel to the front");
}

static void stop(void *state)
{
    struct keeper *k = state;
    flush(k);
    event_base_loopexit(k->base, NULL);
}

const struct ww_role ww_role_keeper = {
    .kind = WW_ROLE_KEEPER,
    .rights = WW_MAY_FILES,
    .start = start,
    .confined = confined,
    .peer = peer,
    .stop = stop,
    .finish = finish,
};
