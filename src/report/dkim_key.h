/* The keys that DKIM signs with (RFC 6376 section 3.3, RFC 8301, RFC 8463), and what is published of them. */
#ifndef WW_REPORT_DKIM_KEY_H
#define WW_REPORT_DKIM_KEY_H

#include "base/slice.h"

#include <openssl/types.h>

enum ww_dkim_kind {
    WW_DKIM_RSA,
    WW_DKIM_ED25519,
};

#define WW_DKIM_RSA_BITS_MIN 1024
#define WW_DKIM_RSA_BITS 2048 /* of one that is made */
#define WW_DKIM_RSA_BITS_MAX 4096

#define WW_DKIM_RECORD_SIZE 1024

struct ww_dkim_public {
    enum ww_dkim_kind kind;
    int bits;
    char record[WW_DKIM_RECORD_SIZE]; /* of TXT: "v=DKIM1; k=rsa; s=tlsrpt; p=..." (section 3.6.1) */
};

/*
 * A private key, PEM; freed by EVP_PKEY_free. NULL: DKIM cannot sign with it, detail has in words why not,
 * and what to do.
 */
EVP_PKEY *ww_dkim_key_read(struct ww_slice pem, char *detail, size_t detail_size);

/* A new one. NULL: OpenSSL cannot make it. */
EVP_PKEY *ww_dkim_key_make(enum ww_dkim_kind kind);

/* PEM (PKCS #8) with a NUL behind it; given back by ww_dkim_key_wipe. NULL: memory is short. */
char *ww_dkim_key_write(EVP_PKEY *key, size_t *n);
void ww_dkim_key_wipe(char *pem, size_t n);

/* False: memory is short. */
bool ww_dkim_key_public(EVP_PKEY *key, struct ww_dkim_public *out);

/* Whether there can be a name SELECTOR._domainkey.DOMAIN. */
bool ww_dkim_names_check(const char *selector, const char *domain);

#endif
