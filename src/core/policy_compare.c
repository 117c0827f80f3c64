#include "core/policy_compare.h"

#include "core/dname.h"

/* Room for " and 256 more". */
#define TAIL_SIZE 16

struct patterns {
    struct ww_slice all[WW_POLICY_COMPARE_MX_MAX];
    size_t count;
};

/* False when there are too many. */
static bool gather(const struct ww_policy *policy, struct patterns *out)
{
    struct ww_slice mx;
    out->count = 0;
    for (size_t pos = 0; ww_policy_next_mx(policy, &pos, &mx);) {
        if (out->count == WW_POLICY_COMPARE_MX_MAX)
            return false;
        out->all[out->count++] = mx;
    }
    return true;
}

static bool same_mx(struct ww_slice a, struct ww_slice b)
{
    return a.n == b.n && ww_dname_eq(a, b);
}

static bool is_wildcard(struct ww_slice mx)
{
    return ww_slice_starts(mx, "*.");
}

/* A wildcard covers the names that have one label more. */
static bool is_below(struct ww_slice name, struct ww_slice wildcard)
{
    if (!is_wildcard(wildcard) || is_wildcard(name))
        return false;
    const char *dot = memchr(name.p, '.', name.n);
    if (dot == NULL)
        return false;
    struct ww_slice parent = ww_slice(dot + 1, name.n - (size_t)(dot + 1 - name.p));
    return same_mx(parent, ww_slice(wildcard.p + 2, wildcard.n - 2));
}

/* Among the first `count` patterns. */
static bool has(const struct patterns *p, size_t count, struct ww_slice mx)
{
    for (size_t i = 0; i < count; i++)
        if (same_mx(p->all[i], mx))
            return true;
    return false;
}

static bool covers(const struct patterns *p, struct ww_slice mx)
{
    for (size_t i = 0; i < p->count; i++)
        if (is_below(mx, p->all[i]))
            return true;
    return false;
}

static bool has_name_below(const struct patterns *p, struct ww_slice wildcard)
{
    for (size_t i = 0; i < p->count; i++)
        if (is_below(p->all[i], wildcard))
            return true;
    return false;
}

static void add(struct ww_policy_changes *out, enum ww_policy_change_kind kind, enum ww_policy_effect effect,
                struct ww_slice mx)
{
    out->all[out->count++] = (struct ww_policy_change){kind, effect, mx};
    out->weaker |= effect == WW_EFFECT_WEAKER;
}

static void compare_removed(struct ww_policy_changes *out, const struct patterns *before,
                            const struct patterns *after, bool judged)
{
    for (size_t i = 0; i < before->count; i++) {
        struct ww_slice mx = before->all[i];
        enum ww_policy_change_kind kind = WW_CHANGE_MX_REMOVED;
        enum ww_policy_effect effect = WW_EFFECT_WEAKER;
        if (has(after, after->count, mx) || has(before, i, mx))
            continue;
        if (has_name_below(after, mx)) {
            kind = WW_CHANGE_MX_NARROWED;
            effect = WW_EFFECT_STRONGER;
        } else if (covers(after, mx)) {
            effect = WW_EFFECT_NEUTRAL;
        }
        add(out, kind, judged ? effect : WW_EFFECT_NEUTRAL, mx);
    }
}

static void compare_added(struct ww_policy_changes *out, const struct patterns *before,
                          const struct patterns *after, bool judged)
{
    for (size_t i = 0; i < after->count; i++) {
        struct ww_slice mx = after->all[i];
        if (has(before, before->count, mx) || has(after, i, mx))
            continue;
        if (is_wildcard(mx))
            add(out, WW_CHANGE_MX_BROADER, judged ? WW_EFFECT_WEAKER : WW_EFFECT_NEUTRAL, mx);
        else
            add(out, WW_CHANGE_MX_ADDED, WW_EFFECT_NEUTRAL, mx);
    }
}

/* The same patterns one after the other. */
static bool same_sequence(const struct ww_policy *before, const struct ww_policy *after)
{
    struct ww_slice a, b;
    size_t at_a = 0, at_b = 0;
    for (;;) {
        bool more_a = ww_policy_next_mx(before, &at_a, &a);
        bool more_b = ww_policy_next_mx(after, &at_b, &b);
        if (!more_a || !more_b)
            return more_a == more_b;
        if (!same_mx(a, b))
            return false;
    }
}

static void compare_mx(const struct ww_policy *before, const struct ww_policy *after, bool judged,
                       struct ww_policy_changes *out)
{
    struct patterns old, new;
    if (gather(before, &old) && gather(after, &new)) {
        compare_removed(out, &old, &new, judged);
        compare_added(out, &old, &new, judged);
    } else if (!same_sequence(before, after)) {
        add(out, WW_CHANGE_MX_MANY, judged ? WW_EFFECT_WEAKER : WW_EFFECT_NEUTRAL, ww_slice("", 0));
    }
}

static enum ww_policy_effect effect_of(uint32_t before, uint32_t after)
{
    return after < before ? WW_EFFECT_WEAKER : WW_EFFECT_STRONGER;
}

void ww_policy_compare(const struct ww_policy *before, const struct ww_policy *after,
                       struct ww_policy_changes *out)
{
    const bool judged = before->mode != WW_MODE_NONE && after->mode != WW_MODE_NONE;
    const struct ww_slice no_mx = ww_slice("", 0);
    out->old_mode = before->mode;
    out->new_mode = after->mode;
    out->old_max_age = before->max_age;
    out->new_max_age = after->max_age;
    out->weaker = false;
    out->count = 0;
    if (before->mode != after->mode)
        add(out, WW_CHANGE_MODE, effect_of(before->mode, after->mode), no_mx);
    compare_mx(before, after, judged, out);
    if (before->max_age != after->max_age)
        add(out, WW_CHANGE_MAX_AGE, judged ? effect_of(before->max_age, after->max_age) : WW_EFFECT_NEUTRAL,
            no_mx);
}

static void put_mx(struct ww_buf *b, const char *what, struct ww_slice mx)
{
    ww_buf_str(b, "mx ");
    ww_buf_str(b, what);
    ww_buf_char(b, ' ');
    ww_buf_slice(b, mx);
}

void ww_policy_change_put(struct ww_buf *b, const struct ww_policy_changes *changes, size_t i)
{
    const struct ww_policy_change *c = &changes->all[i];
    switch (c->kind) {
    case WW_CHANGE_MODE:
        ww_buf_str(b, "mode ");
        ww_buf_str(b, ww_policy_mode_name(changes->old_mode));
        ww_buf_str(b, " -> ");
        ww_buf_str(b, ww_policy_mode_name(changes->new_mode));
        break;
    case WW_CHANGE_MX_REMOVED:
        put_mx(b, "removed", c->mx);
        break;
    case WW_CHANGE_MX_NARROWED:
        put_mx(b, "narrowed", c->mx);
        break;
    case WW_CHANGE_MX_ADDED:
        put_mx(b, "added", c->mx);
        break;
    case WW_CHANGE_MX_BROADER:
        put_mx(b, "broader", c->mx);
        break;
    case WW_CHANGE_MX_MANY:
        ww_buf_str(b, "mx changed, too many to compare");
        break;
    case WW_CHANGE_MAX_AGE:
        ww_buf_str(b, "max_age ");
        ww_buf_decimal(b, changes->old_max_age);
        ww_buf_str(b, " -> ");
        ww_buf_decimal(b, changes->new_max_age);
        break;
    }
}

void ww_policy_weaker_put(struct ww_buf *b, const struct ww_policy_changes *changes)
{
    size_t cap = b->cap;
    size_t left_out = 0;
    bool first = true;
    /* The tail keeps its room while the changes are put. */
    b->cap = cap - b->n > TAIL_SIZE ? cap - TAIL_SIZE : b->n;
    for (size_t i = 0; i < changes->count; i++) {
        if (changes->all[i].effect != WW_EFFECT_WEAKER)
            continue;
        struct ww_buf trial = *b;
        if (!first)
            ww_buf_str(&trial, ", ");
        ww_policy_change_put(&trial, changes, i);
        if (trial.failed) {
            left_out++;
            continue;
        }
        *b = trial;
        first = false;
    }
    b->cap = cap;
    if (left_out > 0) {
        ww_buf_str(b, " and ");
        ww_buf_decimal(b, left_out);
        ww_buf_str(b, " more");
    }
}
