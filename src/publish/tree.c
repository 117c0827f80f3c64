#include "publish/tree_private.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FOLDER ".well-known"
#define NAME "mta-sts.txt"

bool ww_tree_fail(char detail[WW_TREE_DETAIL_SIZE], const char *what, const char *host)
{
    (void)snprintf(detail, WW_TREE_DETAIL_SIZE, "%s for %.100s in publish.tree: %s", what, host,
                   strerror(errno));
    return false;
}

void ww_tree_close(int fd)
{
    int saved = errno;
    if (fd >= 0)
        (void)close(fd);
    errno = saved;
}

int ww_tree_open_below(int in, const char *name, bool make)
{
    if (in < 0 || (make && mkdirat(in, name, 0755) != 0 && errno != EEXIST))
        return -1;
    return openat(in, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

/* The folder that the file lies in; *of is that of the host. */
static int open_folder(const char *tree, const char *host, bool make, int *of)
{
    int top = open(tree, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    *of = ww_tree_open_below(top, host, make);
    int folder = ww_tree_open_below(*of, FOLDER, make);
    ww_tree_close(top);
    return folder;
}

static bool stands_there(int folder, const char *name, struct ww_slice body)
{
    int fd = openat(folder, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    char *text = fd >= 0 ? malloc(body.n + 1) : NULL;
    size_t n = 0;
    ssize_t got = 1;
    while (text != NULL && got > 0 && n <= body.n) {
        got = read(fd, text + n, body.n + 1 - n);
        n += got > 0 ? (size_t)got : 0;
        got = got < 0 && errno == EINTR ? 1 : got;
    }
    bool same = text != NULL && got == 0 && n == body.n && memcmp(text, body.p, n) == 0;
    free(text);
    ww_tree_close(fd);
    return same;
}

static bool write_all(int fd, struct ww_slice body)
{
    size_t at = 0;
    while (at < body.n) {
        ssize_t n = write(fd, body.p + at, body.n - at);
        if (n < 0 && errno != EINTR)
            return false;
        at += n > 0 ? (size_t)n : 0;
    }
    return true;
}

/* The web server is another user, whatever our mask is. */
static bool write_next(int folder, const char *next, struct ww_slice body)
{
    int fd = openat(folder, next, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0644);
    bool good = fd >= 0 && write_all(fd, body) && fchmod(fd, 0644) == 0 && fsync(fd) == 0;
    ww_tree_close(fd);
    return good;
}

bool ww_tree_write(int folder, const char *name, struct ww_slice body)
{
    char next[NAME_MAX + 1];
    int n = snprintf(next, sizeof next, ".%s.new", name);
    errno = ENAMETOOLONG;
    if (n < 0 || (size_t)n >= sizeof next)
        return false;
    if (stands_there(folder, name, body))
        return true;
    bool good = fchmod(folder, 0755) == 0 && write_next(folder, next, body) &&
                renameat(folder, next, folder, name) == 0 && fsync(folder) == 0;
    int saved = errno;
    if (!good)
        (void)unlinkat(folder, next, 0);
    errno = saved;
    return good;
}

bool ww_tree_put(const char *tree, const char *host, struct ww_slice body, char detail[WW_TREE_DETAIL_SIZE])
{
    int of;
    int folder = open_folder(tree, host, true, &of);
    bool good = folder >= 0 && fchmod(of, 0755) == 0 && ww_tree_write(folder, NAME, body);
    if (!good)
        (void)ww_tree_fail(detail, "the policy cannot be written", host);
    ww_tree_close(folder);
    ww_tree_close(of);
    return good;
}

bool ww_tree_has(const char *tree, const char *host)
{
    struct stat st;
    int of;
    int folder = open_folder(tree, host, false, &of);
    bool has = folder >= 0 && fstatat(folder, NAME, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(st.st_mode);
    ww_tree_close(folder);
    ww_tree_close(of);
    return has;
}

bool ww_tree_remove_empty(int in, const char *name)
{
    return in < 0 || unlinkat(in, name, AT_REMOVEDIR) == 0 || errno == ENOENT || errno == ENOTEMPTY ||
           errno == EEXIST;
}

bool ww_tree_remove(const char *tree, const char *host, char detail[WW_TREE_DETAIL_SIZE])
{
    int of;
    int folder = open_folder(tree, host, false, &of);
    int top = open(tree, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool good = folder >= 0 ? unlinkat(folder, NAME, 0) == 0 || errno == ENOENT : errno == ENOENT;
    good = good && ww_tree_remove_empty(of, FOLDER) && ww_tree_remove_empty(top, host);
    if (!good)
        (void)ww_tree_fail(detail, "the policy cannot be removed", host);
    ww_tree_close(top);
    ww_tree_close(folder);
    ww_tree_close(of);
    return good;
}
