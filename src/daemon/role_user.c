#include "daemon/role.h"

#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdio.h>
#include <unistd.h>

bool ww_role_user(const struct ww_config *config, enum ww_role_kind kind, char user[WW_USER_SIZE])
{
    snprintf(user, WW_USER_SIZE, "waxwing-%s", ww_role_kind_name(kind));
    if (getpwnam(user) != NULL)
        return true;
    snprintf(user, WW_USER_SIZE, "%s", config->user);
    return getpwnam(user) != NULL;
}

bool ww_role_keep_connect(const struct ww_config *config, enum ww_role_kind kind, char *detail,
                          size_t detail_size)
{
    char user[WW_USER_SIZE];
    bool partial;
    (void)ww_role_user(config, kind, user);
    const struct ww_confine how = {.rights = WW_MAY_CONNECT, .user = user};
    return !config->confine || ww_confine(&how, &partial, detail, detail_size) == WW_OK;
}

bool ww_role_give(const struct ww_config *config, enum ww_role_kind kind, int fd)
{
    char user[WW_USER_SIZE];
    if (geteuid() != 0 || !config->confine || !ww_role_user(config, kind, user))
        return true;
    const struct passwd *pw = getpwnam(user);
    return pw != NULL && fchown(fd, pw->pw_uid, pw->pw_gid) == 0;
}

bool ww_role_give_folder(const struct ww_config *config, enum ww_role_kind kind, const char *path)
{
    int fd = open(path, O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    bool good = fd >= 0 && ww_role_give(config, kind, fd);
    int saved = errno;
    if (fd >= 0)
        (void)close(fd);
    errno = saved;
    return good;
}
