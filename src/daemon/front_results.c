#include "daemon/front_results.h"

#include "core/result_line.h"
#include "daemon/log.h"
#include "engine/sts_result.h"
#include "proc/chan.h"
#include "proc/msg_report.h"

#include <stdlib.h>
#include <unistd.h>

struct ww_front_results {
    struct event_base *base;
    const struct ww_config *config;
    struct ww_stats *stats;
    ww_front_results_failed *failed;
    void *ctx;
    struct ww_chan *collector; /* NULL while there is none */
};

struct ww_front_results *ww_front_results_new(struct event_base *base, const struct ww_config *config,
                                              struct ww_stats *stats, ww_front_results_failed *failed,
                                              void *ctx)
{
    struct ww_front_results *r = calloc(1, sizeof *r);
    if (r != NULL)
        *r = (struct ww_front_results){base, config, stats, failed, ctx, NULL};
    return r;
}

static void leave(struct ww_front_results *r)
{
    ww_chan_free(r->collector);
    r->collector = NULL;
}

void ww_front_results_free(struct ww_front_results *results)
{
    if (results == NULL)
        return;
    leave(results);
    free(results);
}

static void on_collector(void *ctx, struct ww_chan *chan, uint16_t type, struct ww_slice payload, int fd)
{
    struct ww_front_results *r = ctx;
    struct ww_msg_domain m;
    (void)chan;
    if (fd >= 0)
        (void)close(fd);
    if (type == WW_MSG_RECHECK && ww_msg_get_domain(payload, &m) == WW_OK)
        r->failed(r->ctx, m.domain);
    else
        ww_log_error("message-malformed", "from", "collector");
}

static void on_collector_down(void *ctx, struct ww_chan *chan)
{
    (void)chan;
    leave(ctx);
}

void ww_front_results_peer(struct ww_front_results *results, int fd)
{
    static const struct ww_chan_handlers handlers = {on_collector, on_collector_down};
    leave(results);
    results->collector = ww_chan_new(results->base, fd, &handlers, results);
    if (results->collector == NULL)
        ww_log_error("no-memory", "for", "channel to the collector");
}

static bool tell(struct ww_front_results *r, const struct ww_tls_result *event)
{
    char line[WW_RESULT_LINE_MAX];
    struct ww_buf b = ww_buf(line, sizeof line);
    ww_result_line_put(&b, event);
    return r->collector != NULL && !b.failed &&
           ww_chan_send(r->collector, WW_MSG_RESULT, ww_slice(b.p, b.n), -1) == WW_OK;
}

void ww_front_results_saw(struct ww_front_results *results, const char *domain,
                          const struct ww_discovery_result *result, int64_t now)
{
    struct ww_tls_result event = {
        .time = now,
        .policy_known = true,
        .policy = WW_POLICY_TYPE_STS,
        .type = ww_sts_result(result),
        .mta = WW_TLS_RESULT_OURS,
    };
    if (!results->config->collect || event.type == WW_RESULT_NONE ||
        ww_tls_result_name_put(event.domain, ww_slice_str(domain)) != WW_OK)
        return;
    ww_tls_result_text_put(&event, ww_slice_str(result->detail));
    bool told = tell(results, &event);
    ww_stat_add(results->stats, told ? WW_STAT_SEEN_FAILURES : WW_STAT_SEEN_LOST, 1);
}
