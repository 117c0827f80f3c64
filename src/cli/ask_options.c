#include "cli/ask_options.h"

#include "cli/cli.h"
#include "cli/subcommands.h"
#include "daemon/listen_at.h"

#include <getopt.h>
#include <stdio.h>

static int fail(const struct ww_ask_command *command, const char *why)
{
    return ww_subcommand_usage(command->name, why, command->usage);
}

static int check(const struct ww_ask_command *command, const struct ww_ask_options *o, bool has_domain)
{
    struct ww_listen_at at;
    const char *why;
    if (o->socket != NULL && !ww_listen_at_parse(o->socket, &at, &why))
        return fail(command, why);
    if (o->direct && o->socket != NULL)
        return fail(command, "--socket and --direct exclude each other");
    return has_domain ? -1 : fail(command, "say which domain");
}

int ww_ask_options_read(const struct ww_ask_command *command, int argc, char **argv,
                        struct ww_ask_options *out)
{
    static const struct option known[] = {
        {"json", no_argument, NULL, 'j'},
        {"config", required_argument, NULL, 'c'},
        {"socket", required_argument, NULL, 's'},
        {"direct", no_argument, NULL, 'd'},
        {"help", no_argument, NULL, 'h'},
        {"live", no_argument, NULL, 'l'},
        {NULL, 0, NULL, 0},
    };
    int option;
    opterr = 0;
    while ((option = getopt_long(argc, argv, "hc:", known, NULL)) != -1) {
        if (option == 'j') {
            out->json = true;
        } else if (option == 'c') {
            out->config_path = optarg;
        } else if (option == 's') {
            out->socket = optarg;
        } else if (option == 'd') {
            out->direct = true;
        } else if (option == 'l' && command->has_live) {
            out->live = true;
        } else if (option == 'h') {
            (void)fputs(command->usage, stdout);
            (void)fputs(command->help, stdout);
            return WW_EXIT_OK;
        } else {
            return fail(command, WW_NO_SUCH_OPTION);
        }
    }
    return check(command, out, optind < argc);
}
