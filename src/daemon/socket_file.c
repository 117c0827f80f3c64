#include "daemon/socket_file.h"

#include "daemon/config_values.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct ids {
    uid_t user; /* -1: as it is */
    gid_t group;
};

__attribute__((format(printf, 3, 4))) static bool fail(struct ww_socket_fault *fault, const char *advice,
                                                       const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(fault->detail, sizeof fault->detail, fmt, ap);
    va_end(ap);
    fault->advice = advice;
    return false;
}

/* Numbers as well, for a user of another tree that this system does not know by name. */
static bool find_owner(const char *name, uid_t *out, struct ww_socket_fault *fault)
{
    uint64_t number;
    const struct passwd *pw = getpwnam(name);
    if (pw == NULL && (!ww_value_number(name, &number) || number >= UINT32_MAX))
        return fail(fault, "make this user, or set socket_owner", "there is no user %s", name);
    *out = pw != NULL ? pw->pw_uid : (uid_t)number;
    return true;
}

static bool find_group(const char *name, gid_t *out, struct ww_socket_fault *fault)
{
    uint64_t number;
    const struct group *gr = getgrnam(name);
    if (gr == NULL && (!ww_value_number(name, &number) || number >= UINT32_MAX))
        return fail(fault, "make this group, or set socket_group", "there is no group %s", name);
    *out = gr != NULL ? gr->gr_gid : (gid_t)number;
    return true;
}

static bool find_ids(const struct ww_socket_access *access, struct ids *ids, struct ww_socket_fault *fault)
{
    *ids = (struct ids){(uid_t)-1, (gid_t)-1};
    return (access->owner == NULL || find_owner(access->owner, &ids->user, fault)) &&
           (access->group == NULL || find_group(access->group, &ids->group, fault));
}

/* Removes a socket on which nobody listens. False when it is anything else, with errno set. */
static bool remove_stale(const struct ww_listen_at *at)
{
    struct stat st;
    const char *path = ww_listen_at_path(at);
    if (lstat(path, &st) != 0)
        return errno == ENOENT;
    if (!S_ISSOCK(st.st_mode)) {
        errno = ENOTSOCK;
        return false;
    }
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return false;
    bool refused =
        connect(fd, (const struct sockaddr *)&at->address, at->length) != 0 && errno == ECONNREFUSED;
    close(fd);
    if (!refused) {
        errno = EADDRINUSE;
        return false;
    }
    return unlink(path) == 0;
}

/* The permissions come by the umask: it never has others, not even for a moment. */
static bool bind_file(int fd, const struct ww_listen_at *at, mode_t mode)
{
    mode_t before = umask(~mode & 0777);
    bool good = bind(fd, (const struct sockaddr *)&at->address, at->length) == 0;
    int saved = errno;
    umask(before);
    errno = saved;
    return good;
}

/* By a descriptor of it: whoever owns the directory could put a link to a file of ours in its place. */
static bool give_away(const char *path, const struct ids *ids)
{
    struct stat st;
    if (ids->user == (uid_t)-1 && ids->group == (gid_t)-1)
        return true;
    int fd = open(path, O_PATH | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0)
        return false;
    bool good = fstat(fd, &st) == 0;
    if (good && !S_ISSOCK(st.st_mode)) {
        errno = ENOTSOCK;
        good = false;
    }
    good = good && fchownat(fd, "", ids->user, ids->group, AT_EMPTY_PATH) == 0;
    int saved = errno;
    close(fd);
    errno = saved;
    return good;
}

static bool fail_bind(struct ww_socket_fault *fault, const char *path)
{
    int folder = (int)(strrchr(path, '/') - path);
    switch (errno) {
    case EADDRINUSE:
        return fail(fault, NULL, "somebody else listens there already");
    case ENOTSOCK:
        return fail(fault, "move it away, or listen elsewhere", "something else than a socket is there");
    case ENOENT:
        return fail(fault, "make it: it must be there before the start, as others decide who may pass it",
                    "there is no directory %.*s", folder, path);
    case EACCES:
        return fail(fault, "give Waxwing's user the right to write there, or let systemd open the socket",
                    "the directory %.*s may not be written to", folder, path);
    case EROFS:
        return fail(fault, "name the directory in ReadWritePaths of the service",
                    "the directory %.*s is read-only", folder, path);
    default:
        return fail(fault, NULL, "%s", strerror(errno));
    }
}

bool ww_socket_file_bind(int fd, const struct ww_listen_at *at, const struct ww_socket_access *access,
                         struct ww_socket_fault *fault)
{
    const char *path = ww_listen_at_path(at);
    struct ids ids;
    if (!find_ids(access, &ids, fault))
        return false;
    if (!remove_stale(at) || !bind_file(fd, at, access->mode))
        return fail_bind(fault, path);
    if (give_away(path, &ids))
        return true;
    const char *advice = errno == EPERM ? "start as root, or let systemd open the socket: an ordinary user "
                                          "can give a socket to the groups it is in, and to nobody else"
                                        : NULL;
    (void)fail(fault, advice, "socket_owner, socket_group: %s", strerror(errno));
    (void)unlink(path);
    return false;
}
