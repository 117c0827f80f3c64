/*
 * Any valid policy as a line for Exim, read back: what an enforced one demands is all there, in the order of
 * the policy, and nothing of it gets out of its place, neither in the line nor in the expression.
 */
#include "core/exim.h"

#include "base/ascii.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool condition)
{
    if (!condition)
        abort();
}

static bool take(struct ww_slice *text, const char *what)
{
    size_t n = strlen(what);
    if (!ww_slice_starts(*text, what))
        return false;
    *text = ww_slice(text->p + n, text->n - n);
    return true;
}

static void require_pattern(struct ww_slice *text, struct ww_slice pattern)
{
    if (pattern.p[0] == '*') {
        require(take(text, "[^.]+\\."));
        pattern = ww_slice(pattern.p + 2, pattern.n - 2);
    }
    for (size_t i = 0; i < pattern.n; i++) {
        char one[] = {'\\', ww_lower(pattern.p[i]), '\0'};
        require(take(text, pattern.p[i] == '.' ? one : one + 1));
        require(pattern.p[i] == '.' || pattern.p[i] == '-' || ww_is_alnum(pattern.p[i]));
    }
}

static void require_patterns(struct ww_slice *text, const struct ww_policy *policy, const char *between,
                             bool expression)
{
    struct ww_slice mx;
    bool first = true;
    for (size_t pos = 0; ww_policy_next_mx(policy, &pos, &mx); first = false) {
        require(first || take(text, between));
        if (expression) {
            require_pattern(text, mx);
            continue;
        }
        for (size_t i = 0; i < mx.n; i++) {
            char one[] = {ww_lower(mx.p[i]), '\0'};
            require(take(text, one));
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static char room[WW_EXIM_LINE_MAX];
    struct ww_policy policy;
    size_t offset;
    if (ww_policy_parse((const char *)data, size, &policy, &offset) != WW_OK)
        return 0;
    const struct ww_domain_case c = {.domain = "example.com", .policy = &policy};
    const struct ww_decision d = ww_domain_decide(&c);
    const struct ww_exim_style style = {.id = "1"};
    struct ww_buf b = ww_buf(room, sizeof room);
    const enum ww_level told = ww_exim_line(&b, &c, &d, &style);
    require(!b.failed && b.n > 0);
    for (size_t i = 0; i < b.n; i++)
        require(b.p[i] == ' ' || ww_is_vchar(b.p[i]));
    struct ww_slice text = ww_slice(b.p, b.n);
    if (told == WW_LEVEL_HOLD) {
        require(policy.mode == WW_MODE_ENFORCE && b.n < 200 && take(&text, "mode=temperr reason=\""));
        return 0;
    }
    if (policy.mode == WW_MODE_NONE) {
        require(ww_slice_is(text, "mode=none"));
        return 0;
    }
    if (policy.mode == WW_MODE_TESTING) {
        require(take(&text, "mode=testing id=1"));
    } else {
        require(take(&text, "mode=enforce id=1 mxre=^(?i)("));
        require_patterns(&text, &policy, "|", true);
        require(take(&text, ")$"));
    }
    if (take(&text, " mx="))
        require_patterns(&text, &policy, ":", false);
    require(text.n == 0);
    return 0;
}
