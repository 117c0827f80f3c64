/*
 * Any valid policy in every style, read back the way that Postfix splits it: nothing of the policy gets out
 * of its attribute, and what an enforced one demands is all there.
 */
#include "core/postfix.h"
#include "core/socketmap.h"

#include "base/ascii.h"

#include <stdlib.h>

#define DOMAIN "example.com"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool condition)
{
    if (!condition)
        abort();
}

static struct ww_slice trim(struct ww_slice s)
{
    while (s.n > 0 && ww_is_wsp(s.p[0]))
        s = ww_slice(s.p + 1, s.n - 1);
    while (s.n > 0 && ww_is_wsp(s.p[s.n - 1]))
        s.n--;
    return s;
}

/* The next attribute: separated by commas and white space outside of balanced braces. False at the end. */
static bool next_attribute(struct ww_slice *text, struct ww_slice *name, struct ww_slice *value)
{
    size_t depth = 0;
    size_t n = 0;
    *text = trim(*text);
    for (; n < text->n && (depth > 0 || (!ww_is_wsp(text->p[n]) && text->p[n] != ',')); n++) {
        if (text->p[n] == '{')
            depth++;
        if (text->p[n] == '}')
            require(depth-- > 0);
    }
    require(depth == 0);
    if (n == 0)
        return false;
    struct ww_slice token = ww_slice(text->p, n);
    *text = ww_slice(text->p + n, text->n - n);
    if (token.p[0] == '{')
        token = ww_slice(token.p + 1, token.n - 2);
    const char *equals = memchr(token.p, '=', token.n);
    require(equals != NULL);
    *name = trim(ww_slice(token.p, (size_t)(equals - token.p)));
    *value = trim(ww_slice(equals + 1, token.n - (size_t)(equals - token.p) - 1));
    require(value->n > 0);
    return true;
}

static void require_pattern(const struct ww_policy *policy, size_t *pos, struct ww_slice value)
{
    struct ww_slice mx;
    require(ww_policy_next_mx(policy, pos, &mx));
    require(ww_slice_eq(mx, value));
}

/* ".example.net" for "*.example.net", in lower case, each pattern in its place. */
static void require_match(const struct ww_policy *policy, struct ww_slice value)
{
    struct ww_slice mx;
    size_t at = 0;
    for (size_t pos = 0; ww_policy_next_mx(policy, &pos, &mx); at++) {
        if (at > 0)
            require(value.p[at - 1] == ':');
        for (size_t i = mx.p[0] == '*'; i < mx.n; i++, at++)
            require(at < value.n && value.p[at] == ww_lower(mx.p[i]));
    }
    require(at == value.n + 1);
}

static void require_attributes(const struct ww_policy *policy, const struct ww_postfix_style *style,
                               bool matches, struct ww_slice text)
{
    struct ww_slice name;
    struct ww_slice value;
    size_t match = 0;
    size_t servername = 0;
    size_t type = 0;
    size_t domain = 0;
    size_t patterns = 0;
    for (size_t pos = 0; next_attribute(&text, &name, &value);) {
        if (ww_slice_is(name, "match")) {
            require_match(policy, value);
            match++;
        } else if (ww_slice_is(name, "servername")) {
            require(ww_slice_is(value, "hostname"));
            servername++;
        } else if (ww_slice_is(name, "policy_type")) {
            require(ww_slice_is(value, "sts"));
            type++;
        } else if (ww_slice_is(name, "policy_domain")) {
            require(ww_slice_is(value, DOMAIN));
            domain++;
        } else if (ww_slice_is(name, "mx_host_pattern")) {
            require_pattern(policy, &pos, value);
            patterns++;
        } else {
            require(ww_slice_is(name, "policy_string") && style->tlsrpt);
        }
    }
    require(match == matches && servername == matches);
    require(type == style->tlsrpt && domain == style->tlsrpt);
    require(patterns == (style->tlsrpt ? policy->mx_count : 0));
}

static void check(const struct ww_policy *policy, const struct ww_postfix_style *style)
{
    static char room[WW_SOCKETMAP_REPLY_MAX];
    struct ww_buf b = ww_buf(room, sizeof room);
    struct ww_decision d = ww_decide(DOMAIN, policy, NULL);
    ww_postfix_reply(&b, &d, style);
    require(!b.failed && b.n > 0 && memchr(b.p, '\0', b.n) == NULL);
    struct ww_slice reply = ww_slice(b.p, b.n);
    if (ww_slice_is(reply, "NOTFOUND ")) {
        require(policy->mode != WW_MODE_ENFORCE);
    } else if (memcmp(b.p, "TEMP ", 5) == 0) {
        require(policy->mode == WW_MODE_ENFORCE && style->tlsrpt && b.n < 200);
    } else if (memcmp(b.p, "OK may ", 7) == 0) {
        require(policy->mode == WW_MODE_TESTING && style->testing_may);
        require_attributes(policy, style, false, ww_slice(b.p + 7, b.n - 7));
    } else {
        require(policy->mode == WW_MODE_ENFORCE && memcmp(b.p, "OK secure ", 10) == 0);
        require_attributes(policy, style, true, ww_slice(b.p + 10, b.n - 10));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct ww_postfix_style styles[] = {
        {.tlsrpt = false}, {.tlsrpt = true}, {.tlsrpt = true, .testing_may = true}};
    struct ww_policy policy;
    size_t offset;
    if (ww_policy_parse((const char *)data, size, &policy, &offset) != WW_OK)
        return 0;
    for (size_t i = 0; i < sizeof styles / sizeof styles[0]; i++)
        check(&policy, &styles[i]);
    return 0;
}
