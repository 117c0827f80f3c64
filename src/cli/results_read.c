/* waxwing results read: what a log, or a file of events, says of TLS. */
#include "cli/results.h"

#include "cli/subcommands.h"

#include "base/lines.h"
#include "base/time.h"
#include "cli/cli.h"
#include "cli/results_input.h"
#include "cli/show.h"
#include "cli/table.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static const char usage[] = "usage: waxwing results read [--json] FILE\n";

static const char help[] =
    "\n"
    "Reads Postfix's log, or lines that tell events, from FILE (- is standard input), and prints one event\n"
    "for each session that has shown something about TLS: a table on a terminal, elsewhere lines that "
    "`waxwing\n"
    "results` and its socket take. In a log from before 3.4, or with smtp_tls_loglevel below 1, there is "
    "little\n"
    "to find.\n"
    "\n"
    "  --json   one JSON object a line\n"
    "\n"
    "Exit status: 0 there are events; 1 there are none; 64 usage; 65 the file holds neither a log nor "
    "events,\n"
    "or lines that break the rules of events; 66 it cannot be read.\n";

enum form { FORM_TABLE, FORM_LINES, FORM_JSON };

struct output {
    enum form form;
    struct ww_table *table;
    uint64_t events;
};

static enum ww_table_colour colour_of(const struct ww_tls_result *event)
{
    return event->type != WW_RESULT_NONE        ? WW_TABLE_WRONG
           : event->tls == WW_TLS_SEEN_VERIFIED ? WW_TABLE_GOOD
                                                : WW_TABLE_PLAIN;
}

static void add_row(struct ww_table *table, const struct ww_tls_result *event)
{
    char time[WW_TIME_SIZE], host[WW_DNAME_SIZE + WW_ADDR_TEXT_SIZE + 2];
    ww_time_format(event->time, time);
    (void)snprintf(host, sizeof host, event->ip[0] != '\0' ? "%s[%s]" : "%s", event->mx, event->ip);
    const struct ww_table_cell cells[] = {
        {time, WW_TABLE_PLAIN},
        {event->domain, WW_TABLE_PLAIN},
        {ww_tls_result_name(event->type), colour_of(event)},
        {ww_tls_seen_name(event->tls), WW_TABLE_PLAIN},
        {host, WW_TABLE_PLAIN},
        {event->text, WW_TABLE_PLAIN},
    };
    ww_table_add(table, cells);
}

static void print(void *ctx, const struct ww_tls_result *event)
{
    struct output *out = ctx;
    out->events++;
    if (out->form == FORM_TABLE)
        add_row(out->table, event);
    else if (out->form == FORM_JSON)
        ww_results_print_json(event);
    else
        ww_results_print_line(event);
}

static bool take_lines(struct ww_results_input *in, struct ww_lines *lines, bool ended)
{
    int64_t now = time(NULL);
    struct ww_slice line;
    while (ww_lines_next(lines, &line)) {
        if (!ww_results_input_line(in, line.p, line.n, now))
            return false;
    }
    line = ww_lines_rest(lines);
    return !ended || line.n == 0 || ww_results_input_line(in, line.p, line.n, now);
}

static bool read_lines(FILE *f, struct ww_results_input *in)
{
    struct ww_lines lines;
    bool good = ww_lines_init(&lines, WW_RESULTS_LINE_MAX + 1);
    for (bool ended = false; good && !ended;) {
        size_t size;
        char *room = ww_lines_room(&lines, &size);
        size_t n = fread(room, 1, size, f);
        ended = n < size;
        ww_lines_add(&lines, n);
        good = take_lines(in, &lines, ended);
    }
    ww_lines_free(&lines);
    return good;
}

static int finish(const struct ww_results_input *in, const struct output *out, const char *path)
{
    if (out->form == FORM_TABLE && !ww_table_print(out->table, stdout))
        return WW_EXIT_INTERNAL;
    if (in->refused > 0) {
        char why[64];
        (void)snprintf(why, sizeof why, "%llu lines break the rules of events",
                       (unsigned long long)in->refused);
        ww_subcommand_complain("results read", path, why);
        return WW_EXIT_DATA;
    }
    if (out->events > 0)
        return WW_EXIT_OK;
    if (in->taken == 0) {
        ww_subcommand_complain("results read", path, "there is no line of a log, and no event");
        return WW_EXIT_DATA;
    }
    ww_subcommand_complain("results read", path, "nothing in it is about TLS: see smtp_tls_loglevel");
    return WW_EXIT_NOT;
}

static int run(const char *path, bool json)
{
    static const struct ww_table_column columns[] = {
        {.heading = "TIME"}, {.heading = "DOMAIN"}, {.heading = "RESULT"},
        {.heading = "TLS"},  {.heading = "MX"},     {.heading = "WHY"},
    };
    bool standard = strcmp(path, "-") == 0;
    struct output out = {.form = json ? FORM_JSON : ww_show_is_terminal(stdout) ? FORM_TABLE : FORM_LINES};
    struct ww_results_input in = {.postfix = NULL};
    FILE *f = standard ? stdin : fopen(path, "rbe");
    int status = WW_EXIT_INTERNAL;
    if (f == NULL) {
        ww_subcommand_complain("results read", path, strerror(errno));
        return WW_EXIT_NO_INPUT;
    }
    out.table = ww_table_new(columns, sizeof columns / sizeof columns[0]);
    if (out.table == NULL || !ww_results_input_init(&in, print, &out) || !read_lines(f, &in))
        goto out;
    if (ferror(f)) {
        ww_subcommand_complain("results read", path, strerror(errno));
        status = WW_EXIT_NO_INPUT;
    } else {
        status = finish(&in, &out, path);
    }
out:
    ww_results_input_free(&in);
    ww_table_free(out.table);
    if (!standard)
        (void)fclose(f);
    return status;
}

int ww_cli_results_read(int argc, char **argv)
{
    static const struct option known[] = {
        {"json", no_argument, NULL, 'j'},
        {"help", no_argument, NULL, 'h'},
        {NULL, 0, NULL, 0},
    };
    bool json = false;
    int option;
    opterr = 0;
    while ((option = getopt_long(argc, argv, "h", known, NULL)) != -1) {
        if (option == 'h') {
            (void)fputs(usage, stdout);
            (void)fputs(help, stdout);
            return WW_EXIT_OK;
        }
        if (option != 'j')
            return ww_subcommand_usage("results read", "there is no such option", usage);
        json = true;
    }
    if (argc - optind != 1)
        return ww_subcommand_usage("results read", "say which file", usage);
    return run(argv[optind], json);
}
