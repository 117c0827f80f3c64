#include "net/dnskey_verify.h"

#include "base/cursor.h"

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>

enum {
    RSA_SHA256 = 8, /* RFC 5702 */
    RSA_SHA512 = 10,
    ECDSA_P256 = 13, /* RFC 6605 */
    ECDSA_P384 = 14,
    ED25519 = 15, /* RFC 8080 */
};

#define RSA_OCTETS_MIN 128
#define RSA_OCTETS_MAX 1024
/* Larger ones serve to keep verifiers busy. */
#define RSA_EXPONENT_OCTETS_MAX 8

#define CHECKS_MAX 64

static EVP_PKEY *from_params(const char *type, OSSL_PARAM_BLD *build)
{
    EVP_PKEY *key = NULL;
    OSSL_PARAM *params = OSSL_PARAM_BLD_to_param(build);
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, type, NULL);
    if (params == NULL || ctx == NULL || EVP_PKEY_fromdata_init(ctx) != 1 ||
        EVP_PKEY_fromdata(ctx, &key, EVP_PKEY_PUBLIC_KEY, params) != 1)
        key = NULL;
    EVP_PKEY_CTX_free(ctx);
    OSSL_PARAM_free(params);
    return key;
}

/* RFC 3110 section 2 */
static EVP_PKEY *rsa_key(struct ww_slice key)
{
    struct ww_cursor c = ww_cursor(key.p, key.n);
    size_t length = ww_cursor_u8(&c);
    if (length == 0)
        length = ww_cursor_u16(&c);
    struct ww_slice exponent = ww_cursor_take(&c, length);
    struct ww_slice modulus = ww_cursor_take(&c, ww_cursor_left(&c));
    if (c.failed || exponent.n == 0 || exponent.n > RSA_EXPONENT_OCTETS_MAX || modulus.n < RSA_OCTETS_MIN ||
        modulus.n > RSA_OCTETS_MAX)
        return NULL;
    EVP_PKEY *out = NULL;
    BIGNUM *n = BN_bin2bn((const unsigned char *)modulus.p, (int)modulus.n, NULL);
    BIGNUM *e = BN_bin2bn((const unsigned char *)exponent.p, (int)exponent.n, NULL);
    OSSL_PARAM_BLD *build = OSSL_PARAM_BLD_new();
    if (n != NULL && e != NULL && build != NULL &&
        OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_N, n) == 1 &&
        OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_E, e) == 1)
        out = from_params("RSA", build);
    OSSL_PARAM_BLD_free(build);
    BN_free(n);
    BN_free(e);
    return out;
}

/* The coordinates of a point, which OpenSSL wants to be told to be uncompressed. */
static EVP_PKEY *ec_key(struct ww_slice key, const char *group, size_t octets)
{
    unsigned char point[1 + 2 * 48] = {POINT_CONVERSION_UNCOMPRESSED};
    EVP_PKEY *out = NULL;
    if (key.n != 2 * octets || key.n >= sizeof point)
        return NULL;
    memcpy(point + 1, key.p, key.n);
    OSSL_PARAM_BLD *build = OSSL_PARAM_BLD_new();
    if (build != NULL && OSSL_PARAM_BLD_push_utf8_string(build, OSSL_PKEY_PARAM_GROUP_NAME, group, 0) == 1 &&
        OSSL_PARAM_BLD_push_octet_string(build, OSSL_PKEY_PARAM_PUB_KEY, point, 1 + key.n) == 1)
        out = from_params("EC", build);
    OSSL_PARAM_BLD_free(build);
    return out;
}

static EVP_PKEY *public_key(const struct ww_dnskey *key)
{
    switch (key->algorithm) {
    case RSA_SHA256:
    case RSA_SHA512:
        return rsa_key(key->key);
    case ECDSA_P256:
        return ec_key(key->key, "prime256v1", 32);
    case ECDSA_P384:
        return ec_key(key->key, "secp384r1", 48);
    case ED25519:
        return EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, (const unsigned char *)key->key.p,
                                           key->key.n);
    default:
        return NULL;
    }
}

static const EVP_MD *hash_of(uint8_t algorithm)
{
    switch (algorithm) {
    case RSA_SHA512:
        return EVP_sha512();
    case ECDSA_P384:
        return EVP_sha384();
    case ED25519:
        return NULL;
    default:
        return EVP_sha256();
    }
}

/* DNSSEC has r and s one behind the other (RFC 6605 section 4), OpenSSL has them in DER. */
static unsigned char *ecdsa_der(struct ww_slice sig, int *n)
{
    unsigned char *out = NULL;
    const unsigned char *p = (const unsigned char *)sig.p;
    int half = (int)(sig.n / 2);
    ECDSA_SIG *both = ECDSA_SIG_new();
    BIGNUM *r = BN_bin2bn(p, half, NULL);
    BIGNUM *s = BN_bin2bn(p + half, half, NULL);
    if (both != NULL && r != NULL && s != NULL && ECDSA_SIG_set0(both, r, s) == 1) {
        r = s = NULL;
        *n = i2d_ECDSA_SIG(both, &out);
    }
    BN_free(r);
    BN_free(s);
    ECDSA_SIG_free(both);
    return out;
}

static bool verify(EVP_PKEY *key, uint8_t algorithm, const unsigned char *sig, size_t sig_n,
                   struct ww_slice data)
{
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    bool good = ctx != NULL && EVP_DigestVerifyInit(ctx, NULL, hash_of(algorithm), NULL, key) == 1 &&
                EVP_DigestVerify(ctx, sig, sig_n, (const unsigned char *)data.p, data.n) == 1;
    EVP_MD_CTX_free(ctx);
    return good;
}

bool ww_dnskey_verify(const struct ww_dnskey *key, const struct ww_rrsig *sig, struct ww_slice data)
{
    bool good = false;
    EVP_PKEY *pkey = key->algorithm == sig->algorithm ? public_key(key) : NULL;
    if (pkey == NULL)
        return false;
    if (key->algorithm == ECDSA_P256 || key->algorithm == ECDSA_P384) {
        int n = 0;
        unsigned char *der = sig->signature.n == key->key.n ? ecdsa_der(sig->signature, &n) : NULL;
        good = der != NULL && n > 0 && verify(pkey, key->algorithm, der, (size_t)n, data);
        OPENSSL_free(der);
    } else {
        good = verify(pkey, key->algorithm, (const unsigned char *)sig->signature.p, sig->signature.n, data);
    }
    EVP_PKEY_free(pkey);
    return good;
}

bool ww_dnskey_digest(struct ww_slice rdata, uint8_t type, uint8_t out[WW_ANCHOR_DIGEST_MAX])
{
    char bytes[WW_DNSKEY_DIGESTED_MAX];
    struct ww_buf b = ww_buf(bytes, sizeof bytes);
    unsigned n = 0;
    ww_dnskey_put_digested(&b, rdata);
    memset(out, 0, WW_ANCHOR_DIGEST_MAX);
    return !b.failed &&
           EVP_Digest(b.p, b.n, out, &n, type == WW_ANCHOR_SHA384 ? EVP_sha384() : EVP_sha256(), NULL) == 1;
}

/* Whether it has signed the set; lowers out->sig_left to the time that its signatures have left. */
static bool signs(const struct ww_dnskey_set *set, const struct ww_dnskey *key, int64_t now, unsigned *checks,
                  struct ww_seen_keys *out)
{
    char bytes[WW_DNSKEY_SIGNED_MAX];
    bool any = false;
    for (size_t i = 0; i < set->sig_count; i++) {
        const struct ww_rrsig *sig = &set->sigs[i];
        struct ww_buf b = ww_buf(bytes, sizeof bytes);
        if (sig->tag != key->tag || sig->algorithm != key->algorithm || !ww_rrsig_in_time(sig, now) ||
            *checks == CHECKS_MAX)
            continue;
        ++*checks;
        ww_dnskey_put_signed(&b, set, sig);
        if (b.failed || !ww_dnskey_verify(key, sig, ww_slice(b.p, b.n)))
            continue;
        int64_t left = (int32_t)(sig->expiration - (uint32_t)now);
        out->sig_left = left < out->sig_left ? left : out->sig_left;
        out->whole_ttl = sig->ttl;
        any = true;
    }
    return any;
}

enum ww_err ww_dnskey_observe(const struct ww_dnskey_set *set, int64_t now, struct ww_seen_keys *out)
{
    unsigned checks = 0;
    memset(out, 0, sizeof *out);
    out->ttl = out->whole_ttl = set->ttl;
    out->sig_left = INT32_MAX;
    for (size_t i = 0; i < set->count; i++) {
        const struct ww_dnskey *key = &set->keys[i];
        struct ww_seen_key *seen = &out->keys[out->count];
        uint8_t digest[WW_ANCHOR_DIGEST_MAX];
        if (key->algorithm == 0)
            continue;
        if (!ww_dnskey_digest(key->rdata, WW_ANCHOR_SHA256, digest))
            return WW_E_NO_MEMORY;
        memcpy(seen->sha256, digest, sizeof seen->sha256);
        if (!ww_dnskey_digest(key->rdata, WW_ANCHOR_SHA384, seen->sha384))
            return WW_E_NO_MEMORY;
        seen->algorithm = key->algorithm;
        seen->sep = (key->flags & WW_DNSKEY_SEP) != 0;
        seen->revoked = (key->flags & WW_DNSKEY_REVOKE) != 0;
        /* An addition carries within 16 bits, but the tag of another RDATA is best taken from it. */
        char plain[WW_DNSKEY_DIGESTED_MAX];
        struct ww_buf b = ww_buf(plain, sizeof plain);
        ww_dnskey_put_digested(&b, key->rdata);
        seen->tag = ww_dnskey_tag(ww_slice(b.p + 1, b.n - 1));
        seen->signs = signs(set, key, now, &checks, out);
        out->count++;
    }
    if (out->whole_ttl < out->ttl)
        out->ttl = out->whole_ttl; /* RFC 4035 section 5.3.3 */
    return WW_OK;
}

void ww_dnskey_verify_prepare(void)
{
    EVP_MD_free(EVP_MD_fetch(NULL, "SHA256", NULL));
}
