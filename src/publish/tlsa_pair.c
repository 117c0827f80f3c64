#include "publish/tlsa_pair.h"

#include "core/words.h"

#include <errno.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <stdio.h>

static bool fail(char detail[WW_TLSA_PAIR_DETAIL_SIZE], const char *path, const char *what)
{
    struct ww_buf b = ww_buf(detail, WW_TLSA_PAIR_DETAIL_SIZE - 1);
    ww_words_put(&b, ww_slice_str(what));
    ww_buf_str(&b, ": ");
    ww_words_put_cut(&b, ww_slice_str(path));
    detail[b.n] = '\0';
    return false;
}

/* Nobody is asked for one. */
static int no_passphrase(char *buf, int size, int writing, void *ctx)
{
    bool *wanted = ctx;
    (void)writing;
    if (size > 0)
        buf[0] = '\0';
    *wanted = true;
    return -1;
}

static EVP_PKEY *key_of_certificate(BIO *bio, bool *passphrase)
{
    X509 *certificate = PEM_read_bio_X509(bio, NULL, no_passphrase, passphrase);
    EVP_PKEY *key = certificate != NULL ? X509_get_pubkey(certificate) : NULL;
    X509_free(certificate);
    return key;
}

static EVP_PKEY *key_of_key(BIO *bio, bool *passphrase)
{
    EVP_PKEY *key = PEM_read_bio_PrivateKey(bio, NULL, no_passphrase, passphrase);
    if (key == NULL && !*passphrase && BIO_reset(bio) == 1)
        key = PEM_read_bio_PUBKEY(bio, NULL, no_passphrase, passphrase);
    return key;
}

static bool digest(EVP_PKEY *key, uint8_t out[WW_TLSA_KEY_SIZE])
{
    unsigned char *der = NULL;
    int n = i2d_PUBKEY(key, &der);
    bool good = n > 0 && EVP_Digest(der, (size_t)n, out, NULL, EVP_sha256(), NULL) == 1;
    OPENSSL_free(der);
    return good;
}

static bool read_text(const char *path, char *room, size_t *n, char detail[WW_TLSA_PAIR_DETAIL_SIZE])
{
    FILE *f = fopen(path, "re");
    if (f == NULL)
        return fail(detail, path, strerror(errno));
    (void)setvbuf(f, NULL, _IONBF, 0);
    *n = fread(room, 1, WW_TLSA_FILE_MAX, f);
    int error = ferror(f) ? errno : 0;
    (void)fclose(f);
    if (error != 0)
        return fail(detail, path, strerror(error));
    return *n < WW_TLSA_FILE_MAX || fail(detail, path, "longer than any file of this kind");
}

bool ww_tlsa_key_of(const char *path, enum ww_tlsa_source source, uint8_t out[WW_TLSA_KEY_SIZE],
                    char detail[WW_TLSA_PAIR_DETAIL_SIZE])
{
    char text[WW_TLSA_FILE_MAX];
    size_t n = 0;
    bool passphrase = false;
    if (!read_text(path, text, &n, detail))
        return false;
    BIO *bio = BIO_new_mem_buf(text, (int)n);
    EVP_PKEY *key = NULL;
    if (bio != NULL)
        key = source == WW_TLSA_OF_CERTIFICATE ? key_of_certificate(bio, &passphrase)
                                               : key_of_key(bio, &passphrase);
    bool good = key != NULL && digest(key, out);
    EVP_PKEY_free(key);
    BIO_free(bio);
    explicit_bzero(text, sizeof text);
    if (good)
        return true;
    if (passphrase)
        return fail(detail, path,
                    "the key wants a passphrase; its public part will do: openssl pkey -pubout");
    return fail(detail, path,
                source == WW_TLSA_OF_CERTIFICATE ? "there is no certificate in it, as PEM"
                                                 : "there is no key in it, as PEM");
}

void ww_tlsa_text(const uint8_t key[WW_TLSA_KEY_SIZE], char out[WW_TLSA_TEXT_SIZE])
{
    int n = snprintf(out, WW_TLSA_TEXT_SIZE, "3 1 1 ");
    for (size_t i = 0; i < WW_TLSA_KEY_SIZE; i++)
        n += snprintf(out + n, WW_TLSA_TEXT_SIZE - (size_t)n, "%02x", key[i]);
}

bool ww_tlsa_pair_put(const struct ww_tlsa_pair *pair, char room[2][WW_TLSA_TEXT_SIZE], struct ww_zone *zone)
{
    struct ww_dns_change *change = ww_zone_add(zone, pair->name, "TLSA", pair->ttl);
    if (change == NULL)
        return false;
    if (pair->current != NULL) {
        ww_tlsa_text(pair->current, room[0]);
        change->values[change->count++] = room[0];
    }
    if (pair->next != NULL) {
        ww_tlsa_text(pair->next, room[1]);
        change->values[change->count++] = room[1];
    }
    return true;
}
