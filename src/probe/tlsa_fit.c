#include "probe/tlsa_fit.h"

#include <openssl/evp.h>
#include <string.h>

static void keep(struct ww_tlsa_fits *fits, const struct ww_tlsa *t)
{
    struct ww_mx_probe_fit *fit = &fits->list[fits->count];
    uint8_t *digest = fits->digests[fits->count];
    *fit = (struct ww_mx_probe_fit){
        .usage = t->usage, .selector = t->selector, .matching = t->matching, .size = (uint16_t)t->data.n};
    memcpy(fit->data, t->data.p, t->data.n < sizeof fit->data ? t->data.n : sizeof fit->data);
    if (t->matching == WW_TLSA_FULL) {
        if (EVP_Digest(t->data.p, t->data.n, digest, NULL, EVP_sha256(), NULL) != 1)
            return;
    } else {
        memcpy(digest, t->data.p, t->data.n); /* as long as its type's, see ww_tlsa_check */
    }
    fits->count++;
}

void ww_tlsa_fits_init(struct ww_tlsa_fits *fits, const struct ww_tlsa *tlsa, size_t count)
{
    fits->count = 0;
    for (size_t i = 0; i < count && fits->count < WW_MX_PROBE_FITS_MAX; i++)
        if (ww_tlsa_check(&tlsa[i]) == WW_OK)
            keep(fits, &tlsa[i]);
}

static bool digests_to(const X509 *cert, const struct ww_mx_probe_fit *fit, const uint8_t *wanted)
{
    const EVP_MD *md = fit->matching == WW_TLSA_SHA512 ? EVP_sha512() : EVP_sha256();
    unsigned char *der = NULL;
    uint8_t digest[EVP_MAX_MD_SIZE];
    unsigned n = 0;
    int octets = fit->selector == WW_TLSA_SELECTOR_SPKI ? i2d_X509_PUBKEY(X509_get_X509_PUBKEY(cert), &der)
                                                        : i2d_X509(cert, &der);
    bool same = octets > 0 && EVP_Digest(der, (size_t)octets, digest, &n, md, NULL) == 1 &&
                memcmp(digest, wanted, n) == 0;
    OPENSSL_free(der);
    return same;
}

/* A trust anchor stands above the host's certificate, as it does for OpenSSL. */
static bool fits_chain(const struct ww_mx_probe_fit *fit, const uint8_t *digest, const STACK_OF(X509) * chain)
{
    int count = sk_X509_num(chain);
    int begin = fit->usage == WW_TLSA_DANE_TA ? 1 : 0;
    int end = fit->usage == WW_TLSA_DANE_EE && count > 1 ? 1 : count;
    bool fits = false;
    for (int i = begin; i < end && !fits; i++)
        fits = digests_to(sk_X509_value(chain, i), fit, digest);
    return fits;
}

void ww_tlsa_fits_judge(struct ww_tlsa_fits *fits, const STACK_OF(X509) * chain)
{
    for (size_t i = 0; i < fits->count; i++)
        fits->list[i].fits = fits_chain(&fits->list[i], fits->digests[i], chain);
}
