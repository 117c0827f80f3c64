/* US-ASCII classes and comparisons, whatever the locale says. */
#ifndef WW_BASE_ASCII_H
#define WW_BASE_ASCII_H

#include "base/slice.h"

#include <stdbool.h>
#include <stdint.h>

static inline bool ww_is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static inline bool ww_is_alpha(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static inline bool ww_is_hex(char c)
{
    return ww_is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

static inline bool ww_is_alnum(char c)
{
    return ww_is_alpha(c) || ww_is_digit(c);
}

/* Space or horizontal tab: WSP of RFC 5234. */
static inline bool ww_is_wsp(char c)
{
    return c == ' ' || c == '\t';
}

/* A printable character that is no space: VCHAR of RFC 5234. */
static inline bool ww_is_vchar(char c)
{
    return c >= 0x21 && c <= 0x7e;
}

static inline char ww_lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

/*
 * Whether all octets are from the space to 'z', which leaves out control characters, braces and all beyond
 * US-ASCII: a quick look, eight octets at a time, that saves most texts a closer one.
 */
static inline bool ww_is_plain(struct ww_slice s)
{
    const uint64_t ones = UINT64_C(0x0101010101010101);
    uint64_t bad = 0;
    while (s.n >= sizeof bad) {
        uint64_t word;
        memcpy(&word, s.p, sizeof word);
        /* In each octet's highest bit: it is set already, or by what is above 'z', or taken from what is
         * below the space. */
        bad |= word | (word + ones * (0x80 - 'z' - 1)) | ((word - ones * ' ') & ~word);
        s = ww_slice(s.p + sizeof word, s.n - sizeof word);
    }
    bool good = (bad & ones << 7) == 0;
    for (size_t i = 0; i < s.n; i++)
        good = good && s.p[i] >= ' ' && s.p[i] <= 'z';
    return good;
}

/* What the name of a field may hold at its place i in RFC 8461 and RFC 8460: at most 32 characters. */
static inline bool ww_is_field_name_char(char c, size_t i)
{
    return i < 32 && (ww_is_alnum(c) || (i > 0 && (c == '_' || c == '-' || c == '.')));
}

/* True when s begins with a text that is given in lower case; case counts for nothing. */
static inline bool ww_starts_nocase(struct ww_slice s, const char *lower)
{
    size_t i = 0;
    while (i < s.n && lower[i] != '\0' && ww_lower(s.p[i]) == lower[i])
        i++;
    return lower[i] == '\0';
}

static inline bool ww_is_nocase(struct ww_slice s, const char *lower)
{
    return s.n == strlen(lower) && ww_starts_nocase(s, lower);
}

#endif
