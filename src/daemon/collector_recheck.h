/*
 * Which domains are to be looked up anew, as a delivery to them has failed under their MTA-STS policy
 * (RFC 8461 section 5.1): each once in a while, and not too many in all. Bounded in memory: where there is no
 * room to remember a domain, it is not looked up.
 */
#ifndef WW_DAEMON_COLLECTOR_RECHECK_H
#define WW_DAEMON_COLLECTOR_RECHECK_H

#include "base/hash.h"

#include <stdbool.h>

#define WW_RECHECK_A_SECOND 20
#define WW_RECHECK_SETS 1024
#define WW_RECHECK_WAYS 4

struct ww_recheck {
    struct ww_hash_key key; /* random */
    struct {
        uint64_t name; /* hash of the domain */
        int64_t at;    /* milliseconds; 0: it is free */
    } seen[WW_RECHECK_SETS][WW_RECHECK_WAYS];
    int64_t second;
    unsigned in_second;
};

/* True: it is its turn, which is remembered. now_ms is greater than 0, by a clock that does not go back. */
bool ww_recheck_take(struct ww_recheck *r, const char *domain, int64_t interval_ms, int64_t now_ms);

#endif
