/* waxwing check: inspects domains, and tells what senders will do and what is wrong. */
#include "cli/check.h"

#include "cli/check_against.h"
#include "cli/check_list.h"
#include "cli/check_offline.h"
#include "cli/check_options.h"
#include "cli/check_run.h"
#include "cli/check_show.h"
#include "cli/cli.h"
#include "cli/load.h"
#include "cli/subcommands.h"

#include <getopt.h>

static int list(const struct ww_check_options *options)
{
    if (options->markdown)
        return ww_check_list_markdown();
    return options->json ? ww_check_list_array() : ww_check_list_table();
}

static int read_domains(const struct ww_check_options *options, int argc, char **argv,
                        struct ww_check_domains *domains)
{
    int status = WW_EXIT_OK;
    for (int i = optind; i < argc && status == WW_EXIT_OK; i++)
        status = ww_check_domains_add(domains, argv[i]);
    if (status == WW_EXIT_OK && options->input != NULL)
        status = ww_check_domains_read(domains, options->input);
    if (status != WW_EXIT_OK || domains->count > 0)
        return status;
    ww_subcommand_complain("check", options->input, "it names no domain");
    return WW_EXIT_DATA;
}

static int inspect(const struct ww_check_options *options, const struct ww_config *config,
                   const struct ww_check_domains *domains, const json_t *against)
{
    const struct ww_check_order order = {
        .config = config,
        .domains = (const char *const *)domains->names,
        .count = domains->count,
        .parallel = options->parallel,
        .deadline_ms = options->deadline_ms,
        .against = against,
    };
    const struct ww_tree_style style = ww_tree_style(stdout);
    struct ww_check_show show;
    int status = ww_check_show_begin(&show, options, stdout, &style, domains->count);
    if (status == WW_EXIT_OK)
        ww_check_run(&order, domains, ww_check_show_domain, &show);
    return ww_check_show_end(&show, status, domains->count == 1 ? domains->names[0] : NULL);
}

int ww_cli_check(int argc, char **argv)
{
    struct ww_check_options options;
    struct ww_check_domains domains = {.count = 0};
    struct ww_config *config;
    json_t *against = NULL;
    int status = ww_check_options_read(argc, argv, &options);
    if (status >= 0)
        return status;
    if (options.list)
        return list(&options);
    status = read_domains(&options, argc, argv, &domains);
    if (status == WW_EXIT_OK && (options.zone != NULL || options.policy != NULL)) {
        status = ww_check_files_offline(&options, domains.names[0]);
        ww_check_domains_clear(&domains);
        return status;
    }
    if (status == WW_EXIT_OK && options.against != NULL)
        status = ww_check_against_read(options.against, &against);
    if (status == WW_EXIT_OK)
        status = ww_cli_load_config("check", options.config_path, &config);
    if (status == WW_EXIT_OK) {
        status = inspect(&options, config, &domains, against);
        ww_config_free(config);
    }
    json_decref(against);
    ww_check_domains_clear(&domains);
    return status;
}
