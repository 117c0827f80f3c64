#include "cli/may_connect.h"

#include <errno.h>
#include <grp.h>
#include <limits.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>

bool ww_person_find(const char *name, struct ww_person *out)
{
    const struct passwd *pw = getpwnam(name);
    if (pw == NULL)
        return false;
    out->user = pw->pw_uid;
    out->count = WW_GROUPS_MAX;
    /* Of a user in more groups the first are looked at. */
    if (getgrouplist(name, pw->pw_gid, out->groups, &out->count) < 0)
        out->count = WW_GROUPS_MAX;
    return true;
}

static bool is_member(const struct ww_person *p, gid_t group)
{
    for (int i = 0; i < p->count; i++)
        if (p->groups[i] == group)
            return true;
    return false;
}

/* bit is that of "others": S_IXOTH to pass a directory, S_IWOTH to connect to a socket. */
static bool may(const struct ww_person *p, const struct stat *st, mode_t bit)
{
    if (p->user == 0)
        return true;
    if (p->user == st->st_uid)
        return (st->st_mode & (bit << 6)) != 0;
    if (is_member(p, st->st_gid))
        return (st->st_mode & (bit << 3)) != 0;
    return (st->st_mode & bit) != 0;
}

static bool has_acl(const char *path)
{
    return getxattr(path, "system.posix_acl_access", NULL, 0) > 0;
}

static bool step(const struct ww_person *person, const char *path, bool last, char *why, size_t size)
{
    struct stat st;
    if (stat(path, &st) != 0) {
        (void)snprintf(why, size, "%s: %s", path, strerror(errno));
        return false;
    }
    if (last && !S_ISSOCK(st.st_mode)) {
        (void)snprintf(why, size, "%s is no socket", path);
        return false;
    }
    if (may(person, &st, last ? S_IWOTH : S_IXOTH) || has_acl(path))
        return true;
    (void)snprintf(why, size, "%s has mode %04o and belongs to user id %u and group id %u", path,
                   (unsigned)(st.st_mode & 07777), (unsigned)st.st_uid, (unsigned)st.st_gid);
    return false;
}

bool ww_may_connect(const struct ww_person *person, const char *root, const char *path, char *why,
                    size_t size)
{
    char part[PATH_MAX];
    size_t at = strlen(root);
    if (strlen(path) >= sizeof part) {
        (void)snprintf(why, size, "the path is too long");
        return false;
    }
    for (;;) {
        memcpy(part, path, at);
        part[at] = '\0';
        bool last = path[at] == '\0';
        if (!step(person, at > 0 ? part : "/", last, why, size))
            return false;
        if (last)
            return true;
        at += path[at] == '/';
        at += strcspn(path + at, "/");
    }
}
