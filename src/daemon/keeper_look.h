/*
 * The keeper's part in looks at MX hosts: gives the watcher the domains that are due, some at a time, and
 * takes what came of it. Whoever has the watcher's channel calls this (keeper_watch.h).
 */
#ifndef WW_DAEMON_KEEPER_LOOK_H
#define WW_DAEMON_KEEPER_LOOK_H

#include "daemon/keeper_results.h"
#include "proc/chan.h"

struct ww_keeper_look;

/* All is borrowed. `wanted` is called when there is something for a watcher to do, and none. NULL when memory
 * is short. */
struct ww_keeper_look *ww_keeper_look_new(struct ww_keeper_results *results, const struct ww_config *config,
                                          void (*wanted)(void *ctx), void *ctx);
void ww_keeper_look_free(struct ww_keeper_look *k);

/* Looks are to be made: so long there has to be a watcher. */
bool ww_keeper_look_is_wanted(const struct ww_keeper_look *k);

/* The watcher that can look now, or NULL: there is none any more. The channel is borrowed until the next
 * call. */
void ww_keeper_look_watcher(struct ww_keeper_look *k, struct ww_chan *watcher);

/* The payload of a WW_MSG_LOOKED. */
void ww_keeper_look_take(struct ww_keeper_look *k, struct ww_slice payload);

#endif
