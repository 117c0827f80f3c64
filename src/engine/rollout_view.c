#include "core/mx_match.h"
#include "engine/rollout_private.h"

static void read_last(const struct ww_rollout *in, struct ww_rollout_view *v)
{
    const struct ww_served *last = ww_published_own(in->served, in->served_count);
    size_t offset;
    v->foreign = ww_published_foreign(in->served, in->served_count);
    if (last == NULL)
        return;
    v->last = last;
    /* One that nobody can read says nothing, and is replaced. */
    if (ww_policy_parse(last->body.p, last->body.n, &v->policy, &offset) != WW_OK)
        memset(&v->policy, 0, sizeof v->policy);
    v->published = v->foreign == NULL && strcmp(last->id, in->domain->shown_id) == 0 &&
                   strcmp(last->id, in->domain->record_id) == 0;
}

static void read_binding(const struct ww_rollout *in, struct ww_rollout_view *v)
{
    size_t count = ww_rollout_in_fact(in->domain, in->served, in->served_count, v->binding);
    for (size_t i = 0; i < count; i++)
        if (ww_rollout_bound_until(&v->binding[i]) > in->now)
            v->binding[v->binding_count++] = v->binding[i];
}

static bool covered(const struct ww_rollout_view *v, struct ww_slice host)
{
    for (size_t i = 0; i < v->wanted_count; i++)
        if (ww_mx_match(ww_slice_str(v->wanted[i]), host))
            return true;
    return false;
}

static bool is_wanted(const struct ww_rollout_view *v, struct ww_slice pattern)
{
    for (size_t i = 0; i < v->wanted_count; i++)
        if (ww_dname_eq(ww_slice_str(v->wanted[i]), pattern))
            return true;
    return false;
}

/* False: there is no room for it. */
static bool want(struct ww_rollout_view *v, struct ww_slice pattern)
{
    if (is_wanted(v, pattern))
        return true;
    if (v->wanted_count == WW_PUBLISHED_MX_MAX || pattern.n >= WW_PUBLISHED_PATTERN_SIZE)
        return false;
    char *to = v->wanted[v->wanted_count++];
    if (pattern.n > 0)
        memcpy(to, pattern.p, pattern.n);
    to[pattern.n] = '\0';
    return true;
}

static void want_own(struct ww_rollout_view *v)
{
    const struct ww_published *d = v->domain;
    v->most = WW_MODE_ENFORCE;
    v->max_age = d->max_age;
    for (size_t i = 0; i < d->mx_count && i < WW_PUBLISHED_MX_MAX; i++)
        (void)want(v, ww_slice_str(d->mx[i])); /* as many as there is room for */
}

static void want_policy(struct ww_rollout_view *v, const struct ww_policy *policy)
{
    struct ww_slice pattern;
    v->most = policy->mode;
    v->max_age = policy->max_age;
    for (size_t pos = 0; ww_policy_next_mx(policy, &pos, &pattern);)
        if (!want(v, pattern))
            v->unknown = "has more patterns than can be held";
}

/* As long as nothing is known of it, what is served is wanted. */
static void want_mirrored(struct ww_rollout_view *v)
{
    struct ww_policy policy;
    struct ww_slice body = v->in->mirrored;
    size_t offset;
    if (body.n > 0 && ww_policy_parse(body.p, body.n, &policy, &offset) == WW_OK) {
        want_policy(v, &policy);
        return;
    }
    v->unknown =
        v->last == NULL ? "is not known yet" : "cannot be had, or is invalid: what is served stays as it is";
    if (v->policy.body.n > 0)
        want_policy(v, &v->policy);
}

static enum ww_rollout_mx kind_of(const struct ww_rollout_view *v, const struct ww_published_mx *mx)
{
    struct ww_slice name = ww_slice_str(mx->name);
    if (v->in->now >= ww_rollout_leaves_at(v->domain, mx))
        return WW_ROLLOUT_MX_FORGOTTEN;
    if (covered(v, name))
        return WW_ROLLOUT_MX_WANTED;
    bool is_served = v->last != NULL && v->policy.mx_count > 0 && ww_mx_match_policy(&v->policy, name);
    if (v->domain->automatic && mx->gone_at == 0 && (v->in->mx_authentic || is_served))
        return WW_ROLLOUT_MX_ADOPTED;
    return is_served ? WW_ROLLOUT_MX_LEAVING : WW_ROLLOUT_MX_STRANGER;
}

static bool is_refused(const struct ww_rollout_view *v, const char *host)
{
    return ww_rollout_host_from(v->binding, v->binding_count, v->in->now, host) > v->in->now;
}

static bool is_changing(const struct ww_rollout_view *v)
{
    if (v->last == NULL || v->policy.mode == WW_MODE_NONE)
        return false;
    if (!v->published && v->in->served_count - ww_published_first_own(v->in->served, v->in->served_count) > 1)
        return true;
    for (size_t i = 0; i < v->mx_count; i++) {
        if (v->kinds[i] == WW_ROLLOUT_MX_LEAVING)
            return true;
        if (v->in->mx[i].gone_at == 0 && is_refused(v, v->in->mx[i].name))
            return true;
    }
    for (size_t i = 0; i < v->wanted_count; i++)
        if (!ww_rollout_is_wildcard(v->wanted[i]) && is_refused(v, v->wanted[i]))
            return true;
    return false;
}

void ww_rollout_look(const struct ww_rollout *in, struct ww_rollout_view *v)
{
    memset(v, 0, sizeof *v);
    v->in = in;
    v->domain = in->domain;
    v->mx_count = in->mx_count < WW_PUBLISHED_MX_MAX ? in->mx_count : WW_PUBLISHED_MX_MAX;
    read_binding(in, v);
    read_last(in, v);
    if (in->domain->host == WW_HOSTED_MIRROR)
        want_mirrored(v);
    else
        want_own(v);
    for (size_t i = 0; i < v->mx_count; i++)
        v->kinds[i] = kind_of(v, &in->mx[i]);
    v->changing = is_changing(v);
}

int64_t ww_rollout_served_since(const struct ww_rollout_view *v, bool max_age_too)
{
    const struct ww_served *served = v->in->served;
    size_t first = ww_published_first_own(served, v->in->served_count);
    size_t i = v->in->served_count - 1, offset;
    for (; i > first && served[i - 1].until >= served[i].since; i--) {
        struct ww_policy before;
        if (ww_policy_parse(served[i - 1].body.p, served[i - 1].body.n, &before, &offset) != WW_OK ||
            before.mode != v->policy.mode || (max_age_too && before.max_age != v->policy.max_age))
            break;
    }
    return served[i].since;
}
