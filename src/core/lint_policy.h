/* Lints a policy body (RFC 8461 section 3.2). */
#ifndef WW_CORE_LINT_POLICY_H
#define WW_CORE_LINT_POLICY_H

#include "core/lint.h"
#include "core/policy.h"

struct ww_lint_policy {
    enum ww_verdict verdict; /* VALID or INVALID */
    struct ww_policy policy; /* when VALID; borrows the body */
    struct ww_findings findings;
};

/* Of a body over WW_POLICY_BODY_MAX nothing but its length counts: the first WW_POLICY_BODY_MAX + 1 octets
 * do. */
void ww_lint_policy(const char *p, size_t n, struct ww_lint_policy *out);

#endif
