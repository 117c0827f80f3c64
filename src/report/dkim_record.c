#include "report/dkim_record.h"

#include "report/dkim_tags.h"

#include <string.h>

/* Base64 may be folded anywhere. */
static bool is_same_base64(struct ww_slice a, struct ww_slice b)
{
    for (;;) {
        while (a.n > 0 && ww_dkim_is_space(a.p[0]))
            a = ww_slice(a.p + 1, a.n - 1);
        while (b.n > 0 && ww_dkim_is_space(b.p[0]))
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
    bool dkim = !ww_dkim_tag_find(text, "v", &version) || ww_slice_is(version, "DKIM1");
    if (!dkim || !ww_dkim_tag_find(text, "p", &theirs))
        return WW_DKIM_NO_RECORD;
    if (theirs.n == 0)
        return WW_DKIM_REVOKED;
    if (!ww_dkim_tag_find(text, "k", &kind))
        kind = ww_slice_str("rsa");
    if (!ww_slice_is(kind, key->kind == WW_DKIM_RSA ? "rsa" : "ed25519") ||
        !ww_dkim_tag_find(ww_slice_str(key->record), "p", &ours) || !is_same_base64(theirs, ours))
        return WW_DKIM_OTHER_KEY;
    if (!ww_dkim_tag_allows(text, "h", "sha256", "sha256"))
        return WW_DKIM_NO_SHA256;
    return ww_dkim_tag_allows(text, "s", "tlsrpt", "*") ? WW_DKIM_FITS : WW_DKIM_NO_REPORTS;
}
