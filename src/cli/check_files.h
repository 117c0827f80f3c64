/* --html and --junit: gathered while domains are inspected, written when all are (check_output.h). */
#ifndef WW_CLI_CHECK_FILES_H
#define WW_CLI_CHECK_FILES_H

#include "cli/check_options.h"

#include <jansson.h>
#include <stdio.h>

struct ww_check_text {
    FILE *to; /* NULL: it is not wanted */
    char *p;
    size_t n;
};

struct ww_check_files {
    const struct ww_check_options *options;
    struct ww_check_text rows;
    struct ww_check_text html;
    struct ww_check_text junit;
};

/* Finds out whether the files can be written, and leaves them as they are. Anything but WW_EXIT_OK was told,
 * and is the exit status; ww_check_files_free is called all the same. */
int ww_check_files_open(struct ww_check_files *files, const struct ww_check_options *options);

/* report may be NULL, as for ww_check_junit_domain. */
void ww_check_files_add(struct ww_check_files *files, const char *domain, const json_t *report,
                        const char *why);

/* Writes them. WW_EXIT_OK, or what went wrong, which was told. only: the name of the only domain, or NULL. */
int ww_check_files_write(struct ww_check_files *files, const char *only, size_t domains);
void ww_check_files_free(struct ww_check_files *files);

#endif
