/* waxwing report remove: a report of others counts no more. */
#include "cli/received.h"
#include "cli/subcommands.h"

#include <getopt.h>
#include <stdio.h>

int ww_cli_received_remove(int argc, char **argv)
{
    static const struct ww_received_command command = {
        .name = "report remove",
        .usage = "usage: waxwing report remove [--json] [--config FILE | --socket ADDRESS] NUMBER\n",
        .help = "Removes a report of others that should not count, such as a forged one. If it is sent "
                "again, it\n"
                "is taken in again.\n"
                "\n",
    };
    struct ww_received_options o;
    int status = ww_received_options_read(argc, argv, &command, &o);
    if (status >= 0)
        return status;
    if (argc - optind != 1)
        return ww_subcommand_usage(command.name, "say which report, by its number", command.usage);
    json_t *request = ww_received_request_number(&o, argv[optind]);
    if (request == NULL)
        return WW_EXIT_USAGE;
    status = ww_control_call(&o.control, "received-remove", request,
                             o.control.json ? ww_control_print_json : ww_received_ignore, NULL);
    if (status == WW_EXIT_OK && !o.control.json)
        (void)printf("report %s counts no more\n", argv[optind]);
    return status;
}
