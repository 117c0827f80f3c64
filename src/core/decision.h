/*
 * What a delivery to a policy domain must have, and where that comes from: the policy (RFC 8461 section 5),
 * an override, or a preload list.
 */
#ifndef WW_CORE_DECISION_H
#define WW_CORE_DECISION_H

#include "core/override.h"
#include "core/policy.h"
#include "core/preload.h"
#include "core/rule.h"

struct ww_domain_dane;

enum ww_level {
    WW_LEVEL_NONE,      /* nothing is demanded: the MTA's own default */
    WW_LEVEL_TESTING,   /* a testing policy: deliver as usual, report */
    WW_LEVEL_SECURE,    /* TLS, MX among the patterns, valid certificate, or no delivery */
    WW_LEVEL_HOLD,      /* it cannot be said safely: try again later, with a reason */
    WW_LEVEL_MAY,       /* an override: TLS when it is offered */
    WW_LEVEL_ENCRYPT,   /* TLS, whatever the certificate: an override, or TLSA records that cannot be used */
    WW_LEVEL_DANE,      /* to each MX host what its TLSA records ask: authentication, TLS, nothing */
    WW_LEVEL_DANE_ONLY, /* a certificate that TLSA records match, or no delivery */
};

struct ww_decision {
    enum ww_level level;
    const char *domain;             /* policy domain, canonical, borrowed */
    const struct ww_policy *policy; /* the one that is applied, for TESTING and SECURE, borrowed; else NULL */
    const struct ww_preload_entry
        *listed; /* the entry of a preload list that is applied, for SECURE, borrowed; else NULL */
    const struct ww_override
        *override;      /* what has made it another one than the policy's, borrowed, or NULL */
    const char *reason; /* for HOLD: what the operator reads, static; else NULL */
    const struct ww_domain_dane
        *among; /* for SECURE: only its hosts that DANE leaves to MTA-STS are meant, borrowed; or NULL */
    enum ww_rule rule; /* the one that decides; WW_RULE_COUNT where the reason is no rule's */
    int64_t until;     /* it need not be asked again before this second (Unix); 0: not known, or no end */
};

/*
 * The decision for a live or cached policy, DANE aside (domain_decision.h); policy is NULL when there is
 * none, override when none counts. It has no end.
 *
 * Level secure takes the patterns of the override, else those of the policy, be it enforced or tested; with
 * neither the MTA's own idea of a good name holds, and both policy and override->mx are empty.
 */
struct ww_decision ww_decide(const char *domain, const struct ww_policy *policy,
                             const struct ww_override *override);

/*
 * The same for a domain without a policy in force that a preload list names: d is what ww_decide has made of
 * it with this override, or NULL. An entry that enforces is as an enforced policy, but no policy is applied;
 * one in testing mode demands nothing, unless the override enforces it.
 */
void ww_decide_listed(struct ww_decision *d, const struct ww_override *override,
                      const struct ww_preload_entry *listed);

/* The next pattern that MX hosts are held against at level SECURE. Start with *pos = 0; false after the last.
 */
bool ww_decision_next_mx(const struct ww_decision *d, size_t *pos, struct ww_slice *pattern);

/* True when one of these patterns matches the host; `among` left out of account. */
bool ww_decision_names(const struct ww_decision *d, struct ww_slice host);

/* True when a delivery may fail for it. */
bool ww_level_demands(enum ww_level level);

/* "none", "testing", "secure", "hold", "may", "encrypt", "dane" or "dane-only". */
const char *ww_level_name(enum ww_level level);

#endif
