/* A field DKIM-Signature (RFC 6376 section 3.5): what is judged of it before anything is computed. */
#ifndef WW_REPORT_DKIM_SIGNATURE_H
#define WW_REPORT_DKIM_SIGNATURE_H

#include "core/dname.h"

#include <stdint.h>

struct ww_dkim_signature {
    char domain[WW_DNAME_SIZE];   /* canonical; "": d= is no domain name */
    char selector[WW_DNAME_SIZE]; /* the same, where labels may have underscores too */
    char key[WW_DNAME_SIZE];      /* where its key is: SELECTOR._domainkey.DOMAIN; "": nowhere */
    bool ed25519;                 /* else RSA */
    int64_t made;                 /* t=, Unix seconds; -1: not said */
    const char *unusable;         /* the rule that it breaks, in words (static); NULL: none */
};

/* value: of the field. now: Unix seconds. */
void ww_dkim_signature_read(struct ww_slice value, int64_t now, struct ww_dkim_signature *out);

#endif
