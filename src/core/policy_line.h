/* Cuts a policy body into lines `key: value` and checks what every line must fit (RFC 8461 section 3.2). */
#ifndef WW_CORE_POLICY_LINE_H
#define WW_CORE_POLICY_LINE_H

#include "core/policy.h"

/*
 * The next line; start with *pos = 0; false after the last. *err says whether it fits the rule for
 * extensions, which all lines fit, and *offset where it does not; after an error the next call goes on with
 * the next line. The slices of `line` are borrowed; those that an error kept from being read are empty.
 * `counts` is left false.
 */
bool ww_policy_line_next(const char *p, size_t n, size_t *pos, struct ww_policy_line *line, enum ww_err *err,
                         size_t *offset);

/*
 * The next line of a body that is known to be valid: the same slices, but nothing is checked. Of any other
 * body: some slices of it, or false early. `counts` is not set.
 */
bool ww_policy_line_cut(const char *p, size_t n, size_t *pos, struct ww_policy_line *line);

/* The same, and no more than its text. */
bool ww_policy_line_text(const char *p, size_t n, size_t *pos, struct ww_slice *text);

#endif
