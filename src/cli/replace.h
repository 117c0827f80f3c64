/* A file that is replaced whole: what stands there stays until all of the new one is on the disk. */
#ifndef WW_CLI_REPLACE_H
#define WW_CLI_REPLACE_H

#include <stdbool.h>
#include <stdio.h>
#include <sys/types.h>

struct ww_replace {
    const char *command; /* what errors begin with, borrowed */
    const char *path;    /* borrowed */
    char *partial;
    FILE *to; /* to write to */
};

/* Opens a file beside it. Anything but WW_EXIT_OK was said, and there is nothing to close. */
int ww_replace_open(struct ww_replace *r, const char *command, const char *path, mode_t mode);

/* Has all that was written on the disk. Returns WW_EXIT_OK, or what went wrong, which was said. */
int ww_replace_sync(const struct ww_replace *r);

/* Puts the new file in its place when status is WW_EXIT_OK, else drops it. Returns status, or what went
 * wrong, which was said. */
int ww_replace_close(struct ww_replace *r, int status);

#endif
