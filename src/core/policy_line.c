#include "core/policy_line.h"

#include "base/ascii.h"
#include "core/utf8.h"

static const char byte_order_mark[] = "\xef\xbb\xbf";
#define BYTE_ORDER_MARK_SIZE (sizeof byte_order_mark - 1)

/* Text of a body between two offsets. */
struct span {
    const char *p;
    size_t at;
    size_t end;
};

static size_t skip_wsp(const struct span *s, size_t at)
{
    while (at < s->end && ww_is_wsp(s->p[at]))
        at++;
    return at;
}

static bool is_control(char c)
{
    return (unsigned char)c < 0x20 || c == 0x7f;
}

static enum ww_err bad_key_char(const struct span *s, size_t at)
{
    char c = s->p[at];
    if (c == '\r')
        return WW_E_POLICY_LINE_END;
    if (ww_is_wsp(c)) {
        size_t next = skip_wsp(s, at);
        return next < s->end && s->p[next] == ':' ? WW_E_POLICY_SPACE : WW_E_POLICY_COLON;
    }
    return is_control(c) ? WW_E_POLICY_OCTET : WW_E_POLICY_KEY;
}

/* Reads the key and its colon; *offset is behind the colon, or where the rule is broken. */
static enum ww_err read_key(const struct span *s, struct ww_slice *key, size_t *offset)
{
    size_t n = 0;
    while (s->at + n < s->end && s->p[s->at + n] != ':') {
        *offset = s->at + n;
        if (!ww_is_field_name_char(s->p[*offset], n))
            return bad_key_char(s, *offset);
        n++;
    }
    *offset = s->at + n;
    if (*offset == s->end)
        return WW_E_POLICY_COLON;
    if (n == 0)
        return WW_E_POLICY_KEY;
    *key = ww_slice(s->p + s->at, n);
    *offset += 1;
    return WW_OK;
}

static enum ww_err read_value(const struct span *s, struct ww_slice *value, size_t *offset)
{
    *offset = s->at;
    if (s->at == s->end)
        return WW_E_POLICY_VALUE_EMPTY;
    const struct ww_slice text = ww_slice(s->p + s->at, s->end - s->at);
    for (size_t at = ww_is_plain(text) ? s->end : s->at; at < s->end;) {
        *offset = at;
        if (s->p[at] == '\r')
            return WW_E_POLICY_LINE_END;
        if (is_control(s->p[at]))
            return WW_E_POLICY_OCTET;
        size_t length = ww_utf8_length(s->p + at, s->end - at);
        if (length == 0)
            return WW_E_POLICY_UTF8;
        at += length;
    }
    *value = text;
    return WW_OK;
}

/* Reads a line that is cut from its line end. */
static enum ww_err read_line(struct span s, struct ww_policy_line *line, size_t *offset)
{
    *offset = s.at;
    size_t start = skip_wsp(&s, s.at);
    if (start == s.end)
        return WW_E_POLICY_BLANK_LINE;
    if (start != s.at)
        return WW_E_POLICY_SPACE;
    while (ww_is_wsp(s.p[s.end - 1]))
        s.end--;
    line->text = ww_slice(s.p + s.at, s.end - s.at);
    enum ww_err err = read_key(&s, &line->key, offset);
    if (err != WW_OK)
        return err;
    s.at = skip_wsp(&s, *offset);
    return read_value(&s, &line->value, offset);
}

/* The line at *pos, without its end; *pos is then where the next one begins. */
static struct span cut_line(const char *p, size_t n, size_t *pos)
{
    const char *feed = memchr(p + *pos, '\n', n - *pos);
    struct span s = {p, *pos, feed != NULL ? (size_t)(feed - p) : n};
    *pos = feed != NULL ? s.end + 1 : n;
    if (feed != NULL && s.end > s.at && p[s.end - 1] == '\r')
        s.end--;
    return s;
}

bool ww_policy_line_next(const char *p, size_t n, size_t *pos, struct ww_policy_line *line, enum ww_err *err,
                         size_t *offset)
{
    memset(line, 0, sizeof *line);
    *err = WW_OK;
    *offset = *pos;
    if (*pos >= n)
        return false;
    if (*pos == 0 && n >= BYTE_ORDER_MARK_SIZE && memcmp(p, byte_order_mark, BYTE_ORDER_MARK_SIZE) == 0) {
        *pos = BYTE_ORDER_MARK_SIZE;
        *err = WW_E_POLICY_BOM;
        return true;
    }
    *err = read_line(cut_line(p, n, pos), line, offset);
    return true;
}

bool ww_policy_line_text(const char *p, size_t n, size_t *pos, struct ww_slice *text)
{
    if (*pos >= n)
        return false;
    struct span s = cut_line(p, n, pos);
    while (s.end > s.at && ww_is_wsp(p[s.end - 1]))
        s.end--;
    *text = ww_slice(p + s.at, s.end - s.at);
    return true;
}

bool ww_policy_line_cut(const char *p, size_t n, size_t *pos, struct ww_policy_line *line)
{
    if (!ww_policy_line_text(p, n, pos, &line->text))
        return false;
    const struct span s = {line->text.p, 0, line->text.n};
    size_t colon = 0;
    while (colon < s.end && s.p[colon] != ':')
        colon++;
    if (colon == s.end)
        return false;
    size_t value = skip_wsp(&s, colon + 1);
    line->key = ww_slice(s.p, colon);
    line->value = ww_slice(s.p + value, s.end - value);
    return true;
}
