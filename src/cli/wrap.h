/* Text on a stream, wrapped at the width of a terminal with its lines set in. */
#ifndef WW_CLI_WRAP_H
#define WW_CLI_WRAP_H

#include <stdio.h>

struct ww_wrap {
    FILE *to;
    unsigned width;  /* columns; 0: nothing is wrapped */
    unsigned indent; /* of each line but the first */
    unsigned column; /* where the next word would stand */
};

/* Puts the words of text; the first one behind a space unless the column is the indent. They may come from
 * elsewhere: what is not printable ASCII is a question mark. A word that is longer than a line is cut. */
void ww_wrap_put(struct ww_wrap *wrap, const char *text);

/* Ends the line, and sets in the next one. */
void ww_wrap_line(struct ww_wrap *wrap);

#endif
