/* The bodies that the addresses of a policy host serve, held against each other. */
#ifndef WW_CHECK_HOST_COMPARE_H
#define WW_CHECK_HOST_COMPARE_H

#include "check/host_sight.h"

/*
 * bodies[i] came from sight->addresses[i]; p is NULL where none did. Sets sight->body to the first one, which
 * it does not copy, body_from, and at the other addresses where theirs differs.
 */
void ww_host_compare(struct ww_host_sight *sight, const struct ww_slice *bodies);

#endif
