/*
 * Whether a certificate was revoked by who made it: by what its server has stapled (RFC 6066 section 8, RFC
 * 6960), and by the list of its authority (RFC 5280 section 5). Only what an authority has signed counts;
 * what is out of date, or cannot be read, says nothing.
 */
#ifndef WW_NET_TLS_REVOKED_H
#define WW_NET_TLS_REVOKED_H

#include "base/slice.h"

#include <openssl/ssl.h>

enum ww_revocation {
    WW_REVOCATION_UNKNOWN,
    WW_REVOCATION_GOOD,
    WW_REVOCATION_REVOKED,
};

/* A list of more octets is not read. */
#define WW_CRL_MAX ((size_t)1 << 20)
#define WW_CRL_URL_SIZE 256

/* What was stapled in this connection; chain: leaf and issuers, verified with the store. */
enum ww_revocation ww_tls_staple(SSL *ssl, X509_STORE *store, STACK_OF(X509) * chain);

/* Where the list is to be had over plain HTTP; "": nowhere, or the address is too long. */
void ww_tls_crl_place(const X509 *cert, char url[WW_CRL_URL_SIZE]);

/* What a list, in DER, says of the certificate. */
enum ww_revocation ww_tls_crl(X509 *cert, X509 *issuer, struct ww_slice list);

#endif
