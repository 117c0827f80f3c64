#include "core/uri.h"

#include "base/ascii.h"
#include "core/addr.h"

/* The URI and how far it is read; the parts are read in the order of their place. */
struct reader {
    const char *p;
    size_t n;
    size_t at;
};

static bool is_in(char c, const char *set)
{
    return c != '\0' && strchr(set, c) != NULL;
}

/* unreserved and sub-delims: what is allowed in every part. */
static bool is_plain(char c)
{
    return ww_is_alnum(c) || is_in(c, "-._~!$&'()*+,;=");
}

static bool is_ahead(const struct reader *r, const char *set)
{
    return r->at < r->n && is_in(r->p[r->at], set);
}

/* A percent sign and two digits. */
static bool is_escape(const char *p, size_t n)
{
    return n >= 3 && p[0] == '%' && ww_is_hex(p[1]) && ww_is_hex(p[2]);
}

/* Reads up to `end`: plain characters, percent-escapes and those of `more`. */
static enum ww_err read_chars(struct reader *r, size_t end, const char *more)
{
    while (r->at < end) {
        char c = r->p[r->at];
        if (c == '%') {
            if (!is_escape(r->p + r->at, end - r->at))
                return WW_E_URI_PERCENT;
            r->at += 2;
        } else if (!is_plain(c) && !is_in(c, more)) {
            return WW_E_URI_CHARACTER;
        }
        r->at++;
    }
    return WW_OK;
}

/* Where the part that begins at the reader's place ends: at one of `stops`, or at the end. */
static size_t find(const struct reader *r, size_t from, size_t end, const char *stops)
{
    while (from < end && !is_in(r->p[from], stops))
        from++;
    return from;
}

static enum ww_err read_scheme(struct reader *r, struct ww_slice *scheme)
{
    while (r->at < r->n && r->p[r->at] != ':') {
        char c = r->p[r->at];
        if (!ww_is_alpha(c) && (r->at == 0 || !(ww_is_digit(c) || is_in(c, "+-."))))
            return WW_E_URI_SCHEME;
        r->at++;
    }
    if (r->at == 0 || r->at == r->n)
        return WW_E_URI_SCHEME;
    *scheme = ww_slice(r->p, r->at++);
    return WW_OK;
}

/* "v" 1*HEXDIG "." 1*( plain / ":" ), without the brackets. */
static bool is_future_address(struct ww_slice s)
{
    size_t i = 1;
    if (s.n == 0 || ww_lower(s.p[0]) != 'v')
        return false;
    while (i < s.n && ww_is_hex(s.p[i]))
        i++;
    if (i == 1 || i >= s.n || s.p[i] != '.' || i + 1 == s.n)
        return false;
    for (i++; i < s.n; i++)
        if (!is_plain(s.p[i]) && s.p[i] != ':')
            return false;
    return true;
}

static enum ww_err read_literal(struct reader *r, size_t end)
{
    size_t close = find(r, r->at, end, "]");
    struct ww_slice inner = ww_slice(r->p + r->at + 1, close - r->at - 1);
    struct ww_addr addr;
    bool is_ipv6 = ww_addr_parse(inner, &addr) == WW_OK && addr.length == 16;
    if (close == end || (!is_ipv6 && !is_future_address(inner)))
        return WW_E_URI_HOST;
    r->at = close + 1;
    return WW_OK;
}

/* [ userinfo "@" ] host [ ":" port ] */
static enum ww_err read_authority(struct reader *r, struct ww_uri *out)
{
    size_t end = find(r, r->at, r->n, "/?#");
    size_t at_sign = find(r, r->at, end, "@");
    size_t begin = r->at;
    enum ww_err err;
    if (at_sign < end) {
        err = read_chars(r, at_sign, ":");
        if (err != WW_OK)
            return err;
        out->user = ww_slice(r->p + begin, r->at++ - begin);
    }
    size_t start = r->at;
    if (is_ahead(r, "["))
        err = read_literal(r, end);
    else
        err = read_chars(r, find(r, r->at, end, ":"), "");
    if (err != WW_OK)
        return err;
    out->host = ww_slice(r->p + start, r->at - start);
    if (r->at == end)
        return WW_OK;
    if (r->p[r->at] != ':')
        return WW_E_URI_CHARACTER;
    start = ++r->at;
    for (; r->at < end; r->at++)
        if (!ww_is_digit(r->p[r->at]))
            return WW_E_URI_PORT;
    out->port = ww_slice(r->p + start, r->at - start);
    return WW_OK;
}

static enum ww_err read_all(struct reader *r, struct ww_uri *out)
{
    enum ww_err err = read_scheme(r, &out->scheme);
    if (err != WW_OK)
        return err;
    if (r->n - r->at >= 2 && r->p[r->at] == '/' && r->p[r->at + 1] == '/') {
        r->at += 2;
        err = read_authority(r, out);
    }
    size_t start = r->at;
    if (err == WW_OK)
        err = read_chars(r, find(r, r->at, r->n, "?#"), ":@/");
    if (err != WW_OK)
        return err;
    out->path = ww_slice(r->p + start, r->at - start);
    if (is_ahead(r, "?")) {
        start = ++r->at;
        err = read_chars(r, find(r, r->at, r->n, "#"), ":@/?");
        out->query = ww_slice(r->p + start, r->at - start);
    }
    if (err == WW_OK && is_ahead(r, "#")) {
        start = ++r->at;
        err = read_chars(r, r->n, ":@/?");
        out->fragment = ww_slice(r->p + start, r->at - start);
    }
    return err;
}

enum ww_err ww_uri_parse(const char *p, size_t n, struct ww_uri *out, size_t *offset)
{
    struct reader r = {p, n, 0};
    memset(out, 0, sizeof *out);
    enum ww_err err = read_all(&r, out);
    *offset = r.at;
    return err;
}

static unsigned hex_value(char digit)
{
    return ww_is_digit(digit) ? (unsigned)(digit - '0') : (unsigned)(ww_lower(digit) - 'a' + 10);
}

enum ww_err ww_uri_decode(struct ww_slice text, struct ww_buf *out, size_t *offset)
{
    for (*offset = 0; *offset < text.n;) {
        const char *p = text.p + *offset;
        if (*p != '%') {
            ww_buf_char(out, *p);
            *offset += 1;
            continue;
        }
        if (!is_escape(p, text.n - *offset))
            return WW_E_URI_PERCENT;
        ww_buf_u8(out, (uint8_t)(hex_value(p[1]) << 4 | hex_value(p[2])));
        *offset += 3;
    }
    return out->failed ? WW_E_TOO_LONG : WW_OK;
}
