#include "daemon/publish_folder.h"

#include "daemon/log.h"
#include "daemon/role.h"

#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Who writes is the owner, and who reads is the group. */
static bool give(const struct ww_config *config, int fd)
{
    char user[WW_USER_SIZE];
    const struct passwd *pw;
    if (geteuid() != 0 || !config->confine)
        return fchmod(fd, 0750) == 0;
    pw = ww_role_user(config, WW_ROLE_CLERK, user) ? getpwnam(user) : NULL;
    if (pw == NULL || fchown(fd, pw->pw_uid, pw->pw_gid) != 0)
        return pw == NULL && fchmod(fd, 0750) == 0;
    pw = ww_role_user(config, WW_ROLE_PUBLISHER, user) ? getpwnam(user) : NULL;
    return pw != NULL && fchown(fd, (uid_t)-1, pw->pw_gid) == 0 && fchmod(fd, 02750) == 0;
}

static bool make(const struct ww_config *config, const char *path)
{
    struct stat st;
    bool made = mkdir(path, 0700) == 0;
    bool there = !made && errno == EEXIST && stat(path, &st) == 0;
    if (there && !S_ISDIR(st.st_mode))
        errno = ENOTDIR;
    int fd = made ? open(path, O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC) : -1;
    bool good = made ? fd >= 0 && give(config, fd) : there && S_ISDIR(st.st_mode);
    if (!good)
        ww_log_error("publish-folder-failed", "path", path, "detail", strerror(errno), "advice",
                     "make this directory and give it to Waxwing's user, or set publish.folder to another");
    if (fd >= 0)
        (void)close(fd);
    return good;
}

bool ww_publish_folder_make(const struct ww_config *config)
{
    static const char *const names[] = {"", "/" WW_PUBLISH_CERTIFICATES, "/" WW_PUBLISH_CHALLENGES};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char path[4096];
        int n = snprintf(path, sizeof path, "%s%s", config->publish_folder, names[i]);
        if (n < 0 || (size_t)n >= sizeof path) {
            ww_log_error("publish-folder-failed", "path", config->publish_folder, "detail",
                         strerror(ENAMETOOLONG));
            return false;
        }
        if (!make(config, path))
            return false;
    }
    return true;
}
