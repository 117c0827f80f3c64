#include "net/tls_shake.h"

#include "core/words.h"

#include <event2/buffer.h>
#include <openssl/err.h>

#define CHUNK 4096

bool ww_tls_shake_init(SSL *ssl)
{
    BIO *in = BIO_new(BIO_s_mem());
    BIO *out = BIO_new(BIO_s_mem());
    if (in == NULL || out == NULL) {
        BIO_free(in);
        BIO_free(out);
        return false;
    }
    SSL_set_bio(ssl, in, out);
    SSL_set_connect_state(ssl);
    return true;
}

static bool feed(SSL *ssl, struct evbuffer *in)
{
    char chunk[CHUNK];
    int n;
    while ((n = evbuffer_remove(in, chunk, sizeof chunk)) > 0) {
        if (BIO_write(SSL_get_rbio(ssl), chunk, n) != n)
            return false;
    }
    return n == 0;
}

static bool drain(SSL *ssl, struct evbuffer *out)
{
    char chunk[CHUNK];
    int n;
    while ((n = BIO_read(SSL_get_wbio(ssl), chunk, sizeof chunk)) > 0) {
        if (evbuffer_add(out, chunk, (size_t)n) != 0)
            return false;
    }
    return true;
}

enum ww_tls_shake ww_tls_shake(SSL *ssl, struct evbuffer *in, struct evbuffer *out, struct ww_buf *why)
{
    ERR_clear_error();
    int done = feed(ssl, in) ? SSL_do_handshake(ssl) : 0;
    int fault = done == 1 ? SSL_ERROR_NONE : SSL_get_error(ssl, done);
    unsigned long reason = ERR_peek_error();
    ERR_clear_error();
    bool sent = drain(ssl, out);
    if (sent && done == 1)
        return WW_TLS_SHAKE_DONE;
    if (sent && fault == SSL_ERROR_WANT_READ)
        return WW_TLS_SHAKE_MORE;
    const char *words = reason != 0 ? ERR_reason_error_string(reason) : NULL;
    ww_words_put_cut(why, ww_slice_str(words != NULL ? words : ""));
    return WW_TLS_SHAKE_FAILED;
}

bool ww_tls_shake_say(SSL *ssl, const char *text, struct evbuffer *out)
{
    int n = (int)strlen(text);
    ERR_clear_error();
    bool ok = SSL_write(ssl, text, n) == n && drain(ssl, out);
    ERR_clear_error();
    return ok;
}

bool ww_tls_shake_hear(SSL *ssl, struct evbuffer *in, struct ww_buf *text)
{
    ERR_clear_error();
    bool ok = feed(ssl, in);
    int n = 1;
    while (ok && n > 0 && text->n < text->cap) {
        n = SSL_read(ssl, text->p + text->n, (int)(text->cap - text->n));
        text->n += n > 0 ? (size_t)n : 0;
    }
    ok = ok && (n > 0 || SSL_get_error(ssl, n) == SSL_ERROR_WANT_READ);
    ERR_clear_error();
    return ok && text->n < text->cap;
}
