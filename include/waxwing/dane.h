/* DANE for SMTP (RFC 7672): what the TLSA records of an MX host amount to. */
#ifndef WAXWING_DANE_H
#define WAXWING_DANE_H

#include <waxwing/base.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * What the look-up of the TLSA records of one MX host has come to (sections 2.1 and 2.2). The most careful:
 * WAXWING_DANE_LOOKUP_FAILED.
 */
enum waxwing_dane {
    WAXWING_DANE_UNKNOWN = 0,         /* nobody says */
    WAXWING_DANE_NONE = 1,            /* DNSSEC proves that there is no record */
    WAXWING_DANE_INSECURE = 2,        /* DNSSEC proves that the zone is not signed, or the way to it is not */
    WAXWING_DANE_SECURE_USABLE = 3,   /* at least one usable record: TLS, and a certificate that matches */
    WAXWING_DANE_SECURE_UNUSABLE = 4, /* records, none of them usable: TLS, without authentication */
    WAXWING_DANE_BOGUS = 5,           /* the answer does not stand up to DNSSEC: skip the host */
    WAXWING_DANE_LOOKUP_FAILED = 6    /* no answer, or an error: the same */
};

/* "secure-usable" and so on; "unknown" for any other. Never NULL. */
WAXWING_API const char *waxwing_dane_name(enum waxwing_dane dane);

/*
 * NULL when a TLSA record, given as RDATA, can authenticate an SMTP server, else the rule that makes it
 * unusable: certificate usages 0 and 1 (RFC 7672 section 3.1.3), unknown values, data that is no digest of
 * its type, or no certificate or key (RFC 6698 section 4.1).
 */
WAXWING_API const struct waxwing_error *waxwing_tlsa_check(const void *rdata, size_t length);

/* What an answer with these records, for which DNSSEC vouches, means: _NONE, _SECURE_USABLE,
 * _SECURE_UNUSABLE. */
WAXWING_API enum waxwing_dane waxwing_tlsa_classify(const struct waxwing_octets *records, size_t count);

#ifdef __cplusplus
}
#endif

#endif
