/*
 * TXT records in DNS presentation format, as `dig +short TXT` prints them (RFC 1035 section 5.1).
 *
 * Outside quotes a semicolon would begin a comment and a parenthesis would join lines: neither is read as
 * text, so that a record that was pasted without its quotes is not taken for another one.
 */
#ifndef WW_CORE_TXT_PRESENTATION_H
#define WW_CORE_TXT_PRESENTATION_H

#include "base/err.h"
#include "base/slice.h"

/* Longest joined text of one RR, in octets: what its RDATA can hold. */
#define WW_TXT_MAX 65535

/*
 * Reads one RR (one line without its line end): quoted or bare character-strings of at most 255 octets,
 * separated by white space, with `\DDD` and `\X` escapes; joins the strings into out. *n is the joined
 * length; *offset, on an error, where in the line.
 */
WW_MUST_CHECK enum ww_err ww_txt_presentation_read(const char *p, size_t len, char *out, size_t cap,
                                                   size_t *n, size_t *offset);

/*
 * Where in the line that octet of the joined text stands; behind the last one for any octet further on. For
 * lines that ww_txt_presentation_read accepts.
 */
size_t ww_txt_presentation_locate(const char *p, size_t len, size_t octet);

#endif
