/*
 * What answers a challenge of ACME: http-01 (RFC 8555 section 8.3) with the key authorization itself,
 * tls-alpn-01 (RFC 8737 section 3) with a certificate that has its digest.
 */
#ifndef WW_PUBLISH_CHALLENGE_H
#define WW_PUBLISH_CHALLENGE_H

#include "base/slice.h"

#include <stdint.h>

/* Room for a certificate and its key, PEM. */
#define WW_CHALLENGE_PEM_SIZE 4096

#define WW_CHALLENGE_DIGEST_SIZE 32

/* Of a token: letters, digits, "-" and "_" of base64url (RFC 8555 section 8.1), 1 to 128 of them. What it
 * allows is a file's name without a surprise. */
bool ww_challenge_token_check(const char *token);

/* Of a key authorization: the token, a dot, and the thumbprint of the account's key. */
bool ww_challenge_key_check(const char *authorization, const char *token);

/* The digest of a key authorization in base64url, as uacme hands it over. */
bool ww_challenge_digest(const char *text, unsigned char digest[WW_CHALLENGE_DIGEST_SIZE]);

/* The certificate for a host, self-signed and valid for a day before and after now, with a new key behind it.
 * The octets of out; 0: OpenSSL failed. */
size_t ww_challenge_certificate(const char *host, const unsigned char digest[WW_CHALLENGE_DIGEST_SIZE],
                                int64_t now, char out[WW_CHALLENGE_PEM_SIZE]);

#endif
