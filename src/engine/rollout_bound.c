#include "core/mx_match.h"
#include "engine/rollout_private.h"

/* All were parsed before they were served. Of what cannot be read no sender has taken anything. */
static bool read_policy(const struct ww_served *served, struct ww_policy *out)
{
    return ww_policy_parse_again(served->body.p, served->body.n, out) == WW_OK;
}

/* Slow resolvers lead to somebody else's host for a while yet. */
static int64_t bound_until(const struct ww_served *served, const struct ww_policy *policy)
{
    int64_t slow = served->foreign ? WW_ROLLOUT_SLOW : 0;
    return served->until == 0 ? INT64_MAX : served->until + slow + policy->max_age;
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

/* Where that of our policies stands that was seen last. */
static size_t seen_last(const struct ww_published *domain, const struct ww_served *served, size_t count)
{
    size_t first = ww_published_first_own(served, count);
    for (size_t i = count; i > first; i--)
        if (strcmp(served[i - 1].id, domain->shown_id) == 0)
            return i - 1;
    return count - first > 1 ? count - 2 : first;
}

size_t ww_rollout_in_fact(const struct ww_published *domain, const struct ww_served *served, size_t count,
                          struct ww_served out[WW_PUBLISHED_SERVED_MAX])
{
    /* The oldest are left out, should there be too many. */
    size_t n = count < WW_PUBLISHED_SERVED_MAX ? count : WW_PUBLISHED_SERVED_MAX;
    if (n == 0)
        return 0;
    memcpy(out, served + (count - n), n * sizeof *out);
    if (ww_published_own(out, n) == NULL)
        return n;
    for (size_t i = seen_last(domain, out, n); i < n; i++)
        out[i].until = 0;
    return n;
}

static size_t find_foreign(const struct ww_served *served, size_t own, struct ww_slice body)
{
    size_t i = 0;
    while (i < own && !ww_slice_eq(served[i].body, body))
        i++;
    return i;
}

/* Until there is room among those of somebody else, the one goes that ends first. */
static size_t make_room(struct ww_served *served, size_t count, size_t *own)
{
    size_t first = 0;
    if (*own < WW_PUBLISHED_FOREIGN_MAX)
        return count;
    for (size_t i = 1; i < *own; i++)
        if (ww_rollout_bound_until(&served[i]) < ww_rollout_bound_until(&served[first]))
            first = i;
    memmove(served + first, served + first + 1, (count - first - 1) * sizeof *served);
    --*own;
    return count - 1;
}

size_t ww_rollout_saw(struct ww_served served[WW_PUBLISHED_SERVED_MAX], size_t count,
                      const struct ww_served *foreign, int64_t at)
{
    size_t own = ww_published_first_own(served, count);
    size_t found = foreign != NULL ? find_foreign(served, own, foreign->body) : own;
    for (size_t i = 0; i < own; i++)
        if (i == found)
            served[i].until = 0;
        else if (served[i].until == 0)
            served[i].until = at;
    if (foreign == NULL || found < own)
        return count;
    count = make_room(served, count, &own);
    memmove(served + own + 1, served + own, (count - own) * sizeof *served);
    served[own] = *foreign;
    served[own].foreign = true;
    served[own].since = at;
    served[own].until = 0;
    return count + 1;
}

int64_t ww_rollout_forgotten_at(int64_t gone_at, uint32_t ttl)
{
    return gone_at + (ttl < WW_ROLLOUT_TTL_MAX ? ttl : WW_ROLLOUT_TTL_MAX) + WW_ROLLOUT_SLOW;
}

int64_t ww_rollout_leaves_at(const struct ww_published *domain, const struct ww_published_mx *mx)
{
    return mx->gone_at == 0 ? INT64_MAX : ww_rollout_forgotten_at(mx->gone_at, domain->mx_ttl);
}

int64_t ww_rollout_handed_over_at(const struct ww_published *domain)
{
    if (domain->here[0] == '\0')
        return 0;
    return domain->here_gone_at == 0 ? INT64_MAX
                                     : ww_rollout_forgotten_at(domain->here_gone_at, domain->here_ttl);
}
