#include "codec/json_scan.h"

#include "base/ascii.h"
#include "core/utf8.h"

struct ww_json_scan ww_json_scan(const char *p, size_t n)
{
    struct ww_json_scan s = {.p = p, .n = n};
    return s;
}

static bool fail(struct ww_json_scan *s, const char *words)
{
    if (s->wrong == NULL)
        s->wrong = words;
    return false;
}

/* The next octet; -1 at the end, and after an error, so that nothing goes on then. */
static int next(const struct ww_json_scan *s)
{
    return s->wrong == NULL && s->at < s->n ? (unsigned char)s->p[s->at] : -1;
}

static int after_space(struct ww_json_scan *s)
{
    int c = next(s);
    while (c == ' ' || c == '\t' || c == '\n' || c == '\r') {
        s->at++;
        c = next(s);
    }
    return c;
}

static bool take(struct ww_json_scan *s, char wanted)
{
    if (after_space(s) != wanted)
        return false;
    s->at++;
    return true;
}

enum ww_json_kind ww_json_scan_kind(struct ww_json_scan *s)
{
    int c = after_space(s);
    if (c == '{')
        return WW_JSON_OBJECT;
    if (c == '[')
        return WW_JSON_ARRAY;
    if (c == '"')
        return WW_JSON_STRING;
    return c == '-' || (c >= '0' && c <= '9') ? WW_JSON_NUMBER : WW_JSON_LITERAL;
}

bool ww_json_scan_open(struct ww_json_scan *s, enum ww_json_kind kind)
{
    if (kind == WW_JSON_OBJECT)
        return take(s, '{') || fail(s, "an object is wanted");
    return take(s, '[') || fail(s, "an array is wanted");
}

static bool step(struct ww_json_scan *s, bool *first, char end, const char *words)
{
    if (take(s, end))
        return false;
    if (!*first && !take(s, ','))
        return fail(s, words);
    *first = false;
    return s->wrong == NULL;
}

bool ww_json_scan_element(struct ww_json_scan *s, bool *first)
{
    bool was_first = *first;
    if (!step(s, first, ']', "a comma or a closing bracket is wanted"))
        return false;
    return was_first || after_space(s) != ']' || fail(s, "a value is wanted after the comma");
}

bool ww_json_scan_member(struct ww_json_scan *s, bool *first, struct ww_buf *key)
{
    if (!step(s, first, '}', "a comma or a closing brace is wanted"))
        return false;
    if (after_space(s) != '"')
        return fail(s, "a key in quotes is wanted");
    if (!ww_json_scan_string(s, key))
        return false;
    return take(s, ':') || fail(s, "a colon is wanted");
}

static int hex_value(int c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* The four digits behind \u. */
static bool take_unit(struct ww_json_scan *s, unsigned *unit)
{
    *unit = 0;
    for (int i = 0; i < 4; i++) {
        int value = hex_value(next(s));
        if (value < 0)
            return fail(s, "four hexadecimal digits are wanted");
        *unit = *unit << 4 | (unsigned)value;
        s->at++;
    }
    return true;
}

static void put_character(struct ww_buf *out, unsigned c)
{
    unsigned char text[4];
    size_t n = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
    static const unsigned char lead[] = {0, 0, 0xc0, 0xe0, 0xf0};
    for (size_t i = n - 1; i > 0; i--, c >>= 6)
        text[i] = (unsigned char)(0x80 | (c & 0x3f));
    text[0] = (unsigned char)(lead[n] | c);
    ww_buf_bytes(out, text, n);
}

static bool take_unicode(struct ww_json_scan *s, struct ww_buf *out)
{
    unsigned c, low;
    if (!take_unit(s, &c))
        return false;
    if (c >= 0xd800 && c < 0xdc00) {
        if (s->n - s->at < 2 || memcmp(s->p + s->at, "\\u", 2) != 0)
            return fail(s, "half of a surrogate pair");
        s->at += 2;
        if (!take_unit(s, &low))
            return false;
        if (low < 0xdc00 || low > 0xdfff)
            return fail(s, "half of a surrogate pair");
        c = 0x10000 + ((c & 0x3ff) << 10 | (low & 0x3ff));
    } else if (c >= 0xdc00 && c <= 0xdfff) {
        return fail(s, "half of a surrogate pair");
    }
    if (c == 0)
        return fail(s, "a NUL character in a string");
    put_character(out, c);
    return true;
}

static bool take_escape(struct ww_json_scan *s, struct ww_buf *out)
{
    static const char names[] = "\"\\/bfnrt", meant[] = "\"\\/\b\f\n\r\t";
    s->at++;
    int c = next(s);
    const char *name = c > 0 ? strchr(names, c) : NULL;
    if (name == NULL && c != 'u')
        return fail(s, "an escape that JSON does not know");
    s->at++;
    if (name == NULL)
        return take_unicode(s, out);
    ww_buf_char(out, meant[name - names]);
    return true;
}

/* Takes what stands for itself, all at once: most of most strings. */
static void take_plain(struct ww_json_scan *s, struct ww_buf *out)
{
    const unsigned char last = s->any_octets ? 0xff : 0x7f;
    size_t start = s->at, at = start;
    while (at < s->n && (unsigned char)s->p[at] >= ' ' && (unsigned char)s->p[at] <= last &&
           s->p[at] != '"' && s->p[at] != '\\')
        at++;
    if (at > start)
        ww_buf_bytes(out, s->p + start, at - start);
    s->at = at;
}

bool ww_json_scan_string(struct ww_json_scan *s, struct ww_buf *out)
{
    if (!take(s, '"'))
        return fail(s, "a string is wanted");
    for (;;) {
        take_plain(s, out);
        int c = next(s);
        if (c == '"')
            break;
        if (c < 0)
            return fail(s, "the text ends within a string");
        if (c == '\\') {
            if (!take_escape(s, out))
                return false;
            continue;
        }
        if (c < ' ')
            return fail(s, "a control character in a string");
        size_t n = ww_utf8_length(s->p + s->at, s->n - s->at);
        if (n == 0)
            return fail(s, "octets that are no UTF-8");
        ww_buf_bytes(out, s->p + s->at, n);
        s->at += n;
    }
    s->at++;
    return true;
}

static bool take_digits(struct ww_json_scan *s)
{
    size_t start = s->at;
    while (next(s) >= '0' && next(s) <= '9')
        s->at++;
    return s->at > start || fail(s, "a digit is wanted");
}

bool ww_json_scan_number(struct ww_json_scan *s, struct ww_slice *text)
{
    if (ww_json_scan_kind(s) != WW_JSON_NUMBER)
        return fail(s, "a number is wanted");
    size_t start = s->at;
    if (next(s) == '-')
        s->at++;
    bool zero = next(s) == '0';
    size_t digits = s->at;
    if (!take_digits(s))
        return false;
    if (zero && s->at - digits > 1)
        return fail(s, "a number begins with a needless zero");
    if (next(s) == '.') {
        s->at++;
        if (!take_digits(s))
            return false;
    }
    if (next(s) == 'e' || next(s) == 'E') {
        s->at++;
        if (next(s) == '+' || next(s) == '-')
            s->at++;
        if (!take_digits(s))
            return false;
    }
    *text = ww_slice(s->p + start, s->at - start);
    return true;
}

static bool skip_literal(struct ww_json_scan *s)
{
    static const char *const literals[] = {"true", "false", "null"};
    for (size_t i = 0; i < sizeof literals / sizeof literals[0]; i++) {
        if (ww_slice_starts(ww_slice(s->p + s->at, s->n - s->at), literals[i])) {
            s->at += strlen(literals[i]);
            return s->wrong == NULL;
        }
    }
    return fail(s, "a value is wanted");
}

static bool skip(struct ww_json_scan *s, int depth)
{
    /* No room: what does not fit is left out. */
    struct ww_buf nowhere = ww_buf(NULL, 0);
    struct ww_slice number;
    bool first = true;
    enum ww_json_kind kind = ww_json_scan_kind(s);
    switch (kind) {
    case WW_JSON_STRING:
        return ww_json_scan_string(s, &nowhere);
    case WW_JSON_NUMBER:
        return ww_json_scan_number(s, &number);
    case WW_JSON_LITERAL:
        return skip_literal(s);
    case WW_JSON_OBJECT:
    case WW_JSON_ARRAY:
        break;
    }
    if (depth == 0)
        return fail(s, "values nest too deep");
    (void)ww_json_scan_open(s, kind);
    while (kind == WW_JSON_OBJECT ? ww_json_scan_member(s, &first, &nowhere)
                                  : ww_json_scan_element(s, &first))
        (void)skip(s, depth - 1);
    return s->wrong == NULL;
}

bool ww_json_scan_skip(struct ww_json_scan *s)
{
    return skip(s, WW_JSON_SCAN_DEPTH);
}

bool ww_json_scan_end(struct ww_json_scan *s)
{
    if (after_space(s) >= 0)
        return fail(s, "something stands behind the end");
    return s->wrong == NULL;
}

void ww_json_scan_place(const struct ww_json_scan *s, size_t at, size_t *line, size_t *column)
{
    *line = 1;
    *column = 1;
    for (size_t i = 0; i < at && i < s->n; i++) {
        (*column)++;
        if (s->p[i] == '\n') {
            (*line)++;
            *column = 1;
        }
    }
}
