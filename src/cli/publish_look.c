/* waxwing publish look: a domain is tended to now, and each step is told. */
#include "cli/publish.h"
#include "cli/subcommands.h"
#include "daemon/config_load.h"

#include <getopt.h>
#include <time.h>

#define WAIT_MS 180000

static int look(const struct ww_publish_options *o, const char *text)
{
    char domain[WW_DNAME_SIZE];
    json_t *shown = NULL;
    if (!ww_publish_domain(o, text, domain))
        return WW_EXIT_USAGE;
    int status = ww_publish_ask(o, "publish-look", domain, NULL);
    uint64_t wait_ms = o->says_wait ? o->wait_ms : WAIT_MS;
    if (status == WW_EXIT_OK)
        status = ww_publish_follow(o, domain, wait_ms, !o->control.json && wait_ms > 0, &shown);
    bool looked = wait_ms > 0 && shown != NULL && ww_publish_is_answered(shown);
    if (status == WW_EXIT_TEMPORARY && !looked && wait_ms > 0)
        ww_subcommand_complain(o->control.command, domain,
                               "it was not looked at in time: `waxwing publish status` says when it was");
    if (status == WW_EXIT_TEMPORARY && (looked || wait_ms == 0))
        status = WW_EXIT_OK;
    struct ww_tree_style style = ww_tree_style(stdout);
    if (status == WW_EXIT_OK && o->control.json)
        ww_control_print_json(NULL, shown);
    else if (status == WW_EXIT_OK && looked)
        ww_publish_print_now(stdout, shown, &style, time(NULL));
    json_decref(shown);
    return status;
}

int ww_cli_publish_look(int argc, char **argv)
{
    static const struct ww_publish_command command = {
        .name = "publish look",
        .takes = WW_PUBLISH_TAKES_WAIT,
        .usage = "usage: waxwing publish look [--wait TIME | --no-wait] [--json]\n"
                 "                            [--config FILE | --socket ADDRESS] DOMAIN\n",
        .help =
            "Has waxwingd look at a domain at once, and do what is due; tells each step, until nothing more\n"
            "is due for a while. After a change that you have made yourself, that is seen.\n"
            "\n"
            "  --wait TIME       for so long at the most, 3m by default; --no-wait does not\n",
    };
    struct ww_publish_options o;
    int status = ww_publish_options_read(argc, argv, &command, &o);
    if (status < 0 && argc - optind != 1)
        status = ww_subcommand_usage(command.name, "say which domain", command.usage);
    if (status < 0)
        status = look(&o, argv[optind]);
    ww_publish_options_free(&o);
    return status;
}
