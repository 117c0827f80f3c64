/* The command line of `waxwing check`. */
#ifndef WW_CLI_CHECK_OPTIONS_H
#define WW_CLI_CHECK_OPTIONS_H

#include "core/lint.h"

#include <stdbool.h>
#include <stddef.h>

struct ww_check_options {
    bool json;
    bool list;
    bool markdown; /* of the list */
    bool verbose;
    bool never_fails;         /* --fail-on never */
    enum ww_severity fail_on; /* findings of this severity, and worse ones, set the exit status */
    size_t parallel;
    unsigned deadline_ms;
    const char *config_path; /* or NULL, as are the next ones */
    const char *input;
    const char *against;
    const char *html;
    const char *zone; /* of these files instead of what is published */
    const char *policy;
    const char *junit;
};

/*
 * -1: go on, with the domains from optind on; else the exit status, and what was wrong is told. There are
 * domains, or an input, unless the checks are to be listed.
 */
int ww_check_options_read(int argc, char **argv, struct ww_check_options *out);

/* The exit status of what has a finding of this severity as its worst. */
int ww_check_exit(const struct ww_check_options *options, enum ww_severity worst);

#endif
