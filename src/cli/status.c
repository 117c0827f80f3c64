/* waxwing status: how the daemon is. */
#include "cli/control.h"
#include "daemon/config_load.h"

#include <getopt.h>
#include <stdio.h>

static const char usage[] = "usage: waxwing status [--json] [--config FILE | --socket ADDRESS]\n";

static const char help[] =
    "\n"
    "Says how the running waxwingd is.\n"
    "\n" WW_CONTROL_HELP "\n"
    "Exit status: 0 all is well; 1 something is not; 64 usage; 75 no daemon answers.\n";

static void print(void *ctx, const json_t *item)
{
    bool *well = ctx;
    const json_t *role;
    size_t i;
    (void)printf("waxwingd %s, running since %s\n", json_string_value(json_object_get(item, "version")),
                 json_string_value(json_object_get(item, "since")));
    json_array_foreach(json_object_get(item, "roles"), i, role)
    {
        bool ready = json_is_true(json_object_get(role, "ready"));
        *well = *well && ready;
        (void)printf("  %-12s %s  pid %-7" JSON_INTEGER_FORMAT " since %s\n",
                     json_string_value(json_object_get(role, "role")), ready ? "ready" : "down ",
                     json_integer_value(json_object_get(role, "pid")),
                     json_string_value(json_object_get(role, "since")));
    }
}

int ww_cli_status(int argc, char **argv)
{
    static const struct option known[] = {WW_CONTROL_LONG_OPTIONS, {NULL, 0, NULL, 0}};
    struct ww_control_options o = {.command = "status"};
    bool well = true;
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
    int status = ww_control_call(&o, "status", json_object(), o.json ? ww_control_print_json : print, &well);
    return status == WW_EXIT_OK && !well ? WW_EXIT_NOT : status;
}
