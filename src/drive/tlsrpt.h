/* Whether a domain asks for reports, and where they go: the TXT record at _smtp._tls (RFC 8460 section 3). */
#ifndef WW_DRIVE_TLSRPT_H
#define WW_DRIVE_TLSRPT_H

#include "core/tlsrpt_record.h"
#include "net/dns.h"

struct ww_tlsrpt_found {
    enum ww_err err;    /* WW_OK: DNS has answered; else the rest means nothing but for the words */
    const char *detail; /* words on a failure, or NULL; borrowed during the callback */
    enum ww_txt_presence presence;  /* an absent name is ABSENT */
    enum ww_err why;                /* of what is INVALID */
    struct ww_tlsrpt_record record; /* of what is PRESENT: borrowed during the callback */
};

struct ww_tlsrpt_lookup;
typedef void ww_tlsrpt_cb(void *ctx, const struct ww_tlsrpt_found *found);

/*
 * DNSSEC is not needed, but an answer that is bogus is a failure. The callback runs once, never before this
 * has returned, and may free anything: the look-up is gone by then. NULL: *err says why, no callback follows.
 */
struct ww_tlsrpt_lookup *ww_tlsrpt_lookup(struct ww_dns *dns, const char *domain, ww_tlsrpt_cb *cb, void *ctx,
                                          enum ww_err *err);
void ww_tlsrpt_lookup_cancel(struct ww_tlsrpt_lookup *lookup);

#endif
