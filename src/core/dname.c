#include "core/dname.h"

#include "base/ascii.h"
#include "core/addr.h"

static bool is_all_digits(const char *p, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (!ww_is_digit(p[i]))
            return false;
    return true;
}

/* One label; *bad is relative to its start. */
static enum ww_err check_label(const char *p, size_t n, size_t *bad)
{
    *bad = 0;
    if (n == 0)
        return WW_E_DNAME_LABEL_EMPTY;
    for (size_t i = 0; i < n; i++) {
        *bad = i;
        if ((unsigned char)p[i] >= 0x80)
            return WW_E_DNAME_NON_ASCII;
        if (!ww_is_alnum(p[i]) && p[i] != '-')
            return WW_E_DNAME_CHARACTER;
        if (p[i] == '-' && (i == 0 || i == n - 1))
            return WW_E_DNAME_HYPHEN;
        if (i == WW_DNAME_LABEL_MAX)
            return WW_E_DNAME_LABEL_TOO_LONG;
    }
    return WW_OK;
}

static size_t label_length(const char *p, size_t n)
{
    const char *dot = memchr(p, '.', n);
    return dot != NULL ? (size_t)(dot - p) : n;
}

enum ww_err ww_dname_check(const char *p, size_t n, size_t *offset)
{
    *offset = 0;
    if (n == 0)
        return WW_E_DNAME_EMPTY;
    if (n > WW_DNAME_MAX) {
        *offset = WW_DNAME_MAX;
        return WW_E_DNAME_TOO_LONG;
    }
    for (size_t at = 0;;) {
        size_t length = label_length(p + at, n - at);
        size_t bad;
        enum ww_err err = check_label(p + at, length, &bad);
        *offset = at + bad;
        if (err != WW_OK)
            return err;
        if (at + length == n) {
            *offset = at;
            /* Only an address ends in a number, and an address is no name. */
            return is_all_digits(p + at, length) ? WW_E_DNAME_NUMERIC : WW_OK;
        }
        at += length + 1;
        if (at == n) {
            *offset = n - 1;
            return WW_E_DNAME_ROOT_DOT;
        }
    }
}

static size_t without_root_dot(const char *p, size_t n)
{
    return n > 0 && p[n - 1] == '.' ? n - 1 : n;
}

enum ww_err ww_dname_canon(const char *p, size_t n, char out[WW_DNAME_SIZE])
{
    n = without_root_dot(p, n);
    out[0] = '\0';
    size_t offset;
    enum ww_err err = ww_dname_check(p, n, &offset);
    if (err != WW_OK)
        return err;
    for (size_t i = 0; i < n; i++)
        out[i] = ww_lower(p[i]);
    out[n] = '\0';
    return WW_OK;
}

bool ww_dname_eq(struct ww_slice a, struct ww_slice b)
{
    a.n = without_root_dot(a.p, a.n);
    b.n = without_root_dot(b.p, b.n);
    if (a.n != b.n)
        return false;
    for (size_t i = 0; i < a.n; i++)
        if (ww_lower(a.p[i]) != ww_lower(b.p[i]))
            return false;
    return true;
}

bool ww_dname_is_address(const char *p, size_t n)
{
    bool brackets = n >= 2 && p[0] == '[' && p[n - 1] == ']';
    struct ww_slice text = brackets ? ww_slice(p + 1, n - 2) : ww_slice(p, n);
    struct ww_addr addr;
    return ww_addr_parse(text, &addr) == WW_OK && (!brackets || addr.length == 16);
}
