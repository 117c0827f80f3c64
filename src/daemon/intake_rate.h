/*
 * How often one address may come: an IPv4 address, or a /64 of IPv6, has so many requests a minute, at once
 * or spread. The table is bounded: where it is full, whoever came the least often lately is forgotten, and
 * has all of them again. per_minute is from 1 to 1000000. Pure: time is passed in, in milliseconds by a clock
 * that does not go back.
 */
#ifndef WW_DAEMON_INTAKE_RATE_H
#define WW_DAEMON_INTAKE_RATE_H

#include "base/hash.h"
#include "core/addr.h"

/* Addresses that are kept in mind. */
#define WW_INTAKE_RATE_ENTRIES 8192

struct ww_intake_rate;

/* NULL when memory is short. */
struct ww_intake_rate *ww_intake_rate_new(const struct ww_hash_key *key);
void ww_intake_rate_free(struct ww_intake_rate *rate);

/* Takes one of per_minute. False: it has none left; *wait is how many seconds later it has one. */
bool ww_intake_rate_take(struct ww_intake_rate *rate, const struct ww_addr *who, unsigned per_minute,
                         int64_t now, unsigned *wait);

#endif
