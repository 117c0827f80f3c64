/* What was seen of MX hosts, shared by the inspections that want it: one look a host, whoever asks first. */
#ifndef WW_CHECK_INSPECT_SHARE_H
#define WW_CHECK_INSPECT_SHARE_H

#include "check/looks.h"

#include <sys/queue.h>

/* Addresses of hosts that are kept for those who come later; of more, the oldest hosts are forgotten. */
#define WW_SHARE_ADDRESSES_MAX 4096

struct ww_shared_host;
TAILQ_HEAD(ww_shared_hosts, ww_shared_host);

struct ww_share {
    const struct ww_check_env *env;
    struct ww_shared_hosts hosts; /* oldest first */
};

/* Somebody who waits for a host. Lives where the caller likes; zero: it waits for nobody. */
struct ww_share_waiter {
    TAILQ_ENTRY(ww_share_waiter) entry;
    struct ww_shared_host *host;
    struct ww_mx_sight *sight; /* what it gets; a reference, for the caller to drop */
    ww_look_done *done;
    void *ctx;
};

void ww_share_init(struct ww_share *share, const struct ww_check_env *env);
/* Nobody may be waiting. */
void ww_share_clear(struct ww_share *share);

/*
 * Asks for a host; what was not begun after `since` (ww_clock_us) is not good enough, and forgotten once
 * nobody waits for it. The waiter's sight is set. True: `done` will be called. False: there is nothing to
 * wait for: sight is complete, or NULL when memory is short.
 */
bool ww_share_ask(struct ww_share *share, const struct ww_dane_host *host, const char *next_hop,
                  int64_t since, struct ww_share_waiter *waiter, ww_look_done *done, void *ctx);

/* Waits no more. A look that nobody waits for any more is ended, and its sight stays incomplete. */
void ww_share_leave(struct ww_share_waiter *waiter);

#endif
