#include "daemon/keeper_received.h"

#include "daemon/keeper_received_private.h"
#include "daemon/log.h"

#include <event2/event.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

/* It is looked so often whether something is old enough to go, and how much goes at a time. */
#define PURGE_SECONDS 60
#define PURGE_AGAIN_SECONDS 1
#define PURGE_ROWS 200

static int64_t clock_now(void)
{
    return (int64_t)time(NULL);
}

static int64_t clock_steady(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_BOOTTIME, &t);
    return (int64_t)t.tv_sec;
}

static void schedule(struct event *timer, int64_t seconds)
{
    const struct timeval tv = {.tv_sec = (time_t)seconds};
    if (event_add(timer, &tv) != 0)
        ww_log_error("no-memory", "for", "a timer");
}

static void say(const struct ww_msg_taken *m)
{
    char number[24];
    (void)snprintf(number, sizeof number, "%" PRIu64, m->number);
    if (m->err != WW_OK)
        ww_log_warning("report-not-kept", "error", ww_err_id(m->err), "message", ww_err_message(m->err));
    else if (m->taken == WW_TAKEN_QUARANTINED)
        ww_log_warning("report-quarantined", "number", number, "why", ww_err_id(m->why), "message",
                       ww_err_message(m->why), "at", m->at);
}

/* An intake that does not take it is gone, and whoever submitted it submits it again. */
static void answer(struct ww_keeper_received *k, const struct ww_msg_taken *m)
{
    struct ww_buf b = ww_buf(k->message, sizeof k->message);
    ww_msg_put_taken(&b, m);
    if (k->intake == NULL || b.failed ||
        ww_chan_send(k->intake, WW_MSG_TAKEN, ww_slice(b.p, b.n), -1) != WW_OK)
        ww_log_debug("not-told", "name", "intake");
}

static void count_taken(struct ww_keeper_received *k, const struct ww_msg_taken *m)
{
    if (m->err != WW_OK)
        ww_stat_add(k->stats, WW_STAT_RECEIVED_REFUSED, 1);
    else if (m->taken == WW_TAKEN_NEW)
        ww_stat_add(k->stats, WW_STAT_RECEIVED_NEW, 1);
    else if (m->taken == WW_TAKEN_AGAIN)
        ww_stat_add(k->stats, WW_STAT_RECEIVED_AGAIN, 1);
    else if (m->taken == WW_TAKEN_NOT_OURS)
        ww_stat_add(k->stats, WW_STAT_RECEIVED_NOT_OURS, 1);
}

static void forget_waiting(struct ww_keeper_received *k)
{
    for (size_t i = 0; i < k->count; i++)
        free(k->waiting[i].octets);
    k->count = 0;
    k->octets = 0;
}

/* Each has its answer once that is durable, or is not to be for now. */
static void flush(struct ww_keeper_received *k)
{
    struct ww_store *store = ww_keeper_store_to_write(k->store);
    enum ww_err err = ww_keeper_store_trouble(k->store);
    if (k->count == 0)
        return;
    if (store != NULL) {
        err = ww_keeper_received_take(store, k->config, k->waiting, k->count);
        if (err != WW_OK)
            ww_keeper_store_failed(k->store, err);
    } else if (err == WW_OK) {
        err = WW_E_STORE_FAILED;
    }
    for (size_t i = 0; i < k->count; i++) {
        struct ww_msg_taken *m = &k->waiting[i].taken;
        if (err != WW_OK)
            *m = (struct ww_msg_taken){.job = m->job, .err = err};
        else
            say(m);
        count_taken(k, m);
        if (m->err == WW_OK && m->taken == WW_TAKEN_NEW && k->alerts != NULL)
            ww_keeper_report_alerts_took(k->alerts, m->number);
        answer(k, m);
    }
    forget_waiting(k);
}

static void on_batch(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    (void)what;
    flush(arg);
}

/* What has arrived with it goes into the same transaction. */
static void take(struct ww_keeper_received *k, struct ww_slice octets)
{
    struct ww_cursor c = ww_cursor(octets.p, octets.n);
    struct ww_received_waiting w = {.octets = malloc(octets.n), .n = octets.n};
    w.taken.job = ww_cursor_u64(&c);
    if (c.failed || w.octets == NULL) {
        ww_log_error(c.failed ? "message-malformed" : "no-memory", "from", "intake");
        w.taken.err = WW_E_NO_MEMORY;
        if (!c.failed)
            answer(k, &w.taken);
        free(w.octets);
        return;
    }
    memcpy(w.octets, octets.p, octets.n);
    k->waiting[k->count++] = w;
    k->octets += octets.n;
    if (k->count == WW_KEEPER_RECEIVED_BATCH || k->octets >= WW_KEEPER_RECEIVED_OCTETS)
        flush(k);
    else if (!event_pending(k->batch, EV_TIMEOUT, NULL))
        schedule(k->batch, 0);
}

static void on_intake(void *ctx, struct ww_chan *chan, uint16_t type, struct ww_slice payload, int fd)
{
    struct ww_keeper_received *k = ctx;
    struct ww_slice whole;
    (void)chan;
    if (fd >= 0)
        close(fd);
    enum ww_pieces_state state =
        type == WW_MSG_TAKE ? ww_pieces_take(&k->pieces, payload, &whole) : WW_PIECES_BROKEN;
    if (state == WW_PIECES_MORE)
        return;
    if (state == WW_PIECES_WHOLE)
        take(k, whole);
    else
        ww_log_error("message-malformed", "from", "intake");
    ww_pieces_begin(&k->pieces);
}

static void leave_intake(struct ww_keeper_received *k)
{
    ww_chan_free(k->intake);
    k->intake = NULL;
    forget_waiting(k);
    ww_pieces_begin(&k->pieces);
}

static void on_intake_down(void *ctx, struct ww_chan *chan)
{
    (void)chan;
    leave_intake(ctx);
}

void ww_keeper_received_alerts(struct ww_keeper_received *k, struct ww_keeper_report_alerts *alerts)
{
    k->alerts = alerts;
}

void ww_keeper_received_peer(struct ww_keeper_received *k, int fd)
{
    static const struct ww_chan_handlers handlers = {on_intake, on_intake_down};
    leave_intake(k);
    k->intake = ww_chan_new(k->base, fd, &handlers, k);
    if (k->intake == NULL)
        ww_log_error("no-memory", "for", "channel to the intake");
}

static enum ww_err purge(const struct ww_keeper_received *k, struct ww_store *store, int64_t now, bool *more)
{
    const struct ww_received_ages before = {now - k->config->intake_keep, now - k->config->intake_keep_raw,
                                            now - k->config->intake_keep_quarantine};
    enum ww_err err = ww_store_begin(store);
    if (err == WW_OK)
        err = ww_received_purge(store, &before, PURGE_ROWS, more);
    if (err == WW_OK)
        err = ww_store_commit(store);
    if (err != WW_OK)
        ww_store_rollback(store);
    return err;
}

/* By a clock that has just been set ahead nothing is old: it may be wrong. */
static void on_purge(evutil_socket_t fd, short what, void *arg)
{
    struct ww_keeper_received *k = arg;
    struct ww_store *store = ww_keeper_store_to_write(k->store);
    int64_t now = k->now();
    bool more = false;
    (void)fd;
    (void)what;
    (void)ww_results_clock_take(&k->clock, now, k->steady());
    if (store != NULL && ww_results_clock_may_close(&k->clock)) {
        enum ww_err err = purge(k, store, now, &more);
        if (err != WW_OK)
            ww_keeper_store_failed(k->store, err);
    }
    schedule(k->purge, more ? PURGE_AGAIN_SECONDS : PURGE_SECONDS);
}

void ww_keeper_received_well(struct ww_keeper_received *k)
{
    schedule(k->purge, PURGE_AGAIN_SECONDS);
}

void ww_keeper_received_count(struct ww_keeper_received *k)
{
    struct ww_store *store = ww_keeper_store_to_read(k->store);
    struct ww_received_counts counts;
    if (store == NULL || ww_received_count(store, ww_day_of(k->now()), &counts) != WW_OK)
        return;
    ww_stat_set(k->stats, WW_STAT_RECEIVED, counts.reports);
    ww_stat_set(k->stats, WW_STAT_RECEIVED_QUARANTINED, counts.quarantined);
    ww_stat_set(k->stats, WW_STAT_RECEIVED_OCTETS, counts.octets);
}

struct ww_keeper_received *ww_keeper_received_new(struct event_base *base, struct ww_keeper_store *store,
                                                  const struct ww_config *config, struct ww_stats *stats)
{
    struct ww_keeper_received *k = calloc(1, sizeof *k);
    if (k == NULL)
        return NULL;
    k->base = base;
    k->store = store;
    k->config = config;
    k->stats = stats;
    k->now = clock_now;
    k->steady = clock_steady;
    k->batch = evtimer_new(base, on_batch, k);
    k->purge = evtimer_new(base, on_purge, k);
    bool pieces = ww_pieces_init(&k->pieces, WW_MSG_TAKE_MAX);
    if (pieces && k->batch != NULL && k->purge != NULL)
        return k;
    ww_keeper_received_free(k);
    return NULL;
}

void ww_keeper_received_free(struct ww_keeper_received *k)
{
    if (k == NULL)
        return;
    leave_intake(k);
    if (k->batch != NULL)
        event_free(k->batch);
    if (k->purge != NULL)
        event_free(k->purge);
    ww_pieces_clear(&k->pieces);
    free(k);
}
