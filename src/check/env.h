/* What the looks of one inspector work with; all of it is borrowed, and outlives them. */
#ifndef WW_CHECK_ENV_H
#define WW_CHECK_ENV_H

#include "base/err.h"
#include "core/addr.h"

#include <openssl/x509.h>
#include <stdbool.h>
#include <stdint.h>

struct event_base;
struct ww_dns;
struct ww_https;
struct ww_mx_common;

struct ww_check_env {
    struct event_base *base;
    struct ww_dns *dns;            /* validating, unless its self-test says otherwise */
    struct ww_https *https;        /* as the daemon fetches policies; NULL: what wants it is not looked at */
    const struct ww_prefix *allow; /* special addresses that are connected to all the same */
    size_t allow_count;
    const struct ww_addr *sources; /* addresses to connect from, one a family at most; none: the system's */
    size_t source_count;
    X509_STORE *store;       /* trusted authorities */
    const char *ca_file;     /* the same as a file, or NULL: the system's */
    const char *helo;        /* for EHLO; NULL: the address of our end */
    unsigned dns_timeout_ms; /* of one question */
    unsigned web_ms;         /* of one HTTPS exchange */
    unsigned smtp_ms;        /* of one SMTP conversation */
    struct ww_mx_common *mx; /* what the looks at MX hosts share; the inspector sees to it */
};

/* A look has ended; what it saw is complete. Called from the loop, once; the look is gone by then. */
typedef void ww_look_done(void *ctx);

#endif
