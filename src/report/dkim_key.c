#include "report/dkim_key.h"

#include "core/dname.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

#include <openssl/bio.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

/* OpenSSL would ask for it at the terminal. */
static int no_password(char *buf, int size, int writing, void *asked)
{
    (void)buf;
    (void)size;
    (void)writing;
    *(bool *)asked = true;
    return -1;
}

static bool holds(struct ww_slice pem, const char *label)
{
    return memmem(pem.p, pem.n, label, strlen(label)) != NULL;
}

static const char *why_unread(struct ww_slice pem, bool asked)
{
    if (asked)
        return "the key has a passphrase, and nobody is there to type it: take it off with `openssl pkey`";
    if (pem.n == 0)
        return "the file is empty";
    if (holds(pem, "PRIVATE KEY-----"))
        return "the private key is damaged";
    if (holds(pem, "PUBLIC KEY-----"))
        return "it is a public key: the private one signs";
    if (holds(pem, "-----BEGIN CERTIFICATE"))
        return "it is a certificate: DKIM signs with a bare private key";
    return "there is no line \"-----BEGIN PRIVATE KEY-----\": PEM is wanted";
}

static void judge(EVP_PKEY *key, char *detail, size_t detail_size)
{
    int bits = EVP_PKEY_get_bits(key);
    bool rsa = EVP_PKEY_get_base_id(key) == EVP_PKEY_RSA;
    if (!rsa && EVP_PKEY_get_base_id(key) != EVP_PKEY_ED25519)
        (void)snprintf(detail, detail_size,
                       "DKIM has RSA and Ed25519 keys: `waxwing report dkim-key` makes one");
    else if (rsa && bits < WW_DKIM_RSA_BITS_MIN)
        (void)snprintf(detail, detail_size,
                       "an RSA key of %d bits is refused by those who get the mail: it takes %d, better %d",
                       bits, WW_DKIM_RSA_BITS_MIN, WW_DKIM_RSA_BITS);
    else if (rsa && bits > WW_DKIM_RSA_BITS_MAX)
        (void)snprintf(detail, detail_size, "an RSA key of %d bits is more than others can check: at most %d",
                       bits, WW_DKIM_RSA_BITS_MAX);
}

EVP_PKEY *ww_dkim_key_read(struct ww_slice pem, char *detail, size_t detail_size)
{
    bool asked = false;
    if (pem.p == NULL)
        pem = ww_slice("", 0);
    BIO *bio = BIO_new_mem_buf(pem.p, pem.n < INT_MAX ? (int)pem.n : INT_MAX);
    EVP_PKEY *key = bio != NULL ? PEM_read_bio_PrivateKey(bio, NULL, no_password, &asked) : NULL;
    BIO_free(bio);
    ERR_clear_error();
    detail[0] = '\0';
    if (key == NULL)
        (void)snprintf(detail, detail_size, "%s", why_unread(pem, asked));
    else
        judge(key, detail, detail_size);
    if (detail[0] == '\0')
        return key;
    EVP_PKEY_free(key);
    return NULL;
}

EVP_PKEY *ww_dkim_key_make(enum ww_dkim_kind kind)
{
    if (kind == WW_DKIM_ED25519)
        return EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
    return EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)WW_DKIM_RSA_BITS);
}

char *ww_dkim_key_write(EVP_PKEY *key, size_t *n)
{
    BIO *bio = BIO_new(BIO_s_mem());
    char *text = NULL, *pem = NULL;
    *n = 0;
    if (bio != NULL && PEM_write_bio_PKCS8PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL) == 1) {
        long size = BIO_get_mem_data(bio, &text);
        pem = malloc((size_t)size + 1);
        *n = pem != NULL ? (size_t)size : 0;
        if (pem != NULL) {
            memcpy(pem, text, *n);
            pem[*n] = '\0';
        }
    }
    BIO_free(bio); /* which wipes it */
    ERR_clear_error();
    return pem;
}

void ww_dkim_key_wipe(char *pem, size_t n)
{
    if (pem != NULL)
        OPENSSL_cleanse(pem, n);
    free(pem);
}

/* Of Ed25519 the 32 octets alone are published (RFC 8463 section 4.2). */
static int public_octets(EVP_PKEY *key, enum ww_dkim_kind kind, unsigned char *out, size_t size)
{
    size_t n = size;
    if (kind == WW_DKIM_ED25519)
        return EVP_PKEY_get_raw_public_key(key, out, &n) == 1 ? (int)n : 0;
    int needed = i2d_PUBKEY(key, NULL);
    unsigned char *at = out;
    return needed > 0 && (size_t)needed <= size ? i2d_PUBKEY(key, &at) : 0;
}

bool ww_dkim_key_public(EVP_PKEY *key, struct ww_dkim_public *out)
{
    unsigned char octets[WW_DKIM_RECORD_SIZE / 4 * 3 - 64], text[WW_DKIM_RECORD_SIZE];
    out->kind = EVP_PKEY_get_base_id(key) == EVP_PKEY_ED25519 ? WW_DKIM_ED25519 : WW_DKIM_RSA;
    out->bits = EVP_PKEY_get_bits(key);
    int n = public_octets(key, out->kind, octets, sizeof octets);
    ERR_clear_error();
    if (n <= 0)
        return false;
    (void)EVP_EncodeBlock(text, octets, n);
    int size = snprintf(out->record, sizeof out->record, "v=DKIM1; k=%s; s=tlsrpt; p=%s",
                        out->kind == WW_DKIM_RSA ? "rsa" : "ed25519", (const char *)text);
    return size > 0 && (size_t)size < sizeof out->record;
}

/* A selector may be a number, as no domain is: so the name of the record is looked at, its underscore apart.
 */
bool ww_dkim_names_check(const char *selector, const char *domain)
{
    char name[WW_DNAME_SIZE];
    size_t offset;
    int n = snprintf(name, sizeof name, "%s.xdomainkey.%s", selector, domain);
    return n > 0 && n < (int)sizeof name && ww_dname_check(name, (size_t)n, &offset) == WW_OK;
}
