/*
 * HTTPS GET and POST through libcurl on the loop, to addresses that the caller has resolved and guarded.
 *
 * What it always does (RFC 8461 section 3.3): verifies the chain and the SAN (never the CN), SNI, TLS 1.2 or
 * later, no redirect, no cache, no proxy, no cookies, no content coding; races IPv6 and IPv4; caps the body.
 * Callbacks never run before the call that started the GET has returned, and may cancel or free anything: the
 * GET itself is gone when its callback runs.
 */
#ifndef WW_NET_HTTPS_H
#define WW_NET_HTTPS_H

#include "base/err.h"
#include "base/slice.h"
#include "core/origin.h"
#include "net/tls_leaf.h"

struct event_base;

/* What a system of this kind trusts. */
#define WW_HTTPS_CA_FILE "/etc/ssl/certs/ca-certificates.crt"

/* More addresses than this are not looked at. */
#define WW_HTTPS_ADDRS_MAX 16

struct ww_https_options {
    const char *ca_file; /* PEM file of trusted CAs, or NULL: the system's */
    X509_STORE
    *store; /* trusted authorities instead of a file's, where none can be opened any more; or NULL */
    const char *user_agent; /* NULL: our own name; borrowed */
    const struct ww_addr
        *sources; /* addresses to connect from, one a family at most; none: the system's choice */
    size_t source_count;
    unsigned deadline_ms; /* of one GET as a whole */
    size_t body_max;      /* octets; a longer body is an error, never cut */
    bool plain;           /* http:// and port 80 instead: for what is signed by itself */
};

#define WW_HTTPS_HEADER_SIZE 200

/* Headers of an answer, "" where there is none: strangers' text, escaped as in core/words.h, and cut. */
struct ww_https_headers {
    char cache_control[WW_HTTPS_HEADER_SIZE];
    char age[32];
    char location[WW_HTTPS_HEADER_SIZE];
};

struct ww_https_reply {
    enum ww_err err;    /* WW_OK: an answer arrived; whole when its status is 200 */
    const char *detail; /* words on a failure, or NULL; borrowed during the callback */
    unsigned status;
    const char *content_type; /* or NULL; borrowed during the callback */
    int64_t date;             /* what the host takes the time for, Unix seconds; 0: it does not say */
    struct ww_slice body;     /* of status 200, else empty; borrowed during the callback */
    struct ww_origin origin;  /* the address connected to, "" when none, and the certificate if it was good */
    /* For who wants to know more, on a failure too. */
    struct ww_https_headers headers;
    struct ww_tls_leaf shown; /* the certificate, be it good or bad */
    uint16_t tls_version;     /* as on the wire; 0: no certificate was shown */
    int os_error;             /* why no connection could be made, or 0 */
};

/* True when the certificate is what is wrong. */
static inline bool ww_https_is_certificate(enum ww_err err)
{
    return err >= WW_E_HTTPS_CERT_EXPIRED && err <= WW_E_HTTPS_CERT;
}

struct ww_https;
struct ww_https_get;
typedef void ww_https_cb(void *ctx, const struct ww_https_reply *reply);

/* Loads the CA store now (before confinement). NULL on failure; *detail (static) says which. */
struct ww_https *ww_https_new(struct event_base *base, const struct ww_https_options *options,
                              const char **detail);
void ww_https_free(struct ww_https *https);

/* GET https://<host><path> from one of the addresses, port 443. NULL: *err says why, no callback follows. */
struct ww_https_get *ww_https_get(struct ww_https *https, const char *host, const char *path,
                                  const struct ww_addr *addrs, size_t addr_count, ww_https_cb *cb, void *ctx,
                                  enum ww_err *err);
void ww_https_cancel(struct ww_https_get *get);

/* What a POST sends; all is borrowed during the call, but for the body until the end. */
struct ww_https_post {
    struct ww_slice body;
    const char *const *headers; /* "Name: value", ended by NULL */
    unsigned port;
    bool plain;   /* HTTP without TLS; the host may be an address literal then */
    bool anybody; /* whatever certificate is shown: who asked for a report gets it all the same */
};

/*
 * POST to https://<host>:<port><path>, by the same rules but for what `anybody` says. Of the answer the
 * status alone is of interest: its body is not read, whatever the status. Cancelled as a GET is.
 */
struct ww_https_get *ww_https_post(struct ww_https *https, const char *host, const char *path,
                                   const struct ww_addr *addrs, size_t addr_count,
                                   const struct ww_https_post *post, ww_https_cb *cb, void *ctx,
                                   enum ww_err *err);

#endif
