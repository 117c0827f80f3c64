/* A sign before a line that says how it is. */
#ifndef WW_CLI_MARKS_H
#define WW_CLI_MARKS_H

#include "cli/check_view.h"

#include <stdio.h>

struct printing;

/* Columns of a mark and the space behind it. */
#define WW_MARK 2

struct ww_mark {
    const char *severity;
    const char *box; /* where the terminal has them */
    const char *plain;
    enum ww_view_state state;
};

/* Of "error", "warning", "ok", "now" (it is being done), "info"; what is none of them counts as the last. */
const struct ww_mark *ww_mark_of(const char *severity);

/* Begins a line with it; what follows on further lines is set in as far. */
void ww_mark_put(struct printing *p, const char *severity, bool boxes);

#endif
