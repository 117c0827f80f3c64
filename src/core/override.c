#include "core/override.h"

#include "base/ascii.h"
#include "core/mx_match.h"
#include "core/utf8.h"

static const char *const level_names[WW_OVERRIDE_LEVELS] = {
    [WW_OVERRIDE_OFF] = "off",
    [WW_OVERRIDE_MAY] = "may",
    [WW_OVERRIDE_ENCRYPT] = "encrypt",
    [WW_OVERRIDE_SECURE] = "secure",
    [WW_OVERRIDE_ENFORCE_TESTING] = "enforce-testing",
};

enum ww_err ww_override_level_parse(struct ww_slice word, enum ww_override_level *out)
{
    for (int i = 0; i < WW_OVERRIDE_LEVELS; i++) {
        if (ww_slice_is(word, level_names[i])) {
            *out = (enum ww_override_level)i;
            return WW_OK;
        }
    }
    return WW_E_OVERRIDE_LEVEL;
}

const char *ww_override_level_name(enum ww_override_level level)
{
    return (unsigned)level < WW_OVERRIDE_LEVELS ? level_names[level] : "unknown";
}

enum ww_err ww_override_key_canon(struct ww_slice key, char out[WW_OVERRIDE_KEY_SIZE])
{
    size_t dot = ww_slice_starts(key, ".") ? 1 : 0;
    out[0] = '.';
    enum ww_err err = ww_dname_canon(key.p + dot, key.n - dot, out + dot);
    if (err != WW_OK)
        out[0] = '\0';
    return err;
}

/* Controls would spoil tables and terminals. */
static enum ww_err check_text(const char *text)
{
    size_t n = strlen(text);
    if (n >= WW_OVERRIDE_TEXT_SIZE)
        return WW_E_OVERRIDE_TEXT_LONG;
    for (size_t i = 0; i < n;) {
        size_t length = ww_utf8_length(text + i, n - i);
        unsigned char c = (unsigned char)text[i];
        bool c1 = length == 2 && c == 0xc2 && (unsigned char)text[i + 1] < 0xa0;
        if (length == 0 || c < ' ' || c == 0x7f || c1)
            return WW_E_OVERRIDE_TEXT;
        i += length;
    }
    return WW_OK;
}

/* One space stands between two patterns, and none elsewhere, so that the text is as long as it looks. */
static enum ww_err check_mx(const char *mx)
{
    size_t n = strlen(mx);
    struct ww_slice pattern;
    size_t told = 0;
    size_t offset;
    if (n >= WW_OVERRIDE_MX_SIZE)
        return WW_E_OVERRIDE_MX_LONG;
    for (size_t pos = 0; ww_override_next_mx(mx, &pos, &pattern);) {
        enum ww_err err = ww_mx_pattern_check(pattern, &offset);
        if (err != WW_OK)
            return err;
        told += pattern.n + (told > 0 ? 1 : 0);
    }
    return told == n ? WW_OK : WW_E_MX_EMPTY;
}

enum ww_err ww_override_check(const struct ww_override *o)
{
    if ((unsigned)o->level >= WW_OVERRIDE_LEVELS)
        return WW_E_OVERRIDE_LEVEL;
    if (o->mx[0] != '\0' && o->level != WW_OVERRIDE_SECURE)
        return WW_E_OVERRIDE_MX;
    enum ww_err err = check_mx(o->mx);
    if (err == WW_OK)
        err = check_text(o->reason);
    return err == WW_OK ? check_text(o->who) : err;
}

bool ww_override_next_key(struct ww_slice domain, struct ww_slice *key)
{
    if (key->p == NULL) {
        *key = domain;
        return domain.n > 0;
    }
    if (key->n < 2)
        return false;
    const char *dot = memchr(key->p + 1, '.', key->n - 1);
    if (dot == NULL)
        return false;
    *key = ww_slice(dot, key->n - (size_t)(dot - key->p));
    return true;
}

bool ww_override_next_mx(const char *mx, size_t *pos, struct ww_slice *pattern)
{
    const char *start = mx + *pos;
    if (*start == '\0')
        return false;
    size_t n = strcspn(start, " ");
    *pattern = ww_slice(start, n);
    *pos += n + (start[n] == ' ' ? 1 : 0);
    return true;
}
