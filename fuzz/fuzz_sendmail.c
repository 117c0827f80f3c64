/*
 * Any valid policy as Sendmail is told of it: in a form that it understands, short enough for it, with each
 * pattern in its place; and each of its patterns is asked for as a host. The first octet says whether there
 * is an override.
 */
#include "core/sendmail.h"

#include "base/ascii.h"
#include "check.h"
#include "core/policy.h"

#define DOMAIN "example.com"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_list(const struct ww_policy *policy, struct ww_slice list)
{
    struct ww_slice mx;
    size_t at = 0;
    for (size_t pos = 0; ww_policy_next_mx(policy, &pos, &mx); at++) {
        if (at > 0)
            CHECK(list.p[at - 1] == ':');
        for (size_t i = mx.p[0] == '*'; i < mx.n; i++, at++)
            CHECK(at < list.n && list.p[at] == ww_lower(mx.p[i]));
    }
    CHECK(at == list.n + 1 && list.n <= WW_SENDMAIL_MATCH_MAX);
}

static void check_secure(const struct ww_policy *policy, struct ww_slice reply)
{
    static const char head[] = "OK secure match=", tail[] = " servername=hostname";
    const size_t around = sizeof head + sizeof tail - 2;
    CHECK(reply.n > around && memcmp(reply.p, head, sizeof head - 1) == 0);
    CHECK(memcmp(reply.p + reply.n - (sizeof tail - 1), tail, sizeof tail - 1) == 0);
    struct ww_slice list = ww_slice(reply.p + sizeof head - 1, reply.n - around);
    if (ww_slice_is(list, "-ask-"))
        CHECK(policy->body.n > WW_SENDMAIL_MATCH_MAX);
    else
        check_list(policy, list);
}

static void check_hosts(const struct ww_decision *d, const struct ww_policy *policy)
{
    char text[WW_SENDMAIL_REPLY_MAX];
    struct ww_slice mx;
    for (size_t pos = 0; ww_policy_next_mx(policy, &pos, &mx);) {
        struct ww_buf b = ww_buf(text, sizeof text);
        ww_sendmail_mx_reply(&b, d, mx, false);
        struct ww_slice reply = ww_slice(b.p, b.n);
        if (d->level != WW_LEVEL_SECURE)
            CHECK(ww_slice_is(reply, "OK none"));
        else if (mx.p[0] != '*')
            CHECK(ww_slice_is(reply, "OK secure"));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct ww_override testing = {.key = DOMAIN, .level = WW_OVERRIDE_ENFORCE_TESTING, .mx = ""};
    char text[WW_SENDMAIL_REPLY_MAX];
    struct ww_policy policy;
    size_t offset;
    if (size == 0 || ww_policy_parse((const char *)data + 1, size - 1, &policy, &offset) != WW_OK)
        return 0;
    struct ww_decision d = ww_decide(DOMAIN, &policy, data[0] == 't' ? &testing : NULL);
    struct ww_buf b = ww_buf(text, sizeof text);
    ww_sendmail_reply(&b, &d, false);
    CHECK(!b.failed && memchr(b.p, '\0', b.n) == NULL);
    if (d.level == WW_LEVEL_SECURE)
        check_secure(&policy, ww_slice(b.p, b.n));
    else
        CHECK(ww_slice_is(ww_slice(b.p, b.n), "NOTFOUND "));
    check_hosts(&d, &policy);
    return 0;
}
