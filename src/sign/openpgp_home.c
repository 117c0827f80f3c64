#include "sign/openpgp_private.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/*
 * No agent, no key server, no web of trust: a key that is in the key file is trusted for being there. The
 * rest spares files and locks that nobody else will see.
 */
static const char configuration[] = "no-autostart\n"
                                    "disable-dirmngr\n"
                                    "no-auto-key-retrieve\n"
                                    "trust-model always\n"
                                    "lock-never\n"
                                    "no-random-seed-file\n";

static bool write_configuration(const char *home)
{
    int folder = open(home, O_DIRECTORY | O_CLOEXEC);
    int fd = folder >= 0 ? openat(folder, "gpg.conf", O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600) : -1;
    size_t n = sizeof configuration - 1;
    bool good = fd >= 0 && write(fd, configuration, n) == (ssize_t)n;
    if (fd >= 0 && close(fd) != 0)
        good = false;
    if (folder >= 0)
        (void)close(folder);
    return good;
}

bool ww_openpgp_home_make(const char *tmp, char *path, size_t size)
{
    int n = snprintf(path, size, "%s/waxwing-gpg-XXXXXX", tmp);
    if (n < 0 || (size_t)n >= size) {
        errno = ENAMETOOLONG;
        return false;
    }
    if (mkdtemp(path) == NULL)
        return false;
    if (write_configuration(path))
        return true;
    int why = errno;
    ww_openpgp_home_remove(path);
    errno = why;
    return false;
}

static int remove_one(const char *path, const struct stat *status, int kind, struct FTW *walk)
{
    (void)status;
    (void)kind;
    (void)walk;
    (void)remove(path);
    return 0;
}

void ww_openpgp_home_remove(const char *path)
{
    (void)nftw(path, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}
