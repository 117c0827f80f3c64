#include "cli/replace.h"

#include "cli/cli.h"
#include "cli/show.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int complain(const struct ww_replace *r, const char *path, int fault)
{
    (void)fprintf(stderr, "waxwing %s: ", r->command);
    ww_show_text(stderr, path);
    (void)fprintf(stderr, ": %s\n", strerror(fault));
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

int ww_replace_close(struct ww_replace *r, int status)
{
    bool written = fflush(r->to) == 0 && ferror(r->to) == 0 && fsync(fileno(r->to)) == 0;
    int fault = errno;
    written = fclose(r->to) == 0 && written;
    if (status == WW_EXIT_OK && !written)
        status = complain(r, r->partial, fault);
    if (status == WW_EXIT_OK && rename(r->partial, r->path) != 0)
        status = complain(r, r->path, errno);
    if (status != WW_EXIT_OK)
        (void)unlink(r->partial);
    free(r->partial);
    return status;
}
