/* waxwing report quarantine: what was handed in as a report and could not be read. */
#include "cli/cache.h"
#include "cli/received.h"
#include "cli/replace.h"
#include "cli/report.h"
#include "cli/show.h"
#include "cli/subcommands.h"
#include "cli/table.h"
#include "cli/tree.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void add_row(void *ctx, const json_t *row)
{
    const json_t *why = json_object_get(row, "why");
    char number[24], size[24], came[WW_RECEIVED_TIME_SIZE], words[600];
    const char *organization = ww_cache_text(row, "organization"), *from = ww_cache_text(row, "mail_from");
    const char *at = ww_cache_text(why, "at");
    if (!json_is_integer(json_object_get(row, "number")))
        return;
    (void)snprintf(number, sizeof number, "%" JSON_INTEGER_FORMAT, ww_cache_number(row, "number"));
    (void)snprintf(size, sizeof size, "%" JSON_INTEGER_FORMAT, ww_cache_number(row, "size"));
    (void)snprintf(words, sizeof words, "%.480s%s%.100s", ww_cache_text(why, "message"),
                   at[0] != '\0' ? ", at " : "", at);
    ww_received_time(row, "came", came);
    const struct ww_table_cell cells[] = {
        {number, WW_TABLE_PLAIN},
        {came, WW_TABLE_FAINT},
        {ww_cache_text(row, "channel"), WW_TABLE_FAINT},
        {organization[0] != '\0' ? organization
         : from[0] != '\0'       ? from
                                 : ww_cache_text(row, "peer"),
         WW_TABLE_PLAIN},
        {ww_cache_text(row, "domain"), WW_TABLE_PLAIN},
        {size, WW_TABLE_PLAIN},
        {words, WW_TABLE_MIND},
    };
    ww_table_add(ctx, cells);
}

static int list(int argc, char **argv)
{
    static const struct ww_received_command command = {
        .name = "report quarantine list",
        .usage = "usage: waxwing report quarantine list [--json] [--config FILE | --socket ADDRESS]\n",
        .help = "Lists what was handed in as a report and could not be read, the latest first, and why.\n\n",
    };
    static const struct ww_table_column columns[] = {
        {.heading = "NUMBER", .right = true},
        {.heading = "CAME"},
        {.heading = "CHANNEL"},
        {.heading = "FROM", .shortens = true, .share = 0.2},
        {.heading = "DOMAIN", .shortens = true, .share = 0.2},
        {.heading = "OCTETS", .right = true},
        {.heading = "WHY", .shortens = true, .share = 0.3},
    };
    struct ww_received_options o;
    int status = ww_received_options_read(argc, argv, &command, &o);
    if (status >= 0)
        return status;
    if (argc != optind)
        return ww_subcommand_usage(command.name, "it takes no argument", command.usage);
    struct ww_table *table = o.control.json ? NULL : ww_table_new(columns, sizeof columns / sizeof *columns);
    status = ww_control_call(&o.control, "quarantine-list", json_object(),
                             table != NULL ? add_row : ww_control_print_json, table);
    if (status == WW_EXIT_OK && table != NULL && ww_table_rows(table) == 0)
        (void)puts("All that came in could be read.");
    else if (status == WW_EXIT_OK && table != NULL && !ww_table_print(table, stdout))
        status = WW_EXIT_INTERNAL;
    ww_table_free(table);
    return status;
}

static void print_one(void *ctx, const json_t *q)
{
    const json_t *why = json_object_get(q, "why");
    char text[800], came[WW_REPORT_TIME_SIZE], dkim[WW_RECEIVED_DKIM_SIZE];
    const unsigned width = ww_tree_style(stdout).width;
    (void)ctx;
    if (!json_is_integer(json_object_get(q, "number")))
        return;
    ww_report_time(q, "came", came);
    (void)printf("number %" JSON_INTEGER_FORMAT " in quarantine\n", ww_cache_number(q, "number"));
    (void)snprintf(text, sizeof text, "%.500s%s%.100s [%.64s]", ww_cache_text(why, "message"),
                   ww_cache_text(why, "at")[0] != '\0' ? ", at " : "", ww_cache_text(why, "at"),
                   ww_cache_text(why, "id"));
    ww_received_line(width, "why", text);
    (void)snprintf(text, sizeof text, "%s by %.32s", came, ww_received_channel(q));
    ww_received_line(width, "came", text);
    ww_received_line(width, "from", ww_cache_text(q, "peer"));
    ww_received_line(width, "mail from", ww_cache_text(q, "mail_from"));
    ww_received_line(width, "organization", ww_cache_text(q, "organization"));
    ww_received_line(width, "report-id", ww_cache_text(q, "report_id"));
    ww_received_line(width, "domain", ww_cache_text(q, "domain"));
    ww_received_dkim(json_object_get(q, "dkim"), dkim);
    ww_received_line(width, "DKIM", dkim);
    (void)snprintf(text, sizeof text, "%" JSON_INTEGER_FORMAT " octets, %s", ww_cache_number(q, "size"),
                   json_is_true(json_object_get(q, "mail")) ? "a mail" : "JSON or gzip, as it claims");
    ww_received_line(width, "it is", text);
}

static int show(int argc, char **argv)
{
    static const struct ww_received_command command = {
        .name = "report quarantine show",
        .usage = "usage: waxwing report quarantine show [--json] [--config FILE | --socket ADDRESS] NUMBER\n",
        .help = "Shows why something could not be read, and what is known of it.\n\n",
    };
    struct ww_received_options o;
    int status = ww_received_options_read(argc, argv, &command, &o);
    if (status >= 0)
        return status;
    if (argc - optind != 1)
        return ww_subcommand_usage(command.name, "say which, by its number", command.usage);
    json_t *request = ww_received_request_number(&o, argv[optind]);
    return request == NULL ? WW_EXIT_USAGE
                           : ww_control_call(&o.control, "quarantine-show", request,
                                             o.control.json ? ww_control_print_json : print_one, NULL);
}

static int write_file(const struct ww_received_options *o, const struct ww_received_octets *octets)
{
    struct ww_replace file;
    int status = ww_replace_open(&file, o->control.command, o->output, 0600);
    if (status != WW_EXIT_OK)
        return status;
    (void)fwrite(octets->p, 1, octets->n, file.to);
    return ww_replace_close(&file, WW_EXIT_OK);
}

/* Whatever they are: a terminal gets none of them. */
static int write_octets(const struct ww_received_options *o, const struct ww_received_octets *octets)
{
    if (o->output != NULL)
        return write_file(o, octets);
    if (ww_show_is_terminal(stdout)) {
        ww_subcommand_complain(o->control.command, o->control.about,
                               "it might steer your terminal: name a file with --output");
        return WW_EXIT_USAGE;
    }
    (void)fwrite(octets->p, 1, octets->n, stdout);
    return WW_EXIT_OK;
}

static int export(int argc, char **argv)
{
    static const struct ww_received_command command = {
        .name = "report quarantine export",
        .options = WW_RECEIVED_OPTION_OUTPUT,
        .usage =
            "usage: waxwing report quarantine export [--output FILE] [--config FILE | --socket ADDRESS]\n"
            "                                        NUMBER\n",
        .help = "Writes the octets that came in, as they are, to standard output.\n"
                "\n"
                "  --output FILE     write to this file, which is replaced once all is there\n",
    };
    struct ww_received_options o;
    struct ww_received_octets octets = {.p = NULL};
    int status = ww_received_options_read(argc, argv, &command, &o);
    if (status >= 0)
        return status;
    if (argc - optind != 1)
        return ww_subcommand_usage(command.name, "say which, by its number", command.usage);
    json_t *request = ww_received_request_number(&o, argv[optind]);
    if (request == NULL)
        return WW_EXIT_USAGE;
    status = ww_received_octets_fetch(&o, "quarantine-raw", request, &octets);
    if (status == WW_EXIT_OK)
        status = write_octets(&o, &octets);
    free(octets.p);
    return status;
}

static void take_removed(void *ctx, const json_t *item)
{
    json_int_t *removed = ctx;
    if (json_is_integer(json_object_get(item, "removed")))
        *removed = ww_cache_number(item, "removed");
}

static int removal(int argc, char **argv)
{
    static const struct ww_received_command command = {
        .name = "report quarantine remove",
        .options = WW_RECEIVED_OPTION_ALL,
        .usage = "usage: waxwing report quarantine remove [--json] [--config FILE | --socket ADDRESS]\n"
                 "                                        NUMBER | --all\n",
        .help = "Removes from the quarantine.\n"
                "\n"
                "  --all             all that is in it\n",
    };
    struct ww_received_options o;
    json_int_t removed = 0;
    int status = ww_received_options_read(argc, argv, &command, &o);
    if (status >= 0)
        return status;
    if (argc - optind != (o.all ? 0 : 1))
        return ww_subcommand_usage(command.name, "one number, or --all, is wanted", command.usage);
    json_t *request = o.all ? json_pack("{s:b}", "all", 1) : ww_received_request_number(&o, argv[optind]);
    if (request == NULL)
        return WW_EXIT_USAGE;
    if (o.control.json)
        return ww_control_call(&o.control, "quarantine-remove", request, ww_control_print_json, NULL);
    status = ww_control_call(&o.control, "quarantine-remove", request, take_removed, &removed);
    if (status == WW_EXIT_OK && o.all)
        (void)printf("%" JSON_INTEGER_FORMAT " removed\n", removed);
    else if (status == WW_EXIT_OK)
        (void)printf("number %s is removed\n", argv[optind]);
    return status;
}

int ww_cli_received_quarantine(int argc, char **argv)
{
    static const struct ww_subcommand commands[] = {
        {"list", "", "what could not be read, and why", list},
        {"show", "NUMBER", "what is known of one", show},
        {"export", "NUMBER", "its octets, as they came", export},
        {"retry", "NUMBER", "hand it in once more; or all with --all", ww_cli_received_retry},
        {"remove", "NUMBER", "drop it; or all with --all", removal},
    };
    static const struct ww_subcommands all = {
        "report quarantine", "What is handed in as a report and cannot be read is kept for a while.\n",
        commands, sizeof commands / sizeof *commands};
    return ww_subcommands_run(&all, argc, argv);
}
