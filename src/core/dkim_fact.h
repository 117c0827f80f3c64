/* Who has signed a mail (RFC 6376), as a fact that is kept with what came in it; and the keys that it takes
 * to know. */
#ifndef WW_CORE_DKIM_FACT_H
#define WW_CORE_DKIM_FACT_H

#include "base/slice.h"
#include "core/dname.h"

#include <stdbool.h>
#include <stddef.h>

/* More signatures of a mail are not looked at. */
#define WW_DKIM_SIGNATURES_MAX 4
#define WW_DKIM_DETAIL_SIZE 128
/* Octets of a key's record. */
#define WW_DKIM_KEY_RECORD_MAX 4096

enum ww_dkim_result {
    WW_DKIM_NONE, /* it is not signed, or no mail */
    WW_DKIM_PASS,
    WW_DKIM_FAIL,     /* the signature is not that of this mail */
    WW_DKIM_NOT_NOW,  /* the key could not be looked up */
    WW_DKIM_NO_KEY,   /* there is none, or it is revoked, or not for reports (RFC 8460 section 3) */
    WW_DKIM_UNUSABLE, /* the signature breaks a rule: expired, l=, no From signed, a weak key or hash */
    WW_DKIM_RESULTS,
};
/* "none", "pass", "fail", "not-now", "no-key", "unusable". */
const char *ww_dkim_result_name(enum ww_dkim_result result);

/* Of several signatures the one that says most: one that passes and is aligned first. */
struct ww_dkim_fact {
    enum ww_dkim_result result;
    char domain[WW_DNAME_SIZE];       /* d=, canonical; "": none */
    char selector[WW_DNAME_SIZE];     /* "": none */
    bool aligned;                     /* the domain is that of From, or one above it */
    char detail[WW_DKIM_DETAIL_SIZE]; /* why not: printable ASCII; "" */
};

/* Names of keys, canonical: SELECTOR._domainkey.DOMAIN. */
struct ww_dkim_key_names {
    char names[WW_DKIM_SIGNATURES_MAX][WW_DNAME_SIZE];
    size_t count;
};

enum ww_dkim_key_found {
    WW_DKIM_KEY_FOUND,
    WW_DKIM_KEY_ABSENT,
    WW_DKIM_KEY_NOT_NOW, /* DNS gives no answer, or a bogus one */
    WW_DKIM_KEY_FINDS,
};
struct ww_dkim_found_key {
    char name[WW_DNAME_SIZE];
    enum ww_dkim_key_found found;
    struct ww_slice record; /* of TXT, its strings joined; borrowed */
};

#endif
