#include "publish/challenge.h"

#include <stdio.h>

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#define TOKEN_MAX 128
#define THUMBPRINT_LENGTH 43 /* 32 octets in base64url */
#define DAY 86400
#define ACME_IDENTIFIER "1.3.6.1.5.5.7.1.31" /* id-pe-acmeIdentifier, which OpenSSL does not know */

static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

static bool is_base64url(const char *p, size_t n)
{
    return strspn(p, letters) >= n;
}

bool ww_challenge_token_check(const char *token)
{
    size_t n = strnlen(token, TOKEN_MAX + 1);
    return n >= 1 && n <= TOKEN_MAX && is_base64url(token, n);
}

bool ww_challenge_key_check(const char *authorization, const char *token)
{
    size_t n = strlen(token);
    return strncmp(authorization, token, n) == 0 && authorization[n] == '.' &&
           strlen(authorization + n + 1) == THUMBPRINT_LENGTH &&
           is_base64url(authorization + n + 1, THUMBPRINT_LENGTH);
}

bool ww_challenge_digest(const char *text, unsigned char digest[WW_CHALLENGE_DIGEST_SIZE])
{
    unsigned char padded[THUMBPRINT_LENGTH + 1], octets[WW_CHALLENGE_DIGEST_SIZE + 1];
    if (strlen(text) != THUMBPRINT_LENGTH || !is_base64url(text, THUMBPRINT_LENGTH))
        return false;
    for (size_t i = 0; i < THUMBPRINT_LENGTH; i++)
        padded[i] = text[i] == '-' ? '+' : text[i] == '_' ? '/' : (unsigned char)text[i];
    padded[THUMBPRINT_LENGTH] = '=';
    if (EVP_DecodeBlock(octets, padded, sizeof padded) != sizeof octets)
        return false;
    memcpy(digest, octets, WW_CHALLENGE_DIGEST_SIZE);
    return true;
}

/* Critical, and the digest as an octet string inside of the extension's own. */
static bool add_digest(X509 *cert, const unsigned char digest[WW_CHALLENGE_DIGEST_SIZE])
{
    unsigned char der[2 + WW_CHALLENGE_DIGEST_SIZE] = {V_ASN1_OCTET_STRING, WW_CHALLENGE_DIGEST_SIZE};
    memcpy(der + 2, digest, WW_CHALLENGE_DIGEST_SIZE);
    ASN1_OCTET_STRING *value = ASN1_OCTET_STRING_new();
    ASN1_OBJECT *id = OBJ_txt2obj(ACME_IDENTIFIER, 1);
    X509_EXTENSION *extension = NULL;
    bool good = value != NULL && id != NULL && ASN1_OCTET_STRING_set(value, der, sizeof der) == 1 &&
                (extension = X509_EXTENSION_create_by_OBJ(NULL, id, 1, value)) != NULL &&
                X509_add_ext(cert, extension, -1) == 1;
    X509_EXTENSION_free(extension);
    ASN1_OBJECT_free(id);
    ASN1_OCTET_STRING_free(value);
    return good;
}

static bool add_name(X509 *cert, const char *host)
{
    char names[300];
    (void)snprintf(names, sizeof names, "DNS:%s", host);
    X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, NULL, NID_subject_alt_name, names);
    bool good = extension != NULL && X509_add_ext(cert, extension, -1) == 1;
    X509_EXTENSION_free(extension);
    return good;
}

/* The name is the host's where it fits, which is for people alone. */
static bool fill(X509 *cert, const char *host, int64_t now)
{
    uint64_t serial = 0;
    X509_NAME *name = X509_get_subject_name(cert);
    const unsigned char *shown = (const unsigned char *)(strlen(host) <= 64 ? host : "challenge");
    return RAND_bytes((unsigned char *)&serial, sizeof serial) == 1 &&
           ASN1_INTEGER_set_uint64(X509_get_serialNumber(cert), serial >> 1) == 1 &&
           X509_set_version(cert, X509_VERSION_3) == 1 &&
           ASN1_TIME_set(X509_getm_notBefore(cert), (time_t)(now - DAY)) != NULL &&
           ASN1_TIME_set(X509_getm_notAfter(cert), (time_t)(now + DAY)) != NULL &&
           X509_NAME_add_entry_by_NID(name, NID_commonName, MBSTRING_ASC, shown, -1, -1, 0) == 1 &&
           X509_set_issuer_name(cert, name) == 1;
}

static size_t write_pem(X509 *cert, EVP_PKEY *key, char out[WW_CHALLENGE_PEM_SIZE])
{
    size_t n = 0;
    char *text = NULL;
    BIO *bio = BIO_new(BIO_s_mem());
    if (bio != NULL && PEM_write_bio_X509(bio, cert) == 1 &&
        PEM_write_bio_PKCS8PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL) == 1) {
        long size = BIO_get_mem_data(bio, &text);
        n = size > 0 && size <= WW_CHALLENGE_PEM_SIZE ? (size_t)size : 0;
        memcpy(out, text, n);
    }
    BIO_free(bio);
    return n;
}

size_t ww_challenge_certificate(const char *host, const unsigned char digest[WW_CHALLENGE_DIGEST_SIZE],
                                int64_t now, char out[WW_CHALLENGE_PEM_SIZE])
{
    EVP_PKEY *key = EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256");
    X509 *cert = X509_new();
    bool good = key != NULL && cert != NULL && fill(cert, host, now) && add_name(cert, host) &&
                add_digest(cert, digest) && X509_set_pubkey(cert, key) == 1 &&
                X509_sign(cert, key, EVP_sha256()) > 0;
    size_t n = good ? write_pem(cert, key, out) : 0;
    X509_free(cert);
    EVP_PKEY_free(key);
    ERR_clear_error();
    return n;
}
