/* Bars on a terminal: what went well and what failed, side by side. */
#ifndef WW_CLI_BARS_H
#define WW_CLI_BARS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct ww_bars {
    unsigned width; /* columns of the longest bar */
    uint64_t most;  /* what that one stands for; 0: no bar has a length */
    bool blocks;    /* characters of Unicode, in UTF-8, which have eighths of a column; else ASCII */
    bool colour;
};

/*
 * Writes one bar of bars->width columns, filled up with blanks. What there is of at all shows, if only as an
 * eighth of a column, and of what failed as a whole one: that is what one looks for.
 */
void ww_bars_put(FILE *to, const struct ww_bars *bars, uint64_t good, uint64_t bad);

#endif
