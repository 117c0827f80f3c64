#include "report/dkim_record.h"

#include <string.h>

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static struct ww_slice trim(struct ww_slice s)
{
    while (s.n > 0 && is_space(s.p[0]))
        s = ww_slice(s.p + 1, s.n - 1);
    while (s.n > 0 && is_space(s.p[s.n - 1]))
        s.n--;
    return s;
}

/* Cuts off what stands before the next separator, or all; false when nothing is left. */
static bool next_part(struct ww_slice *rest, char separator, struct ww_slice *part)
{
    if (rest->n == 0)
        return false;
    const char *end = memchr(rest->p, separator, rest->n);
    size_t n = end != NULL ? (size_t)(end - rest->p) : rest->n;
    size_t gone = end != NULL ? n + 1 : n;
    *part = trim(ww_slice(rest->p, n));
    *rest = ww_slice(rest->p + gone, rest->n - gone);
    return true;
}

/* False: there is no such tag. Of two the first counts. */
static bool find_tag(struct ww_slice text, char name, struct ww_slice *value)
{
    struct ww_slice part;
    while (next_part(&text, ';', &part)) {
        const char *equals = part.n > 0 ? memchr(part.p, '=', part.n) : NULL;
        if (equals == NULL)
            continue;
        struct ww_slice key = trim(ww_slice(part.p, (size_t)(equals - part.p)));
        *value = trim(ww_slice(equals + 1, part.n - (size_t)(equals + 1 - part.p)));
        if (key.n == 1 && key.p[0] == name)
            return true;
    }
    return false;
}

/* Whether the tag is absent, or one of its values between colons is one of the two. */
static bool allows(struct ww_slice text, char name, const char *one, const char *other)
{
    struct ww_slice values, value;
    if (!find_tag(text, name, &values))
        return true;
    while (next_part(&values, ':', &value))
        if (ww_slice_is(value, one) || ww_slice_is(value, other))
            return true;
    return false;
}

/* Base64 may be folded anywhere. */
static bool is_same_base64(struct ww_slice a, struct ww_slice b)
{
    for (;;) {
        while (a.n > 0 && is_space(a.p[0]))
            a = ww_slice(a.p + 1, a.n - 1);
        while (b.n > 0 && is_space(b.p[0]))
            b = ww_slice(b.p + 1, b.n - 1);
        if (a.n == 0 || b.n == 0)
            return a.n == b.n;
        if (a.p[0] != b.p[0])
            return false;
        a = ww_slice(a.p + 1, a.n - 1);
        b = ww_slice(b.p + 1, b.n - 1);
    }
}

enum ww_dkim_fit ww_dkim_record_fit(struct ww_slice text, const struct ww_dkim_public *key)
{
    struct ww_slice version, kind, theirs, ours;
    bool dkim = !find_tag(text, 'v', &version) || ww_slice_is(version, "DKIM1");
    if (!dkim || !find_tag(text, 'p', &theirs))
        return WW_DKIM_NO_RECORD;
    if (theirs.n == 0)
        return WW_DKIM_REVOKED;
    if (!find_tag(text, 'k', &kind))
        kind = ww_slice_str("rsa");
    if (!ww_slice_is(kind, key->kind == WW_DKIM_RSA ? "rsa" : "ed25519") ||
        !find_tag(ww_slice_str(key->record), 'p', &ours) || !is_same_base64(theirs, ours))
        return WW_DKIM_OTHER_KEY;
    if (!allows(text, 'h', "sha256", "sha256"))
        return WW_DKIM_NO_SHA256;
    return allows(text, 's', "tlsrpt", "*") ? WW_DKIM_FITS : WW_DKIM_NO_REPORTS;
}
