#include "daemon/store_folder.h"

#include "daemon/log.h"
#include "daemon/role.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

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

static bool give_to_keeper(const char *path, const struct ww_config *config)
{
    char user[WW_USER_SIZE];
    if (geteuid() != 0 || !config->confine || !ww_role_user(config, WW_ROLE_KEEPER, user))
        return true;
    const struct passwd *pw = getpwnam(user);
    int fd = open(path, O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    bool good = pw != NULL && fd >= 0 && fchown(fd, pw->pw_uid, pw->pw_gid) == 0;
    int saved = errno;
    if (fd >= 0)
        close(fd);
    errno = saved;
    return good;
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
                            give_to_keeper(folder, config);
    if (!good)
        ww_log_error("store-folder-failed", "path", folder, "detail", strerror(there ? ENOTDIR : errno),
                     "advice",
                     "make this directory, give it to Waxwing's user, or set `store` to another path");
    free(copy);
    return good;
}
