#include "core/policy_diff.h"

#include <stdint.h>

struct lines {
    struct ww_slice all[WW_POLICY_DIFF_LINES];
    size_t count;
};

static struct ww_slice trimmed(const char *p, size_t n)
{
    while (n > 0 && (p[n - 1] == '\r' || p[n - 1] == ' ' || p[n - 1] == '\t'))
        n--;
    return ww_slice(p, n);
}

/* Cuts the first line off. False when there is none. */
static bool cut_first(struct ww_slice *body, struct ww_slice *line)
{
    if (body->n == 0)
        return false;
    const char *end = memchr(body->p, '\n', body->n);
    size_t n = end != NULL ? (size_t)(end - body->p) : body->n;
    size_t taken = end != NULL ? n + 1 : n;
    *line = trimmed(body->p, n);
    *body = ww_slice(body->p + taken, body->n - taken);
    return true;
}

/* Cuts the last line off. */
static bool cut_last(struct ww_slice *body, struct ww_slice *line)
{
    if (body->n == 0)
        return false;
    size_t n = body->n - (body->p[body->n - 1] == '\n');
    const char *before = memrchr(body->p, '\n', n);
    size_t start = before != NULL ? (size_t)(before + 1 - body->p) : 0;
    *line = trimmed(body->p + start, n - start);
    *body = ww_slice(body->p, start);
    return true;
}

static void tell_all(struct ww_slice body, enum ww_diff_mark mark, ww_policy_diff_cb *cb, void *ctx)
{
    struct ww_slice line;
    while (cut_first(&body, &line))
        cb(ctx, mark, line);
}

/* Tells the lines that both begin with, and leaves the rest. */
static void tell_common_start(struct ww_slice *before, struct ww_slice *after, ww_policy_diff_cb *cb,
                              void *ctx)
{
    for (;;) {
        struct ww_slice b = *before, a = *after, line_b, line_a;
        if (!cut_first(&b, &line_b) || !cut_first(&a, &line_a) || !ww_slice_eq(line_b, line_a))
            return;
        cb(ctx, WW_DIFF_STAYS, line_a);
        *before = b;
        *after = a;
    }
}

/* Cuts off the lines that both end with; returns those of after. */
static struct ww_slice cut_common_end(struct ww_slice *before, struct ww_slice *after)
{
    const char *end = after->p + after->n;
    for (;;) {
        struct ww_slice b = *before, a = *after, line_b, line_a;
        if (!cut_last(&b, &line_b) || !cut_last(&a, &line_a) || !ww_slice_eq(line_b, line_a))
            break;
        *before = b;
        *after = a;
    }
    const char *start = after->p + after->n;
    return ww_slice(start, (size_t)(end - start));
}

static bool split(struct ww_slice body, struct lines *out)
{
    struct ww_slice line;
    for (out->count = 0; cut_first(&body, &line); out->count++) {
        if (out->count == WW_POLICY_DIFF_LINES)
            return false;
        out->all[out->count] = line;
    }
    return true;
}

/* The longest common subsequence: length[i][j] is that of the lines from i and from j on. */
static void tell_middle(const struct lines *before, const struct lines *after, ww_policy_diff_cb *cb,
                        void *ctx)
{
    uint8_t length[WW_POLICY_DIFF_LINES + 1][WW_POLICY_DIFF_LINES + 1];
    size_t n = before->count, m = after->count;
    for (size_t i = n + 1; i-- > 0;) {
        for (size_t j = m + 1; j-- > 0;) {
            if (i == n || j == m)
                length[i][j] = 0;
            else if (ww_slice_eq(before->all[i], after->all[j]))
                length[i][j] = (uint8_t)(length[i + 1][j + 1] + 1);
            else
                length[i][j] = length[i + 1][j] > length[i][j + 1] ? length[i + 1][j] : length[i][j + 1];
        }
    }
    size_t i = 0, j = 0;
    while (i < n || j < m) {
        if (i < n && j < m && ww_slice_eq(before->all[i], after->all[j])) {
            cb(ctx, WW_DIFF_STAYS, after->all[j]);
            i++, j++;
        } else if (j == m || (i < n && length[i + 1][j] >= length[i][j + 1])) {
            cb(ctx, WW_DIFF_GONE, before->all[i++]);
        } else {
            cb(ctx, WW_DIFF_NEW, after->all[j++]);
        }
    }
}
_Static_assert(WW_POLICY_DIFF_LINES <= UINT8_MAX, "lengths fit an octet");

void ww_policy_diff(struct ww_slice before, struct ww_slice after, ww_policy_diff_cb *cb, void *ctx)
{
    struct lines old, new;
    tell_common_start(&before, &after, cb, ctx);
    struct ww_slice end = cut_common_end(&before, &after);
    if (split(before, &old) && split(after, &new)) {
        tell_middle(&old, &new, cb, ctx);
    } else {
        tell_all(before, WW_DIFF_GONE, cb, ctx);
        tell_all(after, WW_DIFF_NEW, cb, ctx);
    }
    tell_all(end, WW_DIFF_STAYS, cb, ctx);
}
