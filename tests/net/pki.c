#include "pki.h"

#include <openssl/evp.h>
#include <openssl/ocsp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DAY (24L * 60 * 60)

struct signer {
    X509 *cert;
    EVP_PKEY *key;
};

struct pki {
    struct signer ca;
    struct signer intermediate;
    struct signer nobodys;
};

static void need(int ok, const char *what)
{
    if (ok)
        return;
    (void)fprintf(stderr, "certificates: %s failed\n", what);
    exit(1);
}

static void extend(X509 *cert, int nid, const char *value)
{
    X509V3_CTX ctx;
    X509V3_set_ctx(&ctx, cert, cert, NULL, NULL, 0);
    X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, &ctx, nid, value);
    need(extension != NULL && X509_add_ext(cert, extension, -1) == 1, value);
    X509_EXTENSION_free(extension);
}

/* A certificate without extensions, with this key; from and to are seconds from now. */
static struct signer blank_with(EVP_PKEY *key, const char *name, long from, long to)
{
    static long serial = 1;
    struct signer s = {.cert = X509_new(), .key = key};
    need(s.cert != NULL && s.key != NULL, "making a key");
    X509_NAME *subject = X509_get_subject_name(s.cert);
    need(X509_set_version(s.cert, X509_VERSION_3) == 1 &&
             ASN1_INTEGER_set(X509_get_serialNumber(s.cert), serial++) == 1 &&
             X509_gmtime_adj(X509_getm_notBefore(s.cert), from) != NULL &&
             X509_gmtime_adj(X509_getm_notAfter(s.cert), to) != NULL && X509_set_pubkey(s.cert, s.key) == 1 &&
             X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC, (const unsigned char *)name, -1, -1,
                                        0) == 1,
         name);
    return s;
}

static struct signer blank(const char *name, long from, long to)
{
    return blank_with(EVP_EC_gen("P-256"), name, from, to);
}

static void sign_over(struct signer *s, const struct signer *by, const EVP_MD *digest)
{
    need(X509_set_issuer_name(s->cert, X509_get_subject_name(by->cert)) == 1 &&
             X509_sign(s->cert, by->key, digest) > 0,
         "signing");
}

static void sign(struct signer *s, const struct signer *by)
{
    sign_over(s, by, EVP_sha256());
}

static struct signer authority(const char *name, const struct signer *by)
{
    struct signer s = blank(name, -DAY, 30 * DAY);
    extend(s.cert, NID_basic_constraints, "critical,CA:TRUE");
    extend(s.cert, NID_key_usage, "critical,keyCertSign,cRLSign");
    sign(&s, by != NULL ? by : &s);
    return s;
}

static void signer_free(struct signer *s)
{
    X509_free(s->cert);
    EVP_PKEY_free(s->key);
}

struct pki *pki_new(const char *ca_file)
{
    struct pki *pki = calloc(1, sizeof *pki);
    need(pki != NULL, "memory");
    pki->ca = authority("Test CA", NULL);
    pki->intermediate = authority("Test Intermediate", &pki->ca);
    pki->nobodys = authority("Nobody's CA", NULL);
    FILE *f = fopen(ca_file, "w");
    need(f != NULL && PEM_write_X509(f, pki->ca.cert) == 1 && fclose(f) == 0, ca_file);
    return pki;
}

void pki_free(struct pki *pki)
{
    signer_free(&pki->ca);
    signer_free(&pki->intermediate);
    signer_free(&pki->nobodys);
    free(pki);
}

static const struct signer *signer_of(const struct pki *pki, enum leaf leaf, const struct signer *self)
{
    switch ((int)leaf) {
    case LEAF_SELF_SIGNED:
        return self;
    case LEAF_UNTRUSTED:
    case LEAF_PRIVATE:
    case LEAF_PRIVATE_WRONG_NAME:
    case LEAF_PRIVATE_EXPIRED:
    case LEAF_PRIVATE_CLIENT:
        return &pki->nobodys;
    case LEAF_CHAIN:
    case LEAF_CHAIN_BROKEN:
        return &pki->intermediate;
    default:
        return &pki->ca;
    }
}

static bool is_expired(enum leaf leaf)
{
    return leaf == LEAF_EXPIRED || leaf == LEAF_WRONG_EXPIRED || leaf == LEAF_PRIVATE_EXPIRED;
}

static bool is_wrong_name(enum leaf leaf)
{
    return leaf == LEAF_WRONG_NAME || leaf == LEAF_WRONG_EXPIRED || leaf == LEAF_PRIVATE_WRONG_NAME;
}

/* dNSNames that OpenSSL's own syntax has no way to write. */
static void name_by_octets(X509 *cert, const char *host, enum leaf leaf)
{
    char names[40][512];
    GENERAL_NAMES *list = GENERAL_NAMES_new();
    int count = leaf == LEAF_MANY ? 40 : 1;
    for (int i = 0; i < count; i++) {
        GENERAL_NAME *entry = GENERAL_NAME_new();
        ASN1_IA5STRING *text = ASN1_IA5STRING_new();
        int n = 0;
        if (leaf == LEAF_NUL)
            n = snprintf(names[i], sizeof names[i], "%s%c.another.example", host, 0);
        else if (leaf == LEAF_BINARY)
            n = snprintf(names[i], sizeof names[i], "\033[2J\xe9.example");
        else if (i < count - 1)
            n = snprintf(names[i], sizeof names[i], "n%d.example", i);
        else
            n = snprintf(names[i], sizeof names[i], "%s", host);
        need(entry != NULL && text != NULL && ASN1_STRING_set(text, names[i], n) == 1, "a name");
        GENERAL_NAME_set0_value(entry, GEN_DNS, text);
        need(sk_GENERAL_NAME_push(list, entry) > 0, "a list of names");
    }
    need(X509_add1_ext_i2d(cert, NID_subject_alt_name, list, 0, 0) == 1, "names");
    GENERAL_NAMES_free(list);
}

static struct signer issue(const struct pki *pki, enum leaf leaf, const char *host)
{
    char names[512];
    long from = leaf == LEAF_EARLY ? DAY : -2 * DAY;
    long to = is_expired(leaf) ? -DAY : leaf == LEAF_ENDS_SOON ? 3 * DAY : 30 * DAY;
    EVP_PKEY *key = leaf == LEAF_RSA         ? EVP_RSA_gen(2048)
                    : leaf == LEAF_SHORT_KEY ? EVP_RSA_gen(1024)
                                             : EVP_EC_gen("P-256");
    struct signer s = blank_with(key, leaf == LEAF_BINARY ? "\033[2J\\" : host, from, to);
    const char *shown = is_wrong_name(leaf) ? "another.example" : host;
    const char *prefix = "";
    if (leaf == LEAF_WILDCARD || leaf == LEAF_PARTIAL_WILDCARD) {
        prefix = leaf == LEAF_WILDCARD ? "*" : "mta*";
        shown = strchr(host, '.');
    }
    (void)snprintf(names, sizeof names, "DNS:%s%s", prefix, shown);
    if (leaf == LEAF_NUL || leaf == LEAF_BINARY || leaf == LEAF_MANY)
        name_by_octets(s.cert, host, leaf);
    else if (leaf != LEAF_CN_ONLY)
        extend(s.cert, NID_subject_alt_name, names);
    if (leaf == LEAF_CHAIN || leaf == LEAF_CHAIN_BROKEN)
        extend(s.cert, NID_info_access, "caIssuers;URI:http://ca.example/intermediate.der");
    if (leaf == LEAF_CLIENT || leaf == LEAF_PRIVATE_CLIENT)
        extend(s.cert, NID_ext_key_usage, "clientAuth");
    if (leaf == LEAF_LISTED)
        extend(s.cert, NID_crl_distribution_points, "URI:ldap://ca.example/list,URI:" PKI_CRL);
    sign_over(&s, signer_of(pki, leaf, &s), leaf == LEAF_SHA1 ? EVP_sha1() : EVP_sha256());
    return s;
}

SSL_CTX *pki_server(const struct pki *pki, enum leaf leaf, const char *host)
{
    SSL_CTX *ctx = SSL_CTX_new(TLS_server_method());
    struct signer s = issue(pki, leaf, host);
    if (leaf == LEAF_SHORT_KEY || leaf == LEAF_SHA1)
        SSL_CTX_set_security_level(ctx, 0);
    need(ctx != NULL && SSL_CTX_use_certificate(ctx, s.cert) == 1 && SSL_CTX_use_PrivateKey(ctx, s.key) == 1,
         "a server's context");
    if (leaf == LEAF_CHAIN)
        need(SSL_CTX_add1_chain_cert(ctx, pki->intermediate.cert) == 1, "a chain");
    else if (signer_of(pki, leaf, &s) == &pki->nobodys && leaf != LEAF_UNTRUSTED)
        need(SSL_CTX_add1_chain_cert(ctx, pki->nobodys.cert) == 1, "a chain");
    signer_free(&s);
    return ctx;
}

int pki_crl(const struct pki *pki, X509 *revoked, bool of_yesterday, unsigned char **der)
{
    X509_CRL *crl = X509_CRL_new();
    ASN1_TIME *from = X509_gmtime_adj(NULL, of_yesterday ? -2 * DAY : -60);
    ASN1_TIME *until = X509_gmtime_adj(NULL, of_yesterday ? -DAY : DAY);
    need(crl != NULL && X509_CRL_set_version(crl, X509_CRL_VERSION_2) == 1 &&
             X509_CRL_set_issuer_name(crl, X509_get_subject_name(pki->ca.cert)) == 1 &&
             X509_CRL_set1_lastUpdate(crl, from) == 1 && X509_CRL_set1_nextUpdate(crl, until) == 1,
         "a list");
    if (revoked != NULL) {
        X509_REVOKED *entry = X509_REVOKED_new();
        need(entry != NULL && X509_REVOKED_set_serialNumber(entry, X509_get_serialNumber(revoked)) == 1 &&
                 X509_REVOKED_set_revocationDate(entry, from) == 1 && X509_CRL_add0_revoked(crl, entry) == 1,
             "an entry");
    }
    need(X509_CRL_sign(crl, pki->ca.key, EVP_sha256()) > 0, "signing a list");
    *der = NULL;
    int n = i2d_X509_CRL(crl, der);
    X509_CRL_free(crl);
    ASN1_TIME_free(from);
    ASN1_TIME_free(until);
    return n;
}

int pki_staple(const struct pki *pki, X509 *cert, bool revoked, unsigned char **der)
{
    OCSP_BASICRESP *basic = OCSP_BASICRESP_new();
    OCSP_CERTID *id = OCSP_cert_to_id(EVP_sha1(), cert, pki->ca.cert);
    ASN1_TIME *from = X509_gmtime_adj(NULL, -60);
    ASN1_TIME *until = X509_gmtime_adj(NULL, DAY);
    need(OCSP_basic_add1_status(basic, id, revoked ? V_OCSP_CERTSTATUS_REVOKED : V_OCSP_CERTSTATUS_GOOD, 0,
                                revoked ? from : NULL, from, until) != NULL &&
             OCSP_basic_sign(basic, pki->ca.cert, pki->ca.key, EVP_sha256(), NULL, OCSP_NOCERTS) == 1,
         "signing a staple");
    OCSP_RESPONSE *response = OCSP_response_create(OCSP_RESPONSE_STATUS_SUCCESSFUL, basic);
    *der = NULL;
    int n = i2d_OCSP_RESPONSE(response, der);
    OCSP_RESPONSE_free(response);
    OCSP_BASICRESP_free(basic);
    OCSP_CERTID_free(id);
    ASN1_TIME_free(from);
    ASN1_TIME_free(until);
    return n;
}

X509 *pki_ca(const struct pki *pki)
{
    return pki->ca.cert;
}
