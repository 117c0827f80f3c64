/* What a policy that was fetched changes for a domain, as the log tells it. */
#ifndef WW_DAEMON_FRONT_NEWS_H
#define WW_DAEMON_FRONT_NEWS_H

#include "core/policy_compare.h"
#include "engine/life.h"

struct ww_policy_news {
    bool changed;         /* it is not the policy that was in force */
    const char *old_mode; /* of the policy that was in force; NULL without one; borrowed from *before */
    const char *old_id;
    char weaker[512]; /* why it is weaker than the one before, even if that had expired; "" when it is not */
};

/* before and old_body are what was known, after and policy what counts now. */
void ww_policy_news(const struct ww_life *before, struct ww_slice old_body, const struct ww_life *after,
                    const struct ww_policy *policy, int64_t now, struct ww_policy_news *out);

#endif
