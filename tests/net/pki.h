/* Certificates for tests, made in memory: authorities, and leaves with one fault each. */
#ifndef WW_TESTS_NET_PKI_H
#define WW_TESTS_NET_PKI_H

#include <openssl/ssl.h>

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
};

struct pki;

/* Writes the trusted authority's certificate to ca_file. */
struct pki *pki_new(const char *ca_file);
void pki_free(struct pki *pki);

/* A server's context with a certificate for the host; chain certificates that are sent are in it. */
SSL_CTX *pki_server(const struct pki *pki, enum leaf leaf, const char *host);

#endif
