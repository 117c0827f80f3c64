#include "core/anchor_text.h"

#include "base/ascii.h"
#include "base/cursor.h"

#define PROTOCOL 3
#define NUMBER_MAX 65535

static const char base64[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/* One record, whose lines may be joined by parentheses. */
struct reader {
    struct ww_anchor_text *t;
    bool open; /* within parentheses */
    bool failed;
};

static bool is_end(struct reader *r)
{
    return r->t->at >= r->t->text.n;
}

static char peek(struct reader *r)
{
    return r->t->text.p[r->t->at];
}

static bool is_special(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == ';' || c == '(' || c == ')';
}

static void skip_comment(struct reader *r)
{
    while (!is_end(r) && peek(r) != '\n')
        r->t->at++;
}

/* The next word of the record; empty at its end, which is behind the end of its last line. */
static struct ww_slice next_word(struct reader *r)
{
    struct ww_anchor_text *t = r->t;
    while (!is_end(r) && is_special(peek(r))) {
        char c = peek(r);
        if (c == ';') {
            skip_comment(r);
            continue;
        }
        if ((c == '(' && r->open) || (c == ')' && !r->open))
            r->failed = true;
        if (c == '(' || c == ')')
            r->open = c == '(';
        if (c == '\n' && !r->open)
            return ww_slice(NULL, 0);
        t->line += c == '\n';
        t->at++;
    }
    size_t start = t->at;
    while (!is_end(r) && !is_special(peek(r)))
        t->at++;
    r->failed = r->failed || (is_end(r) && r->open);
    return ww_slice(t->text.p + start, t->at - start);
}

static bool is_number(struct ww_slice word)
{
    for (size_t i = 0; i < word.n; i++)
        if (!ww_is_digit(word.p[i]))
            return false;
    return word.n > 0;
}

static uint16_t read_number(struct reader *r, unsigned max)
{
    struct ww_slice word = next_word(r);
    unsigned v = 0;
    if (!is_number(word) || word.n > 5)
        r->failed = true;
    for (size_t i = 0; !r->failed && i < word.n; i++)
        v = v * 10 + (unsigned)(word.p[i] - '0');
    if (v > max)
        r->failed = true;
    return r->failed ? 0 : (uint16_t)v;
}

static unsigned hex_value(char c)
{
    return ww_is_digit(c) ? (unsigned)(c - '0') : (unsigned)(ww_lower(c) - 'a') + 10;
}

/* All words that are left, as one run of digits. */
static void read_hex(struct reader *r, struct ww_buf *b)
{
    unsigned high = 0;
    size_t digits = 0;
    for (struct ww_slice word; (word = next_word(r)).n > 0;) {
        for (size_t i = 0; i < word.n; i++, digits++) {
            if (!ww_is_hex(word.p[i])) {
                r->failed = true;
                return;
            }
            if (digits % 2 != 0)
                ww_buf_u8(b, (uint8_t)(high << 4 | hex_value(word.p[i])));
            else
                high = hex_value(word.p[i]);
        }
    }
    r->failed = r->failed || digits == 0 || digits % 2 != 0 || b->failed;
}

static void read_base64(struct reader *r, struct ww_buf *b)
{
    uint32_t bits = 0;
    size_t digits = 0, padding = 0;
    for (struct ww_slice word; (word = next_word(r)).n > 0;) {
        for (size_t i = 0; i < word.n; i++, digits++) {
            const char *at = word.p[i] != '\0' ? strchr(base64, word.p[i]) : NULL;
            padding += word.p[i] == '=';
            if ((at == NULL) != (word.p[i] == '=') || (at != NULL && padding > 0)) {
                r->failed = true;
                return;
            }
            bits = bits << 6 | (at != NULL ? (uint32_t)(at - base64) : 0);
            for (unsigned shift = 24; digits % 4 == 3 && shift > 0 && shift > padding * 8; shift -= 8)
                ww_buf_u8(b, (uint8_t)(bits >> (shift - 8)));
        }
    }
    r->failed = r->failed || digits == 0 || digits % 4 != 0 || padding > 2 || b->failed;
}

static void read_ds(struct reader *r, struct ww_anchor *out)
{
    struct ww_buf b = ww_buf(out->data, sizeof out->data);
    out->tag = read_number(r, NUMBER_MAX);
    out->algorithm = (uint8_t)read_number(r, 255);
    out->digest_type = (uint8_t)read_number(r, 255);
    ww_buf_u16(&b, out->tag);
    ww_buf_u8(&b, out->algorithm);
    ww_buf_u8(&b, out->digest_type);
    read_hex(r, &b);
    out->n = b.n;
}

static void read_dnskey(struct reader *r, struct ww_anchor *out)
{
    struct ww_buf b = ww_buf(out->data, sizeof out->data);
    unsigned flags = read_number(r, NUMBER_MAX);
    unsigned protocol = read_number(r, 255);
    out->algorithm = (uint8_t)read_number(r, 255);
    ww_buf_u16(&b, (uint16_t)flags);
    ww_buf_u8(&b, (uint8_t)protocol);
    ww_buf_u8(&b, out->algorithm);
    read_base64(r, &b);
    out->n = b.n;
    out->tag = ww_dnskey_tag(ww_slice(out->data, out->n));
    if ((flags & WW_DNSKEY_ZONE) == 0 || (flags & WW_DNSKEY_REVOKE) != 0 || protocol != PROTOCOL)
        r->failed = true;
}

/* TTL and class may stand in any order, or be left out. */
static struct ww_slice read_type(struct reader *r)
{
    struct ww_slice word = next_word(r);
    for (int i = 0; i < 2 && (is_number(word) || ww_is_nocase(word, "in")); i++)
        word = next_word(r);
    return word;
}

/* False: the line is empty. */
static bool read_owner(struct reader *r, struct ww_anchor *out)
{
    struct ww_slice owner = next_word(r);
    if (owner.n >= sizeof out->owner)
        r->failed = true;
    if (r->failed || owner.n == 0)
        return false;
    for (size_t i = 0; i < owner.n; i++)
        r->failed = r->failed || !ww_is_vchar(owner.p[i]) || owner.p[i] == '"';
    memcpy(out->owner, owner.p, owner.n);
    out->owner[owner.n] = '\0';
    return true;
}

/* Up to the end of the record at the end of a line. *found: it is one of ours. */
static void read_record(struct reader *r, struct ww_anchor *out, bool *found)
{
    bool directive = peek(r) == '$';
    bool same_owner = ww_is_wsp(peek(r));
    bool owner = !same_owner && !directive && read_owner(r, out);
    struct ww_slice type = directive ? next_word(r) : read_type(r);
    if ((directive && !ww_is_nocase(type, "$ttl")) || (owner && type.n == 0))
        r->failed = true;
    out->is_key = ww_is_nocase(type, "dnskey");
    *found = type.n > 0 && (out->is_key || ww_is_nocase(type, "ds"));
    if (*found && out->owner[0] == '\0')
        r->failed = true;
    if (*found && out->is_key)
        read_dnskey(r, out);
    else if (*found)
        read_ds(r, out);
    while (!r->failed && !*found && next_word(r).n > 0)
        continue;
}

enum ww_err ww_anchor_text_next(struct ww_anchor_text *t, struct ww_anchor *out, bool *found)
{
    struct reader r = {.t = t};
    *found = false;
    if (t->at == 0)
        memset(out, 0, sizeof *out);
    while (!*found && !is_end(&r)) {
        t->line++;
        out->digest_type = 0;
        read_record(&r, out, found);
        if (r.failed) {
            *found = false;
            return WW_E_ANCHOR_SYNTAX;
        }
        t->at += !is_end(&r); /* the end of the line */
    }
    return WW_OK;
}

static void put_base64(struct ww_buf *b, struct ww_slice s)
{
    for (size_t i = 0; i < s.n; i += 3) {
        uint32_t bits = 0;
        size_t n = s.n - i < 3 ? s.n - i : 3;
        for (size_t j = 0; j < 3; j++)
            bits = bits << 8 | (j < n ? (uint8_t)s.p[i + j] : 0);
        for (size_t j = 0; j < 4; j++)
            ww_buf_char(b, j <= n ? base64[bits >> (18 - 6 * j) & 63] : '=');
    }
}

static void put_hex(struct ww_buf *b, struct ww_slice s)
{
    static const char digits[] = "0123456789ABCDEF";
    for (size_t i = 0; i < s.n; i++) {
        ww_buf_char(b, digits[(uint8_t)s.p[i] >> 4]);
        ww_buf_char(b, digits[(uint8_t)s.p[i] & 15]);
    }
}

void ww_anchor_put(struct ww_buf *b, const struct ww_anchor *anchor)
{
    struct ww_cursor c = ww_cursor(anchor->data, anchor->n);
    ww_buf_str(b, anchor->owner);
    ww_buf_str(b, anchor->is_key ? " IN DNSKEY " : " IN DS ");
    ww_buf_decimal(b, ww_cursor_u16(&c));
    for (int i = 0; i < 2; i++) {
        ww_buf_char(b, ' ');
        ww_buf_decimal(b, ww_cursor_u8(&c));
    }
    ww_buf_char(b, ' ');
    struct ww_slice rest = ww_cursor_take(&c, ww_cursor_left(&c));
    if (anchor->is_key)
        put_base64(b, rest);
    else
        put_hex(b, rest);
}

bool ww_anchor_is_root(const struct ww_anchor *anchor)
{
    return strcmp(anchor->owner, ".") == 0;
}
