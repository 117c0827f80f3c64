#include "publish/tlsa_pair.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static char *private_key, *public_key, *encrypted_key, *certificate, *chain;
static uint8_t digest[WW_TLSA_KEY_SIZE];

static char *text_of(BIO *bio)
{
    char *p;
    long n = BIO_get_mem_data(bio, &p);
    char *text = calloc(1, (size_t)n + 1);
    assert_non_null(text);
    memcpy(text, p, (size_t)n);
    BIO_free(bio);
    return text;
}

static BIO *memory(void)
{
    BIO *bio = BIO_new(BIO_s_mem());
    assert_non_null(bio);
    return bio;
}

static char *make_certificate(EVP_PKEY *key)
{
    X509 *x = X509_new();
    BIO *bio = memory();
    unsigned char *der = NULL;
    assert_non_null(x);
    assert_true(X509_set_version(x, X509_VERSION_3) && ASN1_INTEGER_set(X509_get_serialNumber(x), 1));
    assert_non_null(X509_gmtime_adj(X509_getm_notBefore(x), 0));
    assert_non_null(X509_gmtime_adj(X509_getm_notAfter(x), 3600));
    assert_true(X509_set_pubkey(x, key) && X509_sign(x, key, NULL) > 0);
    assert_true(PEM_write_bio_X509(bio, x));
    int n = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(x), &der);
    assert_true(n > 0 && EVP_Digest(der, (size_t)n, digest, NULL, EVP_sha256(), NULL));
    OPENSSL_free(der);
    X509_free(x);
    return text_of(bio);
}

static int make(void **state)
{
    (void)state;
    EVP_PKEY *key = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519"),
             *other = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
    BIO *one = memory(), *two = memory(), *three = memory();
    char passphrase[] = "secret";
    assert_true(PEM_write_bio_PrivateKey(one, key, NULL, NULL, 0, NULL, NULL));
    assert_true(PEM_write_bio_PUBKEY(two, key));
    assert_true(
        PEM_write_bio_PrivateKey(three, key, EVP_aes_256_cbc(), (unsigned char *)passphrase, 6, NULL, NULL));
    private_key = text_of(one);
    public_key = text_of(two);
    encrypted_key = text_of(three);
    char *second = make_certificate(other);
    certificate = make_certificate(key);
    assert_true(asprintf(&chain, "of the host:\n%s%s", certificate, second) > 0);
    free(second);
    EVP_PKEY_free(key);
    EVP_PKEY_free(other);
    return 0;
}

static int forget(void **state)
{
    (void)state;
    free(private_key);
    free(public_key);
    free(encrypted_key);
    free(certificate);
    free(chain);
    return 0;
}

static bool key_of(const char *text, enum ww_tlsa_source source, uint8_t out[WW_TLSA_KEY_SIZE],
                   char detail[WW_TLSA_PAIR_DETAIL_SIZE])
{
    char path[] = "/tmp/ww-tlsa-XXXXXX";
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    FILE *f = fdopen(fd, "w");
    assert_non_null(f);
    assert_true(fputs(text, f) >= 0);
    assert_int_equal(fclose(f), 0);
    bool good = ww_tlsa_key_of(path, source, out, detail);
    assert_true(good || strstr(detail, path) != NULL);
    assert_int_equal(unlink(path), 0);
    return good;
}

static void one_key_in_three_forms(void **state)
{
    const struct {
        const char *text;
        enum ww_tlsa_source source;
    } rows[] = {
        {private_key, WW_TLSA_OF_KEY},
        {public_key, WW_TLSA_OF_KEY},
        {certificate, WW_TLSA_OF_CERTIFICATE},
        {chain, WW_TLSA_OF_CERTIFICATE},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        uint8_t key[WW_TLSA_KEY_SIZE];
        char detail[WW_TLSA_PAIR_DETAIL_SIZE];
        assert_true(key_of(rows[i].text, rows[i].source, key, detail));
        assert_memory_equal(key, digest, sizeof key);
    }
}

static void what_is_no_key(void **state)
{
    const struct {
        const char *text;
        enum ww_tlsa_source source;
        const char *words;
    } rows[] = {
        {"", WW_TLSA_OF_KEY, "there is no key in it"},
        {certificate, WW_TLSA_OF_KEY, "there is no key in it"},
        {private_key, WW_TLSA_OF_CERTIFICATE, "there is no certificate in it"},
        {"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", WW_TLSA_OF_CERTIFICATE,
         "there is no certificate in it"},
        {encrypted_key, WW_TLSA_OF_KEY, "the key wants a passphrase"},
    };
    uint8_t key[WW_TLSA_KEY_SIZE];
    char detail[WW_TLSA_PAIR_DETAIL_SIZE];
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        assert_false(key_of(rows[i].text, rows[i].source, key, detail));
        assert_non_null(strstr(detail, rows[i].words));
    }
    assert_false(ww_tlsa_key_of("/nonexistent", WW_TLSA_OF_KEY, key, detail));
    assert_non_null(strstr(detail, "No such file"));
    assert_false(ww_tlsa_key_of("/dev/zero", WW_TLSA_OF_KEY, key, detail));
    assert_non_null(strstr(detail, "longer than any"));
}

static void a_pair_is_one_set_of_records(void **state)
{
    (void)state;
    const uint8_t keys[2][WW_TLSA_KEY_SIZE] = {{0xa1}, {0xb2}};
    char room[2][WW_TLSA_TEXT_SIZE];
    struct ww_zone zone = {.count = 0};
    struct ww_tlsa_pair pair = {
        .name = "_25._tcp.mx.example", .ttl = 60, .current = keys[0], .next = keys[1]};
    assert_true(ww_tlsa_pair_put(&pair, room, &zone));
    assert_int_equal(zone.changes[0].count, 2);
    assert_true(strncmp(zone.changes[0].values[0], "3 1 1 a1000", 11) == 0);
    assert_true(strncmp(zone.changes[0].values[1], "3 1 1 b2000", 11) == 0);
    pair.current = NULL;
    assert_true(ww_tlsa_pair_put(&pair, room, &zone));
    assert_int_equal(zone.changes[1].count, 1);
    assert_true(strncmp(zone.changes[1].values[0], "3 1 1 b2000", 11) == 0);
    pair.next = NULL;
    assert_true(ww_tlsa_pair_put(&pair, room, &zone));
    assert_int_equal(zone.changes[2].count, 0);
    zone.count = WW_ZONE_CHANGES_MAX;
    assert_false(ww_tlsa_pair_put(&pair, room, &zone));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_key_in_three_forms),
        cmocka_unit_test(what_is_no_key),
        cmocka_unit_test(a_pair_is_one_set_of_records),
    };
    return cmocka_run_group_tests(tests, make, forget);
}
