#include "net/http_private.h"

#include <errno.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

/* Of one SSL_write: larger pieces end in several records anyway. */
#define PIECE ((size_t)64 * 1024)

bool ww_http_tls_begin(struct ww_http_connection *c, SSL_CTX *ctx)
{
    c->ssl = SSL_new(ctx);
    if (c->ssl == NULL || SSL_set_fd(c->ssl, c->fd) != 1) {
        ERR_clear_error();
        return false;
    }
    /* What waits to be sent may have moved when it is tried again; an idle connection holds no buffers. */
    SSL_set_mode(c->ssl, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                             SSL_MODE_RELEASE_BUFFERS);
    SSL_set_accept_state(c->ssl);
    return true;
}

/* As recv and send leave it, in errno. */
static ssize_t fault(struct ww_http_connection *c, int done)
{
    int error = SSL_get_error(c->ssl, done);
    ERR_clear_error();
    if (error == SSL_ERROR_ZERO_RETURN)
        return 0;
    if (error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE) {
        c->wants_write = error == SSL_ERROR_WANT_WRITE;
        errno = EAGAIN;
        return -1;
    }
    c->tls_over = true;
    errno = EPROTO;
    return -1;
}

/* What was agreed on is not HTTP: whoever did so has seen what it wanted to see. */
static bool is_over(const struct ww_http_connection *c)
{
    static const char http[] = "http/";
    const unsigned char *protocol = NULL;
    unsigned n = 0;
    if (!SSL_is_init_finished(c->ssl))
        return false;
    SSL_get0_alpn_selected(c->ssl, &protocol, &n);
    return n > 0 && (n < sizeof http || memcmp(protocol, http, sizeof http - 1) != 0);
}

ssize_t ww_http_tls_recv(struct ww_http_connection *c, char *p, size_t n)
{
    size_t got = 0;
    c->wants_write = false;
    ERR_clear_error();
    int done = SSL_read_ex(c->ssl, p, n, &got);
    if (is_over(c)) {
        ERR_clear_error();
        return 0;
    }
    return done == 1 ? (ssize_t)got : fault(c, done);
}

ssize_t ww_http_tls_send(struct ww_http_connection *c, const char *p, size_t n)
{
    size_t sent = 0;
    ERR_clear_error();
    int done = SSL_write_ex(c->ssl, p, n < PIECE ? n : PIECE, &sent);
    if (done == 1)
        return (ssize_t)sent;
    ssize_t failed = fault(c, done);
    /* Only a renegotiation could make it wait for the peer, and there is none. */
    bool waits = failed < 0 && errno == EAGAIN && c->wants_write;
    c->wants_write = false;
    errno = waits ? EAGAIN : EPROTO;
    return -1;
}

bool ww_http_tls_goodbye(struct ww_http_connection *c)
{
    c->wants_write = false;
    if (c->tls_over || !SSL_is_init_finished(c->ssl))
        return true;
    ERR_clear_error();
    int done = SSL_shutdown(c->ssl);
    c->tls_over = done >= 0 || fault(c, done) == 0 || !c->wants_write;
    return c->tls_over;
}

bool ww_http_tls_has_more(const struct ww_http_connection *c)
{
    return SSL_pending(c->ssl) > 0;
}

void ww_http_tls_end(struct ww_http_connection *c)
{
    if (c->ssl == NULL)
        return;
    if (!SSL_is_init_finished(c->ssl))
        c->server->failed++;
    (void)ww_http_tls_goodbye(c);
    SSL_free(c->ssl);
    c->ssl = NULL;
}
