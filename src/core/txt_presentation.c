#include "core/txt_presentation.h"

#include "base/ascii.h"

#define STRING_MAX 255

struct lexer {
    const char *p;
    size_t len;
    size_t at;
    bool inside; /* a string */
    bool quoted;
    size_t start;   /* of the string: its quote, or its first octet */
    size_t octets;  /* of the string */
    size_t strings; /* begun so far */
    size_t tail;    /* behind the last octet that was read */
};

static struct lexer lexer(const char *p, size_t len)
{
    struct lexer x = {.p = p, .len = len};
    return x;
}

static bool begin_string(struct lexer *x)
{
    while (x->at < x->len && ww_is_wsp(x->p[x->at]))
        x->at++;
    if (x->at == x->len)
        return false;
    x->start = x->at;
    x->quoted = x->p[x->at] == '"';
    x->at += x->quoted ? 1 : 0;
    x->tail = x->at;
    x->inside = true;
    x->octets = 0;
    x->strings++;
    return true;
}

/* At the end of a string: goes behind it. */
static enum ww_err end_string(struct lexer *x)
{
    x->inside = false;
    if (!x->quoted)
        return WW_OK;
    if (x->at == x->len) {
        x->at = x->start;
        return WW_E_TXT_QUOTE_OPEN;
    }
    x->at++;
    return x->at == x->len || ww_is_wsp(x->p[x->at]) ? WW_OK : WW_E_TXT_SEPARATOR;
}

static bool is_string_end(const struct lexer *x)
{
    if (x->at == x->len)
        return true;
    return x->quoted ? x->p[x->at] == '"' : ww_is_wsp(x->p[x->at]);
}

static enum ww_err read_escape(struct lexer *x, char *octet)
{
    const char *p = x->p + x->at + 1;
    size_t left = x->len - x->at - 1;
    if (left > 0 && !ww_is_digit(p[0])) {
        *octet = p[0];
        x->at += 2;
        return WW_OK;
    }
    if (left < 3 || !ww_is_digit(p[1]) || !ww_is_digit(p[2]))
        return WW_E_TXT_ESCAPE;
    int value = (p[0] - '0') * 100 + (p[1] - '0') * 10 + (p[2] - '0');
    if (value > 255)
        return WW_E_TXT_ESCAPE;
    *octet = (char)value;
    x->at += 4;
    return WW_OK;
}

static enum ww_err read_octet(struct lexer *x, char *octet)
{
    char c = x->p[x->at];
    if (x->octets == STRING_MAX)
        return WW_E_TXT_STRING_TOO_LONG;
    x->octets++;
    if (c == '\\')
        return read_escape(x, octet);
    if (!x->quoted && c == '"')
        return WW_E_TXT_SEPARATOR;
    if (!x->quoted && (c == ';' || c == '(' || c == ')'))
        return WW_E_TXT_UNQUOTED;
    *octet = c;
    x->at++;
    return WW_OK;
}

/* The next octet of the joined text, and where it stands; false at the end or on an error. */
static bool next_octet(struct lexer *x, char *octet, size_t *where, enum ww_err *err)
{
    *err = WW_OK;
    for (;;) {
        if (!x->inside && !begin_string(x))
            return false;
        if (!is_string_end(x))
            break;
        *err = end_string(x);
        if (*err != WW_OK)
            return false;
    }
    *where = x->at;
    *err = read_octet(x, octet);
    x->tail = x->at;
    return *err == WW_OK;
}

enum ww_err ww_txt_presentation_read(const char *p, size_t len, char *out, size_t cap, size_t *n,
                                     size_t *offset)
{
    struct lexer x = lexer(p, len);
    enum ww_err err;
    char octet;
    *n = 0;
    while (next_octet(&x, &octet, offset, &err)) {
        if (*n == cap)
            return WW_E_TOO_LONG;
        out[(*n)++] = octet;
    }
    *offset = x.at;
    return err == WW_OK && x.strings == 0 ? WW_E_TXT_EMPTY : err;
}

size_t ww_txt_presentation_locate(const char *p, size_t len, size_t octet)
{
    struct lexer x = lexer(p, len);
    enum ww_err err;
    char ignored;
    size_t where = 0;
    for (size_t i = 0; next_octet(&x, &ignored, &where, &err); i++)
        if (i == octet)
            return where;
    return x.tail;
}
