/* A report of `waxwing check` for people, on a terminal or not (tree.h). */
#ifndef WW_CLI_CHECK_PRINT_H
#define WW_CLI_CHECK_PRINT_H

#include "cli/check_view.h"
#include "cli/table.h"
#include "cli/tree.h"

/* From the top down: what senders will do, the MX hosts, the findings, what was and was not tested; and with
 * verbose all that was seen. A finding may have a member "since", which says since when it stands. */
void ww_check_print(FILE *to, const json_t *report, const struct ww_tree_style *style, bool verbose);

/* The same of a domain of which no report came. */
void ww_check_print_missing(FILE *to, const char *domain, const char *why, const struct ww_tree_style *style);

/* A state as the colour of a cell. */
enum ww_table_colour ww_check_table_colour(enum ww_view_state state);

/* All that was seen, as nodes of a tree (tree.h); the caller frees it. NULL: memory is short. */
json_t *ww_check_details(const json_t *report);

#endif
