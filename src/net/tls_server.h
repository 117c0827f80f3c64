/* What a TLS server shows: one certificate for whoever comes, or one for each name. */
#ifndef WW_NET_TLS_SERVER_H
#define WW_NET_TLS_SERVER_H

#include "core/dname.h"
#include "net/tls_pair.h"

/*
 * A context for servers of HTTP/1.1 (ALPN): TLS 1.2 and later, no compression, no renegotiation, sessions
 * resumed by tickets alone. The files are those of ww_tls_pair_load. NULL: seen->why. Freed with
 * SSL_CTX_free.
 */
SSL_CTX *ww_tls_server_new(const char *certificate, const char *key, struct ww_tls_server_seen *seen);

enum ww_tls_name {
    WW_TLS_NAME_KNOWN,
    WW_TLS_NAME_UNKNOWN, /* the handshake is refused: unrecognized_name */
    WW_TLS_NAME_NO_KEYS, /* it is one of ours, but there is nothing to show: handshake_failure */
};

/*
 * Which keys to show to whom asks for `name` (canonical; "": it named none). challenge: it offers acme-tls/1
 * alone (RFC 8737), and is to see those of a challenge. *pair is borrowed until the next call.
 */
typedef enum ww_tls_name ww_tls_server_pick(void *ctx, const char *name, bool challenge,
                                            const struct ww_tls_pair **pair);

/* The caller's; outlives the context that it is given to. */
struct ww_tls_server_names {
    ww_tls_server_pick *pick;
    void *ctx;
};

/*
 * A context as above for servers of many names: the keys are picked in each handshake by the name that the
 * client asks for. No session is ever resumed, so that none goes from one name to another, or outlives its
 * certificate: a client that comes once a day loses nothing by it. With one that offered acme-tls/1 alone,
 * and is shown keys, that is agreed on. NULL when memory is short.
 */
SSL_CTX *ww_tls_server_names_new(struct ww_tls_server_names *names);

/* Whether such a context would show these keys: OpenSSL refuses some that are too weak. False: seen->why. */
bool ww_tls_server_can_show(SSL_CTX *ctx, const struct ww_tls_pair *pair, const char *certificate,
                            struct ww_tls_server_seen *seen);

#endif
