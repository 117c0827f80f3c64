/* The TLS of a probe: a client that no certificate stops, and what can be told when the handshake is over. */
#ifndef WW_PROBE_MX_TLS_H
#define WW_PROBE_MX_TLS_H

#include "probe/tlsa_fit.h"

#include <openssl/ssl.h>

/* Names that are looked for: host, TLSA base domain, next hop. */
#define WW_MX_TLS_WANTED 3

/* Of one connection. OpenSSL keeps a pointer to it: it stays where it is from _init to _free. */
struct ww_mx_tls {
    SSL *ssl;
    size_t readable;                     /* TLSA records that were taken */
    struct ww_tlsa_fits fits;            /* of those that are usable */
    STACK_OF(X509) * chain;              /* verified; or NULL */
    bool out_of_date;                    /* on the way to a trust anchor of DANE */
    char dates[WW_MX_PROBE_DETAIL_SIZE]; /* words on that */
};

/* What all connections share; NULL: memory is short. Freed with SSL_CTX_free. */
SSL_CTX *ww_mx_tls_context(void);

/* Records of other usages than DANE-EE and DANE-TA are left out. False: memory is short. */
WW_MUST_CHECK bool ww_mx_tls_init(struct ww_mx_tls *tls, SSL_CTX *ctx,
                                  const struct ww_mx_probe_target *target);
void ww_mx_tls_free(struct ww_mx_tls *tls);

/*
 * After the handshake: fills what the result says of it and of the certificate, and the detail with what PKIX
 * has against that. `wanted` are the names that have a place among those kept, empty ones aside.
 */
void ww_mx_tls_read(struct ww_mx_tls *tls, X509_STORE *store, const struct ww_slice wanted[WW_MX_TLS_WANTED],
                    struct ww_mx_probe_result *result);

#endif
