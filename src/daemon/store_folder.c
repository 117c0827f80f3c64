#include "daemon/store_folder.h"

#include "daemon/log.h"
#include "daemon/role.h"

#include <errno.h>
#include <libgen.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* The folders above: as others may need to pass through. Changes path only while it runs. */
static bool make_above(char *path)
{
    for (char *slash = strchr(path + 1, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        bool good = mkdir(path, 0755) == 0 || errno == EEXIST;
        *slash = '/';
        if (!good)
            return false;
    }
    return true;
}

bool ww_store_folder_make(const struct ww_config *config)
{
    char *copy = strdup(config->store);
    if (copy == NULL) {
        ww_log_error("no-memory");
        return false;
    }
    char *folder = dirname(copy);
    struct stat st;
    bool there = stat(folder, &st) == 0;
    bool good = there ? S_ISDIR(st.st_mode)
                      : errno == ENOENT && make_above(folder) && mkdir(folder, 0750) == 0 &&
                            ww_role_give_folder(config, WW_ROLE_KEEPER, folder);
    if (!good)
        ww_log_error("store-folder-failed", "path", folder, "detail", strerror(there ? ENOTDIR : errno),
                     "advice",
                     "make this directory, give it to Waxwing's user, or set `store` to another path");
    free(copy);
    return good;
}
