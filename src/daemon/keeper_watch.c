#include "daemon/keeper_watch.h"

#include "daemon/keeper_watch_private.h"
#include "daemon/log.h"

#include <event2/event.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

/* The list is looked at so often at least: a clock that was set needs no more. */
#define TICK_SECONDS 60
/* Alerts read at a time, and how much may wait in the channel before reading pauses. */
#define ALERTS 20
#define QUEUED_ENOUGH ((size_t)1 << 20)

static int64_t now(void)
{
    return (int64_t)time(NULL);
}

static void schedule(struct ww_keeper_watch *k, int64_t seconds)
{
    int64_t wait = seconds < 0 ? 0 : seconds > TICK_SECONDS ? TICK_SECONDS : seconds;
    const struct timeval tv = {.tv_sec = (time_t)wait, .tv_usec = 1000};
    (void)event_add(k->due, &tv);
}

/* Once for each change, and for each keeper. */
static void tell_supervisor(struct ww_keeper_watch *k, bool watching)
{
    if (k->told && k->watching == watching)
        return;
    k->told = true;
    k->watching = watching;
    k->tell(k->ctx, watching ? WW_MSG_WATCHING : WW_MSG_WATCHING_NOTHING);
}

static enum ww_err send_due(struct ww_keeper_watch *k, struct ww_store *store, const char *domain)
{
    struct ww_watch watch;
    struct ww_msg_watch m;
    bool found;
    enum ww_err err = ww_watch_get(store, domain, &watch);
    if (err == WW_OK)
        err = ww_keeper_watch_past(store, &watch, &m);
    if (err == WW_OK)
        err = ww_watch_set_due(store, domain, now() + WW_WATCH_LEASE, &found);
    if (err != WW_OK)
        return err;
    struct ww_buf b = ww_buf(k->message, sizeof k->message);
    ww_msg_put_watch(&b, &m);
    /* A watcher that does not take it is gone: it is due again later. */
    if (b.failed || ww_chan_send(k->watcher, WW_MSG_WATCH, ww_slice(b.p, b.n), -1) != WW_OK)
        ww_log_debug("not-told", "name", "watcher");
    k->room--;
    return WW_OK;
}

/* Which domains are due, as many as the watcher has room for. */
static void hand_out(struct ww_keeper_watch *k)
{
    struct ww_store *store = ww_keeper_store_to_write(k->store);
    char domain[WW_DNAME_SIZE];
    int64_t next = 0;
    if (store == NULL)
        return;
    enum ww_err err = ww_watch_next_due(store, &next);
    if (err == WW_OK)
        tell_supervisor(k, next != 0 || (k->look != NULL && ww_keeper_look_is_wanted(k->look)));
    while (err == WW_OK && k->watcher != NULL && k->room > 0) {
        err = ww_watch_due(store, now(), domain);
        if (err != WW_OK || domain[0] == '\0')
            break;
        err = send_due(k, store, domain);
    }
    if (err == WW_OK)
        err = ww_watch_next_due(store, &next);
    if (err != WW_OK)
        ww_keeper_store_failed(k->store, err);
    else if (next != 0)
        schedule(k, next <= now() ? TICK_SECONDS : next - now()); /* without room whoever makes it goes on */
}

static void on_due(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    (void)what;
    hand_out(arg);
}

static bool read_delivered(const char *text, struct ww_msg_alert *m)
{
    m->delivered_count = 0;
    for (const char *end; (end = strchr(text, '\n')) != NULL; text = end + 1) {
        size_t n = (size_t)(end - text);
        if (m->delivered_count == WW_MSG_ALERT_CHANNELS_MAX || n >= WW_MSG_ALERT_CHANNEL_SIZE)
            return false;
        memcpy(m->delivered[m->delivered_count], text, n);
        m->delivered[m->delivered_count++][n] = '\0';
    }
    return true;
}

static void send_alert(void *ctx, const struct ww_watch_alert *alert)
{
    struct ww_keeper_watch *k = ctx;
    struct ww_msg_alert *m = &k->alert;
    struct ww_buf b = ww_buf(k->message, sizeof k->message);
    k->sent = alert->number;
    if (ww_msg_get_alert(alert->content, m) != WW_OK || !read_delivered(alert->delivered, m)) {
        ww_log_error("alert-unreadable", "domain", alert->domain);
        return;
    }
    m->number = alert->number;
    ww_msg_put_alert(&b, m);
    if (b.failed || ww_chan_send(k->herald, WW_MSG_ALERT, ww_slice(b.p, b.n), -1) != WW_OK)
        ww_log_debug("not-told", "name", "herald"); /* the next one gets it */
}

static void send_alerts(struct ww_keeper_watch *k)
{
    uint64_t before;
    do {
        struct ww_store *store = ww_keeper_store_to_write(k->store);
        before = k->sent;
        if (store == NULL || k->herald == NULL || ww_chan_queued(k->herald) >= QUEUED_ENOUGH)
            return;
        enum ww_err err = ww_watch_alerts(store, k->sent, ALERTS, send_alert, k);
        if (err != WW_OK)
            ww_keeper_store_failed(k->store, err);
    } while (k->sent != before);
}

static void on_herald_drained(void *ctx, struct ww_chan *chan)
{
    (void)chan;
    send_alerts(ctx);
}

static void take_watched(struct ww_keeper_watch *k, struct ww_slice payload)
{
    struct ww_store *store = ww_keeper_store_to_write(k->store);
    struct ww_msg_watched m;
    struct ww_slice whole;
    enum ww_pieces_state state = ww_pieces_take(&k->pieces, payload, &whole);
    if (state == WW_PIECES_MORE)
        return;
    k->room++;
    ww_pieces_begin(&k->pieces);
    if (state == WW_PIECES_BROKEN || ww_msg_get_watched(whole, &m) != WW_OK) {
        ww_log_error("message-malformed", "from", "watcher");
    } else if (store != NULL && !m.failed) {
        enum ww_err err = ww_keeper_watch_take(k, store, &m);
        if (err != WW_OK && err != WW_E_NOT_KNOWN && err != WW_E_MSG_MALFORMED)
            ww_keeper_store_failed(k->store, err);
    }
    send_alerts(k);
    hand_out(k);
}

static void on_watcher(void *ctx, struct ww_chan *chan, uint16_t type, struct ww_slice payload, int fd)
{
    struct ww_keeper_watch *k = ctx;
    struct ww_msg_watch_room room;
    if (fd >= 0)
        close(fd);
    if (type == WW_MSG_WATCH_ROOM && ww_msg_get_watch_room(payload, &room) == WW_OK) {
        k->room = room.room;
        hand_out(k);
        if (k->look != NULL) /* whoever has room has DNS */
            ww_keeper_look_watcher(k->look, chan);
    } else if (type == WW_MSG_WATCHED) {
        take_watched(k, payload);
    } else if (type == WW_MSG_LOOKED && k->look != NULL) {
        ww_keeper_look_take(k->look, payload);
    } else {
        ww_log_error("message-malformed", "from", "watcher");
    }
}

static void on_herald(void *ctx, struct ww_chan *chan, uint16_t type, struct ww_slice payload, int fd)
{
    struct ww_keeper_watch *k = ctx;
    struct ww_store *store = ww_keeper_store_to_write(k->store);
    struct ww_msg_alerted m;
    enum ww_err err = WW_OK;
    (void)chan;
    if (fd >= 0)
        close(fd);
    if (type != WW_MSG_ALERTED || ww_msg_get_alerted(payload, &m) != WW_OK) {
        ww_log_error("message-malformed", "from", "herald");
        return;
    }
    if (store == NULL) /* it is given again, and the herald knows its number */
        return;
    if (m.delivered && m.channel[0] != '\0')
        err = ww_watch_alert_delivered(store, m.number, m.channel);
    if (err == WW_OK && m.done)
        err = ww_watch_alert_done(store, m.number);
    if (err != WW_OK)
        ww_keeper_store_failed(k->store, err);
}

static void leave_watcher(struct ww_keeper_watch *k)
{
    if (k->look != NULL)
        ww_keeper_look_watcher(k->look, NULL);
    ww_chan_free(k->watcher);
    k->watcher = NULL;
    k->room = 0;
    ww_pieces_begin(&k->pieces);
}

static void leave_herald(struct ww_keeper_watch *k)
{
    ww_chan_free(k->herald);
    k->herald = NULL;
    k->sent = 0;
}

static void on_watcher_down(void *ctx, struct ww_chan *chan)
{
    (void)chan;
    leave_watcher(ctx);
}

static void on_herald_down(void *ctx, struct ww_chan *chan)
{
    (void)chan;
    leave_herald(ctx);
}

void ww_keeper_watch_peer(struct ww_keeper_watch *k, enum ww_role_kind kind, int fd)
{
    static const struct ww_chan_handlers watcher = {on_watcher, on_watcher_down};
    static const struct ww_chan_handlers herald = {on_herald, on_herald_down};
    bool is_watcher = kind == WW_ROLE_WATCHER;
    struct ww_chan **chan = is_watcher ? &k->watcher : &k->herald;
    if (is_watcher)
        leave_watcher(k);
    else
        leave_herald(k);
    *chan = ww_chan_new(k->base, fd, is_watcher ? &watcher : &herald, k);
    if (*chan == NULL) {
        ww_log_error("no-memory", "for", "channel to a role");
    } else if (!is_watcher) {
        ww_chan_on_drained(k->herald, on_herald_drained);
        send_alerts(k);
    }
}

void ww_keeper_watch_changed(struct ww_keeper_watch *k)
{
    schedule(k, 0);
}

static void on_look_wanted(void *ctx)
{
    ww_keeper_watch_changed(ctx);
}

bool ww_keeper_watch_looks(struct ww_keeper_watch *k, struct ww_keeper_results *results)
{
    k->look = ww_keeper_look_new(results, k->config, on_look_wanted, k);
    return k->look != NULL;
}

void ww_keeper_watch_raised(struct ww_keeper_watch *k)
{
    send_alerts(k);
}

void ww_keeper_watch_well(struct ww_keeper_watch *k)
{
    schedule(k, 0);
    send_alerts(k);
}

void ww_keeper_watch_count(struct ww_keeper_watch *k)
{
    struct ww_store *store = ww_keeper_store_to_read(k->store);
    struct ww_watch_totals totals;
    uint64_t waiting;
    if (store == NULL || ww_watch_totals(store, &totals) != WW_OK ||
        ww_watch_alert_count(store, &waiting) != WW_OK)
        return;
    ww_stat_set(k->stats, WW_STAT_WATCHED, totals.domains);
    ww_stat_set(k->stats, WW_STAT_WATCH_ERRORS, totals.errors);
    ww_stat_set(k->stats, WW_STAT_WATCH_WARNINGS, totals.warnings);
    ww_stat_set(k->stats, WW_STAT_WATCH_INFOS, totals.infos);
    ww_stat_set(k->stats, WW_STAT_WATCH_ALERTS_WAITING, waiting);
}

struct ww_keeper_watch *ww_keeper_watch_new(struct event_base *base, struct ww_keeper_store *store,
                                            const struct ww_config *config, struct ww_stats *stats,
                                            ww_keeper_watch_tell *tell, void *ctx)
{
    struct ww_keeper_watch *k = calloc(1, sizeof *k);
    if (k == NULL)
        return NULL;
    k->base = base;
    k->store = store;
    k->config = config;
    k->stats = stats;
    k->tell = tell;
    k->ctx = ctx;
    k->due = evtimer_new(base, on_due, k);
    bool room = ww_pieces_init(&k->pieces, WW_MSG_WATCHED_MAX);
    k->findings = calloc(WW_WATCH_FINDINGS_MAX, sizeof *k->findings);
    k->states = calloc(WW_WATCH_FINDINGS_MAX, sizeof *k->states);
    if (k->due != NULL && room && k->findings != NULL && k->states != NULL)
        return k;
    ww_keeper_watch_free(k);
    return NULL;
}

void ww_keeper_watch_free(struct ww_keeper_watch *k)
{
    if (k == NULL)
        return;
    leave_watcher(k);
    leave_herald(k);
    if (k->due != NULL)
        event_free(k->due);
    ww_keeper_look_free(k->look);
    ww_pieces_clear(&k->pieces);
    free(k->findings);
    free(k->states);
    free(k);
}
