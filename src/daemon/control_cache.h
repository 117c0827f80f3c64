/* What the commands of the control socket about the cache share. */
#ifndef WW_DAEMON_CONTROL_CACHE_H
#define WW_DAEMON_CONTROL_CACHE_H

#include "daemon/control.h"
#include "proc/msg_cache.h"

/* The front answers at once; but it may be busy. */
#define WW_CONTROL_FRONT_MS 20000

/*
 * An item for a list: domain, mode, id, fetched, expires (of the policy, also when it has expired; else
 * null), in_force, last, error, detail, checked, next_check, failures, used. A new reference, or NULL.
 */
json_t *ww_control_cache_json(const struct ww_cache_item *item, int64_t now);

/* True when the last look-ups could not bring what the domain publishes. */
bool ww_control_cache_fails(const struct ww_cache_item *item);
bool ww_control_cache_expired(const struct ww_cache_item *item, int64_t now);

/*
 * The canonical domains of the request's array "domains", each given to `take`. False after the request was
 * ended: there are none, or one is no domain.
 */
bool ww_control_cache_domains(struct ww_request *request, enum ww_err (*take)(void *ctx, const char *domain),
                              void *ctx);

/* A walk over the whole cache, page by page. */
struct ww_cache_walk {
    struct ww_request *request;
    bool bodies;
    void (*item)(struct ww_cache_walk *walk, const struct ww_cache_item *item);
    /* All items of a page were seen, the last page when at_end: ask for the next one, now or later, or end.
     */
    void (*page)(struct ww_cache_walk *walk, bool at_end);
    uint32_t place; /* 0 at first; from here on the walk's own */
    struct ww_asking *asking;
};

/* Asks for the next page. A failure ends the request. */
void ww_cache_walk_on(struct ww_cache_walk *walk);
void ww_cache_walk_cancel(struct ww_cache_walk *walk);

#endif
