#include "cli/query.h"

#include "codec/explain.h"
#include "daemon/discoverer.h"
#include "daemon/front_overrides.h"

#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

struct ww_query_direct {
    const struct ww_config *config;
    struct event_base *base;
    struct ww_trust trust;
    struct ww_discoverer discoverer;
    struct ww_overrides *overrides; /* of the configuration */
    const char *domain;             /* of the flight that is on */
    struct ww_buf text;             /* its explanation */
    enum ww_err err;
};

static void on_health(void *ctx, enum ww_dns_health health, const char *detail)
{
    struct ww_query_direct *d = ctx;
    if (health == WW_DNS_STRIPPED)
        (void)fputs("waxwing query: DNSSEC does not get through to here: answers are not validated\n",
                    stderr);
    if (health == WW_DNS_ANCHOR)
        (void)fprintf(stderr, "waxwing query: answers are not validated by DNSSEC: %s\n", detail);
    (void)event_base_loopbreak(d->base);
}

struct ww_query_direct *ww_query_direct_new(const struct ww_config *config, char why[WW_QUERY_WHY_SIZE])
{
    static const struct ww_hash_key key; /* the keys are the operator's own */
    const char *detail = "out of memory";
    char untrusted[WW_QUERY_WHY_SIZE] = "";
    struct ww_query_direct *d = calloc(1, sizeof *d);
    if (d != NULL) {
        d->config = config;
        d->base = event_base_new();
        d->text = ww_buf(malloc(WW_EXPLAIN_MAX), WW_EXPLAIN_MAX);
        d->overrides = ww_overrides_new(&key);
        if (d->base != NULL && d->text.p != NULL && d->overrides != NULL &&
            ww_overrides_configure(d->overrides, config->overrides, config->override_count, time(NULL)) &&
            ww_trust_load(&d->trust, config, ww_anchor_system_files, untrusted, sizeof untrusted) &&
            ww_discoverer_open(&d->discoverer, d->base, config, &d->trust, &detail)) {
            ww_dns_self_test(d->discoverer.dns, on_health, d);
            (void)event_base_dispatch(d->base);
            return d;
        }
    }
    bool trusted = d != NULL && d->trust.count > 0;
    (void)snprintf(why, WW_QUERY_WHY_SIZE, "%s", trusted || untrusted[0] == '\0' ? detail : untrusted);
    ww_query_direct_free(d);
    return NULL;
}

void ww_query_direct_free(struct ww_query_direct *d)
{
    if (d == NULL)
        return;
    ww_discoverer_close(&d->discoverer);
    ww_trust_clear(&d->trust);
    if (d->base != NULL)
        event_base_free(d->base);
    ww_overrides_free(d->overrides);
    free(d->text.p);
    free(d);
}

static void on_result(void *ctx, const struct ww_discovery_result *result)
{
    struct ww_query_direct *d = ctx;
    struct ww_life life = {.id = ""};
    struct ww_policy policy;
    size_t offset;
    int64_t now = time(NULL);
    bool parsed = result->outcome == WW_FOUND_POLICY &&
                  ww_policy_parse(result->body.p, result->body.n, &policy, &offset) == WW_OK;
    (void)ww_life_apply(&life, result, parsed ? &policy : NULL, now, &d->config->life);
    const struct ww_explain e = {
        .domain = d->domain,
        .policy = parsed ? &policy : NULL,
        .id = life.id,
        .fetched = life.fetched,
        .expires = life.expires,
        .source = "direct",
        .last = ww_discovery_outcome_name(life.last),
        .why = life.why,
        .detail = result->detail,
        .checked = life.checked,
        .testing_may = d->config->testing_may,
        .override = ww_overrides_find(d->overrides, ww_slice_str(d->domain), now),
        .dry_run = d->config->dry_run,
    };
    d->err = ww_explain_json(&d->text, &e);
    (void)event_base_loopbreak(d->base);
}

enum ww_query_outcome ww_query_direct(struct ww_query_direct *d, const char *domain, json_t **json,
                                      char why[WW_QUERY_WHY_SIZE])
{
    static const struct ww_life nothing;
    struct ww_discovery_ask ask;
    ww_life_ask(&nothing, domain, time(NULL), &ask);
    d->domain = domain;
    d->text.n = 0;
    d->text.failed = false;
    d->err = WW_E_NO_MEMORY;
    if (ww_discover(&d->discoverer, &ask, on_result, d) != NULL)
        (void)event_base_dispatch(d->base);
    if (d->err == WW_OK)
        *json = json_loadb(d->text.p, d->text.n, JSON_REJECT_DUPLICATES, NULL);
    if (d->err == WW_OK && *json != NULL)
        return WW_QUERY_ANSWER;
    (void)snprintf(why, WW_QUERY_WHY_SIZE, "%s", ww_err_message(d->err));
    return WW_QUERY_FAILED;
}
