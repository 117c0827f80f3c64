/* What the look-ups of DANE have found for a recipient domain: its MX records, and the TLSA of each MX host.
 */
#ifndef WW_CORE_DOMAIN_DANE_H
#define WW_CORE_DOMAIN_DANE_H

#include "core/policy.h"
#include "core/tlsa.h"

/* The MX records, or the denial of any; aliases on the way included (RFC 7672 section 2.2.1). */
enum ww_domain_mx {
    WW_DOMAIN_MX_SECURE,   /* DNSSEC vouches for the list of hosts */
    WW_DOMAIN_MX_INSECURE, /* it is proven that it does not: DANE need not apply */
    WW_DOMAIN_MX_BOGUS,    /* the answer does not stand up to DNSSEC */
    WW_DOMAIN_MX_FAILED,   /* no answer, an error, or an answer that nobody has validated */
    WW_DOMAIN_MX_NULL,     /* the domain takes no mail, or there is no such name */
    WW_DOMAIN_MX_STATES,
};

struct ww_domain_host {
    const char *name; /* MX record name, lower case, borrowed */
    enum ww_dane_state dane;
};

/* By preference, the best first. An implicit MX is a host that is named as the domain. */
struct ww_domain_dane {
    enum ww_domain_mx mx;
    const struct ww_domain_host *hosts; /* borrowed; only of a meaning with secure MX records */
    size_t count;
    bool more;     /* there are hosts that nobody has looked at */
    int64_t until; /* by the TTLs of what was looked up, Unix seconds; 0: not known */
};

/*
 * The next host that DANE leaves to an enforced MTA-STS policy: one of its patterns matches, and there are no
 * TLSA records, or none that is usable (RFC 7672 section 2.2). Start with *pos = 0; false after the last.
 */
bool ww_domain_dane_next_sts(const struct ww_domain_dane *dane, const struct ww_policy *policy, size_t *pos,
                             struct ww_slice *host);

/* "secure", "insecure", "bogus", "failed" or "null". */
const char *ww_domain_mx_name(enum ww_domain_mx mx);

#endif
