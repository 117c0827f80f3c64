#include "cli/check.h"

#include "check/inspect.h"
#include "check/past.h"
#include "check/report_json.h"
#include "cli/outside.h"
#include "cli/worker.h"
#include "daemon/own_name.h"
#include "net/tls_verify.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define SPARE_MS 5000

/* A conversation with one MX host, and one exchange with a policy host. */
#define SMTP_MS 30000

/* What one domain tells at most: its report, and its steps. */
#define DOMAIN_OCTETS (WW_CHECK_JSON_MAX + ((size_t)1 << 16))

/* However many domains there are. */
#define DEADLINE_MAX_MS (UINT_MAX / 4)

struct checking {
    const struct ww_check_order *order;
    struct ww_outside net;
    struct ww_check_env env;
    struct ww_inspector *inspector;
    char own_name[WW_DNAME_SIZE];
    int out;
    size_t next;
};

static void begin_next(struct checking *c);

static void write_failure(struct checking *c, const char *domain)
{
    ww_worker_put(c->out, json_pack("{s:s, s:s}", "failed", "out of memory", "domain", domain));
}

static void on_step(void *ctx, const struct ww_inspect_step *step)
{
    const struct checking *c = ctx;
    ww_worker_put(c->out, json_pack("{s:{s:s, s:s, s:s, s:b}}", "step", "domain", step->domain, "part",
                                    step->part, "name", step->name, "ended", step->ended));
}

/* The next domain begins before this one ends, so that some work is left. */
static void on_report(void *ctx, const struct ww_sight *sight, const struct ww_check_report *report)
{
    struct checking *c = ctx;
    json_t *json = ww_check_report_json(sight, report);
    if (json != NULL)
        ww_worker_put(c->out, json_pack("{s:o}", "report", json));
    else
        write_failure(c, sight->domain);
    begin_next(c);
    ww_outside_end(&c->net);
}

/* False: memory is short, and it has been cancelled. */
static bool hold_against(struct checking *c, struct ww_inspection *begun, const char *domain)
{
    struct ww_past past;
    if (!ww_past_read(json_object_get(c->order->against, domain), domain, &past) ||
        ww_inspect_against(begun, &past))
        return true;
    ww_inspect_cancel(begun);
    return false;
}

/* One that cannot be begun does not hold up those behind it. */
static void begin_next(struct checking *c)
{
    const struct ww_check_order *order = c->order;
    while (c->next < order->count) {
        const char *domain = order->domains[c->next++];
        struct ww_inspection *begun =
            ww_inspect(c->inspector, domain, (int64_t)time(NULL), order->deadline_ms, on_step, on_report, c);
        if (begun != NULL && hold_against(c, begun, domain)) {
            ww_outside_begin(&c->net);
            return;
        }
        write_failure(c, domain);
    }
}

static void fill_env(struct checking *c)
{
    const struct ww_config *config = c->order->config;
    c->env = (struct ww_check_env){
        .base = c->net.base,
        .dns = c->net.with.dns,
        .https = c->net.with.https,
        .allow = c->net.with.allow,
        .allow_count = c->net.with.allow_count,
        .sources = config->fetch_sources,
        .source_count = config->fetch_source_count,
        .store = ww_tls_store_new(config->fetch_ca_file),
        .ca_file = config->fetch_ca_file,
        .helo = ww_own_name(c->own_name) ? c->own_name : NULL,
        .dns_timeout_ms = config->dns_timeout_ms,
        .web_ms = config->fetch_deadline_ms,
        .smtp_ms = SMTP_MS,
    };
}

/* False: *why (static) says what was wrong. */
static bool look_around(struct checking *c, const char **why)
{
    if (!ww_outside_open(&c->net, c->order->config, why))
        return false;
    fill_env(c);
    *why = "the file of trusted authorities cannot be read, or holds no certificate";
    if (c->env.store == NULL || !ww_outside_confine(&c->net, why))
        return false;
    *why = "out of memory";
    c->inspector = ww_inspector_new(&c->env);
    if (c->inspector == NULL)
        return false;
    for (size_t i = 0; i < c->order->parallel; i++)
        begin_next(c);
    ww_outside_run(&c->net);
    return true;
}

void ww_check_look(void *ctx, int out)
{
    const char *why;
    struct checking *c = calloc(1, sizeof *c);
    if (c == NULL)
        return;
    c->order = ctx;
    c->out = out;
    if (look_around(c, &why))
        ww_worker_put(out, json_pack("{s:b}", "end", true));
    else
        ww_worker_put(out, json_pack("{s:s}", "failed", why));
    ww_inspector_free(c->inspector);
    X509_STORE_free(c->env.store);
    ww_outside_close(&c->net);
    free(c);
}

unsigned ww_check_look_deadline_ms(const struct ww_check_order *order)
{
    uint64_t rounds = order->count / order->parallel + 1;
    uint64_t ms = rounds * order->deadline_ms + 2 * (uint64_t)order->config->dns_timeout_ms + SPARE_MS;
    return ms < DEADLINE_MAX_MS ? (unsigned)ms : DEADLINE_MAX_MS;
}

size_t ww_check_look_output_max(const struct ww_check_order *order)
{
    return (order->count + 1) * DOMAIN_OCTETS;
}
