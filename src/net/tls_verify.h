/*
 * What a TLS server's certificate must satisfy for somebody else's name, put upon an OpenSSL context, and
 * words for the fault when it does not (RFC 8461 section 3.3, RFC 6125 section 6.4).
 */
#ifndef WW_NET_TLS_VERIFY_H
#define WW_NET_TLS_VERIFY_H

#include "base/buf.h"
#include "base/err.h"
#include "core/origin.h"
#include "net/tls_leaf.h"

#include <openssl/ssl.h>
#include <stdbool.h>

struct ww_tls_fault {
    enum ww_err err;            /* what is wrong with the certificate; WW_OK when nothing is */
    unsigned long reason;       /* OpenSSL's code of a failed handshake, or 0 */
    bool goodbye;               /* no fault: the peer has ended its side of TLS with a close_notify */
    struct ww_origin_cert leaf; /* no fault: the certificate that was found good */
    struct ww_tls_leaf shown;   /* no fault: the certificate, be it good or bad */
    uint16_t version;           /* no fault: of TLS, as on the wire, with a certificate */
    char detail[320]; /* words of OpenSSL on either, with the names in the certificate; printable ASCII */
};

/* The trusted authorities of a PEM file, or of the system's with NULL; freed with X509_STORE_free. NULL on
 * failure. */
X509_STORE *ww_tls_store_new(const char *ca_file);

/*
 * Makes the handshakes of a context demand TLS 1.2, a chain to the store, and a dNSName for the host; a
 * common name never counts, a wildcard only as a whole label. The store is shared; fault is borrowed and
 * written to as long as the context lives.
 */
WW_MUST_CHECK enum ww_err ww_tls_demand(SSL_CTX *ctx, X509_STORE *store, const char *host,
                                        struct ww_tls_fault *fault);

/* TLS 1.2 is demanded and nothing else: whoever answers is talked to. For what may be read by anybody and has
 * to arrive. fault is used as above. */
WW_MUST_CHECK enum ww_err ww_tls_take_anybody(SSL_CTX *ctx, struct ww_tls_fault *fault);

/* Of a verification that has stopped at a fault: which one it is, as of a policy host's certificate. Words
 * for it are appended, printable ASCII. */
enum ww_err ww_tls_chain_fault(X509_STORE_CTX *c, struct ww_buf *words);

/* The error of a handshake that failed: the certificate's, the protocol version's, a connection lost, or
 * another. */
enum ww_err ww_tls_fault_err(const struct ww_tls_fault *fault);

#endif
