/* What all looks at MX hosts of one inspector share. */
#ifndef WW_CHECK_MX_COMMON_H
#define WW_CHECK_MX_COMMON_H

#include "check/env.h"
#include "probe/mx_probe.h"

#include <sys/queue.h>

struct ww_lists;

/* So many looks ask one address more than how it greets a sender, at a time: names are free, and whoever puts
 * a stranger's address behind many of them would have us press it hard. */
#define WW_MX_DEEP_AT_ADDRESS 4

/* That a host was reached says for so long that port 25 is open, in milliseconds. */
#define WW_MX_REACHED_MS 300000

enum { WW_MX_IPV6, WW_MX_IPV4, WW_MX_FAMILIES };

/* A place among those. Lives where the caller likes; zero: it has none. */
struct ww_mx_deep {
    LIST_ENTRY(ww_mx_deep) entry;
    const struct ww_addr *addr;
};

struct ww_mx_common {
    struct ww_mx_prober *prober;
    struct ww_lists *lists; /* of revoked certificates */
    LIST_HEAD(, ww_mx_deep) deep;
    int64_t reached_at[WW_MX_FAMILIES]; /* ww_clock_us: port 25 of some MX host over this family; 0: never */
};

/* NULL: memory is short. env has to outlive it. */
struct ww_mx_common *ww_mx_common_new(const struct ww_check_env *env);
/* No look may be under way. */
void ww_mx_common_free(struct ww_mx_common *common);

/* Takes a place. False: there are enough. addr is borrowed until it is left. */
bool ww_mx_deep_enter(struct ww_mx_common *common, struct ww_mx_deep *place, const struct ww_addr *addr);
void ww_mx_deep_leave(struct ww_mx_deep *place);

/* Port 25 of some MX host was reached over the family lately. now is of ww_clock_us. */
bool ww_mx_was_reached(const struct ww_mx_common *common, int family, int64_t now);

#endif
