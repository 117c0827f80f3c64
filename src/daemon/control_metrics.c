#include "daemon/control_metrics.h"

#include "daemon/log.h"
#include "daemon/metrics_text.h"
#include "net/http_server.h"

#include <stdio.h>
#include <stdlib.h>

/* Monitoring keeps a connection or two; a scrape a second is much. */
static const struct ww_http_limits limits = {
    .connections = 64,
    .per_address = 16,
    .deadline_ms = 5000,
    .idle_ms = 90000,
    .head_max = 8192,
    .body_max = 0,
};

struct scrape {
    struct ww_collecting collecting;
    struct ww_metrics *metrics;
    struct ww_http_exchange *exchange;
    LIST_ENTRY(scrape) entry;
};

struct ww_metrics {
    struct ww_control_stats *stats;
    const struct ww_msg_roles *status;
    struct ww_http_server *server;
    LIST_HEAD(, scrape) scrapes;
    char text[WW_METRICS_MAX];
};

static void answer(struct ww_http_exchange *x, unsigned status, const char *headers, const char *text)
{
    const struct ww_http_response r = {status, "text/plain; charset=utf-8", headers, ww_slice_str(text)};
    ww_http_answer(x, &r);
}

static void scrape_free(struct scrape *s)
{
    LIST_REMOVE(s, entry);
    free(s);
}

static void on_collected(void *ctx)
{
    struct scrape *s = ctx;
    struct ww_metrics *m = s->metrics;
    struct ww_buf b = ww_buf(m->text, sizeof m->text);
    ww_metrics_text(&b, m->stats, m->status);
    const struct ww_http_response r = {200, WW_METRICS_TYPE, "Cache-Control: no-store\r\n",
                                       ww_slice(b.p, b.n)};
    if (b.failed)
        answer(s->exchange, 500, NULL, "the metrics are too long\n");
    else
        ww_http_answer(s->exchange, &r);
    scrape_free(s);
}

static void begin_scrape(struct ww_metrics *m, struct ww_http_exchange *x)
{
    struct scrape *s = calloc(1, sizeof *s);
    if (s == NULL) {
        answer(x, 503, NULL, "out of memory\n");
        return;
    }
    s->collecting.done = on_collected;
    s->collecting.ctx = s;
    s->metrics = m;
    s->exchange = x;
    LIST_INSERT_HEAD(&m->scrapes, s, entry);
    ww_control_stats_collect(m->stats, &s->collecting);
}

/* Well is who answers look-ups: trouble with the store or DNS is for alerts, not for restarts. */
static void tell_health(const struct ww_metrics *m, struct ww_http_exchange *x)
{
    for (unsigned i = 0; i < m->status->count; i++) {
        const struct ww_role_status *r = &m->status->roles[i];
        char name[WW_ROLE_NAME_SIZE], text[WW_ROLE_NAME_SIZE + 32];
        if (r->ready)
            continue;
        ww_role_name(r->kind, r->index, name);
        snprintf(text, sizeof text, "%s is not ready\n", name);
        answer(x, 503, NULL, text);
        return;
    }
    if (m->status->count > 0)
        answer(x, 200, NULL, "ok\n");
    else
        answer(x, 503, NULL, "not ready\n");
}

static void on_request(void *ctx, struct ww_http_exchange *x, const struct ww_http_request *r)
{
    struct ww_metrics *m = ctx;
    bool metrics = ww_slice_is(r->head.path, "/metrics");
    bool health = ww_slice_is(r->head.path, "/healthz");
    if (!metrics && !health)
        answer(x, 404, NULL, "there are /metrics and /healthz\n");
    else if (!ww_slice_is(r->head.method, "GET") && !ww_slice_is(r->head.method, "HEAD"))
        answer(x, 405, "Allow: GET, HEAD\r\n", "GET is wanted\n");
    else if (metrics)
        begin_scrape(m, x);
    else
        tell_health(m, x);
}

struct ww_metrics *ww_metrics_new(struct event_base *base, struct ww_control_stats *stats,
                                  const struct ww_msg_roles *status)
{
    struct ww_metrics *m = calloc(1, sizeof *m);
    if (m == NULL)
        return NULL;
    m->stats = stats;
    m->status = status;
    LIST_INIT(&m->scrapes);
    m->server = ww_http_server_new(base, &limits, on_request, m);
    if (m->server != NULL)
        return m;
    free(m);
    return NULL;
}

void ww_metrics_free(struct ww_metrics *metrics)
{
    if (metrics == NULL)
        return;
    ww_http_server_free(metrics->server);
    while (!LIST_EMPTY(&metrics->scrapes)) {
        struct scrape *s = LIST_FIRST(&metrics->scrapes);
        ww_control_stats_leave(metrics->stats, &s->collecting);
        answer(s->exchange, 503, NULL, "");
        scrape_free(s);
    }
    free(metrics);
}

void ww_metrics_listen(struct ww_metrics *metrics, const char *name, int fd)
{
    enum ww_err err = ww_http_server_listen(metrics->server, name, fd);
    if (err != WW_OK)
        ww_log_error("listen-failed", "listener", name, "detail", ww_err_message(err));
}

void ww_metrics_deafen(struct ww_metrics *metrics, const char *name)
{
    ww_http_server_deafen(metrics->server, name);
}
