/* TXT records in DNS presentation format, as `dig +short TXT` prints them (RFC 1035 section 5.1). */
#ifndef WW_CORE_TXT_PRESENTATION_H
#define WW_CORE_TXT_PRESENTATION_H

#include "base/err.h"
#include "base/slice.h"

/*
 * Reads one RR (one line without its line end): quoted or bare character-strings separated by white space, with `\DDD` and
 * `\X` escapes; joins the strings into out. *n is the joined length; *offset, on an error, where in the line.
 */
WW_MUST_CHECK enum ww_err ww_txt_presentation_read(const char *p, size_t len, char *out, size_t cap,
                                                   size_t *n, size_t *offset);

#endif
