/* Whether this machine has a way to an address at all. */
#ifndef WW_NET_ROUTE_H
#define WW_NET_ROUTE_H

#include "core/addr.h"

/* Nothing is sent. */
bool ww_has_route(const struct ww_addr *to);

#endif
