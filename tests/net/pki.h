/* Certificates for tests, made in memory: authorities, and leaves with one fault each. */
#ifndef WW_TESTS_NET_PKI_H
#define WW_TESTS_NET_PKI_H

#include <openssl/ssl.h>
#include <stdbool.h>

enum leaf {
    LEAF_GOOD,
    LEAF_WILDCARD,         /* *.example for mta-sts.example */
    LEAF_PARTIAL_WILDCARD, /* mta*.example */
    LEAF_WRONG_NAME,
    LEAF_CN_ONLY,
    LEAF_EXPIRED,
    LEAF_EARLY,
    LEAF_SELF_SIGNED,
    LEAF_UNTRUSTED,    /* by an authority that nobody trusts */
    LEAF_CHAIN,        /* by an intermediate that is sent */
    LEAF_CHAIN_BROKEN, /* by an intermediate that is not sent */
    /* The name is wrong, and the date. */
    LEAF_WRONG_EXPIRED,
    /* By an authority that nobody trusts, which is sent. */
    LEAF_PRIVATE,
    LEAF_PRIVATE_WRONG_NAME,
    LEAF_PRIVATE_EXPIRED,
    LEAF_PRIVATE_CLIENT,
    LEAF_CLIENT, /* good for clients alone, as the one before */
    LEAF_NUL,    /* the dNSName is the host, a NUL, and more */
    LEAF_BINARY, /* name and common name hold an escape sequence and a letter that is no ASCII */
    LEAF_MANY,   /* 40 dNSNames, the last of them the host */
    LEAF_RSA,
    LEAF_SHORT_KEY, /* of RSA, with 1024 bits */
    LEAF_SHA1,      /* is what its signature is made with */
    LEAF_ENDS_SOON, /* in three days */
    LEAF_LISTED,    /* says where its authority lists what it has revoked: PKI_CRL */
};

#define PKI_CRL "http://ca.example/revoked.crl"

struct pki;

/* Writes the trusted authority's certificate to ca_file. */
struct pki *pki_new(const char *ca_file);
void pki_free(struct pki *pki);

/* A server's context with a certificate for the host; chain certificates that are sent are in it. */
SSL_CTX *pki_server(const struct pki *pki, enum leaf leaf, const char *host);

/* The certificate of an authority that is trusted. */
X509 *pki_ca(const struct pki *pki);

/* The list of the trusted authority in DER, for the caller to free with OPENSSL_free; returns its length. It
 * revokes this certificate, or none with NULL; of_yesterday: it is out of date. */
int pki_crl(const struct pki *pki, X509 *revoked, bool of_yesterday, unsigned char **der);

/* What the trusted authority says of the certificate (OCSP), as a server staples it: freed so as well. */
int pki_staple(const struct pki *pki, X509 *cert, bool revoked, unsigned char **der);

#endif
