/* The folder of the store: there, and the keeper's, before the keeper gives up its rights. */
#ifndef WW_DAEMON_STORE_FOLDER_H
#define WW_DAEMON_STORE_FOLDER_H

#include "daemon/config.h"

/* Makes it, and the folders above it, when it is missing. False: the reason is in the log. */
bool ww_store_folder_make(const struct ww_config *config);

#endif
