#include "net/tls_pair.h"

#include "base/buf.h"
#include "core/words.h"
#include "net/tls_leaf.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILE_MAX 65536
#define CHAIN_MAX 10

/* Nobody is there to type one in. */
static int no_passphrase(char *buffer, int size, int writing, void *ctx)
{
    (void)buffer;
    (void)size;
    (void)writing;
    *(bool *)ctx = true;
    return -1;
}

static void say(struct ww_tls_server_seen *seen, const char *file, const char *what, const char *detail)
{
    struct ww_buf b = ww_buf(seen->why, sizeof seen->why - 1);
    ww_words_put_cut(&b, ww_slice_str(file));
    ww_buf_str(&b, ": ");
    ww_buf_str(&b, what);
    if (detail != NULL) {
        ww_buf_str(&b, ": ");
        ww_words_put_cut(&b, ww_slice_str(detail));
    }
    seen->why[b.n] = '\0';
}

static const char *words_of_openssl(void)
{
    unsigned long error = ERR_peek_last_error();
    return error != 0 ? ERR_reason_error_string(error) : NULL;
}

/* Read whole, so that nobody waits for a pipe, and what changes meanwhile is seen at once or not at all.
 * NULL: seen->why. */
static BIO *read_file(const char *file, mode_t *mode, struct ww_tls_server_seen *seen)
{
    char text[FILE_MAX];
    struct stat st;
    size_t n = 0;
    ssize_t got = -1;
    BIO *bio = NULL;
    int fd = open(file, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    if (fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode)) {
        while (n < sizeof text && (got = read(fd, text + n, sizeof text - n)) > 0)
            n += (size_t)got;
        *mode = st.st_mode;
    } else if (fd >= 0) {
        errno = S_ISDIR(st.st_mode) ? EISDIR : EINVAL;
    }
    if (got < 0)
        say(seen, file, "it cannot be read", strerror(errno));
    else if (n == sizeof text)
        say(seen, file, "it is too long", NULL);
    else
        bio = BIO_new(BIO_s_mem());
    if (bio != NULL && n > 0 && BIO_write(bio, text, (int)n) != (int)n) {
        BIO_free(bio);
        bio = NULL;
    }
    OPENSSL_cleanse(text, n);
    if (fd >= 0)
        (void)close(fd);
    if (bio == NULL && seen->why[0] == '\0')
        say(seen, file, "memory is short", NULL);
    return bio;
}

/* What follows the first certificate. False: one of them cannot be read. */
static bool read_chain(BIO *bio, STACK_OF(X509) * *chain)
{
    X509 *next;
    while ((next = PEM_read_bio_X509(bio, NULL, NULL, NULL)) != NULL) {
        if (*chain == NULL)
            *chain = sk_X509_new_null();
        if (*chain == NULL || sk_X509_num(*chain) >= CHAIN_MAX || sk_X509_push(*chain, next) == 0) {
            X509_free(next);
            return false;
        }
    }
    /* That is how it tells that there are no more. */
    bool good = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
    ERR_clear_error();
    return good;
}

static bool load_certificate(struct ww_tls_pair *pair, const char *file, struct ww_tls_server_seen *seen)
{
    struct ww_origin_cert cert;
    struct ww_tls_make make;
    mode_t mode;
    BIO *bio = read_file(file, &mode, seen);
    if (bio == NULL)
        return false;
    pair->certificate = PEM_read_bio_X509_AUX(bio, NULL, NULL, NULL);
    bool good = pair->certificate != NULL && read_chain(bio, &pair->chain);
    BIO_free(bio);
    if (!good) {
        say(seen, file, "there is no certificate that can be used", words_of_openssl());
        return false;
    }
    ww_tls_leaf_read(pair->certificate, &cert);
    ww_tls_leaf_make(pair->certificate, &make);
    seen->not_before = make.not_before;
    seen->not_after = cert.not_after;
    return true;
}

static bool load_key(struct ww_tls_pair *pair, const char *file, struct ww_tls_server_seen *seen)
{
    bool asked = false;
    mode_t mode = 0;
    BIO *bio = read_file(file, &mode, seen);
    if (bio == NULL)
        return false;
    seen->key_open = (mode & S_IROTH) != 0;
    pair->key = PEM_read_bio_PrivateKey(bio, NULL, no_passphrase, &asked);
    BIO_free(bio);
    if (pair->key != NULL && X509_check_private_key(pair->certificate, pair->key) == 1)
        return true;
    if (pair->key != NULL)
        say(seen, file, "the key is not that of the certificate", NULL);
    else if (asked)
        say(seen, file, "the key is locked by a passphrase", NULL);
    else
        say(seen, file, "there is no key that can be used", words_of_openssl());
    return false;
}

bool ww_tls_pair_load(const char *certificate, const char *key, struct ww_tls_pair *pair,
                      struct ww_tls_server_seen *seen)
{
    *seen = (struct ww_tls_server_seen){.why = ""};
    *pair = (struct ww_tls_pair){.key = NULL};
    ERR_clear_error();
    bool good = load_certificate(pair, certificate, seen) && load_key(pair, key, seen);
    ERR_clear_error();
    if (!good)
        ww_tls_pair_clear(pair);
    return good;
}

void ww_tls_pair_clear(struct ww_tls_pair *pair)
{
    X509_free(pair->certificate);
    sk_X509_pop_free(pair->chain, X509_free);
    EVP_PKEY_free(pair->key);
    *pair = (struct ww_tls_pair){.key = NULL};
}

void ww_tls_pair_refused(const char *certificate, struct ww_tls_server_seen *seen)
{
    say(seen, certificate, "there is no certificate that can be used", words_of_openssl());
    ERR_clear_error();
}

bool ww_tls_pair_is_for(const struct ww_tls_pair *pair, const char *name)
{
    return X509_check_host(pair->certificate, name, strlen(name),
                           X509_CHECK_FLAG_NEVER_CHECK_SUBJECT | X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS,
                           NULL) == 1;
}
