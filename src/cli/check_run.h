/* Runs the process that inspects (check.h), and hands over what came of each domain. */
#ifndef WW_CLI_CHECK_RUN_H
#define WW_CLI_CHECK_RUN_H

#include "cli/check.h"
#include "cli/check_domains.h"

/*
 * Called once for each domain, in the order of the list. report is borrowed, an object about this domain
 * whatever else it holds; NULL: none came, and why says why.
 */
typedef void ww_check_came(void *ctx, const char *domain, const json_t *report, const char *why);

void ww_check_run(const struct ww_check_order *order, const struct ww_check_domains *domains,
                  ww_check_came *came, void *ctx);

#endif
