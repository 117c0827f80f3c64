/* waxwing report: looks up its command and runs it. */
#include "cli/report.h"

#include "base/time.h"
#include "cli/cache.h"
#include "cli/cli.h"
#include "cli/received.h"
#include "cli/subcommands.h"
#include "codec/idn.h"
#include "daemon/config_load.h"
#include "daemon/config_values.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static const struct ww_subcommand of_outbox[] = {
    {"list", "", "the reports, and the days that they are still collected of", ww_report_list},
    {"show", "NUMBER|DOMAIN", "a report: where it goes, and what became of it there", ww_report_show},
    {"preview", "NUMBER|DOMAIN", "what a report says", ww_report_preview},
    {"send", "NUMBER|DOMAIN", "send it now, whatever became of it before", ww_report_send},
    {"retry", "NUMBER|DOMAIN", "try it again where it has failed; or all with --all", ww_report_retry},
    {"suppress", "[URI]", "send none there; or which destinations get none", ww_report_suppress},
};

static int outbox(int argc, char **argv)
{
    static const struct ww_subcommands all = {
        "report outbox", "Other domains ask for reports on the TLS of your deliveries to them (RFC 8460).\n",
        of_outbox, sizeof of_outbox / sizeof *of_outbox};
    return ww_subcommands_run(&all, argc, argv);
}

static const struct ww_subcommand commands[] = {
    {"list", "", "the reports that others have sent about your domains", ww_cli_received_list},
    {"show", "NUMBER", "what one of them says, and what is known that bears on it", ww_cli_received_show},
    {"stats", "", "what they say in sum: by day, domain, sender, failure or MX host", ww_cli_received_stats},
    {"export", "", "what they say, as JSON lines or CSV", ww_cli_received_export},
    {"remove", "NUMBER", "one of them that should not count", ww_cli_received_remove},
    {"quarantine", "COMMAND", "what came as a report and could not be read", ww_cli_received_quarantine},
    {"outbox", "COMMAND", "the reports that go out", outbox},
    {"ingest", "[FILE...]", "take in reports that others have sent", ww_report_ingest},
    {"bounce", "[FILE]", "a mail that may be a report that came back", ww_report_bounce},
    {"dkim-key", "FILE", "a key that their mails are signed with, and its record", ww_cli_report_dkim_key},
};

int ww_cli_report(int argc, char **argv)
{
    static const struct ww_subcommands all = {"report", "", commands, sizeof commands / sizeof *commands};
    return ww_subcommands_run(&all, argc, argv);
}

enum {
    OPTION_FIRST = 1000,
    OPTION_STATE = OPTION_FIRST,
    OPTION_DOMAIN,
    OPTION_RAW,
    OPTION_OPEN,
    OPTION_MAIL,
    OPTION_TO,
    OPTION_DRY_RUN,
    OPTION_ALL,
    OPTION_FOR,
    OPTION_UNTIL,
    OPTION_CLEAR,
    OPTION_REASON
};

static const char *take_option(struct ww_report_options *o, int option)
{
    int64_t unused;
    switch (option) {
    case OPTION_STATE:
        o->state = optarg;
        return NULL;
    case OPTION_DOMAIN:
        o->domain = optarg;
        return NULL;
    case OPTION_RAW:
        o->raw = true;
        return NULL;
    case OPTION_OPEN:
        o->open = true;
        return NULL;
    case OPTION_MAIL:
        o->mail = true;
        return NULL;
    case OPTION_TO:
        o->to = optarg;
        return NULL;
    case OPTION_DRY_RUN:
        o->dry_run = true;
        return NULL;
    case OPTION_ALL:
        o->all = true;
        return NULL;
    case OPTION_FOR:
        return ww_value_duration(optarg, &o->for_ms) && o->for_ms >= 1000
                   ? NULL
                   : "a time such as 30m, 6h or 7d is wanted";
    case OPTION_UNTIL:
        o->until = optarg;
        return ww_time_parse(ww_slice_str(optarg), &unused)
                   ? NULL
                   : "--until wants a time such as 2026-12-31T00:00:00Z";
    case OPTION_CLEAR:
        o->clear = true;
        return NULL;
    case OPTION_REASON:
        o->reason = optarg;
        return NULL;
    default:
        return WW_NO_SUCH_OPTION;
    }
}

static unsigned needs(int option)
{
    static const unsigned of[] = {
        [OPTION_STATE - OPTION_FIRST] = WW_REPORT_FILTER,
        [OPTION_DOMAIN - OPTION_FIRST] = WW_REPORT_FILTER,
        [OPTION_RAW - OPTION_FIRST] = WW_REPORT_PREVIEW,
        [OPTION_OPEN - OPTION_FIRST] = WW_REPORT_PREVIEW,
        [OPTION_MAIL - OPTION_FIRST] = WW_REPORT_PREVIEW,
        [OPTION_TO - OPTION_FIRST] = WW_REPORT_PREVIEW,
        [OPTION_DRY_RUN - OPTION_FIRST] = WW_REPORT_DRY_RUN,
        [OPTION_ALL - OPTION_FIRST] = WW_REPORT_ALL,
        [OPTION_FOR - OPTION_FIRST] = WW_REPORT_SUPPRESS,
        [OPTION_UNTIL - OPTION_FIRST] = WW_REPORT_SUPPRESS,
        [OPTION_CLEAR - OPTION_FIRST] = WW_REPORT_SUPPRESS,
        [OPTION_REASON - OPTION_FIRST] = WW_REPORT_SUPPRESS,
    };
    return of[option - OPTION_FIRST];
}

int ww_report_options_read(int argc, char **argv, const struct ww_report_command *command,
                           struct ww_report_options *out)
{
    static const struct option known[] = {
        {"state", required_argument, NULL, OPTION_STATE},
        {"domain", required_argument, NULL, OPTION_DOMAIN},
        {"raw", no_argument, NULL, OPTION_RAW},
        {"open", no_argument, NULL, OPTION_OPEN},
        {"mail", no_argument, NULL, OPTION_MAIL},
        {"to", required_argument, NULL, OPTION_TO},
        {"dry-run", no_argument, NULL, OPTION_DRY_RUN},
        {"all", no_argument, NULL, OPTION_ALL},
        {"for", required_argument, NULL, OPTION_FOR},
        {"until", required_argument, NULL, OPTION_UNTIL},
        {"clear", no_argument, NULL, OPTION_CLEAR},
        {"reason", required_argument, NULL, OPTION_REASON},
        WW_CONTROL_LONG_OPTIONS,
        {NULL, 0, NULL, 0},
    };
    int option;
    *out = (struct ww_report_options){.control = {.command = command->name}};
    opterr = 0;
    while ((option = getopt_long(argc, argv, "hc:", known, NULL)) != -1) {
        if (ww_control_take_option(&out->control, option, optarg))
            continue;
        if (option == 'h') {
            (void)printf("%s\n%s" WW_CONTROL_HELP, command->usage, command->help);
            return WW_EXIT_OK;
        }
        const char *why = take_option(out, option);
        if (why == NULL && (needs(option) & command->options) == 0)
            why = "it does not take this option";
        if (why != NULL)
            return ww_subcommand_usage(command->name, why, command->usage);
    }
    return (out->for_ms > 0) + (out->until != NULL) + out->clear > 1
               ? ww_subcommand_usage(command->name, "--for, --until and --clear exclude each other",
                                     command->usage)
               : -1;
}

json_t *ww_report_request(struct ww_report_options *o, const char *argument)
{
    char domain[WW_DNAME_SIZE];
    char *end;
    long long number = strtoll(argument, &end, 10);
    o->control.about = argument;
    if (argument[0] >= '0' && argument[0] <= '9' && *end == '\0' && number > 0 && number < INT64_MAX)
        return json_pack("{s:I}", "number", (json_int_t)number);
    enum ww_err err = ww_idn_to_domain(ww_slice_str(argument), domain);
    if (err == WW_OK)
        return json_pack("{s:s}", "domain", domain);
    ww_subcommand_complain(o->control.command, argument,
                           "the number of a report, or a domain name, is wanted");
    return NULL;
}

void ww_report_day(const json_t *report, char out[WW_REPORT_DAY_SIZE])
{
    json_int_t part = ww_cache_number(report, "part");
    int n = snprintf(out, WW_REPORT_DAY_SIZE, "%.10s", ww_cache_text(report, "day"));
    if (part > 1)
        (void)snprintf(out + n, WW_REPORT_DAY_SIZE - (size_t)n, ", part %u", (unsigned)part);
}

void ww_report_time(const json_t *json, const char *key, char out[WW_REPORT_TIME_SIZE])
{
    const char *text = ww_cache_text(json, key);
    char when[WW_WHEN_SIZE];
    int64_t at;
    out[0] = '\0';
    if (!ww_time_parse(ww_slice_str(text), &at))
        return;
    ww_when(at, time(NULL), when);
    (void)snprintf(out, WW_REPORT_TIME_SIZE, "%.20s (%s)", text, when);
}
