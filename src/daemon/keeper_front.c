#include "daemon/keeper_front.h"

#include "daemon/clock.h"
#include "daemon/keeper_writes.h"
#include "daemon/log.h"
#include "proc/chan.h"

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

struct ww_keeper_front {
    struct event_base *base;
    struct ww_keeper_store *store;
    const struct ww_config *config;
    struct ww_stats *stats;
    ww_keeper_front_loaded *loaded;
    void *ctx;
    struct ww_keeper_overrides *overrides;
    struct ww_writes *writes;
    int64_t oldest_ms;     /* when the first of the writes came that wait */
    struct ww_chan *front; /* NULL while there is none */
    unsigned front_number; /* counts them */
    uint32_t refused;      /* writes of this front that could not be held, */
    bool override_refused; /* and an override among them, which is not counted */
    bool awaited;          /* somebody waits to hear that what waits is durable */
    bool loading;
    bool load_owed; /* the front asked while the store was in trouble */
    struct ww_store_place place;
    struct event *batch;
    struct event *page;
    char message[WW_CHAN_MESSAGE_MAX];
    char parcel[PARCEL + WW_CHAN_MESSAGE_MAX]; /* policies that wait for more to go with them */
    size_t parcel_n;
};

static void tell(struct ww_keeper_front *f, enum ww_msg_type type, struct ww_slice payload)
{
    /* A front that does not take it is gone: the next one asks anew. */
    if (f->front != NULL && ww_chan_send(f->front, (uint16_t)type, payload, -1) != WW_OK)
        f->loading = false;
}

static void schedule(struct event *timer, time_t seconds, unsigned ms)
{
    const struct timeval tv = {.tv_sec = seconds, .tv_usec = (suseconds_t)ms * 1000};
    if (!event_pending(timer, EV_TIMEOUT, NULL) && event_add(timer, &tv) != 0)
        ww_log_error("no-memory", "for", "a timer");
}

/* The front has more in memory than the store has on disk, and could not know. */
static void tell_of_loss(struct ww_keeper_front *f)
{
    if (f->front == NULL || (!ww_keeper_store_take_new(f->store) && f->refused == 0 && !f->override_refused))
        return;
    f->refused = 0;
    f->override_refused = false;
    tell(f, WW_MSG_ANEW, ww_slice(NULL, 0));
}

static void tell_of_trouble(struct ww_keeper_front *f)
{
    const struct ww_msg_not_stored m = {.why = ww_keeper_store_trouble(f->store)};
    struct ww_buf b = ww_buf(f->message, sizeof f->message);
    if (m.why == WW_OK || !f->awaited)
        return;
    f->awaited = false;
    ww_msg_put_not_stored(&b, &m);
    tell(f, WW_MSG_NOT_STORED, ww_slice(b.p, b.n));
}

/* Writes what waits: how many that were. */
static size_t flush(struct ww_keeper_front *f)
{
    const struct ww_writes_into into = {ww_keeper_store_to_write(f->store), f->config->history_versions};
    size_t waiting = ww_writes_count(f->writes);
    struct ww_msg_stored m = {0};
    if (into.store == NULL || (waiting == 0 && f->refused == 0 && !f->override_refused))
        return 0;
    enum ww_err err = ww_writes_flush(f->writes, &into, f->front_number, &m.count);
    if (err != WW_OK) {
        ww_keeper_store_failed(f->store, err);
        tell_of_trouble(f);
        return 0;
    }
    f->awaited = false;
    ww_stat_add(f->stats, WW_STAT_STORE_WRITES, waiting);
    ww_stat_add(f->stats, WW_STAT_STORE_BATCHES, waiting > 0);
    m.count += f->refused; /* their turn is over as well */
    struct ww_buf b = ww_buf(f->message, sizeof f->message);
    ww_msg_put_stored(&b, &m);
    if (m.count > 0)
        tell(f, WW_MSG_STORED, ww_slice(b.p, b.n));
    tell_of_loss(f);
    return waiting;
}

static void send_parcel(struct ww_keeper_front *f)
{
    if (f->parcel_n > 0)
        tell(f, WW_MSG_POLICIES, ww_slice(f->parcel, f->parcel_n));
    f->parcel_n = 0;
}

/* A policy that is larger than a parcel goes alone: together they stay below what a message holds. */
static void send_policy(void *ctx, struct ww_slice payload)
{
    struct ww_keeper_front *f = ctx;
    if (f->parcel_n + payload.n > PARCEL)
        send_parcel(f);
    struct ww_buf b = {f->parcel, sizeof f->parcel, f->parcel_n, false};
    ww_msg_put_part(&b, payload);
    if (!b.failed)
        f->parcel_n = b.n;
}

/* The store is in trouble: the front goes on without it, and gets what it has once that is over. */
static void owe_load(struct ww_keeper_front *f)
{
    f->loading = false;
    f->load_owed = true;
    ww_writes_each_policy(f->writes, send_policy, f);
    send_parcel(f);
    tell(f, WW_MSG_LOADED, ww_slice(NULL, 0));
}

static void begin_load(struct ww_keeper_front *f)
{
    (void)flush(f);
    if (ww_keeper_store_to_read(f->store) == NULL) {
        owe_load(f);
        return;
    }
    memset(&f->place, 0, sizeof f->place);
    f->loading = true;
    f->load_owed = false;
    schedule(f->page, 0, 0);
}

static void send_stored(void *ctx, const struct ww_stored_policy *policy)
{
    struct ww_keeper_front *f = ctx;
    ww_stat_add(f->stats, WW_STAT_STORE_LOADED, 1);
    struct ww_buf b = ww_buf(f->message, sizeof f->message);
    ww_msg_put_policy(&b, policy);
    if (!b.failed)
        send_policy(f, ww_slice(b.p, b.n));
}

/* A store that can only be read may lack what was written last: it is loaded again when it is well. */
static bool is_whole(struct ww_keeper_front *f)
{
    return !ww_keeper_store_read_only(f->store);
}

static void load_done(struct ww_keeper_front *f)
{
    if (!is_whole(f)) {
        owe_load(f);
        return;
    }
    f->loading = false;
    tell(f, WW_MSG_LOADED, ww_slice(NULL, 0));
    f->loaded(f->ctx);
}

static void on_page(evutil_socket_t s, short what, void *arg)
{
    (void)s;
    (void)what;
    struct ww_keeper_front *f = arg;
    if (!f->loading || f->front == NULL || ww_chan_queued(f->front) >= QUEUED_ENOUGH)
        return;
    struct ww_store *store = ww_keeper_store_to_read(f->store);
    if (store == NULL) {
        owe_load(f);
        return;
    }
    enum ww_store_phase before = f->place.phase;
    enum ww_err err = ww_store_walk(store, (int64_t)time(NULL), &f->place, PAGE, send_stored, f);
    send_parcel(f);
    if (err != WW_OK) {
        ww_keeper_store_failed(f->store, err);
        owe_load(f);
        return;
    }
    if (is_whole(f) && before == WW_STORE_ENFORCED && f->place.phase != before)
        tell(f, WW_MSG_ENFORCED_LOADED, ww_slice(NULL, 0));
    if (f->place.phase == WW_STORE_END)
        load_done(f);
    else
        schedule(f->page, 0, 0);
}

static void on_drained(void *ctx, struct ww_chan *chan)
{
    (void)chan;
    struct ww_keeper_front *f = ctx;
    if (f->loading)
        schedule(f->page, 0, 0);
}

static void on_batch(evutil_socket_t s, short what, void *arg)
{
    (void)s;
    (void)what;
    (void)flush(arg);
}

static void take_write(struct ww_keeper_front *f, enum ww_msg_type type, struct ww_slice payload)
{
    if (ww_writes_count(f->writes) == 0)
        f->oldest_ms = ww_clock_ms();
    enum ww_err err = ww_writes_add(f->writes, type, payload, f->front_number);
    if (err == WW_OK)
        return;
    if (err == WW_E_MSG_MALFORMED || f->refused == 0)
        ww_log_error("message-refused", "from", "front", "error", ww_err_id(err));
    /* What could not be held is not lost: the front puts all once more. */
    f->refused += err != WW_E_MSG_MALFORMED && type != WW_MSG_OVERRIDE;
    f->override_refused |= err != WW_E_MSG_MALFORMED && type == WW_MSG_OVERRIDE;
}

/* What the front gave back before it asked is among what it gets. */
static void load_overrides(struct ww_keeper_front *f, struct ww_slice payload)
{
    struct ww_msg_load_overrides m;
    (void)flush(f);
    if (ww_msg_get_load_overrides(payload, &m) == WW_OK)
        ww_keeper_overrides_load(f->overrides, m.number);
    else
        ww_log_error("message-malformed", "from", "front");
}

static void await(struct ww_keeper_front *f)
{
    f->awaited = true;
    if (ww_writes_count(f->writes) > 0)
        (void)flush(f);
    tell_of_trouble(f);
}

static void on_message(void *ctx, struct ww_chan *chan, uint16_t type, struct ww_slice payload, int fd)
{
    (void)chan;
    struct ww_keeper_front *f = ctx;
    if (fd >= 0)
        close(fd);
    if (type == WW_MSG_LOAD)
        begin_load(f);
    else if (type == WW_MSG_LOAD_OVERRIDES)
        load_overrides(f, payload);
    else if (type == WW_MSG_POLICY || type == WW_MSG_CONFIRM || type == WW_MSG_FORGET ||
             type == WW_MSG_OVERRIDE)
        take_write(f, (enum ww_msg_type)type, payload);
    else if (type == WW_MSG_AWAIT)
        await(f);
    else
        ww_log_error("message-unknown", "from", "front");
    if (ww_writes_count(f->writes) >= BATCH_FULL)
        (void)flush(f);
    else if (ww_writes_count(f->writes) > 0)
        schedule(f->batch, 0, BATCH_MS);
}

static void leave_front(struct ww_keeper_front *f)
{
    ww_chan_free(f->front);
    f->front = NULL;
    f->front_number++;
    f->refused = 0;
    f->awaited = false;
    f->override_refused = false;
    f->loading = false;
    f->load_owed = false;
    ww_keeper_overrides_leave(f->overrides);
}

static void on_down(void *ctx, struct ww_chan *chan)
{
    (void)chan;
    leave_front(ctx);
}

void ww_keeper_front_tell(struct ww_keeper_front *f, enum ww_msg_type type, struct ww_slice payload)
{
    tell(f, type, payload);
}

void ww_keeper_front_flush(struct ww_keeper_front *f)
{
    (void)flush(f);
}

size_t ww_keeper_front_well(struct ww_keeper_front *f)
{
    size_t written = flush(f);
    if (ww_keeper_store_to_write(f->store) == NULL)
        return 0;
    tell_of_loss(f);
    return written;
}

void ww_keeper_front_load_owed(struct ww_keeper_front *f)
{
    if (f->load_owed)
        begin_load(f);
}

void ww_keeper_front_peer(struct ww_keeper_front *f, int fd)
{
    static const struct ww_chan_handlers handlers = {on_message, on_down};
    leave_front(f);
    f->front = ww_chan_new(f->base, fd, &handlers, f);
    if (f->front == NULL) {
        ww_log_error("no-memory", "for", "channel to the front");
        return;
    }
    ww_chan_on_drained(f->front, on_drained);
    tell_of_loss(f);
}

void ww_keeper_front_count(struct ww_keeper_front *f)
{
    size_t waiting = ww_writes_count(f->writes);
    ww_stat_set(f->stats, WW_STAT_STORE_WAITING, waiting);
    ww_stat_set(f->stats, WW_STAT_STORE_OLDEST,
                waiting > 0 ? (uint64_t)(ww_clock_ms() - f->oldest_ms) / 1000 : 0);
}

void ww_keeper_front_stop(struct ww_keeper_front *f)
{
    (void)flush(f);
    if (ww_writes_count(f->writes) > 0)
        ww_keeper_store_try_now(f->store);
    if (ww_writes_count(f->writes) > 0)
        ww_log_warning("store-writes-lost", "detail", "the store is in trouble at the end");
}

void ww_keeper_front_overrides(struct ww_keeper_front *f, struct ww_keeper_overrides *overrides)
{
    f->overrides = overrides;
}

struct ww_keeper_front *ww_keeper_front_new(struct event_base *base, struct ww_keeper_store *store,
                                            const struct ww_config *config, struct ww_stats *stats,
                                            ww_keeper_front_loaded *loaded, void *ctx)
{
    struct ww_keeper_front *f = calloc(1, sizeof *f);
    if (f == NULL)
        return NULL;
    f->base = base;
    f->store = store;
    f->config = config;
    f->stats = stats;
    f->loaded = loaded;
    f->ctx = ctx;
    f->writes = ww_writes_new();
    f->batch = evtimer_new(base, on_batch, f);
    f->page = evtimer_new(base, on_page, f);
    if (f->writes != NULL && f->batch != NULL && f->page != NULL)
        return f;
    ww_keeper_front_free(f);
    return NULL;
}

void ww_keeper_front_free(struct ww_keeper_front *f)
{
    if (f == NULL)
        return;
    if (f->batch != NULL)
        event_free(f->batch);
    if (f->page != NULL)
        event_free(f->page);
    ww_chan_free(f->front);
    ww_writes_free(f->writes);
    free(f);
}
