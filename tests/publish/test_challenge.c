#include "publish/challenge.h"

#include "publish/certificate.h"

#include <setjmp.h>
#include <stdarg.h>

#include <openssl/asn1.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <cmocka.h>

#define NOW 1796000000
#define TEN "1234567890"
#define HUNDRED TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN
#define THUMB "AprSmypgBesWMTPlIDTcTdP6nENd8IdW6evhH2stTWI"

static void test_tokens(void **state)
{
    (void)state;
    static const struct {
        const char *token;
        bool good;
    } cases[] = {
        {"a", true},
        {"evaGxfADs6pSRb2LAv9IZf17Dt3juxGJ-PCt92wr-oA_", true},
        {HUNDRED TEN TEN "12345678", true},
        {HUNDRED TEN TEN "123456789", false},
        {"", false},
        {".", false},
        {"..", false},
        {"../../etc/passwd", false},
        {"a/b", false},
        {"mta-sts.example.com.pem", false},
        {"a b", false},
        {"a=", false},
        {"\xc3\xa9", false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_int_equal(ww_challenge_token_check(cases[i].token), cases[i].good);
}

static void test_key_authorizations(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        bool good;
    } cases[] = {
        {"token." THUMB, true},
        {"token" THUMB, false},
        {"other." THUMB, false},
        {"token.", false},
        {"token." THUMB "x", false},
        {"token.AprSmypgBesWMTPlIDTcTdP6nENd8IdW6evhH2stTW\n", false},
        {"", false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_int_equal(ww_challenge_key_check(cases[i].text, "token"), cases[i].good);
}

static void test_digests(void **state)
{
    (void)state;
    static const unsigned char empty[] = {0xe3, 0xb0, 0xc4, 0x42, 0x98, 0xfc, 0x1c, 0x14, 0x9a, 0xfb, 0xf4,
                                          0xc8, 0x99, 0x6f, 0xb9, 0x24, 0x27, 0xae, 0x41, 0xe4, 0x64, 0x9b,
                                          0x93, 0x4c, 0xa4, 0x95, 0x99, 0x1b, 0x78, 0x52, 0xb8, 0x55};
    unsigned char digest[WW_CHALLENGE_DIGEST_SIZE];
    assert_true(ww_challenge_digest("47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU", digest));
    assert_memory_equal(digest, empty, sizeof empty);
    assert_false(ww_challenge_digest("47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU", digest));
    assert_false(ww_challenge_digest("47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuF", digest));
    assert_false(ww_challenge_digest("47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFUU", digest));
    assert_false(ww_challenge_digest("", digest));
}

/* RFC 8737 section 3: one name, and the digest in a critical extension; nothing else is in it. */
static void check_certificate(X509 *cert, const char *host, const unsigned char *digest)
{
    assert_int_equal(X509_get_ext_count(cert), 2);
    assert_int_equal(X509_check_host(cert, host, 0, X509_CHECK_FLAG_NEVER_CHECK_SUBJECT, NULL), 1);
    GENERAL_NAMES *names = X509_get_ext_d2i(cert, NID_subject_alt_name, NULL, NULL);
    assert_int_equal(sk_GENERAL_NAME_num(names), 1);
    GENERAL_NAMES_free(names);
    ASN1_OBJECT *id = OBJ_txt2obj("1.3.6.1.5.5.7.1.31", 1);
    X509_EXTENSION *extension = X509_get_ext(cert, X509_get_ext_by_OBJ(cert, id, -1));
    ASN1_OBJECT_free(id);
    assert_non_null(extension);
    assert_int_equal(X509_EXTENSION_get_critical(extension), 1);
    const ASN1_OCTET_STRING *outer = X509_EXTENSION_get_data(extension);
    const unsigned char *at = ASN1_STRING_get0_data(outer);
    ASN1_OCTET_STRING *inner = d2i_ASN1_OCTET_STRING(NULL, &at, ASN1_STRING_length(outer));
    assert_non_null(inner);
    assert_int_equal(ASN1_STRING_length(inner), WW_CHALLENGE_DIGEST_SIZE);
    assert_memory_equal(ASN1_STRING_get0_data(inner), digest, WW_CHALLENGE_DIGEST_SIZE);
    ASN1_OCTET_STRING_free(inner);
}

static void test_certificate(void **state)
{
    (void)state;
    static const char *const hosts[] = {
        "mta-sts.example.com",
        "mta-sts.a-name-that-is-longer-than-what-a-common-name-may-be.example.com",
    };
    unsigned char digest[WW_CHALLENGE_DIGEST_SIZE];
    for (unsigned i = 0; i < sizeof digest; i++)
        digest[i] = (unsigned char)(i * 7);
    for (size_t i = 0; i < sizeof hosts / sizeof *hosts; i++) {
        char pem[WW_CHALLENGE_PEM_SIZE], why[WW_CERTIFICATE_DETAIL_SIZE];
        struct ww_certificate_span span;
        size_t n = ww_challenge_certificate(hosts[i], digest, NOW, pem);
        assert_true(n > 0);
        struct ww_slice text = ww_slice(pem, n);
        assert_true(ww_certificate_judge(text, text, hosts[i], NOW, &span, why));
        assert_int_equal(span.not_before, NOW - 86400);
        assert_int_equal(span.not_after, NOW + 86400);
        BIO *bio = BIO_new_mem_buf(pem, (int)n);
        X509 *cert = PEM_read_bio_X509(bio, NULL, NULL, NULL);
        BIO_free(bio);
        assert_non_null(cert);
        check_certificate(cert, hosts[i], digest);
        X509_free(cert);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tokens),
        cmocka_unit_test(test_key_authorizations),
        cmocka_unit_test(test_digests),
        cmocka_unit_test(test_certificate),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
