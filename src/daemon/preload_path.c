#include "daemon/preload_path.h"

#include <stdio.h>
#include <string.h>

static char *beside_store(const struct ww_config *config, const char *name)
{
    char *path;
    const char *slash = strrchr(config->store, '/');
    int folder = slash != NULL ? (int)(slash - config->store) : 0;
    return asprintf(&path, "%.*s/%s", folder, config->store, name) >= 0 ? path : NULL;
}

char *ww_preload_folder(const struct ww_config *config)
{
    return beside_store(config, "preload");
}

char *ww_preload_kept_path(const struct ww_config *config)
{
    return beside_store(config, "preload/list.json");
}
