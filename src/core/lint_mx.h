/* Lints a pattern, or a certificate's dNSName, against an MX host (RFC 8461 section 4.1, RFC 6125
 * section 6.4). */
#ifndef WW_CORE_LINT_MX_H
#define WW_CORE_LINT_MX_H

#include "core/lint.h"

struct ww_lint_mx {
    enum ww_verdict verdict; /* MATCH, NO_MATCH, or INVALID when the pattern or the host is no name */
    struct ww_findings findings;
};

/* The offset of WW_E_MX_HOST is one in the host; all others are offsets in the pattern. */
void ww_lint_mx(struct ww_slice pattern, struct ww_slice host, bool san, struct ww_lint_mx *out);

#endif
