#include "cli/check_offline.h"

#include "check/offline.h"
#include "cli/check_show.h"
#include "cli/cli.h"
#include "cli/input.h"
#include "cli/subcommands.h"
#include "core/policy.h"

#include <stdio.h>
#include <time.h>

/* Of a policy that is too long one octet more is read, by which it is told. */
static int read_files(const struct ww_check_options *options, struct ww_input *zone, struct ww_input *policy)
{
    int status = WW_EXIT_OK;
    if (options->zone != NULL)
        status = ww_input_read(options->zone, WW_OFFLINE_ZONE_MAX, zone);
    if (status == WW_EXIT_OK && options->policy != NULL)
        status = ww_input_read(options->policy, WW_POLICY_BODY_MAX + 1, policy);
    return status;
}

static int complain(const struct ww_check_options *options, const struct ww_offline_fault *fault)
{
    char where[4096];
    const char *file = options->zone != NULL ? options->zone : options->policy;
    if (fault->line == 0)
        (void)snprintf(where, sizeof where, "%s", file);
    else
        (void)snprintf(where, sizeof where, "%s:%u", file, fault->line);
    ww_subcommand_complain("check", where, fault->why);
    return WW_EXIT_DATA;
}

static int show(const struct ww_check_options *options, const char *domain, const json_t *report)
{
    const struct ww_tree_style style = ww_tree_style(stdout);
    struct ww_check_show to;
    int status = ww_check_show_begin(&to, options, stdout, &style, 1);
    if (status == WW_EXIT_OK)
        ww_check_show_domain(&to, domain, report, "");
    return ww_check_show_end(&to, status, domain);
}

int ww_check_files_offline(const struct ww_check_options *options, const char *domain)
{
    struct ww_input zone = {NULL, 0}, policy = {NULL, 0};
    struct ww_offline_fault fault;
    int status = read_files(options, &zone, &policy);
    if (status == WW_EXIT_OK) {
        json_t *report = ww_check_offline(domain, ww_slice(zone.p, zone.n), ww_slice(policy.p, policy.n),
                                          (int64_t)time(NULL), &fault);
        status = report != NULL ? show(options, domain, report) : complain(options, &fault);
        json_decref(report);
    }
    ww_input_free(&zone);
    ww_input_free(&policy);
    return status;
}
