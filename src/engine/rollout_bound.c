#include "core/mx_match.h"
#include "engine/rollout.h"

/* All were parsed before they were served. Of what cannot be read no sender has taken anything. */
static bool read_policy(const struct ww_served *served, struct ww_policy *out)
{
    return ww_policy_parse_again(served->body.p, served->body.n, out) == WW_OK;
}

static int64_t bound_until(const struct ww_served *served, const struct ww_policy *policy)
{
    return served->until == 0 ? INT64_MAX : served->until + policy->max_age;
}

int64_t ww_rollout_bound_until(const struct ww_served *served)
{
    struct ww_policy policy;
    if (read_policy(served, &policy))
        return bound_until(served, &policy);
    return served->until == 0 ? INT64_MAX : served->until;
}

/* When the last sender that would refuse the host has forgotten this policy; 0: none would. */
static int64_t refused_until(const struct ww_served *served, const struct ww_policy *policy, const char *host)
{
    bool refuses = policy->mode == WW_MODE_ENFORCE && !ww_mx_match_policy(policy, ww_slice_str(host));
    return refuses ? bound_until(served, policy) : 0;
}

size_t ww_rollout_refusals(const struct ww_served *served, size_t count, int64_t now,
                           const char *const *hosts, size_t host_count, struct ww_rollout_refusal *out,
                           size_t max)
{
    struct ww_policy policy;
    size_t n = 0;
    for (size_t i = 0; i < count; i++) {
        if (!read_policy(&served[i], &policy))
            continue;
        for (size_t k = 0; k < host_count; k++) {
            int64_t until = refused_until(&served[i], &policy, hosts[k]);
            if (until <= now)
                continue;
            if (n < max)
                out[n] = (struct ww_rollout_refusal){i, hosts[k], until};
            n++;
        }
    }
    return n;
}

int64_t ww_rollout_host_from(const struct ww_served *served, size_t count, int64_t now, const char *host)
{
    struct ww_policy policy;
    int64_t from = now;
    for (size_t i = 0; i < count; i++) {
        int64_t until = read_policy(&served[i], &policy) ? refused_until(&served[i], &policy, host) : 0;
        from = until > from ? until : from;
    }
    return from;
}

int64_t ww_rollout_binds_until(const struct ww_served *served, size_t count)
{
    struct ww_policy policy;
    int64_t until = 0;
    for (size_t i = 0; i < count; i++) {
        if (!read_policy(&served[i], &policy) || policy.mode == WW_MODE_NONE)
            continue;
        int64_t at = bound_until(&served[i], &policy);
        until = at > until ? at : until;
    }
    return until;
}

/* Where the policy stands that was seen last. */
static size_t seen_last(const struct ww_published *domain, const struct ww_served *served, size_t count)
{
    for (size_t i = count; i > 0; i--)
        if (strcmp(served[i - 1].id, domain->shown_id) == 0)
            return i - 1;
    return count > 1 ? count - 2 : 0;
}

size_t ww_rollout_in_fact(const struct ww_published *domain, const struct ww_served *served, size_t count,
                          struct ww_served out[WW_PUBLISHED_SERVED_MAX])
{
    /* The oldest are left out, should there be too many. */
    size_t n = count < WW_PUBLISHED_SERVED_MAX ? count : WW_PUBLISHED_SERVED_MAX;
    if (n == 0)
        return 0;
    memcpy(out, served + (count - n), n * sizeof *out);
    if (out[n - 1].until != 0)
        return n;
    for (size_t i = seen_last(domain, out, n); i < n; i++)
        out[i].until = 0;
    return n;
}

int64_t ww_rollout_leaves_at(const struct ww_published *domain, const struct ww_published_mx *mx)
{
    int64_t ttl = domain->mx_ttl < WW_ROLLOUT_TTL_MAX ? domain->mx_ttl : WW_ROLLOUT_TTL_MAX;
    return mx->gone_at == 0 ? INT64_MAX : mx->gone_at + ttl + WW_ROLLOUT_SLOW;
}
