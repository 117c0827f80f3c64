/*
 * The first flight of a TLS handshake, for versions and ciphers that no library offers any more: a
 * ClientHello to ask with, and a reader of what the server says to it (RFC 6101, RFC 2246, RFC 4346, RFC
 * 5246). It goes no further than the server's first flight: with no key, there is nothing to be said or heard
 * in secret.
 */
#ifndef WW_CORE_TLS_HELLO_H
#define WW_CORE_TLS_HELLO_H

#include "base/buf.h"

#define WW_SSL_3 0x0300
#define WW_TLS_1_0 0x0301
#define WW_TLS_1_1 0x0302

/* What a ClientHello offers. */
enum ww_tls_offer {
    WW_TLS_OFFER_COMMON, /* what servers of its version commonly take */
    WW_TLS_OFFER_WEAK,   /* ciphers that are broken: without encryption, of export strength, DES, 3DES, RC4 */
    WW_TLS_OFFER_SECRECY, /* ciphers without forward secrecy, not broken otherwise */
};

#define WW_TLS_HELLO_MAX 1024
#define WW_TLS_RANDOM_SIZE 32

/*
 * Appends a ClientHello in its record; it takes at most WW_TLS_HELLO_MAX octets. version is the best that is
 * offered, WW_SSL_3 to TLS 1.2; name is what SNI asks for, a domain name without a root dot (empty: no SNI).
 */
void ww_tls_hello_put(struct ww_buf *b, uint16_t version, enum ww_tls_offer offer, struct ww_slice name,
                      const uint8_t random[WW_TLS_RANDOM_SIZE]);

/* The name of a cipher suite of the weak ones and those without forward secrecy, as registered at IANA
 * without its "TLS_"; NULL: it is none of them. */
const char *ww_tls_suite_name(uint16_t suite);

enum ww_tls_heard {
    WW_TLS_HEARD_MORE,      /* its flight has not ended yet */
    WW_TLS_HEARD_ACCEPTED,  /* it has chosen, and sent all that comes before our key */
    WW_TLS_HEARD_ALERT,     /* it has refused */
    WW_TLS_HEARD_MALFORMED, /* this is no such flight, or longer than the limits */
};

/* A flight of more octets is not read: a chain of certificates may be long, but not so long. */
#define WW_TLS_FLIGHT_MAX ((size_t)128 * 1024)

/* Zero at first. The first three fields are for callers, the rest is how far it has come. */
struct ww_tls_answer {
    uint16_t version; /* chosen by the server */
    uint16_t suite;
    uint8_t alert; /* description */
    bool chosen;   /* the two above are known */
    enum ww_tls_heard state;
    size_t heard;
    uint8_t head[5]; /* of the record */
    uint8_t head_n;
    uint16_t record_left;
    uint8_t message[4]; /* type and length */
    uint8_t message_n;
    uint32_t message_at; /* octets of it that were read */
    uint8_t session;     /* octets of the session id */
    bool warned;         /* the first octet of an alert was read, and what it was */
    uint8_t level;
};

/* Takes n octets more of what the server says. After anything but MORE, the rest counts for nothing. */
enum ww_tls_heard ww_tls_answer_take(struct ww_tls_answer *answer, const char *p, size_t n);

/* The name of an alert, as in RFC 5246 section 7.2; "" where it has none. */
const char *ww_tls_alert_name(uint8_t alert);

#endif
