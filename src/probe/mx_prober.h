/* What probes and trials share: the loop, how to greet, and OpenSSL's context. */
#ifndef WW_PROBE_MX_PROBER_H
#define WW_PROBE_MX_PROBER_H

#include "core/dname.h"
#include "probe/mx_probe.h"

#include <openssl/ssl.h>

struct ww_mx_prober {
    struct event_base *base;
    SSL_CTX *ctx;
    X509_STORE *store;
    char helo[WW_DNAME_SIZE]; /* "": the address of our end */
    unsigned deadline_ms;
};

#endif
