/*
 * What a delivery to a policy domain must have, and where that comes from: the policy (RFC 8461 section 5),
 * or an override.
 */
#ifndef WW_CORE_DECISION_H
#define WW_CORE_DECISION_H

#include "core/override.h"
#include "core/policy.h"

enum ww_level {
    WW_LEVEL_NONE,    /* nothing is demanded: the MTA's own default */
    WW_LEVEL_TESTING, /* a testing policy: deliver as usual, report */
    WW_LEVEL_SECURE,  /* TLS, MX among the patterns, valid certificate, or no delivery */
    WW_LEVEL_HOLD,    /* it cannot be said safely: try again later, with a reason */
    WW_LEVEL_MAY,     /* an override: TLS when it is offered */
    WW_LEVEL_ENCRYPT, /* an override: TLS, whatever the certificate */
};

struct ww_decision {
    enum ww_level level;
    const char *domain;             /* policy domain, canonical, borrowed */
    const struct ww_policy *policy; /* the one that is applied, for TESTING and SECURE, borrowed; else NULL */
    const struct ww_override
        *override;      /* what has made it another one than the policy's, borrowed, or NULL */
    const char *reason; /* for HOLD: what the operator reads, static; else NULL */
};

/*
 * The decision for a live or cached policy; policy is NULL when there is none, override when none counts.
 *
 * Level secure takes the patterns of the override, else those of the policy, be it enforced or tested; with
 * neither the MTA's own idea of a good name holds, and both policy and override->mx are empty.
 */
struct ww_decision ww_decide(const char *domain, const struct ww_policy *policy,
                             const struct ww_override *override);

/* The next pattern that MX hosts are held against at level SECURE. Start with *pos = 0; false after the last.
 */
bool ww_decision_next_mx(const struct ww_decision *d, size_t *pos, struct ww_slice *pattern);

/* True when a delivery may fail for it. */
bool ww_level_demands(enum ww_level level);

/* "none", "testing", "secure", "hold", "may" or "encrypt". */
const char *ww_level_name(enum ww_level level);

#endif
