/*
 * Domain names as mail uses them: LDH labels, A-labels only (RFC 5321 section 2.3.5, RFC 1035 section 2.3.1).
 */
#ifndef WW_CORE_DNAME_H
#define WW_CORE_DNAME_H

#include "base/err.h"
#include "base/slice.h"

/* Longest name in text without the root dot, and room for it with a NUL. */
#define WW_DNAME_MAX 253
#define WW_DNAME_SIZE (WW_DNAME_MAX + 1)

#define WW_DNAME_LABEL_MAX 63

/*
 * Checks a host or mail domain name: 1 to 253 octets, labels of 1 to 63 letters, digits and inner hyphens,
 * no root dot. On an error *offset is where the rule is broken.
 */
WW_MUST_CHECK enum ww_err ww_dname_check(const char *p, size_t n, size_t *offset);

/*
 * Writes the canonical form (lower case, one trailing dot removed) as a NUL-terminated string; checks as
 * above.
 */
WW_MUST_CHECK enum ww_err ww_dname_canon(const char *p, size_t n, char out[WW_DNAME_SIZE]);

/* ASCII case-insensitive equality of two names; a trailing dot counts for nothing. */
bool ww_dname_eq(struct ww_slice a, struct ww_slice b);

/* True when p is an IPv4 address in text, or an IPv6 address in text with or without brackets. */
bool ww_dname_is_address(const char *p, size_t n);

#endif
