/* Signs a mail as RFC 6376 says, through libopendkim: relaxed/relaxed, rsa-sha256 or ed25519-sha256. */
#ifndef WW_REPORT_DKIM_H
#define WW_REPORT_DKIM_H

#include "report/mail.h"

/*
 * The field "DKIM-Signature: ..." with its CRLF, of a mail whose lines end in CRLF; allocated, with its
 * length in *n. All of the body is signed (no l=), and the fields that a reader goes by, those that an
 * attacker would add a second one of twice over. time: of t=, Unix seconds. NULL: *err, and words in detail.
 */
char *ww_dkim_sign(const struct ww_dkim_key *key, struct ww_slice mail, int64_t time, size_t *n,
                   enum ww_err *err, char *detail, size_t detail_size);

#endif
