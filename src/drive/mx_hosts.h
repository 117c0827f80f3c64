/* Looks up which hosts take a domain's mail. One question; the answer is read by core. */
#ifndef WW_DRIVE_MX_HOSTS_H
#define WW_DRIVE_MX_HOSTS_H

#include "core/mx_hosts.h"
#include "net/dns.h"

struct ww_mx_lookup;
/* Borrowed during the callback, with its DNSSEC state; whatever went wrong is WW_MX_FAILED. */
typedef void ww_mx_lookup_cb(void *ctx, const struct ww_mx_hosts *found);

/*
 * Begins to look; domain is canonical, and copied. The callback runs once, never before this has returned;
 * after it the look-up is gone. NULL: *err says why, no callback follows.
 */
struct ww_mx_lookup *ww_mx_lookup(struct ww_dns *dns, const char *domain, ww_mx_lookup_cb *cb, void *ctx,
                                  enum ww_err *err);

/* Ends it without its callback. */
void ww_mx_lookup_cancel(struct ww_mx_lookup *lookup);

#endif
