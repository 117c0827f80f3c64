/* TLSA records one by one beside the chain of a connection: OpenSSL tells of one that matches alone. */
#ifndef WW_PROBE_TLSA_FIT_H
#define WW_PROBE_TLSA_FIT_H

#include "probe/mx_probe.h"

#include <openssl/x509.h>

/* The longest digest. */
#define WW_TLSA_FIT_DIGEST 64

struct ww_tlsa_fits {
    size_t count;
    struct ww_mx_probe_fit list[WW_MX_PROBE_FITS_MAX];
    uint8_t digests[WW_MX_PROBE_FITS_MAX][WW_TLSA_FIT_DIGEST]; /* to find; of a record that has no digest,
                                                                  its data's SHA-256 */
};

/* Keeps the usable records of these. */
void ww_tlsa_fits_init(struct ww_tlsa_fits *fits, const struct ww_tlsa *tlsa, size_t count);

/* Sets which of them fit; the chain is as it was served, the host's certificate first. */
void ww_tlsa_fits_judge(struct ww_tlsa_fits *fits, const STACK_OF(X509) * chain);

#endif
