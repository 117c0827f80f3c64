/* The folder of publish.folder, with those for certificates and challenges in it: there before any role is.
 */
#ifndef WW_DAEMON_PUBLISH_FOLDER_H
#define WW_DAEMON_PUBLISH_FOLDER_H

#include "daemon/config.h"

#define WW_PUBLISH_CERTIFICATES "certificates"
#define WW_PUBLISH_CHALLENGES "challenges"

/*
 * Makes those that are missing: the clerk's, and to be read by the publisher, which is of the group that
 * all below inherits; by nobody else. One that is there stays as it is. False: the reason is in the log.
 */
bool ww_publish_folder_make(const struct ww_config *config);

#endif
