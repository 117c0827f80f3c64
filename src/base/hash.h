/* SipHash-2-4: for tables whose keys an attacker may choose; without the key nobody can make them collide. */
#ifndef WW_BASE_HASH_H
#define WW_BASE_HASH_H

#include <stddef.h>
#include <stdint.h>

struct ww_hash_key {
    uint64_t k[2]; /* random, one for each process */
};

uint64_t ww_hash(const struct ww_hash_key *key, const void *p, size_t n);

#endif
