/* Text from elsewhere in XML and HTML. */
#ifndef WW_CLI_MARKUP_H
#define WW_CLI_MARKUP_H

#include <stdio.h>

/* Writes text for an element or an attribute in quotes; what is neither printable US-ASCII nor a line feed is
 * a question mark. */
void ww_markup_put(FILE *to, const char *text);

#endif
