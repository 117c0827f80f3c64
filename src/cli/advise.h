/* The parts of `waxwing advise`. */
#ifndef WW_CLI_ADVISE_H
#define WW_CLI_ADVISE_H

#include "cli/tree.h"

/* The daemon's answer (daemon/keeper_advise.h) for people. */
void ww_advise_print(FILE *to, const json_t *answer, const struct ww_tree_style *style);

/*
 * What the daemon is told of an inspection: {"at", "outlook", "mode", "id", "mx", "policy", "findings"}, out
 * of a report of `waxwing check`. NULL: memory is short.
 */
json_t *ww_advise_inspection(const json_t *report);

#endif
