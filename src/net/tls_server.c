#include "net/tls_server.h"

#include "base/buf.h"
#include "core/words.h"
#include "net/tls_leaf.h"

#include <errno.h>
#include <openssl/err.h>
#include <openssl/x509.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PROTOCOL "\x08http/1.1"

/* Nobody is there to type one in. */
static int no_passphrase(char *buffer, int size, int writing, void *ctx)
{
    (void)buffer;
    (void)size;
    (void)writing;
    *(bool *)ctx = true;
    return -1;
}

/* A client that speaks other protocols alone is told so (RFC 7301 section 3.2). */
static int choose_protocol(SSL *ssl, const unsigned char **out, unsigned char *out_n,
                           const unsigned char *offered, unsigned offered_n, void *ctx)
{
    (void)ssl;
    (void)ctx;
    const unsigned char *ours = (const unsigned char *)PROTOCOL;
    for (unsigned i = 0; i < offered_n; i += 1U + offered[i]) {
        if (offered_n - i >= sizeof PROTOCOL - 1 && memcmp(offered + i, ours, sizeof PROTOCOL - 1) == 0) {
            *out = offered + i + 1;
            *out_n = offered[i];
            return SSL_TLSEXT_ERR_OK;
        }
    }
    return SSL_TLSEXT_ERR_ALERT_FATAL;
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

/* OpenSSL's words for a file that cannot be opened are of no use. */
static bool is_readable(const char *file, struct ww_tls_server_seen *seen)
{
    if (access(file, R_OK) == 0)
        return true;
    say(seen, file, "it cannot be read", strerror(errno));
    return false;
}

static bool load_certificate(SSL_CTX *ctx, const char *file, struct ww_tls_server_seen *seen)
{
    struct ww_origin_cert cert;
    struct ww_tls_make make;
    if (!is_readable(file, seen))
        return false;
    if (SSL_CTX_use_certificate_chain_file(ctx, file) != 1) {
        say(seen, file, "there is no certificate that can be used", words_of_openssl());
        return false;
    }
    X509 *leaf = SSL_CTX_get0_certificate(ctx);
    ww_tls_leaf_read(leaf, &cert);
    ww_tls_leaf_make(leaf, &make);
    seen->not_before = make.not_before;
    seen->not_after = cert.not_after;
    return true;
}

static bool load_key(SSL_CTX *ctx, const char *file, const bool *asked, struct ww_tls_server_seen *seen)
{
    struct stat st;
    if (!is_readable(file, seen))
        return false;
    seen->key_open = stat(file, &st) == 0 && (st.st_mode & S_IROTH) != 0;
    if (SSL_CTX_use_PrivateKey_file(ctx, file, SSL_FILETYPE_PEM) == 1)
        return true;
    if (*asked)
        say(seen, file, "the key is locked by a passphrase", NULL);
    else if (ERR_GET_REASON(ERR_peek_last_error()) == X509_R_KEY_VALUES_MISMATCH ||
             ERR_GET_REASON(ERR_peek_last_error()) == X509_R_KEY_TYPE_MISMATCH)
        say(seen, file, "the key is not that of the certificate", NULL);
    else
        say(seen, file, "there is no key that can be used", words_of_openssl());
    return false;
}

SSL_CTX *ww_tls_server_new(const char *certificate, const char *key, struct ww_tls_server_seen *seen)
{
    *seen = (struct ww_tls_server_seen){.why = ""};
    bool asked = false;
    ERR_clear_error();
    SSL_CTX *ctx = SSL_CTX_new(TLS_server_method());
    bool good = ctx != NULL && SSL_CTX_set_min_proto_version(ctx, TLS1_2_VERSION) == 1;
    if (good) {
        SSL_CTX_set_default_passwd_cb(ctx, no_passphrase);
        SSL_CTX_set_default_passwd_cb_userdata(ctx, &asked);
        good = load_certificate(ctx, certificate, seen) && load_key(ctx, key, &asked, seen);
        SSL_CTX_set_default_passwd_cb_userdata(ctx, NULL);
    } else {
        say(seen, certificate, "OpenSSL does not work", words_of_openssl());
    }
    ERR_clear_error();
    if (!good) {
        SSL_CTX_free(ctx);
        return NULL;
    }
    (void)SSL_CTX_set_options(ctx, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION);
    (void)SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_alpn_select_cb(ctx, choose_protocol, NULL);
    return ctx;
}
