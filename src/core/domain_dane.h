/*
 * What a decision needs of a survey for DANE (dane_survey.h): the state of the MX records, and that of each
 * MX host. Small enough to be kept of many domains.
 */
#ifndef WW_CORE_DOMAIN_DANE_H
#define WW_CORE_DOMAIN_DANE_H

#include "base/slice.h"
#include "core/dane_survey.h"

/* The MX records, or the denial of any; aliases on the way included (RFC 7672 section 2.2.1). */
enum ww_domain_mx {
    WW_DOMAIN_MX_SECURE,    /* DNSSEC vouches for the list of hosts */
    WW_DOMAIN_MX_INSECURE,  /* it is proven that it does not: DANE need not apply */
    WW_DOMAIN_MX_BOGUS,     /* the answer does not stand up to DNSSEC */
    WW_DOMAIN_MX_FAILED,    /* no answer, an error, or an answer that nobody has validated */
    WW_DOMAIN_MX_NULL,      /* the domain takes no mail, or there is no such name */
    WW_DOMAIN_MX_NO_DNSSEC, /* DNSSEC has never got through to this machine: it has no DANE of any domain */
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
 * Reads a survey that has ended, or is still under way: a host that is not settled counts as failed. A host
 * without any address is left out, since no delivery can go there. MX records that nobody has validated are a
 * failed look-up, unless no answer ever was. `room` takes the hosts; their names are borrowed from the
 * survey. The survey counts from `at` on, Unix seconds.
 */
struct ww_domain_dane ww_domain_dane_read(const struct ww_dane_survey *survey, int64_t at,
                                          struct ww_domain_host room[WW_DANE_HOSTS_MAX]);

/*
 * The next host that DANE leaves to an enforced MTA-STS policy, if that names it: there are no TLSA records,
 * or none that is usable (RFC 7672 section 2.2). Start with *pos = 0; false after the last.
 */
bool ww_domain_dane_next_left(const struct ww_domain_dane *dane, size_t *pos, struct ww_slice *host);

/* "secure", "insecure", "bogus", "failed", "null" or "no-dnssec". */
const char *ww_domain_mx_name(enum ww_domain_mx mx);

#endif
