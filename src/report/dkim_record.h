/* The TXT record of a DKIM key (RFC 6376 section 3.6.1), as far as whoever signs reports wants to know. */
#ifndef WW_REPORT_DKIM_RECORD_H
#define WW_REPORT_DKIM_RECORD_H

#include "report/dkim_key.h"

/* From the best to the worst: of several records the first in this order is the one to speak of. */
enum ww_dkim_fit {
    WW_DKIM_FITS,
    WW_DKIM_NO_REPORTS, /* our key, but its s= has neither "tlsrpt" nor "*" (RFC 8460 section 3) */
    WW_DKIM_NO_SHA256,  /* our key, but its h= forbids the hash that we sign with */
    WW_DKIM_OTHER_KEY,
    WW_DKIM_REVOKED,   /* p= is empty */
    WW_DKIM_NO_RECORD, /* it is no record of a key */
};

/* text: the strings of the record, joined. */
enum ww_dkim_fit ww_dkim_record_fit(struct ww_slice text, const struct ww_dkim_public *key);

#endif
