/* Certificates for tests, made as they are wanted. */
#ifndef MADE_CERTIFICATE_H
#define MADE_CERTIFICATE_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

static inline EVP_PKEY *made_key(void)
{
    return EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256");
}

/* Self-signed; the common name is the host's, too. names is as in "DNS:a.example,DNS:b.example"; NULL: none.
 */
static inline X509 *made_certificate(EVP_PKEY *key, const char *host, const char *names, int64_t from,
                                     int64_t to)
{
    X509 *cert = X509_new();
    X509_NAME *subject = X509_get_subject_name(cert);
    bool good = X509_set_version(cert, X509_VERSION_3) == 1 &&
                ASN1_INTEGER_set(X509_get_serialNumber(cert), 1) == 1 &&
                ASN1_TIME_set(X509_getm_notBefore(cert), (time_t)from) != NULL &&
                ASN1_TIME_set(X509_getm_notAfter(cert), (time_t)to) != NULL &&
                X509_NAME_add_entry_by_NID(subject, NID_commonName, MBSTRING_ASC, (const unsigned char *)host,
                                           -1, -1, 0) == 1 &&
                X509_set_issuer_name(cert, subject) == 1 && X509_set_pubkey(cert, key) == 1;
    X509_EXTENSION *extension =
        names != NULL ? X509V3_EXT_conf_nid(NULL, NULL, NID_subject_alt_name, names) : NULL;
    good = good && (names == NULL || X509_add_ext(cert, extension, -1) == 1) &&
           X509_sign(cert, key, EVP_sha256()) > 0;
    X509_EXTENSION_free(extension);
    if (good)
        return cert;
    X509_free(cert);
    return NULL;
}

/* Octets written. */
static inline size_t made_pem(X509 *cert, EVP_PKEY *key, char *out, size_t size)
{
    BIO *bio = BIO_new(BIO_s_mem());
    char *text = NULL;
    if (cert != NULL)
        (void)PEM_write_bio_X509(bio, cert);
    if (key != NULL)
        (void)PEM_write_bio_PKCS8PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL);
    long n = BIO_get_mem_data(bio, &text);
    size_t kept = n > 0 && (size_t)n < size ? (size_t)n : 0;
    memcpy(out, text, kept);
    out[kept] = '\0';
    BIO_free(bio);
    return kept;
}

#endif
