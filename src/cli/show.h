/* Text from elsewhere on a terminal, and colour. */
#ifndef WW_CLI_SHOW_H
#define WW_CLI_SHOW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* Writes text; all but printable US-ASCII becomes `\xHH`, and a backslash two, so that nothing steers a
 * terminal. */
void ww_show_safely(FILE *to, const char *p, size_t n);
void ww_show_text(FILE *to, const char *text);

/* The same with one column for each octet: what cannot be shown is a question mark, a tab a space. */
void ww_show_columns(FILE *to, const char *p, size_t n);

bool ww_show_is_terminal(FILE *to);

/* True on a terminal, unless NO_COLOR is set to something or TERM is "dumb". */
bool ww_show_has_colour(FILE *to);

#endif
