#include "publish/certificate.h"

#include "publish/place.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/asn1.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

/* OpenSSL would ask for it at the terminal. */
static int no_password(char *buf, int size, int writing, void *ctx)
{
    (void)buf;
    (void)size;
    (void)writing;
    (void)ctx;
    return -1;
}

static X509 *first_of(struct ww_slice chain)
{
    BIO *bio = BIO_new_mem_buf(chain.p, (int)chain.n);
    X509 *cert = bio != NULL ? PEM_read_bio_X509(bio, NULL, no_password, NULL) : NULL;
    BIO_free(bio);
    return cert;
}

static EVP_PKEY *key_of(struct ww_slice pem)
{
    BIO *bio = BIO_new_mem_buf(pem.p, (int)pem.n);
    EVP_PKEY *key = bio != NULL ? PEM_read_bio_PrivateKey(bio, NULL, no_password, NULL) : NULL;
    BIO_free(bio);
    return key;
}

static int64_t seconds(const ASN1_TIME *at)
{
    struct tm t;
    return ASN1_TIME_to_tm(at, &t) == 1 ? (int64_t)timegm(&t) : 0;
}

static struct ww_certificate_span span_of(const X509 *cert)
{
    struct ww_certificate_span span = {seconds(X509_get0_notBefore(cert)), seconds(X509_get0_notAfter(cert))};
    return span;
}

static const char *why_not(X509 *cert, EVP_PKEY *key, const char *host, int64_t now,
                           const struct ww_certificate_span *span)
{
    const unsigned flags = X509_CHECK_FLAG_NEVER_CHECK_SUBJECT | X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS;
    if (key == NULL)
        return "there is no private key, or it is damaged, or has a passphrase";
    if (X509_check_private_key(cert, key) != 1)
        return "the private key is not that of the certificate";
    if (X509_check_host(cert, host, 0, flags, NULL) != 1)
        return "the host is none of the certificate's names";
    if (now < span->not_before)
        return "the certificate is not valid yet";
    return now >= span->not_after ? "the certificate has expired" : NULL;
}

bool ww_certificate_judge(struct ww_slice chain, struct ww_slice pem, const char *host, int64_t now,
                          struct ww_certificate_span *span, char detail[WW_CERTIFICATE_DETAIL_SIZE])
{
    static const struct ww_certificate_span none;
    X509 *cert = first_of(chain);
    EVP_PKEY *key = key_of(pem);
    *span = cert != NULL ? span_of(cert) : none;
    const char *why =
        cert != NULL ? why_not(cert, key, host, now, span) : "there is no certificate, or it is damaged";
    (void)snprintf(detail, WW_CERTIFICATE_DETAIL_SIZE, "%s", why != NULL ? why : "");
    X509_free(cert);
    EVP_PKEY_free(key);
    ERR_clear_error();
    return why == NULL;
}

struct ww_slice ww_certificate_read(const char *path, char *room)
{
    int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    size_t n = 0;
    ssize_t more = -1;
    while (fd >= 0 && n < WW_CERTIFICATE_FILE_MAX &&
           (more = read(fd, room + n, WW_CERTIFICATE_FILE_MAX - n)) > 0)
        n += (size_t)more;
    int saved = n < WW_CERTIFICATE_FILE_MAX ? errno : EFBIG;
    if (fd >= 0)
        (void)close(fd);
    errno = saved;
    return more == 0 ? ww_slice(room, n) : ww_slice(NULL, 0);
}

bool ww_certificate_span(const char *folder, const char *host, struct ww_certificate_span *span)
{
    char path[PATH_MAX], *room = malloc(WW_CERTIFICATE_FILE_MAX);
    X509 *cert = NULL;
    if (room != NULL && ww_place(path, folder, "certificates/%s/fullchain.pem", host)) {
        struct ww_slice chain = ww_certificate_read(path, room);
        cert = chain.p != NULL ? first_of(chain) : NULL;
        ERR_clear_error();
    }
    bool good = cert != NULL;
    if (good)
        *span = span_of(cert);
    X509_free(cert);
    free(room);
    return good;
}
