/* A file as the user of a role sees it. */
#ifndef WW_CLI_DOCTOR_FILE_H
#define WW_CLI_DOCTOR_FILE_H

#include "daemon/config.h"
#include "daemon/role.h"

/*
 * Opens it to read as the user of the role, where that is another and root can become it; else as who runs
 * this. -1: errno says why. The way back to root is left open.
 */
int ww_doctor_open_as(const struct ww_config *config, enum ww_role_kind kind, const char *path);

#endif
