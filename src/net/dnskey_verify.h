/* Checking what the root's DNSKEY RRset was signed with (RFC 4035 section 5.3), by OpenSSL. */
#ifndef WW_NET_DNSKEY_VERIFY_H
#define WW_NET_DNSKEY_VERIFY_H

#include "engine/anchors.h"

/*
 * Algorithms 8, 10, 13, 14 and 15 (RFC 8624): RSA of 1024 to 8192 bits, ECDSA, Ed25519. False for all others,
 * and for keys and signatures that are malformed. `data` is what ww_dnskey_put_signed writes.
 */
bool ww_dnskey_verify(const struct ww_dnskey *key, const struct ww_rrsig *sig, struct ww_slice data);

/* The digest of the key's DS record, of type WW_ANCHOR_SHA256 or WW_ANCHOR_SHA384. False: out of memory. */
WW_MUST_CHECK bool ww_dnskey_digest(struct ww_slice rdata, uint8_t type, uint8_t out[WW_ANCHOR_DIGEST_MAX]);

/*
 * Finds out which of the keys have signed the set, by signatures that are in their time. At most 64
 * signatures are checked, which no honest set needs. WW_E_NO_MEMORY.
 */
WW_MUST_CHECK enum ww_err ww_dnskey_observe(const struct ww_dnskey_set *set, int64_t now,
                                            struct ww_seen_keys *out);

/* Before confinement: OpenSSL reads files when it is used first. */
void ww_dnskey_verify_prepare(void);

#endif
