/*
 * Executes what a discovery wants: TXT through net/dns, the policy host's addresses (A and AAAA) through
 * net/dns and the guard, the policy through net/https.
 */
#ifndef WW_DRIVE_DISCOVER_H
#define WW_DRIVE_DISCOVER_H

#include "core/addr.h"
#include "drive/addresses.h"
#include "engine/discovery.h"
#include "net/dns.h"
#include "net/https.h"

/* One question, or one fetch, that has ended. */
enum ww_observed {
    WW_OBSERVED_DNS,   /* the record, or all addresses of a policy host */
    WW_OBSERVED_FETCH, /* a GET; an answer of any status is no error */
};

struct ww_observation {
    enum ww_observed what;
    const char *name; /* asked for, or connected to; borrowed */
    enum ww_err err;
    int64_t us; /* that it took */
    /* What came, borrowed; one of the three. */
    const struct ww_dns_reply *record;
    const struct ww_addresses_reply *addresses;
    const struct ww_https_reply *fetch;
};

struct ww_discoverer {
    struct ww_dns *dns;
    struct ww_https *https;
    const struct ww_prefix *allow; /* special addresses that policy hosts may have all the same */
    size_t allow_count;
    void (*observe)(void *ctx, const struct ww_observation *o); /* or NULL */
    void *observe_ctx;
    /*
     * Called with the flight's ctx before it fetches a policy, from the loop: whoever it is calls
     * ww_discover_fetch, at once or later. NULL: nobody wants to know.
     */
    void (*before_fetch)(void *ctx);
};

struct ww_flight;
/* The result is borrowed during the callback. */
typedef void ww_flight_cb(void *ctx, const struct ww_discovery_result *result);

/*
 * Begins a flight; NULL when memory is short. The callback runs once, never before this has returned; after
 * it the flight is gone. `discoverer` outlives its flights.
 */
struct ww_flight *ww_discover(const struct ww_discoverer *discoverer, const struct ww_discovery_ask *ask,
                              ww_flight_cb *cb, void *ctx);

/* From the loop, once, after before_fetch. The flight may have ended when it returns. */
void ww_discover_fetch(struct ww_flight *flight);

/* Ends a flight without its callback. */
void ww_discover_cancel(struct ww_flight *flight);

#endif
