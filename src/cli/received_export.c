/* waxwing report export: what reports of others say, a row for each policy and failure. */
#include "cli/csv.h"
#include "cli/progress.h"
#include "cli/received.h"
#include "cli/replace.h"
#include "cli/show.h"
#include "cli/subcommands.h"

#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static const struct ww_received_command command = {
    .name = "report export",
    .options = WW_RECEIVED_OPTION_FILTER | WW_RECEIVED_OPTION_ROWS | WW_RECEIVED_OPTION_CSV |
               WW_RECEIVED_OPTION_OUTPUT,
    .usage = "usage: waxwing report export [--csv] [--output FILE] [--domain DOMAIN] [--sender SENDER]\n"
             "                             [--since DAY] [--until DAY] [--result TYPE] [--failed]\n"
             "                             [--limit N] [--config FILE | --socket ADDRESS]\n",
    .help = "Writes what the reports of others say: a row for each policy in a report, or for each of its\n"
            "failures where there are any. How many sessions went well and failed under a policy stands in\n"
            "its first row alone, so that columns can be added up.\n"
            "\n"
            "  --csv             comma-separated values (RFC 4180) below a line of headings; text that a\n"
            "                    spreadsheet would take for a formula gets an apostrophe before it. Else\n"
            "                    JSON, one object a line\n"
            "  --output FILE     write to this file, which is replaced once all is there, instead of\n"
            "                    standard output\n" WW_RECEIVED_FILTER_HELP
            "  --result TYPE     with failures of this type, such as certificate-expired\n"
            "  --failed          with failures alone\n"
            "  --limit N         so many rows at most\n",
};

static const char *const columns[] = {
    "number",   "domain",       "sender",       "verified",      "organization", "report_id", "begin",
    "end",      "came",         "policy_type",  "policy_domain", "success",      "failure",   "result",
    "sessions", "receiving_mx", "receiving_ip", "sending_ip",    "helo",         "reason",    "info",
};

struct export
{
    FILE *to;
    bool as_csv;
    struct ww_csv csv;
    struct ww_progress progress;
    uint64_t count;
    uint64_t most;
    bool enough;
};

static void put_headings(struct export *e)
{
    for (size_t i = 0; i < sizeof columns / sizeof *columns; i++)
        ww_csv_plain(&e->csv, columns[i]);
    ww_csv_end(&e->csv);
}

static void put_row(struct export *e, const json_t *row)
{
    char number[24];
    for (size_t i = 0; i < sizeof columns / sizeof *columns; i++) {
        const json_t *value = json_object_get(row, columns[i]);
        if (json_is_string(value)) {
            ww_csv_text(&e->csv, json_string_value(value), json_string_length(value));
            continue;
        }
        (void)snprintf(number, sizeof number, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
        ww_csv_plain(&e->csv, json_is_integer(value)   ? number
                              : json_is_boolean(value) ? (json_is_true(value) ? "true" : "false")
                                                       : "");
    }
    ww_csv_end(&e->csv);
}

static void take_row(void *ctx, const json_t *row)
{
    struct export *e = ctx;
    if (!json_is_integer(json_object_get(row, "number")))
        return;
    if (e->as_csv)
        put_row(e, row);
    else if (json_dumpf(row, e->to, JSON_COMPACT | JSON_ENSURE_ASCII) == 0)
        (void)fputc('\n', e->to);
    e->enough = ++e->count == e->most || ferror(e->to) != 0;
    if (e->to != stdout)
        ww_progress_step(&e->progress, e->count);
}

static int export_to(struct ww_received_options *o, FILE *to)
{
    struct export e = {
        .to = to,
        .as_csv = o->csv,
        .csv = {.to = to, .safely = ww_show_is_terminal(to)},
        .most = o->limit,
    };
    json_t *request = ww_received_request(o);
    if (request == NULL)
        return WW_EXIT_USAGE;
    ww_progress_begin(&e.progress, "export: rows", 0);
    if (e.as_csv)
        put_headings(&e);
    o->control.enough = &e.enough;
    int status = ww_control_call(&o->control, "received-export", request, take_row, &e);
    ww_progress_clear(&e.progress);
    if (status == WW_EXIT_OK && to != stdout)
        (void)fprintf(stderr, "%" PRIu64 " row%s\n", e.count, e.count == 1 ? "" : "s");
    return status;
}

int ww_cli_received_export(int argc, char **argv)
{
    struct ww_received_options o;
    struct ww_replace file;
    int status = ww_received_options_read(argc, argv, &command, &o);
    if (status >= 0)
        return status;
    if (argc != optind)
        return ww_subcommand_usage(command.name, "it takes no argument; see --output", command.usage);
    if (o.output == NULL)
        return export_to(&o, stdout);
    /* A file for its owner alone: it says who sends mail to whom. */
    status = ww_replace_open(&file, command.name, o.output, 0600);
    return status == WW_EXIT_OK ? ww_replace_close(&file, export_to(&o, file.to)) : status;
}
