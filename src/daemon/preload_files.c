#include "daemon/preload_files.h"

#include <stdio.h>
#include <string.h>

char *ww_preload_file(const struct ww_config *config, enum ww_preload_file which)
{
    static const char *const names[] = {
        [WW_PRELOAD_FOLDER] = "preload",
        [WW_PRELOAD_LIST] = "preload/list.json",
        [WW_PRELOAD_SIGNATURE] = "preload/list.json.asc",
    };
    const char *slash = strrchr(config->store, '/');
    int folder = slash != NULL ? (int)(slash - config->store) : 0;
    char *path;
    return asprintf(&path, "%.*s/%s", folder, config->store, names[which]) >= 0 ? path : NULL;
}
