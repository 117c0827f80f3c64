#include "publish/place.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

bool ww_place(char path[PATH_MAX], const char *folder, const char *format, ...)
{
    va_list ap;
    size_t used = strnlen(folder, PATH_MAX);
    errno = ENAMETOOLONG;
    if (used + 1 >= PATH_MAX)
        return false;
    memcpy(path, folder, used);
    path[used++] = '/';
    va_start(ap, format);
    int n = vsnprintf(path + used, PATH_MAX - used, format, ap);
    va_end(ap);
    return n >= 0 && (size_t)n < PATH_MAX - used;
}

bool ww_place_folder(const char *path, unsigned mode)
{
    if (mkdir(path, mode) == 0)
        return chmod(path, mode) == 0; /* whatever the umask */
    return errno == EEXIST;
}

static bool fill(int fd, unsigned mode, struct ww_slice content)
{
    for (size_t n = 0; n < content.n;) {
        ssize_t more = write(fd, content.p + n, content.n - n);
        if (more < 0 && errno != EINTR)
            return false;
        n += more > 0 ? (size_t)more : 0;
    }
    return fchmod(fd, mode) == 0 && fsync(fd) == 0;
}

bool ww_place_file(const char *path, unsigned mode, struct ww_slice content)
{
    char next[PATH_MAX];
    const char *slash = strrchr(path, '/');
    int before = slash != NULL ? (int)(slash - path) + 1 : 0;
    int n = snprintf(next, sizeof next, "%.*s.new-%s", before, path, path + before);
    errno = ENAMETOOLONG;
    if (n < 0 || (size_t)n >= sizeof next)
        return false;
    /* What was left behind may belong to somebody else. */
    (void)unlink(next);
    int fd = open(next, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0)
        return false;
    bool good = fill(fd, mode, content);
    good = close(fd) == 0 && good && rename(next, path) == 0;
    int saved = errno;
    if (!good)
        (void)unlink(next);
    errno = saved;
    return good;
}
