/* A TLS handshake of the client over octets that somebody else carries: what came in, what has to go out. */
#ifndef WW_NET_TLS_SHAKE_H
#define WW_NET_TLS_SHAKE_H

#include "base/buf.h"
#include "base/err.h"

#include <openssl/ssl.h>

struct evbuffer;

enum ww_tls_shake {
    WW_TLS_SHAKE_MORE, /* waits for more from the peer */
    WW_TLS_SHAKE_DONE,
    WW_TLS_SHAKE_FAILED,
};

/* Makes a fresh SSL ready for this. False: memory is short. */
WW_MUST_CHECK bool ww_tls_shake_init(SSL *ssl);

/*
 * Takes all of `in`, and goes on with the handshake; what has to be sent is appended to `out`. On a failure
 * OpenSSL's words are appended to `why`.
 */
enum ww_tls_shake ww_tls_shake(SSL *ssl, struct evbuffer *in, struct evbuffer *out, struct ww_buf *why);

/*
 * After the handshake: takes all of `in`, and appends what it says to `text`. False when no more can be
 * heard, or there is no room for more.
 */
WW_MUST_CHECK bool ww_tls_shake_hear(SSL *ssl, struct evbuffer *in, struct ww_buf *text);

/* After the handshake: appends the text to `out`, encrypted. False when that fails. */
WW_MUST_CHECK bool ww_tls_shake_say(SSL *ssl, const char *text, struct evbuffer *out);

#endif
