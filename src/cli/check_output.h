/* The files that `waxwing check` writes beside its report, each of all domains. */
#ifndef WW_CLI_CHECK_OUTPUT_H
#define WW_CLI_CHECK_OUTPUT_H

#include "cli/check_options.h"

#include <jansson.h>
#include <stdio.h>

/* report is NULL where none came, and why says why. */

/* JUnit's XML: a test suite for each domain, in it a test case for each check. */
void ww_check_junit_begin(FILE *to);
void ww_check_junit_domain(FILE *to, const struct ww_check_options *options, const char *domain,
                           const json_t *report, const char *why);
void ww_check_junit_end(FILE *to);

/*
 * A page in HTML that is well-formed XML too: the head with a table of what ww_check_html_row has written of
 * each domain ("": no table), then what ww_check_html_domain has, then the end.
 */
void ww_check_html_begin(FILE *to, const char *title, const char *rows);
void ww_check_html_row(FILE *to, const char *domain, const json_t *report);
void ww_check_html_domain(FILE *to, const char *domain, const json_t *report, const char *why);
void ww_check_html_end(FILE *to);

#endif
