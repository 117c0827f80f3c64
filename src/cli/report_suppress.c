/* waxwing report outbox suppress: destinations that get no reports. */
#include "cli/cache.h"
#include "cli/report.h"
#include "cli/show.h"
#include "cli/subcommands.h"
#include "cli/table.h"
#include "daemon/config_load.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>

#define URI_SIZE 512

static const struct ww_report_command command = {
    .name = "report outbox suppress",
    .options = WW_REPORT_SUPPRESS,
    .usage = "usage: waxwing report outbox suppress [--for TIME | --until TIME | --clear] [--reason TEXT]\n"
             "                                      [--json] [--config FILE | --socket ADDRESS] [URI]\n",
    .help =
        "Sends no reports to a destination: URI is mailto:ADDRESS or https://..., as the record has it, or\n"
        "a mail address alone. Without URI: lists the destinations that get none, be it that the\n"
        "operator says so, or that they have refused several in a row.\n"
        "\n"
        "  --for TIME        for so long: 4h, 7d; without it for ever\n"
        "  --until TIME      until 2026-12-31T00:00:00Z\n"
        "  --clear           it gets reports again\n"
        "  --reason TEXT     why: for whoever wonders later\n",
};

static void print_one(void *ctx, const json_t *item)
{
    const json_t *d = json_object_get(item, "destination");
    char until[WW_REPORT_TIME_SIZE];
    (void)ctx;
    if (d == NULL)
        return;
    ww_report_time(d, "until", until);
    ww_show_text(stdout, ww_cache_text(d, "uri"));
    if (json_is_true(json_object_get(d, "suppressed")))
        (void)printf(": gets no reports%s%s\n", until[0] != '\0' ? " until " : "", until);
    else
        (void)puts(": gets reports");
}

static void add_row(void *ctx, const json_t *item)
{
    const json_t *d = json_object_get(item, "destination");
    const char *until = ww_cache_text(d, "until"), *by = ww_cache_text(d, "by");
    const struct ww_table_cell cells[] = {
        {ww_cache_text(d, "uri"), WW_TABLE_PLAIN},
        {until[0] != '\0' ? until : "for ever", WW_TABLE_PLAIN},
        {ww_cache_text(d, "since"), WW_TABLE_FAINT},
        {by[0] != '\0' ? by : "waxwingd: it refuses", WW_TABLE_PLAIN},
        {ww_cache_text(d, "reason"), WW_TABLE_PLAIN},
    };
    if (d != NULL)
        ww_table_add(ctx, cells);
}

static int list(const struct ww_report_options *o)
{
    static const struct ww_table_column columns[] = {
        {.heading = "DESTINATION", .shortens = true},
        {.heading = "UNTIL"},
        {.heading = "SINCE"},
        {.heading = "BY"},
        {.heading = "REASON", .shortens = true},
    };
    if (o->control.json)
        return ww_control_call(&o->control, "report-suppressed", json_object(), ww_control_print_json, NULL);
    struct ww_table *table = ww_table_new(columns, sizeof columns / sizeof *columns);
    if (table == NULL)
        return WW_EXIT_INTERNAL;
    int status = ww_control_call(&o->control, "report-suppressed", json_object(), add_row, table);
    if (status == WW_EXIT_OK && ww_table_rows(table) == 0)
        (void)puts("All destinations get reports.");
    else if (status == WW_EXIT_OK && !ww_table_print(table, stdout))
        status = WW_EXIT_INTERNAL;
    ww_table_free(table);
    return status;
}

int ww_report_suppress(int argc, char **argv)
{
    struct ww_report_options o;
    char uri[URI_SIZE];
    int status = ww_report_options_read(argc, argv, &command, &o);
    if (status >= 0)
        return status;
    if (argc - optind > 1)
        return ww_subcommand_usage(command.name, "one destination at a time", command.usage);
    if (argc == optind && (o.for_ms > 0 || o.until != NULL || o.clear || o.reason != NULL))
        return ww_subcommand_usage(command.name, "say which destination", command.usage);
    if (argc == optind)
        return list(&o);
    const char *text = argv[optind];
    bool address = strchr(text, '@') != NULL && strchr(text, ':') == NULL;
    if (snprintf(uri, sizeof uri, "%s%s", address ? "mailto:" : "", text) >= (int)sizeof uri)
        return ww_subcommand_usage(command.name, "the URI is too long", command.usage);
    o.control.about = text;
    json_t *request = json_pack("{s:s, s:s?, s:s?, s:s?, s:b}", "uri", uri, "reason", o.reason, "until",
                                o.until, "user", ww_control_user(), "clear", o.clear);
    if (request == NULL)
        return ww_subcommand_usage(command.name, "an argument is no UTF-8", command.usage);
    if (o.for_ms > 0)
        (void)json_object_set_new(request, "for", json_integer((json_int_t)(o.for_ms / 1000)));
    return ww_control_call(&o.control, "report-suppress", request,
                           o.control.json ? ww_control_print_json : print_one, NULL);
}
