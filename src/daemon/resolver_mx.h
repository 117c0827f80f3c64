/*
 * The look-ups of MX hosts that a front asks of a resolver: so many at a time, more are refused. An owner
 * that goes away takes his along.
 */
#ifndef WW_DAEMON_RESOLVER_MX_H
#define WW_DAEMON_RESOLVER_MX_H

#include "drive/mx_hosts.h"

/* A front has fewer on their way. */
#define WW_RESOLVER_MX_MAX 256

struct ww_resolver_mx;

/* It has ended, or was refused (WW_E_RESOLVER_BUSY), which may be told before ww_resolver_mx_ask returns. */
typedef void ww_resolver_mx_cb(void *owner, uint64_t number, const struct ww_mx_hosts *found);

/* dns is borrowed. NULL when memory is short. */
struct ww_resolver_mx *ww_resolver_mx_new(struct ww_dns *dns, ww_resolver_mx_cb *cb);
void ww_resolver_mx_free(struct ww_resolver_mx *mx);

void ww_resolver_mx_ask(struct ww_resolver_mx *mx, void *owner, uint64_t number, const char *domain);

/* Ends all look-ups of an owner without their callbacks. */
void ww_resolver_mx_forget(struct ww_resolver_mx *mx, const void *owner);

#endif
