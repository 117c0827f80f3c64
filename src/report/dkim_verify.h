/*
 * Who has signed a mail (RFC 6376), through libopendkim. The keys are looked up by the caller, and handed in:
 * nothing here asks the network. s= is judged here (RFC 8460 section 3), as libopendkim knows mail alone.
 */
#ifndef WW_REPORT_DKIM_VERIFY_H
#define WW_REPORT_DKIM_VERIFY_H

#include "base/err.h"
#include "core/dkim_fact.h"

#include <stdint.h>

/* The keys that the signatures of a mail want, each once. Of header fields alone: cheap. */
void ww_dkim_names_of(struct ww_slice mail, struct ww_dkim_key_names *out);

/* Before confinement. Once for a process. */
void ww_dkim_verify_init(void);

/* Lines may end in CRLF or LF. now: Unix seconds. WW_E_NO_MEMORY: *out says nothing. */
WW_MUST_CHECK enum ww_err ww_dkim_verify(struct ww_slice mail, const struct ww_dkim_found_key *keys,
                                         size_t key_count, int64_t now, struct ww_dkim_fact *out);

#endif
