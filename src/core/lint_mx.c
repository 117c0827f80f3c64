#include "core/lint_mx.h"

#include "core/dname.h"
#include "core/mx_match.h"

static enum ww_err check_host(struct ww_slice host, size_t *offset)
{
    /* A root dot is fine in the name of an MX record; a lone one is the null MX, which is no host. */
    if (host.n > 1 && host.p[host.n - 1] == '.')
        host.n--;
    return ww_dname_check(host.p, host.n, offset);
}

static bool ends_in(struct ww_slice host, struct ww_slice name)
{
    if (host.n > 0 && host.p[host.n - 1] == '.')
        host.n--;
    if (host.n < name.n)
        return false;
    size_t start = host.n - name.n;
    return (start == 0 || host.p[start - 1] == '.') && ww_dname_eq(ww_slice(host.p + start, name.n), name);
}

/* Why two good names do not match, where there is more to say than that they differ. */
static void explain(struct ww_findings *f, struct ww_slice pattern, struct ww_slice host, bool san)
{
    if (san && !ww_san_usable(pattern))
        ww_findings_add(f, WW_E_SAN_WILDCARD, WW_SEVERITY_WARNING, 0);
    else if (pattern.p[0] == '*' && ends_in(host, ww_slice(pattern.p + 2, pattern.n - 2)))
        ww_findings_add(f, WW_E_MX_ONE_LABEL, WW_SEVERITY_INFO, 0);
}

void ww_lint_mx(struct ww_slice pattern, struct ww_slice host, bool san, struct ww_lint_mx *out)
{
    memset(out, 0, sizeof *out);
    size_t offset;
    enum ww_err bad_pattern = san ? ww_san_check(pattern, &offset) : ww_mx_pattern_check(pattern, &offset);
    if (bad_pattern != WW_OK)
        ww_findings_add(&out->findings, bad_pattern, WW_SEVERITY_ERROR, offset);
    if (!san && pattern.n > 0 && pattern.p[0] == '.')
        ww_findings_add(&out->findings, WW_E_MX_LEADING_DOT, WW_SEVERITY_ERROR, 0);
    enum ww_err bad_host = check_host(host, &offset);
    if (bad_host != WW_OK)
        ww_findings_add(&out->findings, WW_E_MX_HOST, WW_SEVERITY_ERROR, offset);
    if (bad_pattern != WW_OK || bad_host != WW_OK) {
        out->verdict = WW_VERDICT_INVALID;
        return;
    }
    bool match = san ? ww_san_match(pattern, host) : ww_mx_match(pattern, host);
    out->verdict = match ? WW_VERDICT_MATCH : WW_VERDICT_NO_MATCH;
    if (!match)
        explain(&out->findings, pattern, host, san);
}
