/*
 * Two policies, parted by a NUL: a mode or max_age that is weaker one way is stronger the other way, a policy
 * differs from itself in nothing, and the lines of a difference are those of both bodies in their order.
 */
#include "check.h"
#include "core/policy_compare.h"
#include "core/policy_diff.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct sides {
    struct ww_slice before, after; /* what is still to come */
};

/* The next line of a body as a difference shows it. */
static void check_line(struct ww_slice *body, struct ww_slice line)
{
    CHECK(body->n > 0);
    const char *end = memchr(body->p, '\n', body->n);
    size_t n = end != NULL ? (size_t)(end - body->p) : body->n;
    size_t taken = end != NULL ? n + 1 : n;
    CHECK(line.n <= n && (line.n == 0 || memcmp(line.p, body->p, line.n) == 0));
    for (size_t i = line.n; i < n; i++)
        CHECK(body->p[i] == ' ' || body->p[i] == '\t' || body->p[i] == '\r');
    *body = ww_slice(body->p + taken, body->n - taken);
}

static void on_line(void *ctx, enum ww_diff_mark mark, struct ww_slice line)
{
    struct sides *s = ctx;
    if (mark != WW_DIFF_NEW)
        check_line(&s->before, line);
    if (mark != WW_DIFF_GONE)
        check_line(&s->after, line);
}

static void check_diff(struct ww_slice before, struct ww_slice after)
{
    struct sides s = {before, after};
    ww_policy_diff(before, after, on_line, &s);
    CHECK(s.before.n == 0 && s.after.n == 0);
}

static void check_words(const struct ww_policy_changes *changes)
{
    char text[300];
    struct ww_buf b = ww_buf(text, sizeof text);
    ww_policy_weaker_put(&b, changes);
    CHECK(!b.failed && (b.n > 0) == changes->weaker);
    for (size_t i = 0; i < b.n; i++)
        CHECK(text[i] >= ' ' && text[i] < 0x7f);
}

static void check_compare(const struct ww_policy *before, const struct ww_policy *after)
{
    struct ww_policy_changes there, back;
    ww_policy_compare(before, after, &there);
    ww_policy_compare(after, before, &back);
    CHECK(there.count == back.count && there.count <= WW_POLICY_CHANGES_MAX);
    check_words(&there);
    for (size_t i = 0; i < there.count; i++)
        if (there.all[i].effect != WW_EFFECT_NEUTRAL && there.all[i].mx.n == 0 &&
            there.all[i].kind != WW_CHANGE_MX_MANY)
            CHECK(there.all[i].effect != back.all[i == 0 ? 0 : back.count - 1].effect);
    ww_policy_compare(after, after, &there);
    CHECK(there.count == 0 && !there.weaker);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *p = (const char *)data;
    const char *nul = size > 0 ? memchr(p, '\0', size) : NULL;
    size_t n = nul != NULL ? (size_t)(nul - p) : size;
    struct ww_slice first = ww_slice(p, n);
    struct ww_slice second = nul != NULL ? ww_slice(nul + 1, size - n - 1) : ww_slice(p, 0);
    struct ww_policy before, after;
    size_t offset;
    check_diff(first, second);
    if (ww_policy_parse(first.p, first.n, &before, &offset) == WW_OK &&
        ww_policy_parse(second.p, second.n, &after, &offset) == WW_OK)
        check_compare(&before, &after);
    return 0;
}
