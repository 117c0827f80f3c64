/*
 * The life of the root's trust anchors (RFC 5011): new keys that the trusted ones vouch for become trusted
 * after 30 days, revoked ones stop being so at once. Pure: it gets what was seen, already checked, and the
 * time.
 */
#ifndef WW_ENGINE_ANCHORS_H
#define WW_ENGINE_ANCHORS_H

#include "core/dnskey.h"

#include <stdint.h>

#define WW_ANCHOR_DIGEST_MAX 48
#define WW_ANCHOR_SHA256 2
#define WW_ANCHOR_SHA384 4

/* RFC 5011 sections 2.3, 2.4.1 and 2.4.2, in seconds. */
#define WW_ANCHOR_HOLD ((int64_t)30 * 24 * 3600)
#define WW_ANCHOR_QUERY_MIN ((int64_t)3600)
#define WW_ANCHOR_QUERY_MAX ((int64_t)15 * 24 * 3600)
#define WW_ANCHOR_RETRY_MAX ((int64_t)24 * 3600)

/* Section 4.2; a key that is not here is in the state Start. The numbers are stored. */
enum ww_anchor_state {
    WW_ANCHOR_PENDING, /* AddPend: vouched for, not trusted yet */
    WW_ANCHOR_VALID,
    WW_ANCHOR_MISSING, /* trusted as well; it was not there when the keys were seen last */
    WW_ANCHOR_REVOKED,
    WW_ANCHOR_REMOVED, /* never to be trusted again */
    WW_ANCHOR_STATES,
};

/* "pending", "valid", … */
const char *ww_anchor_state_name(enum ww_anchor_state state);

/* Known by the digest of a DS record (of the key as it is without the REVOKE bit). */
struct ww_anchor_key {
    uint16_t tag;
    uint8_t algorithm;
    uint8_t digest_type; /* WW_ANCHOR_SHA256, or WW_ANCHOR_SHA384 until the key itself was seen */
    uint8_t digest[WW_ANCHOR_DIGEST_MAX];
    enum ww_anchor_state state;
    int64_t since; /* in this state */
    int64_t seen;  /* when the keys were seen last, as far as this one's waiting counts */
    int64_t held;  /* seconds that it has waited in this state */
};

#define WW_ANCHOR_KEYS_MAX 32

struct ww_anchor_point {
    size_t count;
    struct ww_anchor_key keys[WW_ANCHOR_KEYS_MAX];
    int64_t confirmed; /* when a trusted key has vouched for the keys last; 0 never */
    int64_t next;      /* when to look again */
    int64_t retry;     /* seconds until another try, by what was confirmed last; 0: the shortest */
};

/* A key of the root's DNSKEY RRset. */
struct ww_seen_key {
    uint16_t tag; /* as it would be without the REVOKE bit */
    uint8_t algorithm;
    bool sep;
    bool revoked;
    bool signs; /* a signature by it over the whole set holds, and is in its time */
    uint8_t sha256[32];
    uint8_t sha384[48];
};

struct ww_seen_keys {
    size_t count;
    struct ww_seen_key keys[WW_DNSKEYS_MAX];
    uint32_t ttl;       /* that is left */
    uint32_t whole_ttl; /* the signed one */
    int64_t sig_left;   /* until the first of the signatures that hold runs out */
};

/*
 * Trusts these from now on: those that are new, and those that wait. Keys that were revoked stay so. Keys of
 * other digests than the two are left out.
 */
void ww_anchors_trust(struct ww_anchor_point *point, const struct ww_anchor_key *keys, size_t count,
                      int64_t now);

struct ww_anchors_news {
    bool confirmed; /* a trusted key has vouched for what was seen */
    bool trust;     /* a key has become trusted, or is so no more */
    bool waits;     /* a new key is pending, or one that was is gone */
};

/*
 * Takes in what was seen. Without a trusted key's signature nothing but revocations, which a key signs for
 * itself, comes of it.
 */
struct ww_anchors_news ww_anchors_observe(struct ww_anchor_point *point, const struct ww_seen_keys *seen,
                                          int64_t now);

/* Nothing could be seen, or nothing that a trusted key vouches for. */
void ww_anchors_unseen(struct ww_anchor_point *point, int64_t now);

/* Seconds until it is to be looked at again: never longer than the longest interval, whatever the clock did.
 */
int64_t ww_anchors_wait(const struct ww_anchor_point *point, int64_t now);

bool ww_anchor_is_trusted(const struct ww_anchor_key *key);

#endif
