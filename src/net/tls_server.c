#include "net/tls_server.h"

#include "core/server_name.h"

#include <openssl/err.h>
#include <string.h>

#define HTTP "\x08http/1.1"
#define CHALLENGE "acme-tls/1" /* RFC 8737 section 3 */

/* A client that speaks other protocols alone is told so (RFC 7301 section 3.2). */
static int choose_http(SSL *ssl, const unsigned char **out, unsigned char *out_n,
                       const unsigned char *offered, unsigned offered_n, void *ctx)
{
    (void)ssl;
    (void)ctx;
    const unsigned char *ours = (const unsigned char *)HTTP;
    for (unsigned i = 0; i < offered_n; i += 1U + offered[i]) {
        if (offered_n - i >= sizeof HTTP - 1 && memcmp(offered + i, ours, sizeof HTTP - 1) == 0) {
            *out = offered + i + 1;
            *out_n = offered[i];
            return SSL_TLSEXT_ERR_OK;
        }
    }
    return SSL_TLSEXT_ERR_ALERT_FATAL;
}

static SSL_CTX *new_context(void)
{
    SSL_CTX *ctx = SSL_CTX_new(TLS_server_method());
    if (ctx == NULL || SSL_CTX_set_min_proto_version(ctx, TLS1_2_VERSION) != 1) {
        SSL_CTX_free(ctx);
        return NULL;
    }
    (void)SSL_CTX_set_options(ctx, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION);
    (void)SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_alpn_select_cb(ctx, choose_http, NULL);
    return ctx;
}

SSL_CTX *ww_tls_server_new(const char *certificate, const char *key, struct ww_tls_server_seen *seen)
{
    struct ww_tls_pair pair;
    if (!ww_tls_pair_load(certificate, key, &pair, seen))
        return NULL;
    SSL_CTX *ctx = new_context();
    if (ctx == NULL || SSL_CTX_use_cert_and_key(ctx, pair.certificate, pair.key, pair.chain, 1) != 1) {
        ww_tls_pair_refused(certificate, seen);
        SSL_CTX_free(ctx);
        ctx = NULL;
    }
    ww_tls_pair_clear(&pair);
    return ctx;
}

bool ww_tls_server_can_show(SSL_CTX *ctx, const struct ww_tls_pair *pair, const char *certificate,
                            struct ww_tls_server_seen *seen)
{
    SSL *ssl = SSL_new(ctx);
    bool good = ssl != NULL && SSL_use_cert_and_key(ssl, pair->certificate, pair->key, pair->chain, 1) == 1;
    if (!good)
        ww_tls_pair_refused(certificate, seen);
    SSL_free(ssl);
    return good;
}

/* ---- Many names ---- */

static struct ww_slice extension_of(SSL *ssl, unsigned type)
{
    const unsigned char *p = NULL;
    size_t n = 0;
    if (SSL_client_hello_get0_ext(ssl, type, &p, &n) != 1)
        return ww_slice("", 0);
    return ww_slice((const char *)p, n);
}

/* Before anything of a session is looked at: what is picked here holds for all that follows. */
static int on_hello(SSL *ssl, int *alert, void *arg)
{
    struct ww_tls_server_names *names = arg;
    const struct ww_tls_pair *pair = NULL;
    char name[WW_DNAME_SIZE];
    if (!ww_server_name_of_hello(extension_of(ssl, TLSEXT_TYPE_server_name), name))
        name[0] = '\0';
    bool challenge = ww_server_name_offers_alone(
        extension_of(ssl, TLSEXT_TYPE_application_layer_protocol_negotiation), CHALLENGE);
    enum ww_tls_name known = names->pick(names->ctx, name, challenge, &pair);
    *alert = known == WW_TLS_NAME_UNKNOWN ? SSL_AD_UNRECOGNIZED_NAME : SSL_AD_HANDSHAKE_FAILURE;
    if (known != WW_TLS_NAME_KNOWN)
        return SSL_CLIENT_HELLO_ERROR;
    if (SSL_use_cert_and_key(ssl, pair->certificate, pair->key, pair->chain, 1) != 1) {
        ERR_clear_error();
        return SSL_CLIENT_HELLO_ERROR;
    }
    if (challenge)
        SSL_set_app_data(ssl, names);
    return SSL_CLIENT_HELLO_SUCCESS;
}

static int choose_either(SSL *ssl, const unsigned char **out, unsigned char *out_n,
                         const unsigned char *offered, unsigned offered_n, void *ctx)
{
    if (SSL_get_app_data(ssl) != NULL) {
        *out = offered + 1;
        *out_n = offered[0];
        return SSL_TLSEXT_ERR_OK;
    }
    return choose_http(ssl, out, out_n, offered, offered_n, ctx);
}

SSL_CTX *ww_tls_server_names_new(struct ww_tls_server_names *names)
{
    SSL_CTX *tls = new_context();
    if (tls == NULL)
        return NULL;
    (void)SSL_CTX_set_options(tls, SSL_OP_NO_TICKET);
    (void)SSL_CTX_set_num_tickets(tls, 0);
    /* What leads to the authority is in the files: nothing is looked for in each handshake. */
    (void)SSL_CTX_set_mode(tls, SSL_MODE_NO_AUTO_CHAIN);
    SSL_CTX_set_client_hello_cb(tls, on_hello, names);
    SSL_CTX_set_alpn_select_cb(tls, choose_either, NULL);
    return tls;
}
