/* A decision as a Postfix TLS policy table answer (postconf(5) smtp_tls_policy_maps, TLS_README). */
#ifndef WW_CORE_POSTFIX_H
#define WW_CORE_POSTFIX_H

#include "base/buf.h"
#include "core/decision.h"

struct ww_postfix_style {
    bool tlsrpt;      /* the client asked QUERYwithTLSRPT: policy_* attributes may be sent */
    bool testing_may; /* testing policies answer `may` with them, instead of NOTFOUND */
};

/*
 * Appends the whole socketmap reply payload ("OK secure match=…", "NOTFOUND ", "TEMP reason") to b, which has
 * room for WW_SOCKETMAP_REPLY_MAX. What does not fit is left out in this order: policy_string lines; then
 * the answer is TEMP with the reason, never NOTFOUND.
 */
void ww_postfix_reply(struct ww_buf *b, const struct ww_decision *d, const struct ww_postfix_style *style);

#endif
