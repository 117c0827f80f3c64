#include "cli/explain.h"

#include "cli/progress.h"
#include "cli/worker.h"
#include "codec/explain.h"
#include "daemon/clock.h"
#include "daemon/front_overrides.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define TICK_MS 200

/* Beyond the deadlines of what is done. */
#define SPARE_MS 5000

/* So many DNS questions follow on each other at most: MX, addresses, CNAME, TLSA of the alias, TLSA. */
#define QUESTIONS 5

unsigned ww_look_dane_ms(const struct ww_config *config)
{
    return QUESTIONS * config->dns_timeout_ms;
}

unsigned ww_look_deadline_ms(const struct ww_look_at *order)
{
    const struct ww_config *c = order->config;
    unsigned self_test = 2 * c->dns_timeout_ms;
    unsigned policy = 2 * c->dns_timeout_ms + c->fetch_deadline_ms;
    unsigned dane = ww_look_dane_ms(c);
    unsigned probes = order->live ? 2 * c->dns_timeout_ms + WW_LIVE_PROBE_MS : 0;
    return self_test + (policy > dane + probes ? policy : dane + probes) + SPARE_MS;
}

/* The DNS self-test's verdict. */
static json_t *dns_json(const struct ww_look *look)
{
    static const char *const verdicts[] = {
        [WW_DNS_VALIDATING] = "validating",
        [WW_DNS_STRIPPED] = "stripped",
        [WW_DNS_UNREACHABLE] = "unreachable",
        [WW_DNS_ANCHOR] = "anchor",
    };
    _Static_assert(sizeof verdicts / sizeof *verdicts == WW_DNS_HEALTHS, "each has its word");
    return json_pack("{s:s, s:o, s:b, s:s}", "verdict", verdicts[look->net.health], "detail",
                     ww_json_words(look->net.health_detail), "forwarded",
                     look->order->config->dns_forward_count > 0, "section", "RFC 4035 section 5");
}

/* NULL: *why (static) says what was wrong. */
static json_t *look_around(struct ww_look *look, const char **why)
{
    ww_explain_prepare();
    *why = "out of memory";
    if (!ww_look_override(look) || !ww_look_preload(look) ||
        !ww_outside_open(&look->net, look->order->config, why))
        return NULL;
    if (look->order->live)
        look->live = ww_live_new(look, why);
    if ((look->order->live && look->live == NULL) || !ww_outside_confine(&look->net, why))
        return NULL;
    *why = "out of memory";
    bool survey = !look->order->only_decide || look->order->config->dane.use != WW_DANE_OFF;
    if (!ww_look_sts_begin(look) || (survey && !ww_look_mx_begin(look)))
        return NULL;
    ww_outside_run(&look->net);
    return json_pack("{s:o, s:o, s:o, s:o}", "dns", dns_json(look), "mta_sts", ww_look_sts_json(look), "mx",
                     ww_look_mx_json(look), "now", ww_look_now_json(look));
}

void ww_look(void *ctx, int out)
{
    const char *why;
    struct ww_look *look = calloc(1, sizeof *look);
    if (look == NULL)
        return;
    look->order = ctx;
    json_t *json = look_around(look, &why);
    if (json == NULL)
        json = json_pack("{s:s}", "failed", why);
    ww_worker_put(out, json);
    json_decref(look->record);
    json_decref(look->addresses);
    json_decref(look->fetch);
    free(look->body);
    free(look->cached_body);
    free(look->ordered_body);
    free(look->listed_body);
    ww_live_free(look->live);
    ww_outside_close(&look->net);
    ww_overrides_free(look->overrides);
    free(look);
}

static void wait_for(struct ww_worker *worker, const char *what)
{
    struct ww_progress progress;
    int64_t since = ww_clock_ms();
    ww_progress_begin(&progress, what, 0);
    while (worker->fd >= 0) {
        struct pollfd fd = {.fd = worker->fd, .events = POLLIN};
        int ready = poll(&fd, 1, TICK_MS);
        if (ready > 0)
            ww_worker_read(worker);
        ww_worker_check(worker);
        ww_progress_step(&progress, (uint64_t)(ww_clock_ms() - since) / 1000);
    }
    ww_progress_clear(&progress);
}

json_t *ww_look_apart(const struct ww_look_at *order, char why[WW_QUERY_WHY_SIZE])
{
    struct ww_worker worker;
    struct ww_look_at copy = *order;
    char what[WW_DNAME_SIZE + 32];
    if (!ww_worker_begin(&worker, ww_look, &copy, ww_look_deadline_ms(order), WW_LOOK_OUTPUT_MAX)) {
        (void)snprintf(why, WW_QUERY_WHY_SIZE, "memory or processes are short");
        ww_worker_free(&worker);
        return NULL;
    }
    (void)snprintf(what, sizeof what, "looking at %s, seconds", order->domain);
    wait_for(&worker, what);
    json_t *json = ww_worker_next(&worker);
    const char *failed = json_string_value(json_object_get(json, "failed"));
    if (failed != NULL)
        (void)snprintf(why, WW_QUERY_WHY_SIZE, "%s", failed);
    else if (worker.late)
        (void)snprintf(why, WW_QUERY_WHY_SIZE, "it took longer than %u s", ww_look_deadline_ms(order) / 1000);
    else if (json == NULL)
        (void)snprintf(why, WW_QUERY_WHY_SIZE, "the look ended with status %#x, which is an error of ours",
                       (unsigned)worker.status);
    if (failed != NULL) {
        json_decref(json);
        json = NULL;
    }
    ww_worker_free(&worker);
    return json;
}
