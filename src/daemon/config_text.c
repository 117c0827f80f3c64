#include "daemon/config_text.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

bool ww_config_text_add(struct ww_config_text *t, const char *p, size_t n)
{
    if (n > WW_CONFIG_TEXT_MAX - t->n) {
        errno = EFBIG;
        return false;
    }
    char *bigger = realloc(t->p, t->n + n + 1);
    if (bigger == NULL)
        return false;
    t->p = bigger;
    if (n > 0)
        memcpy(t->p + t->n, p, n);
    t->n += n;
    t->p[t->n] = '\0';
    return true;
}

/* From the start, wherever the descriptor stands: all roles share its offset. */
static bool add_fd(struct ww_config_text *t, int fd, bool seekable)
{
    char chunk[4096];
    off_t at = 0;
    ssize_t n;
    do {
        n = seekable ? pread(fd, chunk, sizeof chunk, at) : read(fd, chunk, sizeof chunk);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0 || !ww_config_text_add(t, chunk, (size_t)n))
            return false;
        at += n;
    } while (n != 0);
    return true;
}

bool ww_config_text_add_file(struct ww_config_text *t, const char *path)
{
    int fd = open(path != NULL ? path : WW_CONFIG_FILE, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return path == NULL && errno == ENOENT;
    bool good = add_fd(t, fd, false);
    int saved = errno;
    close(fd);
    errno = saved;
    return good;
}

bool ww_config_text_add_setting(struct ww_config_text *t, const char *setting)
{
    size_t name = strcspn(setting, "= \t");
    const char *dot = memchr(setting, '.', name);
    if (dot == NULL)
        return ww_config_text_add(t, setting, strlen(setting)) && ww_config_text_add(t, "\n", 1);
    return ww_config_text_add(t, setting, (size_t)(dot - setting)) && ww_config_text_add(t, " { ", 3) &&
           ww_config_text_add(t, dot + 1, strlen(dot + 1)) && ww_config_text_add(t, " }\n", 3);
}

void ww_config_text_free(struct ww_config_text *t)
{
    free(t->p);
    t->p = NULL;
    t->n = 0;
}

int ww_config_text_seal(const struct ww_config_text *t)
{
    int fd = memfd_create("waxwing.conf", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (fd < 0)
        return -1;
    for (size_t at = 0; at < t->n;) {
        ssize_t n = write(fd, t->p + at, t->n - at);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0) {
            close(fd);
            return -1;
        }
        at += (size_t)n;
    }
    if (fcntl(fd, F_ADD_SEALS, F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE) != 0) {
        close(fd);
        return -1;
    }
    return fd;
}

bool ww_config_text_add_sealed(struct ww_config_text *t, int fd)
{
    return add_fd(t, fd, true);
}
