/* Shows what came of each domain in every form that is wanted, and keeps in mind how bad it is. */
#ifndef WW_CLI_CHECK_SHOW_H
#define WW_CLI_CHECK_SHOW_H

#include "cli/check_files.h"
#include "cli/table.h"
#include "cli/tree.h"

#include <stddef.h>

struct ww_check_show {
    const struct ww_check_options *options;
    FILE *to;
    struct ww_tree_style style;
    struct ww_check_files files;
    struct ww_table *summary; /* of several domains */
    size_t count;             /* of domains that there will be */
    size_t shown;
    bool has_missing;
    bool has_unknown; /* what senders do could not be found out */
    bool has_findings;
    enum ww_severity worst; /* with findings */
};

/* Anything but WW_EXIT_OK was told, and is the exit status; ww_check_show_end is called all the same. */
int ww_check_show_begin(struct ww_check_show *show, const struct ww_check_options *options, FILE *to,
                        const struct ww_tree_style *style, size_t count);

/* A ww_check_came (check_run.h); ctx is the struct ww_check_show. */
void ww_check_show_domain(void *ctx, const char *domain, const json_t *report, const char *why);

/*
 * The summary, and the files. status: WW_EXIT_OK, or what went wrong before; then nothing is written. Returns
 * the exit status of it all: what went wrong; WW_EXIT_TEMPORARY if a domain could not be inspected; by the
 * worst finding of all domains; WW_EXIT_TEMPORARY if it could not be found out what senders do. only: the
 * name of the only domain, or NULL.
 */
int ww_check_show_end(struct ww_check_show *show, int status, const char *only);

#endif
