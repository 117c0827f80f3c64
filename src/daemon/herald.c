/*
 * The role that delivers alerts: it takes them from the keeper, sends them by mail, to a webhook and to a
 * command as the engine says (engine/herald.h), and tells the keeper what has become of each.
 *
 * It reads nothing of strangers itself: each message is sent by a process of its own (herald_send.h).
 */
#include "base/hash.h"
#include "base/time.h"
#include "daemon/asked.h"
#include "daemon/herald_send.h"
#include "daemon/herald_test.h"
#include "daemon/role.h"

#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

struct held {
    struct ww_msg_alert *alert; /* as long as its items are */
    bool told_done;
};

struct road {
    struct herald *all;
    enum ww_herald_channel channel;
    struct ww_herald_send *send; /* NULL: none is under way */
    uint32_t have;               /* of mail: recipients that have the present message */
    uint64_t recipients;         /* to whom it is being sent */
};

struct herald {
    struct event_base *base;
    const struct ww_config *config;
    struct ww_stats *stats;
    struct ww_role_stats *role_stats;
    struct ww_asked *asked;
    struct ww_chan *keeper;
    struct event *timer;
    struct ww_herald_tests *tests;
    struct road roads[WW_HERALD_CHANNELS];
    char host[WW_HERALD_HOST_SIZE];
    uint64_t recipients; /* whom the bits of road->have stand for */
    bool stopping;
    char message[4096];
    struct ww_herald engine;
};

/* The supervisor has more patience with a role that ends. */
#define STOP_MS 800

static void go_on(struct herald *h);

static int64_t now(void)
{
    return (int64_t)time(NULL);
}

static void tell_keeper(struct herald *h, const struct ww_msg_alerted *m)
{
    struct ww_buf b = ww_buf(h->message, sizeof h->message);
    ww_msg_put_alerted(&b, m);
    /* Who has not heard of it gives it again. */
    if (h->keeper != NULL &&
        (b.failed || ww_chan_send(h->keeper, WW_MSG_ALERTED, ww_slice(b.p, b.n), -1) != WW_OK))
        ww_log_debug("not-told", "name", "keeper");
}

static void tell_nobody(struct herald *h, const struct ww_msg_alert *alert)
{
    const struct ww_msg_alerted m = {
        .number = alert->number, .done = true, .delivered = alert->delivered_count > 0};
    tell_keeper(h, &m);
}

static void on_gone(void *ctx, void *of)
{
    struct herald *h = ctx;
    struct held *held = of;
    if (!held->told_done)
        tell_nobody(h, held->alert);
    free(held->alert);
    free(held);
}

static bool is_in_message(const struct ww_herald_alert *a, enum ww_herald_channel channel)
{
    return (a->message & WW_HERALD_BIT(channel)) != 0;
}

/* Of each alert of the channel's message, as it is delivered or given up. */
static void tell_all(struct herald *h, enum ww_herald_channel channel, bool delivered, const char *detail)
{
    for (size_t i = 0; i < h->engine.count; i++) {
        const struct ww_herald_alert *a = &h->engine.alerts[i];
        struct ww_msg_alerted m = {.number = a->number, .delivered = delivered};
        struct held *held = a->of;
        if (!is_in_message(a, channel))
            continue;
        m.done = (a->missing & ~WW_HERALD_BIT(channel)) == 0;
        held->told_done = m.done;
        (void)snprintf(m.channel, sizeof m.channel, "%s", ww_herald_channel_name(channel));
        (void)snprintf(m.detail, sizeof m.detail, "%s", delivered ? "" : detail);
        tell_keeper(h, &m);
    }
}

static void log_delivered(const struct road *road, const char *alerts, const char *detail)
{
    const char *name = ww_herald_channel_name(road->channel);
    if (detail[0] != '\0')
        ww_log_warning("alert-recipient-refused", "channel", name, "detail", detail, "done",
                       "the others have it");
    ww_log_info("alert-delivered", "channel", name, "alerts", alerts);
}

static void log_failed(const struct herald *h, const struct road *road, const char *alerts,
                       const char *detail)
{
    const struct ww_herald_road *r = &h->engine.roads[road->channel];
    char tries[16], next[WW_TIME_SIZE];
    (void)snprintf(tries, sizeof tries, "%u", r->tries);
    ww_time_format(r->due, next);
    ww_log_warning("alert-failed", "channel", ww_herald_channel_name(road->channel), "alerts", alerts,
                   "detail", detail, "tries", tries, "next", next);
}

static uint64_t mark_recipients(const struct ww_config *config)
{
    static const struct ww_hash_key no_key = {{0, 0}}; /* it is compared with its like alone */
    uint64_t mark = 0;
    for (char *const *to = config->alert_mail_to; *to != NULL; to++)
        mark = mark * 31 + ww_hash(&no_key, *to, strlen(*to));
    return mark;
}

static void on_sent(void *ctx, const struct ww_herald_sent *sent)
{
    struct road *road = ctx;
    struct herald *h = road->all;
    char alerts[24];
    (void)snprintf(alerts, sizeof alerts, "%zu", h->engine.roads[road->channel].count);
    road->send = NULL;
    if (h->recipients == road->recipients)
        road->have |= sent->accepted;
    enum ww_herald_end end = ww_herald_ended(&h->engine, road->channel, sent->delivered, now());
    if (end == WW_HERALD_DELIVERED) {
        ww_stat_add(h->stats, WW_STAT_ALERTS_DELIVERED + (unsigned)road->channel, 1);
        log_delivered(road, alerts, sent->detail);
    } else {
        ww_stat_add(h->stats, WW_STAT_ALERT_FAILURES + (unsigned)road->channel, 1);
    }
    if (end == WW_HERALD_LATER) {
        log_failed(h, road, alerts, sent->detail);
    } else {
        if (end == WW_HERALD_LOST) {
            ww_stat_add(h->stats, WW_STAT_ALERTS_LOST + (unsigned)road->channel,
                        h->engine.roads[road->channel].count);
            ww_log_error("alert-lost", "channel", ww_herald_channel_name(road->channel), "alerts", alerts,
                         "detail", sent->detail, "done", "they are not tried any more");
        }
        tell_all(h, road->channel, end == WW_HERALD_DELIVERED, sent->detail);
        ww_herald_forget(&h->engine, road->channel);
        road->have = 0;
    }
    go_on(h);
}

/* False: memory or processes are short. */
static bool send_message(struct herald *h, struct road *road)
{
    size_t n = 0;
    struct ww_msg_alert **alerts = calloc(h->engine.roads[road->channel].count, sizeof *alerts);
    if (alerts == NULL)
        return false;
    for (size_t i = 0; i < h->engine.count; i++) {
        const struct held *held = h->engine.alerts[i].of;
        if (is_in_message(&h->engine.alerts[i], road->channel))
            alerts[n++] = held->alert;
    }
    struct ww_herald_task task = {
        .config = h->config,
        .channel = road->channel,
        .message = {.alerts = alerts, .count = n, .now = now(), .host = h->host},
        .skip = road->have,
    };
    ww_herald_message_sort(alerts, n, task.message.id);
    road->recipients = h->recipients;
    road->send = ww_herald_send_begin(h->base, &task, on_sent, road);
    free(alerts);
    return road->send != NULL;
}

static bool is_sending(const struct herald *h)
{
    for (unsigned i = 0; i < WW_HERALD_CHANNELS; i++) {
        if (h->roads[i].send != NULL)
            return true;
    }
    return false;
}

static void go_on(struct herald *h)
{
    int64_t next = 0;
    if (h->stopping) {
        if (!is_sending(h))
            event_base_loopexit(h->base, NULL);
        return;
    }
    for (unsigned i = 0; i < WW_HERALD_CHANNELS; i++) {
        int64_t when;
        struct road *road = &h->roads[i];
        if (ww_herald_due(&h->engine, road->channel, now(), &when) && !send_message(h, road)) {
            (void)ww_herald_ended(&h->engine, road->channel, false, now());
            log_failed(h, road, "", ww_err_message(WW_E_NO_MEMORY));
            (void)ww_herald_due(&h->engine, road->channel, now(), &when);
        }
        if (road->send == NULL && when != 0 && (next == 0 || when < next))
            next = when;
    }
    int64_t wait = next - now();
    const struct timeval tv = {.tv_sec = wait > 0 ? (time_t)wait : 0, .tv_usec = wait > 0 ? 0 : 1000};
    (void)event_del(h->timer);
    if (next != 0)
        (void)event_add(h->timer, &tv);
}

static void on_timer(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    (void)what;
    go_on(arg);
}

/* The channels that an alert has to go through yet. */
static unsigned missing_of(const struct ww_msg_alert *alert)
{
    unsigned missing = (1u << WW_HERALD_CHANNELS) - 1;
    for (unsigned i = 0; i < WW_HERALD_CHANNELS; i++) {
        for (unsigned k = 0; k < alert->delivered_count; k++) {
            if (strcmp(alert->delivered[k], ww_herald_channel_name((enum ww_herald_channel)i)) == 0)
                missing &= ~WW_HERALD_BIT(i);
        }
    }
    return missing;
}

static struct held *keep(const struct ww_msg_alert *alert)
{
    size_t size = offsetof(struct ww_msg_alert, items) + alert->count * sizeof alert->items[0];
    struct held *held = calloc(1, sizeof *held);
    if (held == NULL)
        return NULL;
    held->alert = malloc(size);
    if (held->alert == NULL) {
        free(held);
        return NULL;
    }
    memcpy(held->alert, alert, size);
    return held;
}

static void on_alert(struct herald *h, struct ww_slice payload)
{
    static struct ww_msg_alert alert;
    if (ww_msg_get_alert(payload, &alert) != WW_OK) {
        ww_log_error("message-malformed", "from", "keeper");
        return;
    }
    struct held *held = keep(&alert);
    enum ww_herald_take take =
        held == NULL ? WW_HERALD_FULL
                     : ww_herald_take(&h->engine, alert.number, alert.at, missing_of(&alert), held, now());
    if (take == WW_HERALD_TAKEN) {
        go_on(h);
        return;
    }
    if (take == WW_HERALD_NOBODY)
        tell_nobody(h, &alert);
    if (take == WW_HERALD_FULL)
        ww_log_error("alert-left-out", "domain", alert.domain, "done",
                     "too many alerts wait; it is given again when waxwingd is started again");
    if (held != NULL)
        free(held->alert);
    free(held);
}

static void on_keeper(void *ctx, struct ww_chan *chan, uint16_t type, struct ww_slice payload, int fd)
{
    (void)chan;
    if (fd >= 0)
        (void)close(fd);
    if (type == WW_MSG_ALERT)
        on_alert(ctx, payload);
    else
        ww_log_error("message-unknown", "from", "keeper");
}

static void on_keeper_down(void *ctx, struct ww_chan *chan)
{
    struct herald *h = ctx;
    ww_chan_free(chan);
    if (h->keeper == chan)
        h->keeper = NULL;
}

static void peer(void *state, const struct ww_msg_peer *m, int fd)
{
    static const struct ww_chan_handlers handlers = {.message = on_keeper, .down = on_keeper_down};
    struct herald *h = state;
    if (m->kind == WW_ROLE_CONTROL) {
        ww_asked_peer(h->asked, fd);
        return;
    }
    if (m->kind != WW_ROLE_KEEPER) {
        (void)close(fd);
        return;
    }
    ww_chan_free(h->keeper);
    h->keeper = ww_chan_new(h->base, fd, &handlers, h);
    if (h->keeper == NULL)
        ww_log_error("no-memory", "for", "channel to the keeper");
}

static void on_asked(void *ctx, const struct ww_msg_ask *ask, struct ww_question_ref ref)
{
    struct herald *h = ctx;
    for (unsigned i = 0; i < WW_HERALD_CHANNELS; i++)
        ww_stat_set(h->stats, WW_STAT_ALERTS_WAITING + i,
                    ww_herald_waiting(&h->engine, (enum ww_herald_channel)i));
    if (ask->what == WW_ASK_STATS)
        ww_role_stats_tell(h->role_stats, h->asked, ref);
    else if (ask->what == WW_ASK_ALERT_TEST)
        ww_herald_tests_ask(h->tests, ref);
    else
        ww_asked_fail(h->asked, ref, WW_E_CONTROL_COMMAND);
}

static void finish(void *state)
{
    struct herald *h = state;
    for (unsigned i = 0; i < WW_HERALD_CHANNELS; i++)
        ww_herald_send_cancel(h->roads[i].send);
    ww_herald_tests_free(h->tests);
    ww_chan_free(h->keeper);
    h->keeper = NULL; /* what is not delivered is given again */
    ww_herald_configure(&h->engine, 0, 0);
    ww_asked_free(h->asked);
    if (h->timer != NULL)
        event_free(h->timer);
    free(h);
}

static void *start(const struct ww_role_env *env)
{
    struct herald *h = calloc(1, sizeof *h);
    if (h == NULL) {
        ww_log_error("no-memory");
        return NULL;
    }
    h->base = env->base;
    h->config = env->config;
    h->role_stats = env->stats;
    h->stats = &env->stats->stats;
    h->engine.gone = on_gone;
    h->engine.gone_ctx = h;
    h->recipients = mark_recipients(h->config);
    ww_herald_host(h->host);
    for (unsigned i = 0; i < WW_HERALD_CHANNELS; i++)
        h->roads[i] = (struct road){.all = h, .channel = (enum ww_herald_channel)i};
    ww_herald_configure(&h->engine, ww_herald_channels_of(h->config), h->config->alert_collect);
    h->asked = ww_asked_new(env->base, on_asked, h);
    h->timer = evtimer_new(env->base, on_timer, h);
    h->tests = h->asked == NULL ? NULL : ww_herald_tests_new(env->base, h->config, h->asked, h->host);
    if (h->asked != NULL && h->timer != NULL && h->tests != NULL)
        return h;
    ww_log_error("no-memory");
    finish(h);
    return NULL;
}

/* What is being sent by the settings of before is not sent a second time: how it ends is waited for. */
static void reload(void *state)
{
    struct herald *h = state;
    unsigned channels = ww_herald_channels_of(h->config);
    uint64_t recipients = mark_recipients(h->config);
    for (unsigned i = 0; i < WW_HERALD_CHANNELS; i++) {
        if ((channels & WW_HERALD_BIT(i)) != 0)
            continue;
        ww_herald_send_cancel(h->roads[i].send);
        h->roads[i].send = NULL;
        h->roads[i].have = 0;
    }
    if (recipients != h->recipients)
        h->roads[WW_HERALD_MAIL].have = 0;
    h->recipients = recipients;
    ww_herald_configure(&h->engine, channels, h->config->alert_collect);
    ww_herald_hurry(&h->engine);
    go_on(h);
}

/* What is being sent now may have arrived when its process is ended, and would be sent again. */
static void stop(void *state)
{
    const struct timeval patience = {.tv_sec = 0, .tv_usec = STOP_MS * 1000};
    struct herald *h = state;
    h->stopping = true;
    event_base_loopexit(h->base, is_sending(h) ? &patience : NULL);
}

const struct ww_role ww_role_herald = {
    .kind = WW_ROLE_HERALD,
    .rights = WW_MAY_RUN | WW_MAY_CONNECT,
    .start = start,
    .peer = peer,
    .reload = reload,
    .stop = stop,
    .finish = finish,
};
