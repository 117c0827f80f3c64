#include "core/result_pairs.h"

#include "base/ascii.h"

#include <stdint.h>

struct reader {
    const char *p;
    size_t n;
    size_t at;
    char value[WW_RESULT_LINE_MAX]; /* without its quotes */
};

static void skip_spaces(struct reader *r)
{
    while (r->at < r->n && r->p[r->at] == ' ')
        r->at++;
}

static struct ww_slice take_word(struct reader *r)
{
    size_t begin = r->at;
    while (r->at < r->n && r->p[r->at] != ' ')
        r->at++;
    return ww_slice(r->p + begin, r->at - begin);
}

static int hex_digit(char c)
{
    if (!ww_is_hex(c))
        return -1;
    return ww_is_digit(c) ? c - '0' : ww_lower(c) - 'a' + 10;
}

/* What stands behind a backslash; -1 when that means nothing. */
static int take_escape(struct reader *r)
{
    char c = r->at < r->n ? r->p[r->at++] : '\0';
    switch (c) {
    case '"':
    case '\\':
        return (unsigned char)c;
    case 'n':
        return '\n';
    case 'r':
        return '\r';
    case 't':
        return '\t';
    case 'x':
        break;
    default:
        return -1;
    }
    if (r->n - r->at < 2)
        return -1;
    int high = hex_digit(r->p[r->at]);
    int low = hex_digit(r->p[r->at + 1]);
    r->at += 2;
    return high < 0 || low < 0 || high + low == 0 ? -1 : high * 16 + low;
}

static enum ww_err take_quoted(struct reader *r, struct ww_slice *value)
{
    size_t n = 0;
    for (r->at++; r->at < r->n && r->p[r->at] != '"';) {
        int c = (unsigned char)r->p[r->at++];
        if (c == '\\')
            c = take_escape(r);
        else if ((c < ' ' && c != '\t') || c == 0x7f)
            return WW_E_RESULT_OCTET;
        if (c < 0)
            return WW_E_RESULT_QUOTE;
        r->value[n++] = (char)c;
    }
    if (r->at >= r->n)
        return WW_E_RESULT_QUOTE;
    r->at++;
    *value = ww_slice(r->value, n);
    return r->at == r->n || r->p[r->at] == ' ' ? WW_OK : WW_E_RESULT_QUOTE;
}

static enum ww_err take_bare(struct reader *r, struct ww_slice *value)
{
    *value = take_word(r);
    for (size_t i = 0; i < value->n; i++) {
        if (value->p[i] == '"' || value->p[i] == '\\')
            return WW_E_RESULT_QUOTE;
        if (!ww_is_vchar(value->p[i]))
            return WW_E_RESULT_OCTET;
    }
    return WW_OK;
}

static enum ww_err take_pair(struct reader *r, struct ww_slice *key, struct ww_slice *value)
{
    size_t begin = r->at;
    while (r->at < r->n && ww_is_field_name_char(r->p[r->at], r->at - begin))
        r->at++;
    *key = ww_slice(r->p + begin, r->at - begin);
    if (key->n == 0 || r->at == r->n || r->p[r->at] != '=')
        return WW_E_RESULT_PAIR;
    r->at++;
    return r->at < r->n && r->p[r->at] == '"' ? take_quoted(r, value) : take_bare(r, value);
}

static size_t find_key(const struct ww_result_key *keys, size_t count, struct ww_slice name)
{
    size_t i = 0;
    while (i < count && !ww_slice_is(name, keys[i].name))
        i++;
    return i;
}

static enum ww_err read_pairs(struct reader *r, const struct ww_result_key *keys, size_t count, void *to,
                              size_t *offset)
{
    uint32_t seen = 0;
    int pairs = 0;
    for (;;) {
        struct ww_slice key, value;
        skip_spaces(r);
        *offset = r->at;
        if (r->at == r->n)
            return WW_OK;
        if (++pairs > WW_RESULT_PAIRS_MAX)
            return WW_E_TOO_LONG;
        enum ww_err err = take_pair(r, &key, &value);
        if (err != WW_OK)
            return err;
        size_t i = find_key(keys, count, key);
        if (i == count)
            continue;
        if ((seen & UINT32_C(1) << i) != 0)
            return WW_E_RESULT_TWICE;
        seen |= UINT32_C(1) << i;
        err = value.n > 0 ? keys[i].put(to, value) : WW_OK;
        if (err != WW_OK)
            return err;
    }
}

enum ww_err ww_result_pairs_read(const char *p, size_t n, const char *kind, const struct ww_result_key *keys,
                                 size_t count, void *to, size_t *offset)
{
    struct reader r = {.p = p, .n = n, .at = 0};
    *offset = 0;
    if (n > WW_RESULT_LINE_MAX)
        return WW_E_TOO_LONG;
    if (!ww_slice_is(take_word(&r), kind))
        return WW_E_RESULT_KIND;
    skip_spaces(&r);
    *offset = r.at;
    if (!ww_slice_is(take_word(&r), "1"))
        return WW_E_RESULT_VERSION;
    return read_pairs(&r, keys, count, to, offset);
}

static bool is_bare(struct ww_slice value)
{
    for (size_t i = 0; i < value.n; i++) {
        if (!ww_is_vchar(value.p[i]) || value.p[i] == '"' || value.p[i] == '\\')
            return false;
    }
    return true;
}

static void put_quoted(struct ww_buf *b, char octet)
{
    static const char digits[] = "0123456789abcdef";
    unsigned char c = (unsigned char)octet;
    if (octet == '"' || octet == '\\') {
        ww_buf_char(b, '\\');
        ww_buf_char(b, octet);
    } else if (octet == ' ' || ww_is_vchar(octet)) {
        ww_buf_char(b, octet);
    } else {
        char escape[] = {'\\', 'x', digits[c >> 4], digits[c & 15]};
        ww_buf_bytes(b, escape, sizeof escape);
    }
}

void ww_result_pair_put(struct ww_buf *b, const char *key, struct ww_slice value)
{
    if (value.n == 0)
        return;
    ww_buf_char(b, ' ');
    ww_buf_str(b, key);
    ww_buf_char(b, '=');
    if (is_bare(value)) {
        ww_buf_slice(b, value);
        return;
    }
    ww_buf_char(b, '"');
    for (size_t i = 0; i < value.n; i++)
        put_quoted(b, value.p[i]);
    ww_buf_char(b, '"');
}
