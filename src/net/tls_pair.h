/* A certificate, those that lead to its authority, and its key, from PEM files. */
#ifndef WW_NET_TLS_PAIR_H
#define WW_NET_TLS_PAIR_H

#include <openssl/ssl.h>
#include <stdbool.h>
#include <stdint.h>

struct ww_tls_server_seen {
    char why[320];      /* it cannot be used, in words; printable ASCII; "" */
    int64_t not_before; /* of the certificate, Unix seconds; 0 when it was not read */
    int64_t not_after;
    bool key_open; /* everybody on this machine may read the key */
};

struct ww_tls_pair {
    X509 *certificate;
    STACK_OF(X509) * chain; /* or NULL */
    EVP_PKEY *key;
};

/*
 * certificate: PEM, the server's first and then those that lead to its authority. Files of more than 64 KiB
 * are not read. A certificate that is out of date is loaded all the same. False: seen->why, and nothing is to
 * be freed.
 */
bool ww_tls_pair_load(const char *certificate, const char *key, struct ww_tls_pair *pair,
                      struct ww_tls_server_seen *seen);
void ww_tls_pair_clear(struct ww_tls_pair *pair);

/* OpenSSL has refused to show it, and has said so: seen->why. */
void ww_tls_pair_refused(const char *certificate, struct ww_tls_server_seen *seen);

/* Whether it is good for the name: as a dNSName, with wildcards as senders take them (RFC 8461 section 3.3,
 * RFC 6125 section 6.4); the common name is not looked at. */
bool ww_tls_pair_is_for(const struct ww_tls_pair *pair, const char *name);

#endif
