/* What the roles that send something by HTTPS share. */
#ifndef WW_DAEMON_POST_H
#define WW_DAEMON_POST_H

#include "daemon/config.h"
#include "drive/addresses.h"
#include "net/https.h"

struct event_base;

/* As configured; `here`: to this machine alone. NULL: detail says why. Before rights are given up. */
struct ww_https *ww_post_open(struct event_base *base, const struct ww_config *config, bool here,
                              unsigned deadline_ms, char *detail, size_t size);

/* How a POST has ended that was not accepted, in words. */
void ww_post_say(char *out, size_t size, const char *host, const struct ww_https_reply *reply);

/* Why a host has no address to go to; `setting` allows special ones. */
void ww_post_say_addresses(char *out, size_t size, const char *host, const struct ww_addresses_reply *reply,
                           const char *setting);

#endif
