/* Earlier reports, for `waxwing check --against`. */
#ifndef WW_CLI_CHECK_AGAINST_H
#define WW_CLI_CHECK_AGAINST_H

#include <jansson.h>

/*
 * Reads what --json has printed: reports, a line each, of which the last one of a domain counts. An exit
 * status; WW_EXIT_OK with *out, an object by domain, which the caller drops. Else it is said what was wrong.
 */
int ww_check_against_read(const char *path, json_t **out);

#endif
