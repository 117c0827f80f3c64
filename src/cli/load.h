/* Reading the daemon's configuration, for the commands that ask it where the daemon is. */
#ifndef WW_CLI_LOAD_H
#define WW_CLI_LOAD_H

#include "cli/cli.h"
#include "daemon/config.h"

/*
 * Reads path, or the file at its usual place, which may be missing, when path is NULL. command is what errors
 * begin with. Anything but WW_EXIT_OK has been said on standard error.
 */
int ww_cli_load_config(const char *command, const char *path, struct ww_config **config);

#endif
