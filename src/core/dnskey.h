/*
 * The root's DNSKEY RRset with its signatures, read from a raw DNS answer (RFC 4034 sections 2 and 3), and
 * what each signature was made over. Nothing here has been verified: that is net/dnskey_verify.h.
 */
#ifndef WW_CORE_DNSKEY_H
#define WW_CORE_DNSKEY_H

#include "base/buf.h"
#include "base/err.h"

#define WW_DNSKEY_ZONE 0x0100u   /* RFC 4034 section 2.1.1 */
#define WW_DNSKEY_REVOKE 0x0080u /* RFC 5011 section 2.1 */
#define WW_DNSKEY_SEP 0x0001u    /* RFC 4034 section 2.1.1 */

/* More records, or longer keys (RSA of 8192 bits), are not looked at: the set is refused whole. */
#define WW_DNSKEYS_MAX 16
#define WW_RRSIGS_MAX 16
#define WW_DNSKEY_RDATA_MAX 1040

struct ww_dnskey {
    uint16_t flags;
    uint8_t algorithm;
    uint16_t tag;          /* RFC 4034 appendix B */
    struct ww_slice key;   /* public key; borrowed from the packet */
    struct ww_slice rdata; /* the whole of it; borrowed */
};

struct ww_rrsig {
    uint8_t algorithm;
    uint16_t tag; /* of the key that made it */
    uint32_t ttl; /* the original one */
    uint32_t inception, expiration;
    struct ww_slice head;      /* RDATA without the signature; borrowed */
    struct ww_slice signature; /* borrowed */
};

struct ww_dnskey_set {
    uint32_t ttl;
    size_t count, sig_count;
    struct ww_dnskey keys[WW_DNSKEYS_MAX];
    struct ww_rrsig sigs[WW_RRSIGS_MAX];
};

/*
 * Reads an answer to the question (root, DNSKEY). Keys of another protocol than 3, or that are no zone keys,
 * and signatures over other types or by other signers than the root are left out of the keys and signatures;
 * but all records of the set are part of what was signed, so they stay in `keys` with algorithm 0.
 * WW_E_DNSKEY_TOO_MANY, WW_E_DNSKEY_MALFORMED, or what ww_dns_answer_open says. No key at all is no error.
 */
WW_MUST_CHECK enum ww_err ww_dnskey_read(struct ww_dnskey_set *set, const void *packet, size_t n);

/* The key tag of a DNSKEY's RDATA (RFC 4034 appendix B; of algorithm 1 it is another, and nobody uses that).
 */
uint16_t ww_dnskey_tag(struct ww_slice rdata);

/* RFC 4034 section 3.1.5, in serial number arithmetic. */
bool ww_rrsig_in_time(const struct ww_rrsig *sig, int64_t now);

/* Room for what ww_dnskey_put_signed writes. */
#define WW_DNSKEY_SIGNED_MAX (32 + WW_DNSKEYS_MAX * (WW_DNSKEY_RDATA_MAX + 11))

/* What the signature is over: the canonical form of the set, behind the signature's head (section 3.1.8.1).
 */
void ww_dnskey_put_signed(struct ww_buf *b, const struct ww_dnskey_set *set, const struct ww_rrsig *sig);

/* What a DS of the key is the digest of (section 5.1.4), the REVOKE bit taken for clear. */
#define WW_DNSKEY_DIGESTED_MAX (1 + WW_DNSKEY_RDATA_MAX)
void ww_dnskey_put_digested(struct ww_buf *b, struct ww_slice rdata);

#endif
