/* Where the daemon keeps the preload list that it has accepted: in a folder beside the store. */
#ifndef WW_DAEMON_PRELOAD_PATH_H
#define WW_DAEMON_PRELOAD_PATH_H

#include "daemon/config.h"

/* The folder, without a slash at its end; allocated. NULL: memory is short. */
char *ww_preload_folder(const struct ww_config *config);

/* The list that is kept in it, as it came; allocated. NULL: memory is short. */
char *ww_preload_kept_path(const struct ww_config *config);

#endif
