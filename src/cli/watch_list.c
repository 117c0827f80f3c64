/* waxwing watch list: the watched domains, a row each. */
#include "base/time.h"
#include "cli/show.h"
#include "cli/subcommands.h"
#include "cli/table.h"
#include "cli/watch.h"
#include "cli/when.h"
#include "daemon/config_load.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

static const struct ww_watch_command command = {
    .name = "watch list",
    .options = WW_WATCH_GROUP,
    .usage = "usage: waxwing watch list [--group GROUP] [--json] [--config FILE | --socket ADDRESS]\n",
    .help = "Shows the watched domains: what their last inspection has found, and when the next one is.\n"
            "\n"
            "  --group GROUP     those of this group alone; '' those of none\n",
};

static enum ww_table_colour colour_of(const char *severity)
{
    if (strcmp(severity, "error") == 0)
        return WW_TABLE_WRONG;
    if (strcmp(severity, "warning") == 0)
        return WW_TABLE_MIND;
    return severity[0] != '\0' ? WW_TABLE_GOOD : WW_TABLE_FAINT;
}

/* How far it is, on a terminal; elsewhere when it is. */
static void write_when(const json_t *json, const char *key, char out[WW_WHEN_SIZE])
{
    const char *text = ww_watch_text(json, key);
    int64_t at;
    if (ww_show_is_terminal(stdout) && ww_time_parse(ww_slice_str(text), &at))
        ww_when(at, time(NULL), out);
    else
        (void)snprintf(out, WW_WHEN_SIZE, "%s", text[0] != '\0' ? text : "-");
}

static void add_row(void *ctx, const json_t *item)
{
    const json_t *last = json_object_get(item, "last");
    const json_t *counts = json_object_get(last, "counts");
    const char *severity = ww_watch_text(last, "severity");
    char ran[WW_WHEN_SIZE], next[WW_WHEN_SIZE], found[64];
    write_when(last, "at", ran);
    write_when(item, "next", next);
    (void)snprintf(
        found, sizeof found, "%" JSON_INTEGER_FORMAT "/%" JSON_INTEGER_FORMAT "/%" JSON_INTEGER_FORMAT,
        ww_watch_count(counts, "error"), ww_watch_count(counts, "warning"), ww_watch_count(counts, "info"));
    const struct ww_table_cell cells[] = {
        {ww_watch_text(item, "domain"), WW_TABLE_PLAIN},
        {ww_watch_text(item, "group"), WW_TABLE_PLAIN},
        {severity[0] != '\0' ? severity : "-", colour_of(severity)},
        {json_is_object(last) ? found : "-", WW_TABLE_PLAIN},
        {json_is_object(last) ? ww_watch_text(last, "outlook") : "-", WW_TABLE_PLAIN},
        {ran, WW_TABLE_FAINT},
        {next, WW_TABLE_FAINT},
    };
    ww_table_add(ctx, cells);
}

static int print_table(const struct ww_watch_options *o, json_t *request)
{
    static const struct ww_table_column columns[] = {
        {.heading = "DOMAIN"},  {.heading = "GROUP", .shortens = true},
        {.heading = "WORST"},   {.heading = "E/W/I"},
        {.heading = "OUTLOOK"}, {.heading = "INSPECTED"},
        {.heading = "NEXT"},
    };
    struct ww_table *table = ww_table_new(columns, sizeof columns / sizeof *columns);
    if (table == NULL) {
        json_decref(request);
        return WW_EXIT_INTERNAL;
    }
    int status = ww_control_call(&o->control, "watch-list", request, add_row, table);
    if (status == WW_EXIT_OK && ww_table_rows(table) == 0)
        (void)puts("No domains are watched.");
    else if (status == WW_EXIT_OK && !ww_table_print(table, stdout))
        status = WW_EXIT_INTERNAL;
    ww_table_free(table);
    return status;
}

int ww_cli_watch_list(int argc, char **argv)
{
    struct ww_watch_options o;
    int status = ww_watch_options_read(argc, argv, &command, &o);
    if (status >= 0)
        return status;
    if (argc != optind)
        return ww_subcommand_usage(command.name, "it takes no argument", command.usage);
    json_t *request = json_object();
    if (o.group != NULL && !ww_watch_set(&request, "group", json_string(o.group)))
        return ww_subcommand_usage(command.name, "the group is no UTF-8", command.usage);
    if (o.control.json)
        return ww_control_call(&o.control, "watch-list", request, ww_control_print_json, NULL);
    return print_table(&o, request);
}
