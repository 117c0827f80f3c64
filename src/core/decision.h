/* What a delivery to a policy domain must have, and where that comes from (RFC 8461 section 5). */
#ifndef WW_CORE_DECISION_H
#define WW_CORE_DECISION_H

#include "core/policy.h"

enum ww_level {
    WW_LEVEL_NONE,    /* nothing is demanded: the MTA's own default */
    WW_LEVEL_TESTING, /* a testing policy: deliver as usual, report */
    WW_LEVEL_SECURE,  /* an enforced policy: TLS, MX among the patterns, valid certificate, or no delivery */
    WW_LEVEL_HOLD,    /* it cannot be said safely: try again later, with a reason */
};

struct ww_decision {
    enum ww_level level;
    const char *domain;             /* policy domain, canonical, borrowed */
    const struct ww_policy *policy; /* for TESTING and SECURE, borrowed; else NULL */
    const char *reason;             /* for HOLD: what the operator reads, static; else NULL */
};

/* The decision for a live or cached policy; policy is NULL when there is none. */
struct ww_decision ww_decide(const char *domain, const struct ww_policy *policy);

/* "none", "testing", "secure" or "hold". */
const char *ww_level_name(enum ww_level level);

#endif
