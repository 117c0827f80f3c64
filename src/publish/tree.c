#include "publish/tree.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FOLDER ".well-known"
#define NAME "mta-sts.txt"
#define NEXT ".mta-sts.txt.new"

static bool fail(char detail[WW_TREE_DETAIL_SIZE], const char *what, const char *host)
{
    (void)snprintf(detail, WW_TREE_DETAIL_SIZE, "%s for %.100s in publish.tree: %s", what, host,
                   strerror(errno));
    return false;
}

static void close_fd(int fd)
{
    int saved = errno;
    if (fd >= 0)
        (void)close(fd);
    errno = saved;
}

/* Nobody else's link is followed. -1 with errno. */
static int open_below(int in, const char *name, bool make)
{
    if (in < 0 || (make && mkdirat(in, name, 0755) != 0 && errno != EEXIST))
        return -1;
    return openat(in, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

/* The folder that the file lies in; *of is that of the host. */
static int open_folder(const char *tree, const char *host, bool make, int *of)
{
    int top = open(tree, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    *of = open_below(top, host, make);
    int folder = open_below(*of, FOLDER, make);
    close_fd(top);
    return folder;
}

static bool stands_there(int folder, struct ww_slice body)
{
    int fd = openat(folder, NAME, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
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
    close_fd(fd);
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
static bool write_next(int folder, struct ww_slice body)
{
    int fd = openat(folder, NEXT, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0644);
    bool good = fd >= 0 && write_all(fd, body) && fchmod(fd, 0644) == 0 && fsync(fd) == 0;
    close_fd(fd);
    return good;
}

bool ww_tree_put(const char *tree, const char *host, struct ww_slice body, char detail[WW_TREE_DETAIL_SIZE])
{
    int of;
    int folder = open_folder(tree, host, true, &of);
    bool good = folder >= 0;
    if (good && !stands_there(folder, body)) {
        good = fchmod(of, 0755) == 0 && fchmod(folder, 0755) == 0 && write_next(folder, body) &&
               renameat(folder, NEXT, folder, NAME) == 0 && fsync(folder) == 0;
        int saved = errno;
        if (!good)
            (void)unlinkat(folder, NEXT, 0);
        errno = saved;
    }
    if (!good)
        (void)fail(detail, "the policy cannot be written", host);
    close_fd(folder);
    close_fd(of);
    return good;
}

/* Others may keep more there than we do. */
static bool remove_empty(int in, const char *name)
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
    good = good && remove_empty(of, FOLDER) && remove_empty(top, host);
    if (!good)
        (void)fail(detail, "the policy cannot be removed", host);
    close_fd(top);
    close_fd(folder);
    close_fd(of);
    return good;
}
