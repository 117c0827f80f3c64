/* Signatures over the root's keys, made here by OpenSSL: of each algorithm, whole and spoilt. */
#include "net/dnskey_verify.h"

#include "../core/root_keys.h"

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#define NOW 1764403200
#define TTL 172800

static const uint8_t algorithms[] = {8, 10, 13, 14, 15};
#define ALGORITHMS (sizeof algorithms)

struct signer {
    EVP_PKEY *key;
    uint8_t algorithm;
    char rdata[600];
    size_t n;
};

static struct signer signers[ALGORITHMS];
static char packet[65535];
static struct ww_dnskey_set set;

static EVP_PKEY *generate(uint8_t algorithm)
{
    switch (algorithm) {
    case 13:
        return EVP_EC_gen("P-256");
    case 14:
        return EVP_EC_gen("P-384");
    case 15:
        return EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
    default:
        return EVP_RSA_gen(2048);
    }
}

static size_t public_octets(EVP_PKEY *key, uint8_t algorithm, unsigned char *out, size_t size)
{
    BIGNUM *n = NULL;
    size_t length = 0;
    if (algorithm == 15) {
        length = size;
        assert_int_equal(EVP_PKEY_get_raw_public_key(key, out, &length), 1);
    } else if (algorithm >= 13) {
        unsigned char point[97];
        assert_int_equal(EVP_PKEY_get_octet_string_param(key, "pub", point, sizeof point, &length), 1);
        memcpy(out, point + 1, --length);
    } else {
        static const unsigned char exponent[] = {3, 1, 0, 1};
        memcpy(out, exponent, sizeof exponent);
        assert_int_equal(EVP_PKEY_get_bn_param(key, "n", &n), 1);
        length = sizeof exponent + (size_t)BN_bn2bin(n, out + sizeof exponent);
        BN_free(n);
    }
    return length;
}

static int set_up(void **state)
{
    (void)state;
    for (size_t i = 0; i < ALGORITHMS; i++) {
        struct signer *s = &signers[i];
        s->algorithm = algorithms[i];
        s->key = generate(s->algorithm);
        assert_non_null(s->key);
        const unsigned char head[] = {1, 1, 3, s->algorithm};
        memcpy(s->rdata, head, sizeof head);
        s->n = 4 + public_octets(s->key, s->algorithm, (unsigned char *)s->rdata + 4, sizeof s->rdata - 4);
    }
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    for (size_t i = 0; i < ALGORITHMS; i++)
        EVP_PKEY_free(signers[i].key);
    return 0;
}

static const EVP_MD *hash(uint8_t algorithm)
{
    return algorithm == 15   ? NULL
           : algorithm == 14 ? EVP_sha384()
           : algorithm == 10 ? EVP_sha512()
                             : EVP_sha256();
}

static size_t sign(const struct signer *s, struct ww_slice data, unsigned char *out, size_t size)
{
    unsigned char sig[600];
    size_t n = sizeof sig;
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    assert_int_equal(EVP_DigestSignInit(ctx, NULL, hash(s->algorithm), NULL, s->key), 1);
    assert_int_equal(EVP_DigestSign(ctx, sig, &n, (const unsigned char *)data.p, data.n), 1);
    EVP_MD_CTX_free(ctx);
    if (s->algorithm != 13 && s->algorithm != 14) {
        assert_true(n <= size);
        memcpy(out, sig, n);
        return n;
    }
    int half = s->algorithm == 13 ? 32 : 48;
    const unsigned char *p = sig;
    ECDSA_SIG *both = d2i_ECDSA_SIG(NULL, &p, (long)n);
    assert_int_equal(BN_bn2binpad(ECDSA_SIG_get0_r(both), out, half), half);
    assert_int_equal(BN_bn2binpad(ECDSA_SIG_get0_s(both), out + half, half), half);
    ECDSA_SIG_free(both);
    return (size_t)half * 2;
}

/* Of all keys, signed by those whose bits are set. Two passes: what is signed is known once it can be read.
 */
static size_t build(unsigned signing, uint32_t ttl, const struct root_keys_sig *change)
{
    static char rrsig[ALGORITHMS][700];
    static char data[WW_DNSKEY_SIGNED_MAX], draft[sizeof packet];
    struct ww_buf b;
    for (int pass = 0; pass < 2; pass++) {
        uint16_t sigs = (uint16_t)__builtin_popcount(signing);
        b = ww_buf(pass == 0 ? draft : packet, sizeof packet);
        root_keys_begin(&b, (uint16_t)(ALGORITHMS + sigs));
        for (size_t i = 0; i < ALGORITHMS; i++)
            root_keys_record(&b, WW_DNS_TYPE_DNSKEY, ttl, ww_slice(signers[i].rdata, signers[i].n));
        for (size_t i = 0, at = 0; i < ALGORITHMS; i++) {
            const struct signer *s = &signers[i];
            if ((signing & 1u << i) == 0)
                continue;
            unsigned char sig[600];
            size_t n = 1;
            struct root_keys_sig fields = *change;
            fields.algorithm = s->algorithm;
            fields.tag = (uint16_t)(ww_dnskey_tag(ww_slice(s->rdata, s->n)) + change->tag);
            if (pass == 1) {
                struct ww_buf d = ww_buf(data, sizeof data);
                ww_dnskey_put_signed(&d, &set, &set.sigs[at++]);
                n = sign(s, ww_slice(d.p, d.n), sig, sizeof sig);
            }
            root_keys_record(
                &b, WW_DNS_TYPE_RRSIG, ttl,
                root_keys_rrsig(rrsig[i], sizeof rrsig[i], &fields, ww_slice((const char *)sig, n)));
        }
        assert_false(b.failed);
        assert_int_equal(ww_dnskey_read(&set, b.p, b.n), WW_OK);
    }
    return b.n;
}

static const struct root_keys_sig good = {WW_DNS_TYPE_DNSKEY, 0, 0, TTL, NOW + 1000, NOW - 1000, 0};

static unsigned signing(int64_t now)
{
    struct ww_seen_keys seen;
    unsigned bits = 0;
    assert_int_equal(ww_dnskey_observe(&set, now, &seen), WW_OK);
    assert_int_equal(seen.count, ALGORITHMS);
    for (size_t i = 0; i < ALGORITHMS; i++)
        bits |= (unsigned)seen.keys[i].signs << i;
    return bits;
}

static void test_each_algorithm(void **state)
{
    (void)state;
    struct ww_seen_keys seen;
    for (unsigned i = 0; i < ALGORITHMS; i++) {
        (void)build(1u << i, TTL, &good);
        assert_int_equal(signing(NOW), 1u << i);
    }
    (void)build((1u << ALGORITHMS) - 1, 500, &good);
    assert_int_equal(signing(NOW), (1u << ALGORITHMS) - 1);
    assert_int_equal(ww_dnskey_observe(&set, NOW, &seen), WW_OK);
    assert_int_equal(seen.ttl, 500);
    assert_int_equal(seen.whole_ttl, TTL);
    assert_int_equal(seen.sig_left, 1000);
    assert_true(seen.keys[0].sep && !seen.keys[0].revoked);
    (void)build(1, 2 * TTL, &good); /* more than was signed */
    assert_int_equal(ww_dnskey_observe(&set, NOW, &seen), WW_OK);
    assert_int_equal(seen.ttl, TTL);
}

static void test_time(void **state)
{
    (void)state;
    (void)build(4, TTL, &good);
    assert_int_equal(signing(NOW + 1000), 4);
    assert_int_equal(signing(NOW + 1001), 0);
    assert_int_equal(signing(NOW - 1000), 4);
    assert_int_equal(signing(NOW - 1001), 0);
}

static void test_other_tag(void **state)
{
    (void)state;
    struct root_keys_sig other = good;
    other.tag = 1;
    (void)build(4, TTL, &other);
    assert_int_equal(signing(NOW), 0);
}

/* Any octet of the keys or of the signature that changes breaks it. TTLs alone are not signed. */
static void test_spoilt(void **state)
{
    (void)state;
    for (unsigned i = 0; i < ALGORITHMS; i++) {
        size_t n = build(1u << i, TTL, &good);
        static char whole[sizeof packet];
        memcpy(whole, packet, n);
        for (size_t at = 17 + 11; at < n; at += 7) {
            memcpy(packet, whole, n);
            packet[at] ^= 4;
            if (ww_dnskey_read(&set, packet, n) != WW_OK)
                continue;
            struct ww_seen_keys seen;
            unsigned bits = 0;
            assert_int_equal(ww_dnskey_observe(&set, NOW, &seen), WW_OK);
            for (size_t k = 0; k < seen.count; k++)
                bits |= seen.keys[k].signs;
            bool ttl = false; /* of one of the records */
            for (size_t k = 0; k < set.count && !ttl; k++)
                ttl = packet + at >= set.keys[k].rdata.p - 6 && packet + at < set.keys[k].rdata.p - 2;
            for (size_t k = 0; k < set.sig_count && !ttl; k++)
                ttl = packet + at >= set.sigs[k].head.p - 6 && packet + at < set.sigs[k].head.p - 2;
            if (bits != 0 && !ttl)
                fail_msg("algorithm %u holds with octet %zu changed", algorithms[i], at);
        }
    }
}

static void test_key_is_missing(void **state)
{
    (void)state;
    (void)build(1, TTL, &good);
    set.count--;
    struct ww_seen_keys seen;
    assert_int_equal(ww_dnskey_observe(&set, NOW, &seen), WW_OK);
    assert_false(seen.keys[0].signs);
}

/* What OpenSSL must not be given, or would take long for. */
static void test_bad_keys(void **state)
{
    (void)state;
    static char long_exponent[300] = {9, 1}, zeros[WW_DNSKEY_RDATA_MAX], small[100] = {3, 1, 0, 1, 1};
    static const struct {
        uint8_t algorithm;
        const char *key;
        size_t n;
    } cases[] = {
        {8, "", 0},      {8, "\0", 1},     {8, "\0\0\0", 3},        {8, "\3\1", 2},
        {8, small, 100}, {8, zeros, 300},  {8, long_exponent, 300}, {13, zeros, 64},
        {13, zeros, 63}, {13, zeros, 96},  {14, zeros, 96},         {14, zeros, 200},
        {15, zeros, 31}, {15, zeros, 33},  {5, small, 100},         {253, zeros, 64},
        {0, zeros, 64},  {8, zeros, 1036},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct ww_dnskey key = {.algorithm = cases[i].algorithm,
                                      .key = ww_slice(cases[i].key, cases[i].n)};
        for (size_t n = 0; n <= 96; n += 32) {
            const struct ww_rrsig sig = {.algorithm = cases[i].algorithm, .signature = ww_slice(zeros, n)};
            assert_false(ww_dnskey_verify(&key, &sig, ww_slice("data", 4)));
        }
    }
}

/* A stranger's set of equal tags keeps us busy for 64 signatures, no longer. */
static void test_many_checks(void **state)
{
    (void)state;
    (void)build(4, TTL, &good);
    struct ww_dnskey key = set.keys[2];
    struct ww_rrsig real = set.sigs[0];
    static char spoilt[64];
    struct ww_rrsig sig = real;
    sig.signature = ww_slice(spoilt, sizeof spoilt);
    /* The set that is signed stays as it is: the keys are compared by their octets, and equal ones count
     * once. */
    for (size_t i = ALGORITHMS; i < WW_DNSKEYS_MAX; i++)
        set.keys[i] = key;
    set.count = WW_DNSKEYS_MAX;
    for (size_t i = 0; i < WW_RRSIGS_MAX; i++)
        set.sigs[i] = sig;
    set.sig_count = WW_RRSIGS_MAX;
    set.sigs[3] = real;
    struct ww_seen_keys seen;
    assert_int_equal(ww_dnskey_observe(&set, NOW, &seen), WW_OK);
    unsigned signing_keys = 0;
    for (size_t i = 0; i < seen.count; i++)
        signing_keys += seen.keys[i].signs;
    assert_int_equal(signing_keys, 4); /* 64 checks, 16 for each key */
}

/* The root's key of 2017, and its DS as IANA publishes it. */
static void test_digest(void **state)
{
    (void)state;
    static const uint8_t wanted[] = {0xe0, 0x6d, 0x44, 0xb8, 0x0b, 0x8f, 0x1d, 0x39, 0xa9, 0x5c, 0x0b,
                                     0x0d, 0x7c, 0x65, 0xd0, 0x84, 0x58, 0xe8, 0x80, 0x40, 0x9b, 0xbc,
                                     0x68, 0x34, 0x57, 0x10, 0x42, 0x37, 0xc7, 0xf8, 0xec, 0x8d};
    static const char key[] = "AwEAAaz/tAm8yTn4Mfeh5eyI96WSVexTBAvkMgJzkKTOiW1vkIbzxeF3+/"
                              "4RgWOq7HrxRixHlFlExOLAJr5emLvN7SWXgnLh4+B5xQlN"
                              "Vz8Og8kvArMtNROxVQuCaSnIDdD5LKyWbRd2n9WGe2R8PzgCmr3EgVLrjyBxWezF0jLHwVN8efS3rC"
                              "j/EWgvIWgb9tarpVUDK/b58Da+"
                              "sqqls3eNbuv7pr+eoZG+SrDK6nWeL3c6H5Apxz7LjVc1uTIdsIXxuOLYA4/"
                              "ilBmSVIzuDWfdRUfhHdY6+cn8HFRm+2hM8AnXGXws9555"
                              "KrUB5qihylGa8subX2Nn6UwNR1AkUTV74bU=";
    unsigned char rdata[512] = {1, 1, 3, 8};
    uint8_t digest[WW_ANCHOR_DIGEST_MAX];
    int n = EVP_DecodeBlock(rdata + 4, (const unsigned char *)key, (int)sizeof key - 1) - 1; /* one '=' */
    struct ww_slice s = ww_slice((const char *)rdata, 4 + (size_t)n);
    assert_int_equal(ww_dnskey_tag(s), 20326);
    assert_true(ww_dnskey_digest(s, WW_ANCHOR_SHA256, digest));
    assert_memory_equal(digest, wanted, sizeof wanted);
    rdata[1] |= WW_DNSKEY_REVOKE;
    assert_int_equal(ww_dnskey_tag(s), 20454);
    assert_true(ww_dnskey_digest(s, WW_ANCHOR_SHA256, digest));
    assert_memory_equal(digest, wanted, sizeof wanted);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_algorithm), cmocka_unit_test(test_time),
        cmocka_unit_test(test_other_tag),      cmocka_unit_test(test_spoilt),
        cmocka_unit_test(test_key_is_missing), cmocka_unit_test(test_bad_keys),
        cmocka_unit_test(test_many_checks),    cmocka_unit_test(test_digest),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
