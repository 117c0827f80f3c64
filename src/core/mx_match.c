#include "core/mx_match.h"

#include "core/dname.h"
#include "core/policy.h"

static bool has_wildcard(struct ww_slice pattern)
{
    return pattern.n >= 2 && pattern.p[0] == '*' && pattern.p[1] == '.';
}

static struct ww_slice behind(struct ww_slice s, size_t n)
{
    return ww_slice(s.p + n, s.n - n);
}

enum ww_err ww_mx_pattern_check(struct ww_slice pattern, size_t *offset)
{
    *offset = 0;
    if (pattern.n == 0)
        return WW_E_MX_EMPTY;
    size_t skip = has_wildcard(pattern) ? 2 : 0;
    const char *star = memchr(pattern.p + skip, '*', pattern.n - skip);
    if (star != NULL) {
        *offset = (size_t)(star - pattern.p);
        return WW_E_MX_WILDCARD;
    }
    enum ww_err err = ww_dname_check(pattern.p + skip, pattern.n - skip, offset);
    *offset += skip;
    return err;
}

static bool is_host(struct ww_slice host)
{
    char canon[WW_DNAME_SIZE];
    return ww_dname_canon(host.p, host.n, canon) == WW_OK;
}

/* Both are checked names. An empty left label, as in ".example.net", is no name and never comes here. */
static bool match_checked(struct ww_slice pattern, struct ww_slice host)
{
    if (!has_wildcard(pattern))
        return ww_dname_eq(pattern, host);
    const char *dot = memchr(host.p, '.', host.n);
    if (dot == NULL)
        return false;
    return ww_dname_eq(behind(pattern, 2), behind(host, (size_t)(dot - host.p) + 1));
}

bool ww_mx_match(struct ww_slice pattern, struct ww_slice host)
{
    size_t offset;
    return ww_mx_pattern_check(pattern, &offset) == WW_OK && is_host(host) && match_checked(pattern, host);
}

bool ww_mx_match_policy(const struct ww_policy *policy, struct ww_slice host)
{
    struct ww_slice pattern;
    for (size_t pos = 0; ww_policy_next_mx(policy, &pos, &pattern);) {
        if (ww_mx_match(pattern, host))
            return true;
    }
    return false;
}

enum ww_err ww_san_check(struct ww_slice dns_name, size_t *offset)
{
    /* An asterisk passes where a letter does: its place decides about a match, not about a name. */
    char letters[WW_DNAME_SIZE];
    size_t n = dns_name.n < sizeof letters ? dns_name.n : sizeof letters;
    for (size_t i = 0; i < n; i++)
        letters[i] = dns_name.p[i] == '*' ? 'x' : dns_name.p[i];
    return ww_dname_check(letters, n, offset);
}

/*
 * A dNSName is not a pattern of a policy. RFC 6125 section 6.4.3 lets a client refuse what we and OpenSSL
 * refuse, and the grammar of a policy allows: a wildcard directly over a top-level domain ("*.net").
 * Asterisks in part of a label ("mx*.example.net") or in another label make a name that matches nothing here,
 * not a broken one.
 */
bool ww_san_usable(struct ww_slice dns_name)
{
    if (!has_wildcard(dns_name))
        return memchr(dns_name.p, '*', dns_name.n) == NULL;
    struct ww_slice rest = behind(dns_name, 2);
    return memchr(rest.p, '*', rest.n) == NULL && memchr(rest.p, '.', rest.n) != NULL;
}

bool ww_san_match(struct ww_slice dns_name, struct ww_slice host)
{
    size_t offset;
    return ww_san_check(dns_name, &offset) == WW_OK && ww_san_usable(dns_name) && is_host(host) &&
           match_checked(dns_name, host);
}
