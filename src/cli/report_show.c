/* waxwing report outbox show: a report, where it goes, and what became of it there. */
#include "cli/cache.h"
#include "cli/report.h"
#include "cli/show.h"
#include "cli/subcommands.h"
#include "daemon/config_load.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>

static void line(const char *label, const char *text)
{
    if (text[0] == '\0')
        return;
    (void)printf("  %-12s ", label);
    ww_show_text(stdout, text);
    (void)putchar('\n');
}

static const char *plural(json_int_t n)
{
    return n == 1 ? "" : "s";
}

static void print_state(const json_t *report)
{
    const char *state = ww_cache_text(report, "state");
    char due[WW_REPORT_TIME_SIZE], ended[WW_REPORT_TIME_SIZE], text[WW_REPORT_TIME_SIZE + 128];
    ww_report_time(report, "due", due);
    ww_report_time(report, "ended", ended);
    if (strcmp(state, "waiting") == 0)
        (void)snprintf(text, sizeof text, "waiting, due %s", due);
    else if (strcmp(state, "held") == 0)
        (void)snprintf(text, sizeof text,
                       "held: it was made while none was sent; `waxwing report outbox send` sends it");
    else if (strcmp(state, "not-asked") == 0)
        (void)snprintf(text, sizeof text, "not asked for, found %s: what it said is not kept", ended);
    else if (strcmp(state, "given-up") == 0)
        (void)snprintf(text, sizeof text, "given up %s", ended);
    else
        (void)snprintf(text, sizeof text, "%.16s %s", state, ended);
    line("state", text);
}

static void print_look_up(const json_t *report)
{
    const json_t *look_up = json_object_get(report, "look_up");
    json_int_t tries = ww_cache_number(look_up, "tries");
    char tried[WW_REPORT_TIME_SIZE], text[WW_REPORT_TIME_SIZE + 96];
    ww_report_time(look_up, "tried", tried);
    if (tries > 0) {
        (void)snprintf(text, sizeof text, "%u look-up%s without an answer, the last %s", (unsigned)tries,
                       plural(tries), tried);
        line("record", text);
    }
    line("detail", ww_cache_text(report, "detail"));
    line("record seen", ww_cache_text(report, "record"));
}

/* What became of it at one destination, in words. */
static void print_destination(const json_t *d)
{
    const char *state = ww_cache_text(d, "state");
    const char *detail = ww_cache_text(d, "detail");
    json_int_t tries = ww_cache_number(d, "tries");
    char tried[WW_REPORT_TIME_SIZE], due[WW_REPORT_TIME_SIZE];
    ww_report_time(d, "tried", tried);
    ww_report_time(d, "due", due);
    (void)fputs("    ", stdout);
    ww_show_text(stdout, ww_cache_text(d, "uri"));
    if (json_is_true(json_object_get(d, "redirected")))
        (void)fputs(" (report.redirect)", stdout);
    (void)fputs("\n      ", stdout);
    ww_show_text(stdout, strcmp(state, "given-up") == 0      ? "given up"
                         : strcmp(state, "unsupported") == 0 ? "no report can be sent there"
                                                             : state);
    if (due[0] != '\0')
        (void)printf(", due %s", due);
    if (tried[0] != '\0')
        (void)printf("%s %s", due[0] != '\0' ? "; last tried" : "", tried);
    if (tries > 0)
        (void)printf(", %" JSON_INTEGER_FORMAT " failed tr%s", tries, tries == 1 ? "y" : "ies");
    if (json_is_true(json_object_get(d, "insecure")))
        (void)fputs(", over a connection that nobody vouches for", stdout);
    (void)putchar('\n');
    if (detail[0] != '\0') {
        (void)fputs("      ", stdout);
        ww_show_text(stdout, detail);
        (void)putchar('\n');
    }
}

static void print_destinations(const json_t *report)
{
    const json_t *list = json_object_get(report, "destinations");
    const json_t *d;
    size_t i;
    if (json_array_size(list) == 0 && strcmp(ww_cache_text(report, "state"), "waiting") == 0)
        line("goes to", "where the domain's TLSRPT record says, looked up when it is due");
    if (json_array_size(list) > 0)
        (void)puts("  destinations");
    json_array_foreach(list, i, d)
    {
        print_destination(d);
    }
}

static void print_head(const json_t *row, const char *what)
{
    (void)fputs(what, stdout);
    ww_show_text(stdout, ww_cache_text(row, "domain"));
    (void)putchar('\n');
}

static void print_counts(const json_t *row)
{
    json_int_t policies = ww_cache_number(row, "policies"), unverified = ww_cache_number(row, "unverified");
    (void)printf("  %-12s %" JSON_INTEGER_FORMAT " went well, %" JSON_INTEGER_FORMAT " failed", "sessions",
                 ww_cache_number(row, "success"), ww_cache_number(row, "failure"));
    if (unverified > 0)
        (void)printf(", %" JSON_INTEGER_FORMAT " that nobody verified", unverified);
    if (policies > 0)
        (void)printf(", under %" JSON_INTEGER_FORMAT " polic%s", policies, policies == 1 ? "y" : "ies");
    (void)putchar('\n');
}

static void print_report(const json_t *report)
{
    char head[64], day[WW_REPORT_DAY_SIZE], made[WW_REPORT_TIME_SIZE], size[48];
    json_int_t octets = ww_cache_number(report, "size");
    (void)snprintf(head, sizeof head, "report %" JSON_INTEGER_FORMAT " on ",
                   ww_cache_number(report, "number"));
    ww_report_day(report, day);
    ww_report_time(report, "made", made);
    (void)snprintf(size, sizeof size, "%" JSON_INTEGER_FORMAT " octets, gzipped", octets);
    print_head(report, head);
    line("day", day);
    print_state(report);
    print_counts(report);
    line("report-id", ww_cache_text(report, "id"));
    line("contact", ww_cache_text(report, "contact"));
    line("made", made);
    line("size", octets > 0 ? size : "");
    print_look_up(report);
    print_destinations(report);
}

static void print_collecting(const json_t *day)
{
    char text[WW_REPORT_DAY_SIZE], last[WW_REPORT_TIME_SIZE];
    ww_report_day(day, text);
    ww_report_time(day, "last", last);
    print_head(day, "results of ");
    line("day", text);
    line("state", "collecting: a report is made after midnight UTC");
    print_counts(day);
    line("last result", last);
}

static void print(void *ctx, const json_t *item)
{
    const json_t *report = json_object_get(item, "report");
    const json_t *collecting = json_object_get(item, "collecting");
    size_t *count = ctx;
    if ((*count)++ > 0)
        (void)putchar('\n');
    if (report != NULL)
        print_report(report);
    else
        print_collecting(collecting);
}

int ww_report_show(int argc, char **argv)
{
    static const struct ww_report_command command = {
        .name = "report outbox show",
        .usage =
            "usage: waxwing report outbox show [--json] [--config FILE | --socket ADDRESS] NUMBER|DOMAIN\n",
        .help = "Shows all that is known of a report: where it goes, how often that was tried, and what was\n"
                "answered. By its domain: the latest, and what is still collected.\n"
                "\n",
    };
    struct ww_report_options o;
    size_t count = 0;
    int status = ww_report_options_read(argc, argv, &command, &o);
    if (status >= 0)
        return status;
    if (argc - optind != 1)
        return ww_subcommand_usage(command.name, "say which report, by its number or its domain",
                                   command.usage);
    json_t *request = ww_report_request(&o, argv[optind]);
    if (request == NULL)
        return WW_EXIT_USAGE;
    return ww_control_call(&o.control, "report-show", request, o.control.json ? ww_control_print_json : print,
                           &count);
}
