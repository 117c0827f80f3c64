/* `waxwing check --zone FILE --policy FILE`: a domain before publication. */
#ifndef WW_CLI_CHECK_OFFLINE_H
#define WW_CLI_CHECK_OFFLINE_H

#include "cli/check_options.h"

/* Checks the files of the options, as those of the domain, canonical. Returns the exit status. */
int ww_check_files_offline(const struct ww_check_options *options, const char *domain);

#endif
