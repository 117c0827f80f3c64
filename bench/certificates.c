/*
 * Makes certificates for policy hosts: certificates FOLDER COUNT
 *
 * FOLDER/mta-sts.dI.example/{fullchain.pem,privkey.pem}, ECDSA P-256, each by one authority, which is in the
 * chain as an intermediate would be.
 */
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#define DAY (24L * 60 * 60)

static EVP_PKEY *authority_key;
static X509 *authority;

static void need(bool good, const char *what)
{
    if (good)
        return;
    (void)fprintf(stderr, "certificates: %s failed\n", what);
    exit(1);
}

static X509 *make(const char *name, EVP_PKEY *key, long serial, int nid, const char *extension)
{
    X509 *cert = X509_new();
    X509_EXTENSION *e = X509V3_EXT_conf_nid(NULL, NULL, nid, extension);
    need(cert != NULL && e != NULL, name);
    X509_NAME *subject = X509_get_subject_name(cert);
    need(
        X509_set_version(cert, X509_VERSION_3) == 1 &&
            ASN1_INTEGER_set(X509_get_serialNumber(cert), serial) == 1 &&
            X509_gmtime_adj(X509_getm_notBefore(cert), -DAY) != NULL &&
            X509_gmtime_adj(X509_getm_notAfter(cert), 60 * DAY) != NULL &&
            X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC, (const unsigned char *)name, -1, -1, 0) ==
                1 &&
            X509_set_issuer_name(cert, authority != NULL ? X509_get_subject_name(authority) : subject) == 1 &&
            X509_set_pubkey(cert, key) == 1 && X509_add_ext(cert, e, -1) == 1 &&
            X509_sign(cert, authority_key, EVP_sha256()) > 0,
        name);
    X509_EXTENSION_free(e);
    return cert;
}

static FILE *open_in(const char *folder, const char *name)
{
    char path[4096];
    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *f = fopen(path, "w");
    need(f != NULL, path);
    return f;
}

static void write_one(const char *folder, long i)
{
    char to[2048], name[64], extension[80];
    EVP_PKEY *key = EVP_EC_gen("P-256");
    (void)snprintf(name, sizeof name, "mta-sts.d%ld.example", i);
    (void)snprintf(extension, sizeof extension, "DNS:%s", name);
    (void)snprintf(to, sizeof to, "%s/%s", folder, name);
    X509 *cert = make(name, key, i + 2, NID_subject_alt_name, extension);
    need(mkdir(to, 0755) == 0, to);
    FILE *f = open_in(to, "fullchain.pem");
    need(PEM_write_X509(f, cert) == 1 && PEM_write_X509(f, authority) == 1 && fclose(f) == 0, to);
    f = open_in(to, "privkey.pem");
    need(PEM_write_PrivateKey(f, key, NULL, NULL, 0, NULL, NULL) == 1 && fclose(f) == 0, to);
    X509_free(cert);
    EVP_PKEY_free(key);
}

int main(int argc, char **argv)
{
    need(argc == 3, "usage: certificates FOLDER COUNT");
    authority_key = EVP_EC_gen("P-256");
    authority = make("Authority", authority_key, 1, NID_basic_constraints, "critical,CA:TRUE");
    long count = strtol(argv[2], NULL, 10);
    for (long i = 0; i < count; i++)
        write_one(argv[1], i);
    X509_free(authority);
    EVP_PKEY_free(authority_key);
    return 0;
}
