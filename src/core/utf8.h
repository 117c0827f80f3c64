/* Well-formed UTF-8 (RFC 3629 section 4): no overlong forms, no surrogates, nothing above U+10FFFF. */
#ifndef WW_CORE_UTF8_H
#define WW_CORE_UTF8_H

#include <stddef.h>

/* Octets of the character at p, 1 to 4; 0 when it is not well-formed or n cuts it off. */
size_t ww_utf8_length(const char *p, size_t n);

#endif
