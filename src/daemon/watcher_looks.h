/*
 * The watcher's part in looks at MX hosts: makes some at a time (check/sts_look.h), and gives what came of
 * each to whoever tells the keeper.
 */
#ifndef WW_DAEMON_WATCHER_LOOKS_H
#define WW_DAEMON_WATCHER_LOOKS_H

#include "check/env.h"
#include "daemon/config.h"
#include "drive/discover.h"
#include "proc/stats.h"

struct ww_watcher_looks;

/* The payload of a ww_msg_looked; borrowed during the call. */
typedef void ww_watcher_looks_tell(void *ctx, struct ww_slice looked);

/* All is borrowed. NULL when memory is short. */
struct ww_watcher_looks *ww_watcher_looks_new(const struct ww_check_env *env,
                                              const struct ww_discoverer *with,
                                              const struct ww_config *config, struct ww_stats *stats,
                                              ww_watcher_looks_tell *tell, void *ctx);
void ww_watcher_looks_free(struct ww_watcher_looks *looks);

/* Tells once, at once where it cannot be begun. */
void ww_watcher_looks_begin(struct ww_watcher_looks *looks, const char *domain);

#endif
