/*
 * The files of the preload list that the daemon has accepted: the list and its signature as they came, in a
 * folder beside the store.
 */
#ifndef WW_DAEMON_PRELOAD_FILES_H
#define WW_DAEMON_PRELOAD_FILES_H

#include "daemon/config.h"

enum ww_preload_file {
    WW_PRELOAD_FOLDER,    /* the folder itself */
    WW_PRELOAD_LIST,      /* preload/list.json */
    WW_PRELOAD_SIGNATURE, /* preload/list.json.asc */
};

/* The path; freed by the caller. NULL when memory is out. */
char *ww_preload_file(const struct ww_config *config, enum ww_preload_file which);

#endif
