#include "drive/discover.h"

#include "core/dns_answer.h"
#include "net/clock.h"

#include <event2/event.h>
#include <stdlib.h>
#include <time.h>

struct ww_flight {
    const struct ww_discoverer *with;
    struct ww_discovery discovery;
    struct event *start;
    /* At most one of these is under way. */
    struct ww_dns_query *query;
    struct ww_addresses *addresses;
    struct ww_https_get *get;
    int64_t since; /* it began, microseconds */
    ww_flight_cb *cb;
    void *ctx;
};

static void step(struct ww_flight *f);

static void flight_free(struct ww_flight *f)
{
    if (f->query != NULL)
        ww_dns_cancel(f->query);
    if (f->addresses != NULL)
        ww_addresses_cancel(f->addresses);
    if (f->get != NULL)
        ww_https_cancel(f->get);
    if (f->start != NULL)
        event_free(f->start);
    free(f);
}

static void observe(const struct ww_flight *f, struct ww_observation o)
{
    char name[WW_DISCOVERY_NAME_SIZE];
    if (f->with->observe == NULL)
        return;
    ww_discovery_name(&f->discovery, name);
    o.name = name;
    o.us = ww_clock_us() - f->since;
    f->with->observe(f->with->observe_ctx, &o);
}

static void no_record(struct ww_flight *f, enum ww_err err, const char *detail)
{
    struct ww_record_event event = {.failure = err, .detail = detail};
    ww_discovery_on_record(&f->discovery, &event, time(NULL));
    step(f);
}

static void no_policy(struct ww_flight *f, enum ww_err err, const char *detail)
{
    struct ww_policy_event event = {.failure = err, .detail = detail};
    ww_discovery_on_policy(&f->discovery, &event);
    step(f);
}

static void on_record(void *ctx, const struct ww_dns_reply *reply)
{
    struct ww_flight *f = ctx;
    f->query = NULL;
    observe(f, (struct ww_observation){.what = WW_OBSERVED_DNS, .err = reply->err, .record = reply});
    if (reply->err != WW_OK) {
        no_record(f, reply->err, reply->detail);
        return;
    }
    struct ww_record_event event = {.packet = reply->packet};
    ww_discovery_on_record(&f->discovery, &event, time(NULL));
    step(f);
}

static void on_policy(void *ctx, const struct ww_https_reply *reply)
{
    struct ww_flight *f = ctx;
    f->get = NULL;
    observe(f, (struct ww_observation){.what = WW_OBSERVED_FETCH, .err = reply->err, .fetch = reply});
    if (reply->err != WW_OK) {
        no_policy(f, reply->err, reply->detail);
        return;
    }
    struct ww_policy_event event = {
        .status = reply->status,
        .content_type = reply->content_type,
        .body = reply->body,
        .origin = &reply->origin,
    };
    ww_discovery_on_policy(&f->discovery, &event);
    step(f);
}

static void on_addresses(void *ctx, const struct ww_addresses_reply *reply)
{
    struct ww_flight *f = ctx;
    char host[WW_DISCOVERY_NAME_SIZE];
    enum ww_err err;
    f->addresses = NULL;
    observe(f, (struct ww_observation){.what = WW_OBSERVED_DNS, .err = reply->err, .addresses = reply});
    if (reply->err != WW_OK) {
        no_policy(f, reply->err, reply->detail);
        return;
    }
    ww_discovery_name(&f->discovery, host);
    f->since = ww_clock_us();
    f->get =
        ww_https_get(f->with->https, host, WW_POLICY_PATH, reply->addrs, reply->count, on_policy, f, &err);
    if (f->get == NULL)
        no_policy(f, err, NULL);
}

static void find_record(struct ww_flight *f, const char *name)
{
    enum ww_err err;
    f->since = ww_clock_us();
    f->query = ww_dns_ask(f->with->dns, name, WW_DNS_TYPE_TXT, on_record, f, &err);
    if (f->query == NULL)
        no_record(f, err, NULL);
}

static void find_policy(struct ww_flight *f, const char *host)
{
    struct ww_addresses_options options = {
        .dns = f->with->dns,
        .allow = f->with->allow,
        .allow_count = f->with->allow_count,
    };
    enum ww_err err;
    f->since = ww_clock_us();
    f->addresses = ww_addresses_find(&options, host, on_addresses, f, &err);
    if (f->addresses == NULL)
        no_policy(f, err, NULL);
}

/* Does what the discovery wants next; always from the loop, so that the end may be told at once. */
static void step(struct ww_flight *f)
{
    char name[WW_DISCOVERY_NAME_SIZE];
    ww_discovery_name(&f->discovery, name);
    switch (ww_discovery_want(&f->discovery)) {
    case WW_WANT_RECORD:
        find_record(f, name);
        return;
    case WW_WANT_POLICY:
        if (f->with->before_fetch != NULL)
            f->with->before_fetch(f->ctx);
        else
            find_policy(f, name);
        return;
    case WW_WANT_NOTHING:
        break;
    }
    f->cb(f->ctx, ww_discovery_result(&f->discovery));
    flight_free(f);
}

static void on_start(evutil_socket_t fd, short what, void *arg)
{
    (void)fd, (void)what;
    step(arg);
}

struct ww_flight *ww_discover(const struct ww_discoverer *discoverer, const struct ww_discovery_ask *ask,
                              ww_flight_cb *cb, void *ctx)
{
    struct ww_flight *f = calloc(1, sizeof *f);
    if (f == NULL)
        return NULL;
    f->with = discoverer;
    f->cb = cb;
    f->ctx = ctx;
    ww_discovery_start(&f->discovery, ask);
    f->start = evtimer_new(ww_dns_base(discoverer->dns), on_start, f);
    if (f->start == NULL) {
        flight_free(f);
        return NULL;
    }
    event_active(f->start, EV_TIMEOUT, 0);
    return f;
}

void ww_discover_fetch(struct ww_flight *flight)
{
    char name[WW_DISCOVERY_NAME_SIZE];
    ww_discovery_name(&flight->discovery, name);
    find_policy(flight, name);
}

void ww_discover_cancel(struct ww_flight *flight)
{
    flight_free(flight);
}
