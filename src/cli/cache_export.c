/* waxwing cache export: writes all policies in force, one a line. */
#include "base/time.h"
#include "cli/cache.h"
#include "cli/control.h"
#include "cli/replace.h"
#include "cli/subcommands.h"
#include "daemon/config_load.h"

#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <time.h>

static const char usage[] =
    "usage: waxwing cache export [--output FILE] [--config FILE | --socket ADDRESS]\n";

static const char help[] =
    "\n"
    "Writes all policies in force that the running waxwingd knows, for waxwing cache import: as JSON,\n"
    "one a line, between a line with the version of the format and a line with their number.\n"
    "\n"
    "  --output FILE     write to this file, which is replaced once all is there, instead of\n"
    "                    standard output\n" WW_CONTROL_HELP "\n"
    "Exit status: 0 all was written; 1 not all, standard error says why; 64 usage; 66 the\n"
    "configuration cannot be read; 70 the file cannot be written; 75 no daemon answers; 78 the\n"
    "configuration is wrong.\n";

struct export
{
    FILE *to;
    uint64_t count;
};

/* All of it is US-ASCII, so that it may be looked at on a terminal. */
static void write_line(FILE *to, const json_t *line)
{
    if (json_dumpf(line, to, JSON_COMPACT | JSON_ENSURE_ASCII) == 0)
        (void)fputc('\n', to);
}

static void on_policy(void *ctx, const json_t *item)
{
    struct export *e = ctx;
    write_line(e->to, item);
    e->count++;
}

static int export_to(const struct ww_control_options *o, FILE *to)
{
    struct export e = {.to = to};
    char now[WW_TIME_SIZE];
    ww_time_format((int64_t)time(NULL), now);
    (void)fprintf(to, "{\"waxwing-cache\":%d,\"exported\":\"%s\",\"by\":\"waxwing %s\"}\n", WW_CACHE_FORMAT,
                  now, WW_VERSION);
    int status = ww_control_call(o, "cache-export", json_object(), on_policy, &e);
    if (status == WW_EXIT_OK)
        (void)fprintf(to, "{\"policies\":%" PRIu64 "}\n", e.count);
    return status;
}

/* A file for its owner alone: whoever can change it can change what is imported. */
static int export_to_file(const struct ww_control_options *o, const char *path)
{
    struct ww_replace file;
    int status = ww_replace_open(&file, o->command, path, 0600);
    return status == WW_EXIT_OK ? ww_replace_close(&file, export_to(o, file.to)) : status;
}

int ww_cli_cache_export(int argc, char **argv)
{
    static const struct option known[] = {
        {"output", required_argument, NULL, 'o'}, WW_CONTROL_LONG_OPTIONS, {NULL, 0, NULL, 0}};
    struct ww_control_options o = {.command = "cache export"};
    const char *path = NULL;
    int option;
    opterr = 0;
    while ((option = getopt_long(argc, argv, "hc:o:", known, NULL)) != -1) {
        if (ww_control_take_option(&o, option, optarg))
            continue;
        if (option == 'h') {
            (void)printf("%s%s", usage, help);
            return WW_EXIT_OK;
        }
        if (option != 'o')
            return ww_subcommand_usage(o.command, WW_NO_SUCH_OPTION, usage);
        path = optarg;
    }
    if (optind < argc)
        return ww_subcommand_usage(o.command, "it takes no argument; see --output", usage);
    return path != NULL ? export_to_file(&o, path) : export_to(&o, stdout);
}
