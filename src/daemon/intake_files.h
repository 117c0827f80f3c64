/* What the intake serves HTTPS with, which it reads when it is started. */
#ifndef WW_DAEMON_INTAKE_FILES_H
#define WW_DAEMON_INTAKE_FILES_H

#include "daemon/config.h"
#include "daemon/file_stamp.h"

struct ww_intake_files {
    struct ww_file_stamp certificate, key;
};

/* Looks at the files now. */
void ww_intake_files_look(struct ww_intake_files *files, const struct ww_config *config);

/* False: settings or files are others, so that it has to be started anew. */
bool ww_intake_inputs_same(const struct ww_intake_files *files_a, const struct ww_intake_files *files_b,
                           const struct ww_config *a, const struct ww_config *b);

#endif
