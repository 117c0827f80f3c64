#include "daemon/keeper_results.h"

#include "daemon/keeper_results_private.h"
#include "daemon/log.h"

#include <event2/event.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

/* So often it is looked whether a day is over: a clock that was set needs no more. */
#define TICK_SECONDS 60
/* A fold, and what is before its items. */
#define PIECES_MAX (WW_MSG_FOLD_MAX + 64)

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

static void schedule(struct ww_keeper_results *k, int64_t seconds)
{
    const struct timeval tv = {.tv_sec = (time_t)seconds, .tv_usec = 1000};
    if (event_add(k->tick, &tv) != 0)
        ww_log_error("no-memory", "for", "a timer");
}

/* Once, however many come: else the last of them would put it off. */
static void schedule_late(struct ww_keeper_results *k)
{
    if (k->late)
        return;
    k->late = true;
    schedule(k, WW_RESULTS_QUIET + 1);
}

static void count_folded(struct ww_keeper_results *k, const struct ww_results_folded *folded)
{
    char count[24];
    ww_stat_add(k->stats, WW_STAT_RESULTS, folded->sessions);
    ww_stat_add(k->stats, WW_STAT_RESULTS_UNLISTED, folded->unlisted);
    ww_stat_add(k->stats, WW_STAT_RESULTS_REFUSED, folded->refused);
    if (folded->refused > 0) {
        (void)snprintf(count, sizeof count, "%" PRIu64, folded->refused);
        ww_log_warning("results-refused", "count", count, "detail",
                       "they are of days too long ago, or are none");
    }
    if (folded->unlisted > 0) {
        (void)snprintf(count, sizeof count, "%" PRIu64, folded->unlisted);
        ww_log_warning("results-unlisted", "sessions", count, "detail",
                       "no more domains of a day are kept apart: no report tells of them");
    }
    if (folded->late)
        schedule_late(k);
    if (k->look_due != NULL && folded->sessions > 0)
        k->look_due(k->look_ctx);
}

static void answer(struct ww_keeper_results *k, const struct ww_msg_folded *m)
{
    struct ww_buf b = ww_buf(k->message, sizeof k->message);
    ww_msg_put_folded(&b, m);
    k->owed = false;
    /* A collector that does not take it is gone: the next one asks. */
    if (k->collector == NULL || ww_chan_send(k->collector, WW_MSG_FOLDED, ww_slice(b.p, b.n), -1) != WW_OK)
        ww_log_debug("not-told", "name", "collector");
}

/* Up to where the journal is folded that the collector spoke of last. */
static void tell_position(struct ww_keeper_results *k)
{
    struct ww_store *store = ww_keeper_store_to_write(k->store);
    struct ww_results_position p;
    struct ww_msg_folded m;
    k->owed = true;
    if (store == NULL)
        return;
    enum ww_err err = ww_results_position(store, k->journal, &p);
    if (err != WW_OK) {
        ww_keeper_store_failed(k->store, err);
        return;
    }
    memcpy(m.journal, k->journal, sizeof m.journal);
    m.known = p.known;
    m.position = p.position;
    answer(k, &m);
}

/* What cannot be kept now is asked for again once the store is well. */
static void take_fold(struct ww_keeper_results *k, struct ww_slice octets)
{
    struct ww_store *store = ww_keeper_store_to_write(k->store);
    struct ww_results_folded folded;
    struct ww_msg_folded told;
    struct ww_msg_fold m;
    if (ww_msg_get_fold(octets, &m) != WW_OK) {
        ww_log_error("message-malformed", "from", "collector");
        return;
    }
    memcpy(k->journal, m.journal, sizeof k->journal);
    k->owed = true;
    if (store == NULL)
        return;
    k->folding.store = store;
    enum ww_err err = ww_results_fold(&k->folding, &m, k->now(), &told, &folded);
    if (err != WW_OK) {
        ww_keeper_store_failed(k->store, err);
        return;
    }
    answer(k, &told);
    count_folded(k, &folded);
}

static void take_piece(struct ww_keeper_results *k, struct ww_slice payload)
{
    struct ww_slice whole;
    enum ww_pieces_state state = ww_pieces_take(&k->pieces, payload, &whole);
    if (state == WW_PIECES_MORE)
        return;
    if (state == WW_PIECES_WHOLE)
        take_fold(k, whole);
    else
        ww_log_error("message-malformed", "from", "collector");
    ww_pieces_begin(&k->pieces);
}

static void on_collector(void *ctx, struct ww_chan *chan, uint16_t type, struct ww_slice payload, int fd)
{
    struct ww_keeper_results *k = ctx;
    struct ww_msg_fold_ask ask;
    (void)chan;
    if (fd >= 0)
        close(fd);
    if (type == WW_MSG_FOLD_ASK && ww_msg_get_fold_ask(payload, &ask) == WW_OK) {
        memcpy(k->journal, ask.journal, sizeof k->journal);
        tell_position(k);
    } else if (type == WW_MSG_FOLD) {
        take_piece(k, payload);
    } else {
        ww_log_error("message-malformed", "from", "collector");
    }
}

static void leave_collector(struct ww_keeper_results *k)
{
    ww_chan_free(k->collector);
    k->collector = NULL;
    k->owed = false;
    ww_pieces_begin(&k->pieces);
}

static void on_collector_down(void *ctx, struct ww_chan *chan)
{
    (void)chan;
    leave_collector(ctx);
}

void ww_keeper_results_peer(struct ww_keeper_results *k, int fd)
{
    static const struct ww_chan_handlers handlers = {on_collector, on_collector_down};
    leave_collector(k);
    k->collector = ww_chan_new(k->base, fd, &handlers, k);
    if (k->collector == NULL)
        ww_log_error("no-memory", "for", "channel to the collector");
}

static enum ww_err move_days_ahead(struct ww_store *store, int64_t now)
{
    char count[24];
    size_t moved;
    enum ww_err err = ww_results_redate(store, now, &moved);
    if (err == WW_OK && moved > 0) {
        (void)snprintf(count, sizeof count, "%zu", moved);
        ww_log_warning("results-moved", "days", count, "detail",
                       "they lay ahead, by a clock that was wrong, and count as of today");
    }
    return err;
}

static enum ww_err close_days(struct ww_keeper_results *k, struct ww_store *store, int64_t now, bool *more)
{
    char count[24];
    k->closing.store = store;
    enum ww_err err = ww_results_close_some(&k->closing, now, more);
    if (err != WW_OK)
        return err;
    ww_stat_add(k->stats, WW_STAT_REPORTS_MADE, k->closing.reports);
    if (k->closing.reports > 0) {
        (void)snprintf(count, sizeof count, "%" PRIu64, k->closing.reports);
        ww_log_info("reports-made", "count", count);
        ww_keeper_outbox_well(k->outbox);
    }
    if (k->closing.unlisted > 0) {
        (void)snprintf(count, sizeof count, "%" PRIu64, k->closing.unlisted);
        ww_log_warning("results-unlisted", "sessions", count, "detail", "their day is over");
    }
    return WW_OK;
}

/* When it comes to something again. */
static int64_t next_tick(const struct ww_keeper_results *k, int64_t now)
{
    int64_t over = (ww_results_last_over(now) + 2) * WW_DAY_SECONDS + WW_COURIER_CLOSE_AFTER - now;
    if (k->closing.skipped)
        return WW_RESULTS_QUIET + 1;
    return over > 0 && over < TICK_SECONDS ? over : TICK_SECONDS;
}

void ww_keeper_results_tick(struct ww_keeper_results *k)
{
    struct ww_store *store = ww_keeper_store_to_write(k->store);
    int64_t now = k->now();
    bool more = false;
    enum ww_err err = WW_OK;
    k->late = false;
    if (ww_results_clock_take(&k->clock, now, k->steady()))
        ww_log_warning("clock-leapt", "detail", "the clock was set ahead by more than a minute", "done",
                       "no day is closed for ten minutes, so that a wrong clock ends none");
    if (store != NULL && ww_results_clock_is_right(&k->clock))
        err = move_days_ahead(store, now);
    if (store != NULL && err == WW_OK && ww_results_clock_may_close(&k->clock))
        err = close_days(k, store, now, &more);
    if (err != WW_OK)
        ww_keeper_store_failed(k->store, err);
    schedule(k, more ? 0 : next_tick(k, now));
}

static void on_tick(evutil_socket_t fd, short what, void *arg)
{
    struct ww_keeper_results *k = arg;
    (void)fd;
    (void)what;
    ww_keeper_results_tick(k);
    if (k->look_due != NULL)
        k->look_due(k->look_ctx);
}

void ww_keeper_results_well(struct ww_keeper_results *k)
{
    if (k->owed)
        tell_position(k);
    schedule(k, 0);
}

void ww_keeper_results_on_look(struct ww_keeper_results *k, void (*due)(void *ctx), void *ctx)
{
    k->look_due = due;
    k->look_ctx = ctx;
    due(ctx);
}

bool ww_keeper_results_next_look(struct ww_keeper_results *k, char domain[WW_DNAME_SIZE])
{
    struct ww_store *store = ww_keeper_store_to_write(k->store);
    int64_t now = k->now();
    domain[0] = '\0';
    if (store == NULL || !k->config->collect || !k->config->collect_look)
        return false;
    /* No due time is later than a day from when it was set. */
    enum ww_err err = ww_results_look_due(store, now, now - WW_DAY_SECONDS, now + 2 * WW_DAY_SECONDS, domain);
    if (err == WW_OK && domain[0] != '\0')
        err = ww_results_look_set_due(store, domain, now + WW_RESULTS_LOOK_LEASE);
    if (err == WW_OK)
        return domain[0] != '\0';
    ww_keeper_store_failed(k->store, err);
    return false;
}

void ww_keeper_results_looked(struct ww_keeper_results *k, const struct ww_msg_looked *m)
{
    struct ww_store *store = ww_keeper_store_to_write(k->store);
    struct ww_results_folded folded;
    if (store == NULL || m->failed) /* it is due again */
        return;
    k->folding.store = store;
    enum ww_err err = ww_results_fold_look(&k->folding, m, k->now(), &folded);
    if (err == WW_OK)
        count_folded(k, &folded);
    else
        ww_keeper_store_failed(k->store, err);
}

void ww_keeper_results_count(struct ww_keeper_results *k)
{
    struct ww_store *store = ww_keeper_store_to_read(k->store);
    uint64_t open;
    if (store != NULL && ww_results_count(store, &open) == WW_OK)
        ww_stat_set(k->stats, WW_STAT_RESULTS_OPEN, open);
}

struct ww_keeper_results *ww_keeper_results_new(struct event_base *base, struct ww_keeper_store *store,
                                                struct ww_keeper_outbox *outbox,
                                                const struct ww_config *config, struct ww_stats *stats)
{
    struct ww_keeper_results *k = calloc(1, sizeof *k);
    if (k == NULL)
        return NULL;
    k->base = base;
    k->store = store;
    k->outbox = outbox;
    k->config = config;
    k->stats = stats;
    k->now = clock_now;
    k->steady = clock_steady;
    k->folding.config = config;
    k->closing.config = config;
    k->closing.host = k->host;
    ww_results_host(k->host);
    bool pieces = ww_pieces_init(&k->pieces, PIECES_MAX);
    k->tick = evtimer_new(base, on_tick, k);
    if (pieces && k->tick != NULL)
        return k;
    ww_keeper_results_free(k);
    return NULL;
}

void ww_keeper_results_free(struct ww_keeper_results *k)
{
    if (k == NULL)
        return;
    leave_collector(k);
    if (k->tick != NULL)
        event_free(k->tick);
    ww_pieces_clear(&k->pieces);
    free(k);
}
