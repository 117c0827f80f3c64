/*
 * TLSA records (RFC 6698 section 2.1), and what those of one MX host mean to a sender: DANE for SMTP
 * (RFC 7672).
 */
#ifndef WW_CORE_TLSA_H
#define WW_CORE_TLSA_H

#include "base/err.h"
#include "base/slice.h"
#include "core/dns_answer.h"

#include <stdint.h>

/* Certificate usages, by their names in RFC 7218. */
#define WW_TLSA_PKIX_TA 0
#define WW_TLSA_PKIX_EE 1
#define WW_TLSA_DANE_TA 2
#define WW_TLSA_DANE_EE 3

#define WW_TLSA_SELECTOR_CERT 0
#define WW_TLSA_SELECTOR_SPKI 1

#define WW_TLSA_FULL 0
#define WW_TLSA_SHA256 1
#define WW_TLSA_SHA512 2

struct ww_tlsa {
    uint8_t usage;
    uint8_t selector;
    uint8_t matching;
    struct ww_slice data; /* certificate association data, borrowed */
};

/* What the TLSA look-ups for one MX host have come to (RFC 7672 sections 2.1 and 2.2). */
enum ww_dane_state {
    WW_DANE_NONE,            /* it is proven that there is no record */
    WW_DANE_INSECURE,        /* the zone is not signed, or the way to it is not: nothing is proven */
    WW_DANE_SECURE_USABLE,   /* at least one usable record: TLS, and a certificate that matches */
    WW_DANE_SECURE_UNUSABLE, /* records, none of them usable: TLS, without authentication */
    WW_DANE_BOGUS,           /* the answer does not stand up to DNSSEC: the host counts as unreachable */
    WW_DANE_LOOKUP_FAILED,   /* no answer, or an error: the same */
};
#define WW_DANE_STATES 6

/* Reads RDATA. The values may be unknown ones, and the data of a wrong length: ww_tlsa_check says so. */
WW_MUST_CHECK enum ww_err ww_tlsa_parse(const char *p, size_t n, struct ww_tlsa *out);

/*
 * WW_OK when the record can authenticate an SMTP server, else the rule that makes it unusable: usages PKIX-TA
 * and PKIX-EE (RFC 7672 section 3.1.3), unknown values, data that is no digest of its type or no DER
 * SEQUENCE (RFC 6698 section 4.1).
 */
WW_MUST_CHECK enum ww_err ww_tlsa_check(const struct ww_tlsa *tlsa);

/*
 * The records of an answer to the question for TLSA of this name that can authenticate (ww_tlsa_check), at
 * most `max` of them: *count. They are borrowed from the packet.
 */
WW_MUST_CHECK enum ww_err ww_tlsa_usable(struct ww_slice packet, const char *name, struct ww_tlsa *out,
                                         size_t max, size_t *count);

/*
 * What an answer to the question for TLSA means; secure: DNSSEC vouches for all of it, aliases and denial of
 * existence included. An rcode other than NOERROR and NXDOMAIN is a failed look-up, as is for the caller an
 * answer that ww_dns_answer_open refuses. The answer is left as it was.
 */
enum ww_dane_state ww_dane_classify(const struct ww_dns_answer *answer, bool secure);

/* "none", "insecure", "secure-usable", "secure-unusable", "bogus" or "lookup-failed". */
const char *ww_dane_state_name(enum ww_dane_state state);

#endif
