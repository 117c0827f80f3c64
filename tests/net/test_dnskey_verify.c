/* Signatures over the root's keys, made here by OpenSSL: of each algorithm, whole and spoilt. */
#include "net/dnskey_verify.h"

#include "root_signer.h"

#include <openssl/evp.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#define NOW 1764403200
#define TTL 172800

static const uint8_t algorithms[] = {8, 10, 13, 14, 15};
#define ALGORITHMS (sizeof algorithms)

static struct root_signer *signers[ALGORITHMS];
static char packet[ROOT_ANSWER_SIZE];
static struct ww_dnskey_set set;

static int set_up(void **state)
{
    (void)state;
    for (size_t i = 0; i < ALGORITHMS; i++)
        signers[i] = root_signer_new(algorithms[i]);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    for (size_t i = 0; i < ALGORITHMS; i++)
        root_signer_free(signers[i]);
    return 0;
}

/* Of all keys, signed by those whose bits are set. */
static size_t build(unsigned signing, uint32_t ttl, const struct root_keys_sig *fields)
{
    struct root_key keys[ALGORITHMS];
    for (size_t i = 0; i < ALGORITHMS; i++)
        keys[i] = (struct root_key){signers[i], 257, (signing & 1u << i) != 0};
    size_t n = root_answer(packet, keys, ALGORITHMS, ttl, fields);
    assert_int_equal(ww_dnskey_read(&set, packet, n), WW_OK);
    return n;
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

/* The same number, but with as many octets as nobody needs, fails. */
static void test_long_exponent(void **state)
{
    (void)state;
    static char data[WW_DNSKEY_SIGNED_MAX], octets[WW_DNSKEY_RDATA_MAX] = {9, [7] = 1, [9] = 1};
    (void)build(1, TTL, &good);
    struct ww_buf b = ww_buf(data, sizeof data);
    ww_dnskey_put_signed(&b, &set, &set.sigs[0]);
    struct ww_dnskey key = set.keys[0];
    assert_true(ww_dnskey_verify(&key, &set.sigs[0], ww_slice(b.p, b.n)));
    memcpy(octets + 10, key.key.p + 4, key.key.n - 4);
    key.key = ww_slice(octets, key.key.n + 6);
    assert_false(ww_dnskey_verify(&key, &set.sigs[0], ww_slice(b.p, b.n)));
    octets[1] = 8; /* one less is taken */
    key.key = ww_slice(octets + 1, key.key.n - 1);
    assert_true(ww_dnskey_verify(&key, &set.sigs[0], ww_slice(b.p, b.n)));
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
        cmocka_unit_test(test_long_exponent),  cmocka_unit_test(test_many_checks),
        cmocka_unit_test(test_digest),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
