#include "daemon/front_news.h"

/* Whoever can block a domain's policy until it ends must not get a weaker one past us unseen. */
static void compare(struct ww_slice old_body, const struct ww_policy *policy, struct ww_policy_news *out)
{
    struct ww_policy before;
    struct ww_policy_changes changes;
    size_t offset;
    if (ww_policy_parse(old_body.p, old_body.n, &before, &offset) != WW_OK)
        return;
    ww_policy_compare(&before, policy, &changes);
    struct ww_buf b = ww_buf(out->weaker, sizeof out->weaker - 1);
    ww_policy_weaker_put(&b, &changes);
    out->weaker[b.n] = '\0';
}

void ww_policy_news(const struct ww_life *before, struct ww_slice old_body, const struct ww_life *after,
                    const struct ww_policy *policy, int64_t now, struct ww_policy_news *out)
{
    bool had_policy = ww_life_has_policy(before, now);
    bool same = strcmp(before->id, after->id) == 0 && ww_slice_eq(old_body, policy->body);
    out->changed = !had_policy || !same;
    out->old_mode = had_policy ? ww_policy_mode_name(before->mode) : NULL;
    out->old_id = had_policy ? before->id : NULL;
    out->weaker[0] = '\0';
    if (!same)
        compare(old_body, policy, out);
}
