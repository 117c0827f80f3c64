#include "proc/confine_step.h"

#include <errno.h>
#include <grp.h>
#include <linux/capability.h>
#include <pwd.h>
#include <sys/syscall.h>
#include <unistd.h>

static bool become(const struct passwd *pw)
{
    return setgroups(1, &pw->pw_gid) == 0 && setresgid(pw->pw_gid, pw->pw_gid, pw->pw_gid) == 0 &&
           setresuid(pw->pw_uid, pw->pw_uid, pw->pw_uid) == 0;
}

/* An ordinary user may hold capabilities as well: a service manager can hand them out. */
static bool drop_capabilities(void)
{
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3, .pid = 0};
    struct __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3];
    memset(none, 0, sizeof none);
    return syscall(SYS_capset, &header, none) == 0;
}

bool ww_confine_user(const struct ww_confine *c, struct ww_confine_report *r)
{
    if (geteuid() == 0 && c->user != NULL) {
        errno = 0;
        const struct passwd *pw = getpwnam(c->user);
        if (pw == NULL) {
            ww_confine_note(r,
                            "there is no user %s: make it (packaging/system-user), or name another as `user`",
                            c->user);
            return false;
        }
        /* Somebody who wants root here, as inside a user namespace, has said so by name. */
        if (pw->pw_uid != 0 && !become(pw)) {
            ww_confine_note(r, "cannot become user %s: %s", c->user, strerror(errno));
            return false;
        }
    }
    if (drop_capabilities())
        return true;
    ww_confine_note(r, "capabilities: %s", strerror(errno));
    return false;
}
