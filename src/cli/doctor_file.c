#include "cli/doctor_file.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <stdlib.h>
#include <unistd.h>

int ww_doctor_open_as(const struct ww_config *config, enum ww_role_kind kind, const char *path)
{
    char user[WW_USER_SIZE];
    bool other = ww_role_user(config, kind, user) && config->confine && geteuid() == 0;
    const struct passwd *pw = other ? getpwnam(user) : NULL;
    if (pw != NULL &&
        (initgroups(pw->pw_name, pw->pw_gid) != 0 || setegid(pw->pw_gid) != 0 || seteuid(pw->pw_uid) != 0))
        return -1;
    int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    int saved = errno;
    if (pw != NULL && (seteuid(0) != 0 || setegid(0) != 0))
        abort();
    errno = saved;
    return fd;
}
