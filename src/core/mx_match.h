/* MX host names against patterns (RFC 8461 section 4.1) and certificate names (RFC 6125 section 6.4). */
#ifndef WW_CORE_MX_MATCH_H
#define WW_CORE_MX_MATCH_H

#include "base/err.h"
#include "base/slice.h"

struct ww_policy;

/*
 * Checks an mx pattern: optional "*." and a domain name without a root dot. On an error *offset is where the
 * rule is broken.
 */
WW_MUST_CHECK enum ww_err ww_mx_pattern_check(struct ww_slice pattern, size_t *offset);

/*
 * True when the host matches the policy's pattern: ASCII case-insensitive per label, "*" stands for exactly
 * the whole left-most label. One trailing dot of the host counts for nothing. False as well for what is no
 * pattern or no host name.
 */
bool ww_mx_match(struct ww_slice pattern, struct ww_slice host);

/* True when one of the policy's patterns matches the host. */
bool ww_mx_match_policy(const struct ww_policy *policy, struct ww_slice host);

/*
 * Checks a certificate's dNSName: a domain name without a root dot whose labels may hold asterisks, wherever
 * they stand: such a name is one that somebody presents, though it may match nothing.
 */
WW_MUST_CHECK enum ww_err ww_san_check(struct ww_slice dns_name, size_t *offset);

/* True when the asterisks of a dNSName, if any, stand where one is honoured. */
bool ww_san_usable(struct ww_slice dns_name);

/* The same for a certificate's dNSName. It differs where RFC 6125 does: see the .c. */
bool ww_san_match(struct ww_slice dns_name, struct ww_slice host);

#endif
