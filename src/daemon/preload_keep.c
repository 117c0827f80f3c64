#include "daemon/preload_keep.h"

#include "daemon/log.h"
#include "daemon/role.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define LIST "list.json"
#define SIGNATURE "list.json.asc"
#define NEXT_LIST "list.json.new"
#define NEXT_SIGNATURE "list.json.asc.new"

/* Names of what GnuPG works in begin so (sign/openpgp.h). */
#define HOME "waxwing-gpg-"

bool ww_preload_folder_make(const struct ww_config *config)
{
    char *folder = ww_preload_folder(config);
    struct stat st;
    if (folder == NULL) {
        ww_log_error("no-memory");
        return false;
    }
    bool good = mkdir(folder, 0755) == 0 ? ww_role_give_folder(config, WW_ROLE_PRELOAD, folder)
                                         : errno == EEXIST && stat(folder, &st) == 0 && S_ISDIR(st.st_mode);
    if (!good)
        ww_log_error("preload-folder-failed", "path", folder, "detail", strerror(errno), "advice",
                     "make this directory and give it to Waxwing's user, or leave preload.source out");
    free(folder);
    return good;
}

static int open_folder(const char *folder)
{
    return open(folder, O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

static int open_in(int folder, const char *name)
{
    return folder < 0 ? -1 : openat(folder, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
}

struct ww_preload_files ww_preload_keep_open(const char *folder, unsigned attempt)
{
    int in = open_folder(folder);
    struct ww_preload_files files = {.list = -1, .signature = open_in(in, SIGNATURE)};
    if (files.signature >= 0)
        files.list = open_in(in, attempt == 0 ? LIST : NEXT_LIST);
    int saved = errno;
    if (in >= 0)
        (void)close(in);
    errno = saved;
    return files;
}

void ww_preload_files_close(struct ww_preload_files *files)
{
    if (files->list >= 0)
        (void)close(files->list);
    if (files->signature >= 0)
        (void)close(files->signature);
    *files = (struct ww_preload_files){-1, -1};
}

void ww_preload_keep_finish(const char *folder)
{
    int in = open_folder(folder);
    if (in < 0)
        return;
    (void)renameat(in, NEXT_LIST, in, LIST);
    (void)close(in);
}

static bool write_file(int folder, const char *name, struct ww_slice text)
{
    int fd = openat(folder, name, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0644);
    bool good = fd >= 0;
    for (size_t at = 0; good && at < text.n;) {
        ssize_t n = write(fd, text.p + at, text.n - at);
        if (n > 0)
            at += (size_t)n;
        else
            good = n < 0 && errno == EINTR;
    }
    good = good && fsync(fd) == 0;
    int saved = errno;
    if (fd >= 0)
        (void)close(fd);
    errno = saved;
    return good;
}

bool ww_preload_keep_write(const char *folder, struct ww_slice list, struct ww_slice signature)
{
    int in = open_folder(folder);
    bool good = in >= 0 && write_file(in, NEXT_LIST, list) && write_file(in, NEXT_SIGNATURE, signature) &&
                fsync(in) == 0 && renameat(in, NEXT_SIGNATURE, in, SIGNATURE) == 0 &&
                renameat(in, NEXT_LIST, in, LIST) == 0 && fsync(in) == 0;
    int saved = errno;
    if (in >= 0)
        (void)close(in);
    errno = saved;
    return good;
}

static int remove_home(const char *path, const struct stat *status, int kind, struct FTW *walk)
{
    (void)status;
    (void)kind;
    const char *name = path + walk->base;
    if (walk->level == 0 || (walk->level == 1 && strncmp(name, HOME, sizeof HOME - 1) != 0))
        return 0;
    (void)remove(path);
    return 0;
}

/* What lies deeper than that in a folder that is not GnuPG's is not ours, and there is none. */
void ww_preload_keep_sweep(const char *folder)
{
    (void)nftw(folder, remove_home, 8, FTW_DEPTH | FTW_PHYS | FTW_MOUNT);
}
