/* What is kept of a TLS server's certificate: enough to tell later which one it was. */
#ifndef WW_NET_TLS_LEAF_H
#define WW_NET_TLS_LEAF_H

#include "core/origin.h"

#include <openssl/x509.h>

/* Reads it off; what cannot be read stays zero or empty. */
void ww_tls_leaf_read(const X509 *cert, struct ww_origin_cert *out);

#endif
