#include "core/sessions.h"

#include "base/ascii.h"
#include "core/policy.h"
#include "core/postfix.h"

static bool fits(const struct ww_buf *b, size_t start, struct ww_slice line, size_t max)
{
    return b->n - start + line.n + 1 <= max;
}

void ww_sessions_put_strings(struct ww_buf *b, const struct ww_policy *policy)
{
    struct ww_slice text;
    size_t start = b->n;
    for (size_t pos = 0; ww_policy_next_text(policy, &pos, &text);) {
        struct ww_buf before = *b;
        if (!fits(b, start, text, WW_SESSIONS_STRINGS_MAX))
            return;
        if (ww_postfix_put_string(b, text))
            ww_buf_char(b, '\n');
        else
            *b = before;
    }
}

void ww_sessions_put_mx_hosts(struct ww_buf *b, const struct ww_policy *policy)
{
    struct ww_slice pattern;
    size_t start = b->n;
    for (size_t pos = 0;
         ww_policy_next_mx(policy, &pos, &pattern) && fits(b, start, pattern, WW_SESSIONS_MX_HOSTS_MAX);) {
        for (size_t i = 0; i < pattern.n; i++)
            ww_buf_char(b, ww_lower(pattern.p[i]));
        ww_buf_char(b, '\n');
    }
}
