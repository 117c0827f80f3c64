#include "core/decision.h"

#include "core/domain_dane.h"
#include "core/mx_match.h"

static struct ww_decision by_policy(const char *domain, const struct ww_policy *policy)
{
    struct ww_decision d = {.level = WW_LEVEL_NONE, .domain = domain, .rule = WW_RULE_NO_POLICY};
    if (policy != NULL && policy->mode == WW_MODE_NONE)
        d.rule = WW_RULE_MODE_NONE;
    if (policy == NULL || policy->mode == WW_MODE_NONE)
        return d;
    if (policy->mode == WW_MODE_ENFORCE && policy->mx_count == 0) {
        /* The parser lets none through; but what is sent for it would be an empty match, or no TLS at all. */
        d.level = WW_LEVEL_HOLD;
        d.rule = WW_RULE_DOMAIN_NO_MX;
        d.reason = ww_rule_text(d.rule);
        return d;
    }
    d.level = policy->mode == WW_MODE_ENFORCE ? WW_LEVEL_SECURE : WW_LEVEL_TESTING;
    d.rule = policy->mode == WW_MODE_ENFORCE ? WW_RULE_DOMAIN_ENFORCED : WW_RULE_DOMAIN_TESTING;
    d.policy = policy;
    return d;
}

/* A policy of mode none has withdrawn its patterns, if it lists any. */
static bool has_patterns(const struct ww_policy *policy)
{
    return policy != NULL && policy->mode != WW_MODE_NONE && policy->mx_count > 0;
}

static void enforce_testing(struct ww_decision *d, const struct ww_override *override)
{
    if (d->level != WW_LEVEL_TESTING || d->policy->mx_count == 0)
        return;
    d->level = WW_LEVEL_SECURE;
    d->override = override;
    d->rule = WW_RULE_DOMAIN_ORDERED;
}

struct ww_decision ww_decide(const char *domain, const struct ww_policy *policy,
                             const struct ww_override *override)
{
    struct ww_decision d = by_policy(domain, policy);
    if (override == NULL)
        return d;
    if (override->level == WW_OVERRIDE_ENFORCE_TESTING) {
        enforce_testing(&d, override);
        return d;
    }
    static const enum ww_level levels[] = {
        [WW_OVERRIDE_OFF] = WW_LEVEL_NONE,
        [WW_OVERRIDE_MAY] = WW_LEVEL_MAY,
        [WW_OVERRIDE_ENCRYPT] = WW_LEVEL_ENCRYPT,
        [WW_OVERRIDE_SECURE] = WW_LEVEL_SECURE,
    };
    d = (struct ww_decision){.level = levels[override->level],
                             .domain = domain,
                             .override = override,
                             .rule = WW_RULE_DOMAIN_ORDERED};
    if (d.level == WW_LEVEL_SECURE && override->mx[0] == '\0' && has_patterns(policy))
        d.policy = policy;
    return d;
}

void ww_decide_listed(struct ww_decision *d, const struct ww_override *override,
                      const struct ww_preload_entry *listed)
{
    bool ordered = override != NULL && override->level == WW_OVERRIDE_ENFORCE_TESTING;
    if (override != NULL && !ordered) {
        if (d->level == WW_LEVEL_SECURE && override->mx[0] == '\0')
            d->listed = listed;
        return;
    }
    if (listed->mode == WW_MODE_ENFORCE) {
        d->rule = WW_RULE_DOMAIN_LISTED;
    } else if (ordered) {
        d->rule = WW_RULE_DOMAIN_ORDERED;
        d->override = override;
    } else {
        d->rule = WW_RULE_DOMAIN_LISTED_TESTING;
        return;
    }
    d->level = WW_LEVEL_SECURE;
    d->listed = listed;
}

static bool next_pattern(const struct ww_decision *d, size_t *pos, struct ww_slice *pattern)
{
    if (d->policy != NULL)
        return ww_policy_next_mx(d->policy, pos, pattern);
    if (d->listed != NULL)
        return ww_preload_next_mx(d->listed, pos, pattern);
    return d->override != NULL && ww_override_next_mx(d->override->mx, pos, pattern);
}

bool ww_decision_names(const struct ww_decision *d, struct ww_slice host)
{
    struct ww_slice pattern;
    for (size_t pos = 0; next_pattern(d, &pos, &pattern);) {
        if (ww_mx_match(pattern, host))
            return true;
    }
    return false;
}

bool ww_decision_next_mx(const struct ww_decision *d, size_t *pos, struct ww_slice *pattern)
{
    if (d->among == NULL)
        return next_pattern(d, pos, pattern);
    while (ww_domain_dane_next_left(d->among, pos, pattern)) {
        if (ww_decision_names(d, *pattern))
            return true;
    }
    return false;
}

bool ww_level_demands(enum ww_level level)
{
    return level != WW_LEVEL_NONE && level != WW_LEVEL_TESTING && level != WW_LEVEL_MAY;
}

const char *ww_level_name(enum ww_level level)
{
    switch (level) {
    case WW_LEVEL_TESTING:
        return "testing";
    case WW_LEVEL_SECURE:
        return "secure";
    case WW_LEVEL_HOLD:
        return "hold";
    case WW_LEVEL_MAY:
        return "may";
    case WW_LEVEL_ENCRYPT:
        return "encrypt";
    case WW_LEVEL_DANE:
        return "dane";
    case WW_LEVEL_DANE_ONLY:
        return "dane-only";
    case WW_LEVEL_NONE:
        break;
    }
    return "none";
}
