/*
 * Where the preload list is kept, as it came: list.json and its signature list.json.asc, in the folder
 * "preload" beside the store. It is replaced as a whole: a list stands beside a signature of another only
 * while it is, and then its successor stands there too.
 */
#ifndef WW_DAEMON_PRELOAD_KEEP_H
#define WW_DAEMON_PRELOAD_KEEP_H

#include "base/slice.h"
#include "daemon/config.h"
#include "daemon/preload_path.h"

/*
 * Before roles are started: makes the folder, which belongs to the role's user. False (logged): it cannot be
 * made.
 */
bool ww_preload_folder_make(const struct ww_config *config);

/* A list and its signature; what cannot be opened is -1. */
struct ww_preload_files {
    int list;
    int signature;
};

/*
 * What is kept; errno says why it cannot be opened. A replacement that was not finished leaves a second pair,
 * which is the one that holds then: attempt 1. ww_preload_keep_finish ends it.
 */
struct ww_preload_files ww_preload_keep_open(const char *folder, unsigned attempt);
void ww_preload_keep_finish(const char *folder);
void ww_preload_files_close(struct ww_preload_files *files);

/* Keeps another one. False: errno says why, and what was kept is as it was. */
bool ww_preload_keep_write(const char *folder, struct ww_slice list, struct ww_slice signature);

/* What processes have left behind that were killed. */
void ww_preload_keep_sweep(const char *folder);

#endif
