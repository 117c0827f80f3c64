#include "net/tls_leaf.h"

#include "core/words.h"

#include <openssl/evp.h>
#include <openssl/x509v3.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define TWENTY "aaaaaaaaaaaaaaaaaaaa"

static const struct leaf_case {
    const char *organization; /* or NULL */
    const char *name;         /* or NULL */
    int kind;                 /* of string */
    const char *not_after;
    const char *issuer;
    int64_t until;
} cases[] = {
    {"Example Trust", "Example CA 1", MBSTRING_UTF8, "270102030405Z", "O=Example Trust, CN=Example CA 1",
     1798859045},
    {NULL, "Example CA", MBSTRING_ASC, "20500101000000Z", "CN=Example CA", 2524608000},
    {"Example", NULL, MBSTRING_UTF8, "99991231235959Z", "O=Example", 253402300799},
    {NULL, NULL, MBSTRING_UTF8, "491231235959Z", "", 2524607999},
    {"Ex\nam\x1b[2Jple", "\xc3\xa9\\", MBSTRING_UTF8, "270102030405Z",
     "O=Ex\\010am\\027[2Jple, CN=\\195\\169\\092", 1798859045},
    {TWENTY TWENTY TWENTY, TWENTY TWENTY TWENTY "a", MBSTRING_UTF8, "270102030405Z",
     "O=" TWENTY TWENTY TWENTY ", CN=" TWENTY TWENTY "aaaaaaaaaaaaaaaaa...", 1798859045},
};

static void add_entry(X509_NAME *name, int nid, int kind, const char *text)
{
    if (text != NULL)
        assert_int_equal(X509_NAME_add_entry_by_NID(name, nid, kind, (const unsigned char *)text, -1, -1, 0),
                         1);
}

static X509 *make(const struct leaf_case *c)
{
    X509 *cert = X509_new();
    EVP_PKEY *key = EVP_EC_gen("P-256");
    assert_non_null(cert);
    assert_non_null(key);
    X509_NAME *name = X509_NAME_new();
    assert_non_null(name);
    add_entry(name, NID_commonName, c->kind, c->name);
    add_entry(name, NID_organizationName, c->kind, c->organization);
    assert_int_equal(X509_set_issuer_name(cert, name), 1);
    assert_int_equal(ASN1_TIME_set_string(X509_getm_notBefore(cert), "240101000000Z"), 1);
    assert_int_equal(ASN1_TIME_set_string(X509_getm_notAfter(cert), c->not_after), 1);
    assert_int_equal(X509_set_pubkey(cert, key), 1);
    assert_true(X509_sign(cert, key, EVP_sha256()) > 0);
    X509_NAME_free(name);
    EVP_PKEY_free(key);
    return cert;
}

static void check_fingerprint(const X509 *cert, const uint8_t *fingerprint)
{
    unsigned char *der = NULL;
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned size = 0;
    int n = i2d_X509(cert, &der);
    assert_true(n > 0);
    assert_int_equal(EVP_Digest(der, (size_t)n, digest, &size, EVP_sha256(), NULL), 1);
    assert_int_equal(size, WW_FINGERPRINT_SIZE);
    assert_memory_equal(fingerprint, digest, WW_FINGERPRINT_SIZE);
    OPENSSL_free(der);
}

static void reads_certificates(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        X509 *cert = make(&cases[i]);
        struct ww_origin_cert leaf;
        ww_tls_leaf_read(cert, &leaf);
        assert_string_equal(leaf.issuer, cases[i].issuer);
        assert_int_equal(leaf.not_after, cases[i].until);
        check_fingerprint(cert, leaf.fingerprint);
        X509_free(cert);
    }
}

static void put_name(void *ctx, struct ww_slice name)
{
    ww_words_put(ctx, name);
    ww_buf_char(ctx, ';');
}

/* Of a certificate with other kinds of names among them, a NUL, and one without any. */
static void reads_names_as_they_stand(void **state)
{
    (void)state;
    static const struct {
        const char *octets;
        int n, type;
    } names[] = {{"a.example", 9, GEN_DNS},
                 {"x@a.example", 11, GEN_EMAIL},
                 {"b\0.example", 10, GEN_DNS},
                 {"", 0, GEN_DNS}};
    char text[128];
    X509 *cert = make(&cases[0]);
    GENERAL_NAMES *list = GENERAL_NAMES_new();
    struct ww_buf b = ww_buf(text, sizeof text);
    ww_tls_leaf_dns_names(cert, put_name, &b);
    ww_tls_leaf_common_name(cert, &b);
    assert_int_equal(b.n, 0);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        GENERAL_NAME *entry = GENERAL_NAME_new();
        ASN1_IA5STRING *value = ASN1_IA5STRING_new();
        assert_int_equal(ASN1_STRING_set(value, names[i].octets, names[i].n), 1);
        GENERAL_NAME_set0_value(entry, names[i].type, value);
        assert_true(sk_GENERAL_NAME_push(list, entry) > 0);
    }
    assert_int_equal(X509_add1_ext_i2d(cert, NID_subject_alt_name, list, 0, 0), 1);
    add_entry(X509_get_subject_name(cert), NID_commonName, MBSTRING_UTF8, "\xc3\xa9");
    add_entry(X509_get_subject_name(cert), NID_commonName, MBSTRING_UTF8, "second");
    ww_tls_leaf_dns_names(cert, put_name, &b);
    ww_tls_leaf_common_name(cert, &b);
    ww_buf_char(&b, '\0');
    assert_string_equal(text, "a.example;b\\000.example;;\\195\\169");
    struct ww_tls_leaf leaf;
    ww_tls_leaf_see(cert, &leaf);
    assert_true(leaf.shown);
    assert_int_equal(leaf.name_count, 3);
    assert_string_equal(leaf.names[1], "b\\000.example");
    assert_int_equal(leaf.not_before, 1704067200);
    assert_int_equal(leaf.cert.not_after, cases[0].until);
    GENERAL_NAMES_free(list);
    X509_free(cert);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_certificates),
        cmocka_unit_test(reads_names_as_they_stand),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
