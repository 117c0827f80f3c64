/* US-ASCII classes, whatever the locale says. */
#ifndef WW_BASE_ASCII_H
#define WW_BASE_ASCII_H

#include <stdbool.h>

static inline bool ww_is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static inline bool ww_is_alpha(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
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

#endif
