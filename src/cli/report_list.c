/* waxwing report outbox list: the reports, a row each. */
#include "base/time.h"
#include "cli/cache.h"
#include "cli/report.h"
#include "cli/show.h"
#include "cli/subcommands.h"
#include "cli/table.h"
#include "codec/idn.h"
#include "daemon/config_load.h"
#include "engine/courier.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define TO_SIZE 640

static const struct ww_report_command command = {
    .name = "report outbox list",
    .options = WW_REPORT_FILTER,
    .usage = "usage: waxwing report outbox list [--state STATE] [--domain DOMAIN] [--json]\n"
             "                                  [--config FILE | --socket ADDRESS]\n",
    .help = "Lists the reports, the latest first, behind the days whose results still come in: of these a\n"
            "report is made after midnight UTC.\n"
            "\n"
            "  --state STATE     collecting, waiting, held, sent, given-up or not-asked\n"
            "  --domain DOMAIN   reports on that domain\n",
};

static enum ww_table_colour colour_of(const char *state)
{
    if (strcmp(state, "sent") == 0)
        return WW_TABLE_GOOD;
    if (strcmp(state, "given-up") == 0)
        return WW_TABLE_WRONG;
    return strcmp(state, "held") == 0 ? WW_TABLE_MIND : WW_TABLE_PLAIN;
}

/* When it is due, or has ended: how far that is on a terminal. */
static void write_when(const json_t *report, char out[WW_WHEN_SIZE])
{
    const char *due = ww_cache_text(report, "due");
    const char *text = due[0] != '\0' ? due : ww_cache_text(report, "ended");
    int64_t at;
    if (ww_show_is_terminal(stdout) && ww_time_parse(ww_slice_str(text), &at))
        ww_when(at, time(NULL), out);
    else
        (void)snprintf(out, WW_WHEN_SIZE, "%s", text[0] != '\0' ? text : "-");
}

/* The first destination that counts: that waits, or has taken it, or else any. */
static const json_t *choose(const json_t *destinations)
{
    const json_t *d, *best = NULL;
    size_t i;
    json_array_foreach(destinations, i, d)
    {
        const char *state = ww_cache_text(d, "state");
        if (strcmp(state, "waiting") == 0)
            return d;
        if (best == NULL || strcmp(state, "sent") == 0)
            best = d;
    }
    return best;
}

/* "mailto:tls@example.com", and how many others there are. */
static void write_to(const json_t *report, char out[TO_SIZE])
{
    const json_t *destinations = json_object_get(report, "destinations");
    const json_t *best = choose(destinations);
    size_t count = json_array_size(destinations);
    if (best != NULL && count > 1)
        (void)snprintf(out, TO_SIZE, "%.520s and %zu more", ww_cache_text(best, "uri"), count - 1);
    else if (best != NULL)
        (void)snprintf(out, TO_SIZE, "%.520s", ww_cache_text(best, "uri"));
    else if (strcmp(ww_cache_text(report, "state"), "waiting") == 0)
        (void)snprintf(out, TO_SIZE, "as its record says");
    else
        (void)snprintf(out, TO_SIZE, "-");
}

static void add_row(void *ctx, const json_t *item)
{
    const json_t *report = json_object_get(item, "report");
    const json_t *row = report != NULL ? report : json_object_get(item, "collecting");
    const char *state = ww_cache_text(row, "state");
    char number[24] = "-", day[WW_REPORT_DAY_SIZE], ok[24], failed[24], when[WW_WHEN_SIZE], to[TO_SIZE];
    if (report != NULL)
        (void)snprintf(number, sizeof number, "%" JSON_INTEGER_FORMAT, ww_cache_number(row, "number"));
    ww_report_day(row, day);
    (void)snprintf(ok, sizeof ok, "%" JSON_INTEGER_FORMAT,
                   ww_cache_number(row, "success") + ww_cache_number(row, "unverified"));
    (void)snprintf(failed, sizeof failed, "%" JSON_INTEGER_FORMAT, ww_cache_number(row, "failure"));
    write_when(row, when);
    write_to(row, to);
    const struct ww_table_cell cells[] = {
        {number, WW_TABLE_PLAIN},
        {ww_cache_text(row, "domain"), WW_TABLE_PLAIN},
        {day, WW_TABLE_PLAIN},
        {state, colour_of(state)},
        {ok, WW_TABLE_PLAIN},
        {failed, ww_cache_number(row, "failure") > 0 ? WW_TABLE_MIND : WW_TABLE_PLAIN},
        {when, WW_TABLE_FAINT},
        {to, WW_TABLE_FAINT},
    };
    ww_table_add(ctx, cells);
}

static int print_table(const struct ww_report_options *o, json_t *request)
{
    static const struct ww_table_column columns[] = {
        {.heading = "NUMBER", .right = true},
        {.heading = "DOMAIN"}, /* whole: the other commands want it */
        {.heading = "DAY"},
        {.heading = "STATE"},
        {.heading = "OK", .right = true},
        {.heading = "FAILED", .right = true},
        {.heading = "WHEN"},
        {.heading = "TO", .shortens = true},
    };
    struct ww_table *table = ww_table_new(columns, sizeof columns / sizeof *columns);
    if (table == NULL) {
        json_decref(request);
        return WW_EXIT_INTERNAL;
    }
    int status = ww_control_call(&o->control, "report-list", request, add_row, table);
    if (status == WW_EXIT_OK && ww_table_rows(table) == 0)
        (void)puts(o->state != NULL || o->domain != NULL ? "There are none such."
                                                         : "There are no reports yet.");
    else if (status == WW_EXIT_OK && !ww_table_print(table, stdout))
        status = WW_EXIT_INTERNAL;
    ww_table_free(table);
    return status;
}

static bool is_state(const char *name)
{
    for (unsigned i = 0; i < WW_REPORT_STATES; i++)
        if (strcmp(name, ww_report_state_name((enum ww_report_state)i)) == 0)
            return true;
    return strcmp(name, "collecting") == 0;
}

int ww_report_list(int argc, char **argv)
{
    struct ww_report_options o;
    char domain[WW_DNAME_SIZE];
    int status = ww_report_options_read(argc, argv, &command, &o);
    if (status >= 0)
        return status;
    if (argc != optind)
        return ww_subcommand_usage(command.name, "it takes no argument", command.usage);
    if (o.state != NULL && !is_state(o.state))
        return ww_subcommand_usage(command.name,
                                   "--state wants collecting, waiting, held, sent, given-up or not-asked",
                                   command.usage);
    if (o.domain != NULL && ww_idn_to_domain(ww_slice_str(o.domain), domain) != WW_OK)
        return ww_subcommand_usage(command.name, "--domain wants a domain name", command.usage);
    json_t *request = json_pack("{s:s?, s:s?}", "state", o.state, "domain", o.domain != NULL ? domain : NULL);
    if (o.control.json)
        return ww_control_call(&o.control, "report-list", request, ww_control_print_json, NULL);
    return print_table(&o, request);
}
