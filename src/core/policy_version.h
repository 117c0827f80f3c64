/* A version of a domain's policy, an id with a body, as the history has it. */
#ifndef WW_CORE_POLICY_VERSION_H
#define WW_CORE_POLICY_VERSION_H

#include "core/origin.h"
#include "core/policy.h"
#include "core/sts_record.h"

/* Of a longer body only its hash and size are kept. Real ones have a few hundred octets. */
#define WW_VERSION_BODY_MAX 4096

#define WW_VERSION_HASH_SIZE 32

struct ww_version {
    char id[WW_STS_ID_MAX + 1];
    uint8_t hash[WW_VERSION_HASH_SIZE]; /* SHA-256 of the body */
    int64_t turn;                       /* the larger, the later it was the present one */
    int64_t turns;                      /* how often it became so */
    int64_t first_seen;                 /* Unix seconds */
    int64_t last_seen;
    int64_t expires; /* when the policy that is in force ends; 0 for all others */
    enum ww_policy_mode mode;
    size_t size;             /* of the body */
    struct ww_slice body;    /* borrowed; p is NULL when it was too long to be kept */
    struct ww_origin origin; /* of the last fetch whose origin is known */
};

#endif
