/* Well-formed UTF-8 (RFC 3629 section 4): no overlong forms, no surrogates, nothing above U+10FFFF. */
#ifndef WW_CORE_UTF8_H
#define WW_CORE_UTF8_H

#include <stddef.h>

/* Octets of the character at p, 1 to 4; 0 when it is not well-formed or n cuts it off. */
size_t ww_utf8_length(const char *p, size_t n);

/*
 * Writes a text so that no terminal obeys it, and no page shows it in another order than it stands: what is
 * no UTF-8 becomes a question mark, a control character a space (C0, DEL, C1, the separators of lines and
 * paragraphs, and the controls of bidirectional text). What does not fit is cut, at a character. Gives the
 * octets written, never more than n; out may be p.
 */
size_t ww_utf8_clean(const char *p, size_t n, char *out, size_t cap);

#endif
