#include "daemon/herald_test.h"

#include "daemon/herald_send.h"
#include "proc/msg_herald.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define WAITING_MAX 8

struct road {
    struct ww_herald_tests *all;
    struct ww_herald_send *send;
};

struct ww_herald_tests {
    struct event_base *base;
    const struct ww_config *config;
    struct ww_asked *asked;
    const char *host;
    struct road roads[WW_HERALD_CHANNELS];
    struct ww_question_ref waiting[WAITING_MAX];
    unsigned waiting_count; /* 0: no test is under way */
    struct ww_msg_alert_test result;
    struct ww_msg_alert alert;
};

struct ww_herald_tests *ww_herald_tests_new(struct event_base *base, const struct ww_config *config,
                                            struct ww_asked *asked, const char *host)
{
    struct ww_herald_tests *t = calloc(1, sizeof *t);
    if (t == NULL)
        return NULL;
    t->base = base;
    t->config = config;
    t->asked = asked;
    t->host = host;
    for (unsigned i = 0; i < WW_HERALD_CHANNELS; i++)
        t->roads[i].all = t;
    return t;
}

void ww_herald_tests_free(struct ww_herald_tests *t)
{
    for (unsigned i = 0; t != NULL && i < WW_HERALD_CHANNELS; i++)
        ww_herald_send_cancel(t->roads[i].send);
    free(t);
}

static void answer(struct ww_herald_tests *t)
{
    char bytes[4096];
    struct ww_buf b = ww_buf(bytes, sizeof bytes);
    for (unsigned i = 0; i < WW_HERALD_CHANNELS; i++) {
        if (t->roads[i].send != NULL)
            return;
    }
    ww_msg_put_alert_test(&b, &t->result);
    for (unsigned i = 0; i < t->waiting_count; i++)
        ww_asked_tell(t->asked, t->waiting[i], ww_slice(b.p, b.n), false);
    t->waiting_count = 0;
}

static void on_sent(void *ctx, const struct ww_herald_sent *sent)
{
    struct road *road = ctx;
    struct ww_herald_tests *t = road->all;
    size_t i = (size_t)(road - t->roads);
    road->send = NULL;
    t->result.channels[i].delivered = sent->delivered;
    (void)snprintf(t->result.channels[i].detail, sizeof t->result.channels[i].detail, "%s", sent->detail);
    answer(t);
}

static void begin(struct ww_herald_tests *t)
{
    static const struct ww_msg_alert_test none;
    struct ww_msg_alert *alerts[] = {&t->alert};
    unsigned channels = ww_herald_channels_of(t->config);
    struct ww_herald_task task = {
        .config = t->config,
        .message = {.alerts = alerts, .count = 1, .now = (int64_t)time(NULL), .host = t->host, .test = true},
    };
    t->result = none;
    ww_herald_test_alert(&t->alert, task.message.now);
    ww_herald_message_sort(alerts, 1, task.message.id);
    for (unsigned i = 0; i < WW_HERALD_CHANNELS; i++) {
        t->result.channels[i].open = (channels & WW_HERALD_BIT(i)) != 0;
        if (!t->result.channels[i].open)
            continue;
        task.channel = (enum ww_herald_channel)i;
        t->roads[i].send = ww_herald_send_begin(t->base, &task, on_sent, &t->roads[i]);
        if (t->roads[i].send == NULL)
            (void)snprintf(t->result.channels[i].detail, sizeof t->result.channels[i].detail, "%s",
                           ww_err_message(WW_E_NO_MEMORY));
    }
    answer(t);
}

void ww_herald_tests_ask(struct ww_herald_tests *t, struct ww_question_ref ref)
{
    if (t->waiting_count == WAITING_MAX) {
        ww_asked_fail(t->asked, ref, WW_E_CONTROL_TIMEOUT);
        return;
    }
    t->waiting[t->waiting_count++] = ref;
    if (t->waiting_count == 1)
        begin(t);
}
