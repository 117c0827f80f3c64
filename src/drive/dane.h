/*
 * Finds out what DANE comes to for a domain's mail: the MX RRset, then of each host what engine/dane_survey.h
 * wants to know. The hosts are looked at by preference, some at a time, and a slow or broken one keeps no
 * other from being settled.
 */
#ifndef WW_DRIVE_DANE_H
#define WW_DRIVE_DANE_H

#include "core/dane_survey.h"
#include "net/dns.h"

/* Hosts that are looked at at the same time; each has two questions on their way at most. */
#define WW_DANE_PARALLEL 8

struct ww_dane_lookup;
/* Borrowed during the callback. All hosts are settled. */
typedef void ww_dane_lookup_cb(void *ctx, const struct ww_dane_survey *survey);

/*
 * Begins to look; domain is canonical, and copied. What is not settled when deadline_ms have passed fails by
 * WW_E_DNS_TIMEOUT. The callback runs once, never before this has returned, and may free anything; the
 * look-up is gone then. NULL: *err says why, no callback follows.
 */
struct ww_dane_lookup *ww_dane_lookup(struct ww_dns *dns, const char *domain, unsigned deadline_ms,
                                      ww_dane_lookup_cb *cb, void *ctx, enum ww_err *err);

/* Ends it without its callback. */
void ww_dane_lookup_cancel(struct ww_dane_lookup *lookup);

#endif
