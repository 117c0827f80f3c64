/*
 * Says hello to an SMTP server on the loop, to learn whether it can be reached and what it offers: greeting,
 * EHLO, on demand STARTTLS and a TLS handshake, or its beginning, QUIT. No mail is sent. The callback never
 * runs before the call has returned, and may cancel or free anything: what was begun is gone by then.
 */
#ifndef WW_NET_SMTP_HELLO_H
#define WW_NET_SMTP_HELLO_H

#include "base/err.h"
#include "core/addr.h"
#include "core/tls_hello.h"

struct event_base;
struct ssl_st;
struct ww_smtp_hello;

#define WW_SMTP_PORT 25
#define WW_SMTP_TEXT_SIZE 160

/* How far it came. */
enum ww_smtp_stage {
    WW_SMTP_CONNECTING,
    WW_SMTP_GREETING, /* connected, and waiting for the greeting */
    WW_SMTP_EHLO,     /* greeted, and waiting for the answer to EHLO */
    WW_SMTP_STARTTLS, /* has said STARTTLS, and waits for the answer */
    WW_SMTP_SHAKE,    /* in the TLS handshake */
    WW_SMTP_QUIT,     /* all is known */
};

/* A ClientHello to ask with instead of a handshake (core/tls_hello.h). */
struct ww_smtp_ask {
    uint16_t version;
    enum ww_tls_offer offer;
    const char *name; /* for SNI */
};

struct ww_smtp_hello_options {
    const char *name;     /* to say in EHLO; NULL: the address of our end of the connection */
    unsigned deadline_ms; /* of the conversation as a whole */
    unsigned connect_ms;  /* of connecting alone; 0: no other than that of the whole */
    struct ssl_st *tls; /* a client's fresh SSL to shake hands with where STARTTLS is offered, the caller's to
                           free after the end; NULL: STARTTLS is not said */
    bool inject; /* with tls: NOOP is sent along with STARTTLS, as somebody on the way would put it there
                    (CVE-2011-0411) */
    const struct ww_smtp_ask *ask; /* instead of tls, or NULL; copied */
};

struct ww_smtp_hello_result {
    enum ww_err err;             /* WW_OK: EHLO was answered with 250 */
    enum ww_err tls_err;         /* what went wrong after that, with STARTTLS or the handshake */
    enum ww_smtp_stage stage;    /* where it ended */
    int error;                   /* errno of a connection that failed, or 0 */
    unsigned code;               /* of the last reply; 0: there was none */
    bool starttls;               /* is offered */
    bool handshake;              /* was completed */
    bool injected;               /* what was sent along with STARTTLS in plain text was answered inside TLS */
    struct ww_tls_answer answer; /* with `ask`, when its state is not WW_TLS_HEARD_MORE: what came of it;
                                    tls_err is WW_E_SMTP_TLS unless it was accepted */
    struct ww_addr from;         /* our end of the connection; of no meaning while connecting */
    char ehlo[WW_SMTP_TEXT_SIZE]; /* first line of the answer to EHLO; printable ASCII, or "" */
    int64_t us;                   /* from the beginning to when all was known */
    char text[WW_SMTP_TEXT_SIZE]; /* first line of the last reply; of WW_E_SMTP_PLAIN what came, of
                                     WW_E_SMTP_TLS what OpenSSL says; printable ASCII; or "" */
};

typedef void ww_smtp_hello_cb(void *ctx, const struct ww_smtp_hello_result *result);

/* Connects to port 25 of the address. NULL when memory is short. */
struct ww_smtp_hello *ww_smtp_hello(struct event_base *base, const struct ww_smtp_hello_options *options,
                                    const struct ww_addr *to, ww_smtp_hello_cb *cb, void *ctx);
void ww_smtp_hello_cancel(struct ww_smtp_hello *hello);

#endif
