/* What a resolver is made of: its settings, and the files that they name. Another one is needed when they
 * change. */
#ifndef WW_DAEMON_RESOLVER_INPUTS_H
#define WW_DAEMON_RESOLVER_INPUTS_H

#include "daemon/config.h"
#include "daemon/file_stamp.h"

#define WW_RESOLVER_FILES 3

struct ww_resolver_files {
    struct ww_file_stamp stamps[WW_RESOLVER_FILES];
};

/* Looks at the files now. What changes later is seen by the next look. */
void ww_resolver_files_look(struct ww_resolver_files *files, const struct ww_config *config);
bool ww_resolver_files_same(const struct ww_resolver_files *a, const struct ww_resolver_files *b);

/* All settings of the sections that resolvers read. */
bool ww_resolver_settings_same(const struct ww_config *a, const struct ww_config *b);

#endif
