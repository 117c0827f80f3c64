/* What a TLS server shows: its certificate and key, from PEM files. */
#ifndef WW_NET_TLS_SERVER_H
#define WW_NET_TLS_SERVER_H

#include <openssl/ssl.h>
#include <stdbool.h>
#include <stdint.h>

struct ww_tls_server_seen {
    char why[320];      /* it cannot be used, in words; printable ASCII; "" */
    int64_t not_before; /* of the certificate, Unix seconds; 0 when it was not read */
    int64_t not_after;
    bool key_open; /* everybody on this machine may read the key */
};

/*
 * A context for servers of HTTP/1.1 (ALPN): TLS 1.2 and later, no compression, no renegotiation, sessions
 * resumed by tickets alone. certificate: PEM, the server's first and then those that lead to its authority.
 * A certificate that is out of date is used all the same. NULL: seen->why. Freed with SSL_CTX_free.
 */
SSL_CTX *ww_tls_server_new(const char *certificate, const char *key, struct ww_tls_server_seen *seen);

#endif
