#include "publish/certificate.h"
#include "publish/place.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#define CHAIN "fullchain.pem"
#define KEY "privkey.pem"

static bool fill(const char *folder, struct ww_slice chain, struct ww_slice key)
{
    char path[PATH_MAX];
    return ww_place(path, folder, KEY) && ww_place_file(path, 0640, key) && ww_place(path, folder, CHAIN) &&
           ww_place_file(path, 0640, chain);
}

/* A folder of these two files; where somebody has put a link to one, the link alone. */
static void clear(const char *folder)
{
    struct stat is;
    char path[PATH_MAX];
    if (lstat(folder, &is) == 0 && !S_ISDIR(is.st_mode)) {
        (void)unlink(folder);
        return;
    }
    if (ww_place(path, folder, CHAIN))
        (void)unlink(path);
    if (ww_place(path, folder, KEY))
        (void)unlink(path);
    (void)rmdir(folder);
}

/* Some file systems cannot exchange two folders: then there is a moment without any. */
static bool swap(const char *next, const char *now, const char *old)
{
    if (rename(next, now) == 0 || renameat2(AT_FDCWD, next, AT_FDCWD, now, RENAME_EXCHANGE) == 0)
        return true;
    if (errno != EINVAL && errno != ENOSYS)
        return false;
    clear(old);
    if (rename(now, old) != 0)
        return false;
    if (rename(next, now) == 0)
        return true;
    int saved = errno;
    (void)rename(old, now);
    errno = saved;
    return false;
}

bool ww_certificate_install(const char *folder, const char *host, struct ww_slice chain, struct ww_slice key)
{
    char all[PATH_MAX], now[PATH_MAX], next[PATH_MAX], old[PATH_MAX];
    if (!ww_place(all, folder, "certificates") || !ww_place(now, folder, "certificates/%s", host) ||
        !ww_place(next, folder, "certificates/.new-%s", host) ||
        !ww_place(old, folder, "certificates/.old-%s", host) || !ww_place_folder(all, 0750))
        return false;
    clear(next);
    bool good = ww_place_folder(next, 0750) && fill(next, chain, key) && swap(next, now, old);
    int saved = errno;
    clear(next);
    clear(old);
    errno = saved;
    return good;
}
