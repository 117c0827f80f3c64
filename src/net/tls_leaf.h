/*
 * What a TLS server's certificate says of itself. What stands in one is a stranger's text: where it is kept,
 * it is printable ASCII, escaped as in core/words.h, and cut where it is long.
 */
#ifndef WW_NET_TLS_LEAF_H
#define WW_NET_TLS_LEAF_H

#include "base/buf.h"
#include "core/origin.h"

#include <openssl/x509.h>

/* What is kept of it: enough to tell later which one it was. What cannot be read stays zero or empty. */
void ww_tls_leaf_read(const X509 *cert, struct ww_origin_cert *out);

#define WW_TLS_LEAF_NAMES_MAX 8
#define WW_TLS_LEAF_NAME_SIZE 128

/* A certificate as it was shown, good or bad. */
struct ww_tls_leaf {
    bool shown; /* the rest is of meaning */
    struct ww_origin_cert cert;
    int64_t not_before; /* Unix seconds */
    size_t name_count;  /* dNSNames kept */
    bool more_names;
    char names[WW_TLS_LEAF_NAMES_MAX][WW_TLS_LEAF_NAME_SIZE];
};

void ww_tls_leaf_see(const X509 *cert, struct ww_tls_leaf *out);

/* Appends the first common name of the subject to `out`, if there is one. */
void ww_tls_leaf_common_name(const X509 *cert, struct ww_buf *out);

/* Gives each dNSName, as it stands there: it may hold any octets, NUL among them. Borrowed during the call.
 */
typedef void ww_tls_dns_name_cb(void *ctx, struct ww_slice name);
void ww_tls_leaf_dns_names(const X509 *cert, ww_tls_dns_name_cb *each, void *ctx);

/* What its makers had a say in: dates, key, signature, purpose. */
struct ww_tls_make {
    int64_t not_before; /* Unix seconds */
    char key[16];       /* "RSA", "EC", "ED25519" */
    unsigned key_bits;
    bool weak_key;       /* RSA of less than 2048 bits, EC of less than 224 (NIST SP 800-131A section 3) */
    char signature[40];  /* "sha256WithRSAEncryption" */
    bool weak_signature; /* over MD5 or SHA-1, or older; of what was not signed by itself */
    bool for_servers; /* its key usages let it be a TLS server's (RFC 5280 sections 4.2.1.3 and 4.2.1.12) */
};

/* OpenSSL notes in the certificate what it has read of it. */
void ww_tls_leaf_make(X509 *cert, struct ww_tls_make *out);

#endif
