#include "net/tls_revoked.h"

#include "net/tls_leaf.h"
#include "pki.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define COUNT(a) (sizeof(a) / sizeof(a)[0])
#define HOST "mx.example"

static struct pki *pki;

static void finds_the_place_of_the_list(void **state)
{
    (void)state;
    char url[WW_CRL_URL_SIZE];
    SSL_CTX *listed = pki_server(pki, LEAF_LISTED, HOST);
    SSL_CTX *unlisted = pki_server(pki, LEAF_GOOD, HOST);
    ww_tls_crl_place(SSL_CTX_get0_certificate(listed), url);
    assert_string_equal(url, PKI_CRL);
    ww_tls_crl_place(SSL_CTX_get0_certificate(unlisted), url);
    assert_string_equal(url, "");
    SSL_CTX_free(listed);
    SSL_CTX_free(unlisted);
}

static void reads_the_list(void **state)
{
    (void)state;
    static const struct {
        bool revoked, of_yesterday, broken, by_another;
        enum ww_revocation says;
    } cases[] = {
        {false, false, false, false, WW_REVOCATION_GOOD},
        {true, false, false, false, WW_REVOCATION_REVOKED},
        /* What is out of date, is not signed so, or not by who has made the certificate. */
        {true, true, false, false, WW_REVOCATION_UNKNOWN},
        {true, false, true, false, WW_REVOCATION_UNKNOWN},
        {true, false, false, true, WW_REVOCATION_UNKNOWN},
    };
    SSL_CTX *ctx = pki_server(pki, LEAF_LISTED, HOST);
    SSL_CTX *other = pki_server(pki, LEAF_SELF_SIGNED, "Test CA");
    X509 *cert = SSL_CTX_get0_certificate(ctx);
    for (size_t i = 0; i < COUNT(cases); i++) {
        unsigned char *der;
        int n = pki_crl(pki, cases[i].revoked ? cert : NULL, cases[i].of_yesterday, &der);
        if (cases[i].broken)
            der[n - 1] ^= 1;
        X509 *issuer = cases[i].by_another ? SSL_CTX_get0_certificate(other) : pki_ca(pki);
        assert_int_equal(ww_tls_crl(cert, issuer, ww_slice((const char *)der, (size_t)n)), cases[i].says);
        OPENSSL_free(der);
    }
    assert_int_equal(ww_tls_crl(cert, pki_ca(pki), ww_slice_str("<html>")), WW_REVOCATION_UNKNOWN);
    SSL_CTX_free(ctx);
    SSL_CTX_free(other);
}

static void tells_how_it_was_made(void **state)
{
    (void)state;
    static const struct {
        enum leaf leaf;
        const char *key;
        unsigned bits;
        bool weak_key, weak_signature, for_servers;
    } cases[] = {
        {LEAF_GOOD, "EC", 256, false, false, true},       {LEAF_RSA, "RSA", 2048, false, false, true},
        {LEAF_SHORT_KEY, "RSA", 1024, true, false, true}, {LEAF_SHA1, "EC", 256, false, true, true},
        {LEAF_CLIENT, "EC", 256, false, false, false},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct ww_tls_make make;
        SSL_CTX *ctx = pki_server(pki, cases[i].leaf, HOST);
        ww_tls_leaf_make(SSL_CTX_get0_certificate(ctx), &make);
        if (strcmp(make.key, cases[i].key) != 0 || make.key_bits != cases[i].bits ||
            make.weak_key != cases[i].weak_key || make.weak_signature != cases[i].weak_signature ||
            make.for_servers != cases[i].for_servers || make.not_before < 1700000000)
            fail_msg("case %zu: %s %u %s %d %d %d", i, make.key, make.key_bits, make.signature, make.weak_key,
                     make.weak_signature, make.for_servers);
        SSL_CTX_free(ctx);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_the_place_of_the_list),
        cmocka_unit_test(reads_the_list),
        cmocka_unit_test(tells_how_it_was_made),
    };
    pki = pki_new("/dev/null");
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    pki_free(pki);
    return failed;
}
