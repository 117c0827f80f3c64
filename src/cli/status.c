/* waxwing status: how the daemon is. */
#include "cli/control.h"
#include "cli/status_print.h"
#include "daemon/config_load.h"

#include <getopt.h>
#include <stdio.h>

static const char usage[] = "usage: waxwing status [--json] [--config FILE | --socket ADDRESS]\n";

static const char help[] =
    "\n"
    "Says how the running waxwingd is.\n"
    "\n" WW_CONTROL_HELP "\n"
    "Exit status: 0 all is well; 1 something is not; 64 usage; 75 no daemon answers.\n";

struct answer {
    bool json;
    bool well;
};

static void print(void *ctx, const json_t *item)
{
    struct answer *a = ctx;
    a->well = json_is_true(json_object_get(item, "well"));
    if (a->json)
        ww_control_print_json(NULL, item);
    else
        ww_status_print(item);
}

int ww_cli_status(int argc, char **argv)
{
    static const struct option known[] = {WW_CONTROL_LONG_OPTIONS, {NULL, 0, NULL, 0}};
    struct ww_control_options o = {.command = "status"};
    struct answer answer = {.well = false};
    int option;
    while ((option = getopt_long(argc, argv, "hc:", known, NULL)) != -1) {
        if (ww_control_take_option(&o, option, optarg))
            continue;
        (void)fputs(usage, option == 'h' ? stdout : stderr);
        if (option != 'h')
            return WW_EXIT_USAGE;
        (void)fputs(help, stdout);
        return WW_EXIT_OK;
    }
    if (optind < argc) {
        (void)fputs(usage, stderr);
        return WW_EXIT_USAGE;
    }
    answer.json = o.json;
    int status = ww_control_call(&o, "status", json_object(), print, &answer);
    return status == WW_EXIT_OK && !answer.well ? WW_EXIT_NOT : status;
}
