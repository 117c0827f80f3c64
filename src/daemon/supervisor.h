/*
 * The supervisor: it opens the listeners, starts the roles, joins them by channels, and starts again what has
 * died. It reads nothing that comes from outside.
 */
#ifndef WW_DAEMON_SUPERVISOR_H
#define WW_DAEMON_SUPERVISOR_H

#include "daemon/config_load.h"

/*
 * Runs until a signal stops it; SIGHUP has it read the source again. Owns config, and config_fd, the sealed
 * text of it. Returns the exit status: 0 after a clean stop, 1 when it could not start.
 */
int ww_supervise(const struct ww_config_source *source, struct ww_config *config, int config_fd);

#endif
