#include "core/decision.h"

struct ww_decision ww_decide(const char *domain, const struct ww_policy *policy)
{
    struct ww_decision d = {.level = WW_LEVEL_NONE, .domain = domain};
    if (policy == NULL || policy->mode == WW_MODE_NONE)
        return d;
    if (policy->mode == WW_MODE_ENFORCE && policy->mx_count == 0) {
        /* The parser lets none through; but what is sent for it would be an empty match, or no TLS at all. */
        d.level = WW_LEVEL_HOLD;
        d.reason = "the enforced MTA-STS policy lists no MX host";
        return d;
    }
    d.level = policy->mode == WW_MODE_ENFORCE ? WW_LEVEL_SECURE : WW_LEVEL_TESTING;
    d.policy = policy;
    return d;
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
    case WW_LEVEL_NONE:
        break;
    }
    return "none";
}
