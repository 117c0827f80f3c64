/* A decision as a Postfix TLS policy table answer (postconf(5) smtp_tls_policy_maps, TLS_README). */
#ifndef WW_CORE_POSTFIX_H
#define WW_CORE_POSTFIX_H

#include "base/buf.h"
#include "core/decision.h"

struct ww_postfix_style {
    bool tlsrpt;      /* the client asked QUERYwithTLSRPT: policy_* attributes may be sent */
    bool testing_may; /* testing policies answer `may` with them, instead of NOTFOUND */
    bool dry_run;     /* NOTFOUND, whatever was decided */
};

/*
 * Appends the whole socketmap reply payload to b, which has room for WW_SOCKETMAP_REPLY_MAX:
 *
 *   secure     OK secure match=a:.b servername=hostname, and for TLSRPT the policy_* attributes
 *   testing    NOTFOUND, or OK may with the policy_* attributes when the style says so
 *   none       NOTFOUND
 *   hold       TEMP domain: reason
 *   may        OK may
 *   encrypt    OK encrypt
 *   dane       OK dane
 *   dane-only  OK dane-only
 *
 * The policy_* attributes go with a policy that is applied: not with an override that has taken its place. A
 * policy is applied as well where an override enforces it though it is in testing; its lines are sent as
 * published. Where the decision keeps MTA-STS to some of the MX hosts, match= and mx_host_pattern= name those
 * alone: Postfix from 3.10.5 on then skips the others, an older one wants the certificate of one of these.
 *
 * The DANE levels have no attributes: Postfix reports the TLSA records by itself, as policy type tlsa,
 * refuses policy_type=tlsa, and would count deliveries without TLSA as successes of an sts policy.
 *
 * Level secure without patterns has no match=, so that Postfix holds the certificate against its
 * smtp_tls_secure_cert_match.
 *
 * policy_string lines that Postfix could misread are left out, and all of them when the reply would pass
 * WW_SOCKETMAP_REPLY_MAX. When it passes even so, an enforced policy is answered by TEMP with the reason,
 * never by NOTFOUND; a testing policy by NOTFOUND, since it never holds mail.
 */
void ww_postfix_reply(struct ww_buf *b, const struct ww_decision *d, const struct ww_postfix_style *style);

/*
 * Appends a line of a policy as it stands in a policy_string, and so in Postfix's reports. False: such a line
 * is left out, and what was appended is worth nothing.
 */
bool ww_postfix_put_string(struct ww_buf *b, struct ww_slice line);

#endif
