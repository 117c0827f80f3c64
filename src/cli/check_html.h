/* The parts of the page that `waxwing check --html` writes (check_output.h). */
#ifndef WW_CLI_CHECK_HTML_H
#define WW_CLI_CHECK_HTML_H

#include "cli/check_view.h"

#include <stdio.h>

/* The page's style sheet. */
extern const char ww_check_html_style[];

/* The class of an element that is coloured so. */
const char *ww_check_html_class(enum ww_view_state state);

/* <name class="class">text</name>; class may be NULL. */
void ww_check_html_put(FILE *to, const char *name, const char *class, const char *text);

/* Of one report: how each area fares; the MX hosts; the findings; what passed, what was not tested, all that
 * was seen. */
void ww_check_html_areas(FILE *to, const json_t *report);
void ww_check_html_hosts(FILE *to, const json_t *report);
void ww_check_html_findings(FILE *to, const json_t *report);
void ww_check_html_details(FILE *to, const json_t *report);

#endif
