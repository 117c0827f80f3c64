#include "engine/rollout_private.h"

static int64_t larger(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

/* Nothing goes to enforce that senders have not seen in testing; and nothing back without a reason. */
static enum ww_policy_mode mode(const struct ww_rollout_view *v)
{
    struct ww_rollout_hold h;
    if (v->most == WW_MODE_NONE)
        return WW_MODE_NONE;
    if (v->domain->goal != WW_GOAL_ENFORCE || v->most != WW_MODE_ENFORCE || v->last == NULL)
        return WW_MODE_TESTING;
    if (v->policy.mode == WW_MODE_ENFORCE)
        return v->domain->automatic && v->in->evidence == WW_EVIDENCE_BAD ? WW_MODE_TESTING : WW_MODE_ENFORCE;
    if (v->policy.mode == WW_MODE_NONE || !v->published || ww_rollout_enforce_hold(v, &h))
        return WW_MODE_TESTING;
    return WW_MODE_ENFORCE;
}

static uint32_t smaller(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

static uint32_t longer(const struct ww_rollout_view *v)
{
    uint32_t now = v->policy.max_age;
    if (now < WW_ROLLOUT_FIRST_MAX_AGE)
        return smaller(v->max_age, WW_ROLLOUT_FIRST_MAX_AGE);
    return smaller(v->max_age, now < WW_ROLLOUT_SECOND_MAX_AGE ? WW_ROLLOUT_SECOND_MAX_AGE : v->max_age);
}

int64_t ww_rollout_grows_at(const struct ww_rollout_view *v)
{
    struct ww_rollout_hold h;
    if (v->last == NULL || v->policy.mode != WW_MODE_ENFORCE || v->max_age <= v->policy.max_age ||
        !v->published || v->changing || ww_rollout_hosts_hold(v, &h) || ww_rollout_evidence_hold(v, &h))
        return 0;
    return larger(ww_rollout_served_since(v, true), v->domain->bad_at) + v->policy.max_age;
}

static uint32_t max_age(const struct ww_rollout_view *v, enum ww_policy_mode mode)
{
    if (mode != WW_MODE_ENFORCE)
        return smaller(v->max_age, WW_ROLLOUT_TESTING_MAX_AGE);
    if (v->policy.mode != WW_MODE_ENFORCE)
        return smaller(v->max_age, WW_ROLLOUT_FIRST_MAX_AGE);
    int64_t at = ww_rollout_grows_at(v);
    return at != 0 && at <= v->in->now ? longer(v) : smaller(v->max_age, v->policy.max_age);
}

static bool put(struct ww_rollout_plan *out, const char *pattern)
{
    if (out->mx_count == WW_PUBLISHED_MX_MAX)
        return false;
    memcpy(out->mx[out->mx_count++], pattern, strlen(pattern) + 1);
    return true;
}

/* What is wanted, and what hosts need that are there, or may be taken for it. */
static bool unite(const struct ww_rollout_view *v, struct ww_rollout_plan *out)
{
    for (size_t i = 0; i < v->wanted_count; i++)
        if (!put(out, v->wanted[i]))
            return false;
    for (size_t i = 0; i < v->mx_count; i++)
        if ((v->kinds[i] == WW_ROLLOUT_MX_LEAVING || v->kinds[i] == WW_ROLLOUT_MX_ADOPTED) &&
            !put(out, v->in->mx[i].name))
            return false;
    return true;
}

bool ww_rollout_target(const struct ww_rollout_view *v, struct ww_rollout_plan *out,
                       struct ww_rollout_hold *h)
{
    struct ww_buf b = ww_rollout_say(h->words, "");
    if (v->unknown != NULL) {
        ww_buf_str(&b, "the policy of ");
        ww_rollout_say_name(&b, v->domain->mirror);
        ww_buf_str(&b, ", which it follows, ");
        ww_buf_str(&b, v->unknown);
    } else if (!unite(v, out)) {
        ww_buf_str(&b, "the policy would need more than 32 patterns: want one with a wildcard instead");
    } else if (out->mx_count == 0 && v->most != WW_MODE_NONE) {
        ww_buf_str(&b, "no MX hosts are wanted: name them with waxwing publish mx");
    }
    if (b.n > 0)
        return !ww_rollout_held(h, &b, 0, v->domain->host != WW_HOSTED_MIRROR);
    out->mode = mode(v);
    out->max_age = max_age(v, out->mode);
    return true;
}
