/* Lines of an mbox (RFC 4155, mboxrd). */
#ifndef WW_CORE_MBOX_H
#define WW_CORE_MBOX_H

#include "base/slice.h"

#include <stdbool.h>

/*
 * Whether a line, with or without its end, begins a message: "From ", and a date as asctime(3) has it. It
 * counts at the beginning, or behind an empty line. A line that begins with "From " and has no date does not.
 */
bool ww_mbox_is_separator(struct ww_slice line);

/* Whether a line was quoted with one more ">": its first octet is left out then. */
bool ww_mbox_is_quoted(struct ww_slice line);

#endif
