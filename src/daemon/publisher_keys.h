/*
 * The certificates of the publisher's sites: FOLDER/certificates/HOST/{fullchain.pem,privkey.pem}, or, where
 * a host has no folder of its own, FOLDER/certificates/shared with names for several of them. They are
 * loaded when a name is first asked for, and one after the other meanwhile; and again when the files have
 * changed, which is looked at each minute. What cannot be used is told, and leaves the one before in use.
 */
#ifndef WW_DAEMON_PUBLISHER_KEYS_H
#define WW_DAEMON_PUBLISHER_KEYS_H

#include "daemon/publisher_sites.h"
#include "net/tls_server.h"
#include "proc/stats.h"

/* One that ends within that time counts as ending. */
#define WW_PUBLISHER_ENDING_SECONDS (INT64_C(14) * 86400)

struct event_base;
struct ww_publisher_keys;

/* How it fares with a site, when that was not told yet or has changed. False: it could not be told now. */
typedef bool ww_publisher_tell(void *ctx, const struct ww_msg_site_state *state);

/* All is borrowed. NULL when memory is short. */
struct ww_publisher_keys *ww_publisher_keys_new(struct event_base *base, const char *folder,
                                                struct ww_publisher_sites *sites, struct ww_stats *stats,
                                                ww_publisher_tell *tell, void *ctx);
void ww_publisher_keys_free(struct ww_publisher_keys *keys);

/* For the listeners; lives as long as `keys`. */
SSL_CTX *ww_publisher_keys_tls(struct ww_publisher_keys *keys);

/* Looks at the files of one site, and tells. */
void ww_publisher_keys_look(struct ww_publisher_keys *keys, struct ww_publisher_site *site);
/* The same of all, from now on. */
void ww_publisher_keys_look_at_all(struct ww_publisher_keys *keys);

/* Sets the gauges. */
void ww_publisher_keys_count(const struct ww_publisher_keys *keys);

#endif
