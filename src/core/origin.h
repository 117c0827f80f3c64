/* Where a policy came from: what an operator asks for when a policy looks wrong. */
#ifndef WW_CORE_ORIGIN_H
#define WW_CORE_ORIGIN_H

#include "core/addr.h"

#define WW_FINGERPRINT_SIZE 32
#define WW_ORIGIN_ISSUER_SIZE 128

/* The policy host's certificate. What stands in it is a stranger's text: words.h, and cut where it is long.
 */
struct ww_origin_cert {
    uint8_t fingerprint[WW_FINGERPRINT_SIZE]; /* SHA-256 of its DER form */
    char issuer[WW_ORIGIN_ISSUER_SIZE];       /* "O=Example Trust, CN=Example CA 1"; printable ASCII */
    int64_t not_after;                        /* Unix seconds */
};

struct ww_origin {
    char address[WW_ADDR_TEXT_SIZE]; /* the one connected to; "": nothing is known, the rest is zero */
    struct ww_origin_cert cert;
};

#endif
