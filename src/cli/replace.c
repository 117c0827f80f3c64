#include "cli/replace.h"

#include "cli/cli.h"
#include "cli/subcommands.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int complain(const struct ww_replace *r, const char *path, int fault)
{
    ww_subcommand_complain(r->command, path, strerror(fault));
    return WW_EXIT_INTERNAL;
}

int ww_replace_open(struct ww_replace *r, const char *command, const char *path, mode_t mode)
{
    *r = (struct ww_replace){.command = command, .path = path};
    if (asprintf(&r->partial, "%s.part", path) < 0)
        return complain(r, path, ENOMEM);
    int fd = open(r->partial, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, mode);
    r->to = fd >= 0 ? fdopen(fd, "w") : NULL;
    if (r->to != NULL)
        return WW_EXIT_OK;
    int status = complain(r, r->partial, errno);
    if (fd >= 0)
        (void)close(fd);
    free(r->partial);
    return status;
}

int ww_replace_sync(const struct ww_replace *r)
{
    if (fflush(r->to) == 0 && ferror(r->to) == 0 && fsync(fileno(r->to)) == 0)
        return WW_EXIT_OK;
    return complain(r, r->partial, errno);
}

/* A name is on the disk once its folder is. Where that cannot be asked for, the old file may come back,
 * whole. */
static void sync_folder(const char *path)
{
    char *copy = strdup(path);
    int fd = copy != NULL ? open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
    if (fd >= 0) {
        (void)fsync(fd);
        (void)close(fd);
    }
    free(copy);
}

int ww_replace_close(struct ww_replace *r, int status)
{
    if (status == WW_EXIT_OK)
        status = ww_replace_sync(r);
    if (fclose(r->to) != 0 && status == WW_EXIT_OK)
        status = complain(r, r->partial, errno);
    if (status == WW_EXIT_OK && rename(r->partial, r->path) != 0)
        status = complain(r, r->path, errno);
    if (status != WW_EXIT_OK)
        (void)unlink(r->partial);
    else
        sync_folder(r->path);
    free(r->partial);
    return status;
}
