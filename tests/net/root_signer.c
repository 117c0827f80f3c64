#include "root_signer.h"

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#define KEYS_MAX 16
#define RDATA_MAX 700

struct root_signer {
    EVP_PKEY *key;
    uint8_t algorithm;
};

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

struct root_signer *root_signer_new(uint8_t algorithm)
{
    struct root_signer *s = calloc(1, sizeof *s);
    assert_non_null(s);
    s->algorithm = algorithm;
    s->key = generate(algorithm);
    assert_non_null(s->key);
    return s;
}

void root_signer_free(struct root_signer *signer)
{
    if (signer != NULL)
        EVP_PKEY_free(signer->key);
    free(signer);
}

struct ww_slice root_signer_rdata(const struct root_signer *signer, uint16_t flags, char *room)
{
    unsigned char key[600];
    size_t n = public_octets(signer->key, signer->algorithm, key, sizeof key);
    return root_keys_dnskey(room, RDATA_MAX, flags, 3, signer->algorithm, ww_slice((const char *)key, n));
}

static const EVP_MD *hash(uint8_t algorithm)
{
    return algorithm == 15   ? NULL
           : algorithm == 14 ? EVP_sha384()
           : algorithm == 10 ? EVP_sha512()
                             : EVP_sha256();
}

static size_t sign(const struct root_signer *s, struct ww_slice data, unsigned char *out, size_t size)
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

/* Two passes: what is signed is known once it can be read. */
size_t root_answer(char *packet, const struct root_key *keys, size_t count, uint32_t ttl,
                   const struct root_keys_sig *fields)
{
    static char rdata[KEYS_MAX][RDATA_MAX], rrsig[RDATA_MAX], data[WW_DNSKEY_SIGNED_MAX],
        draft[ROOT_ANSWER_SIZE];
    static struct ww_dnskey_set set;
    struct ww_buf b = ww_buf(NULL, 0);
    uint16_t sigs = 0;
    for (size_t i = 0; i < count; i++)
        sigs = (uint16_t)(sigs + keys[i].signs);
    for (int pass = 0; pass < 2; pass++) {
        b = ww_buf(pass == 0 ? draft : packet, ROOT_ANSWER_SIZE);
        root_keys_begin(&b, (uint16_t)(count + sigs));
        for (size_t i = 0; i < count; i++)
            root_keys_record(&b, WW_DNS_TYPE_DNSKEY, ttl,
                             root_signer_rdata(keys[i].signer, keys[i].flags, rdata[i]));
        for (size_t i = 0, at = 0; i < count; i++) {
            unsigned char sig[600] = {0};
            size_t n = 1;
            struct root_keys_sig f = *fields;
            if (!keys[i].signs)
                continue;
            f.algorithm = keys[i].signer->algorithm;
            f.tag = (uint16_t)(ww_dnskey_tag(root_signer_rdata(keys[i].signer, keys[i].flags, rdata[i])) +
                               fields->tag);
            if (pass == 1) {
                struct ww_buf d = ww_buf(data, sizeof data);
                ww_dnskey_put_signed(&d, &set, &set.sigs[at++]);
                n = sign(keys[i].signer, ww_slice(d.p, d.n), sig, sizeof sig);
            }
            root_keys_record(&b, WW_DNS_TYPE_RRSIG, ttl,
                             root_keys_rrsig(rrsig, sizeof rrsig, &f, ww_slice((const char *)sig, n)));
        }
        assert_false(b.failed);
        assert_int_equal(ww_dnskey_read(&set, b.p, b.n), WW_OK);
    }
    return b.n;
}
