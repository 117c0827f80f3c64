/* waxwing report outbox send and retry: reports that go out now. */
#include "cli/cache.h"
#include "cli/load.h"
#include "cli/report.h"
#include "cli/show.h"
#include "cli/subcommands.h"
#include "daemon/config_load.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>

static void print_due(void *ctx, const json_t *item)
{
    const json_t *report = json_object_get(item, "report");
    json_int_t number = ww_cache_number(report, "number");
    (void)ctx;
    if (report == NULL)
        return;
    (void)printf("report %" JSON_INTEGER_FORMAT " on ", number);
    ww_show_text(stdout, ww_cache_text(report, "domain"));
    (void)printf(" goes out now; `waxwing report outbox show %" JSON_INTEGER_FORMAT
                 "` tells what becomes of it\n",
                 number);
}

static void print_done(void *ctx, const json_t *item)
{
    json_int_t done = ww_cache_number(item, "done");
    (void)ctx;
    if (json_object_get(item, "done") == NULL)
        return;
    if (done == 0)
        (void)puts("No report has failed: there is nothing to be tried again.");
    else
        (void)printf("%" JSON_INTEGER_FORMAT " report%s tried again now\n", done,
                     done == 1 ? " is" : "s are");
}

static void print_where(const json_t *report)
{
    const char *record = ww_cache_text(report, "record");
    (void)fputs("it would go where the TLSRPT record of ", stdout);
    ww_show_text(stdout, ww_cache_text(report, "domain"));
    (void)fputs(" says when it is sent", stdout);
    if (record[0] != '\0') {
        (void)fputs("; an MTA has seen\n  ", stdout);
        ww_show_text(stdout, record);
    }
    (void)putchar('\n');
}

struct dry_run {
    const char *redirect; /* or NULL */
    const char *held;     /* why nothing would be sent; or NULL */
};

static void print_dry_run(void *ctx, const json_t *item)
{
    const struct dry_run *dry = ctx;
    const json_t *report = json_object_get(item, "report");
    json_int_t size = ww_cache_number(report, "size");
    if (report == NULL)
        return;
    (void)printf("report %" JSON_INTEGER_FORMAT " on ", ww_cache_number(report, "number"));
    ww_show_text(stdout, ww_cache_text(report, "domain"));
    (void)printf(": %" JSON_INTEGER_FORMAT " octets, gzipped\n", size);
    if (size == 0)
        (void)puts("it cannot be sent: what it said is not kept");
    else if (dry->held != NULL)
        (void)printf("it would not be sent: %s\n", dry->held);
    else if (dry->redirect != NULL)
        (void)printf("it would go to mailto:%s (report.redirect), should the domain ask for reports\n",
                     dry->redirect);
    else
        print_where(report);
}

/* What the configuration makes of it, as far as it can be read from here. */
static int run_dry(struct ww_report_options *o, json_t *request)
{
    struct ww_config *config = NULL;
    struct dry_run dry = {.redirect = NULL};
    int status = o->control.socket != NULL
                     ? WW_EXIT_OK
                     : ww_cli_load_config(o->control.command, o->control.config_path, &config);
    if (status != WW_EXIT_OK) {
        json_decref(request);
        return status;
    }
    if (config != NULL) {
        dry.redirect = config->report_redirect;
        dry.held = config->report_dry_run           ? "report.dry_run is set"
                   : config->report_contact == NULL ? "report.contact is not set"
                                                    : NULL;
    }
    status = ww_control_call(&o->control, "report-show", request,
                             o->control.json ? ww_control_print_json : print_dry_run, &dry);
    ww_config_free(config);
    return status;
}

int ww_report_send(int argc, char **argv)
{
    static const struct ww_report_command command = {
        .name = "report outbox send",
        .options = WW_REPORT_DRY_RUN,
        .usage = "usage: waxwing report outbox send [--dry-run] [--json] [--config FILE | --socket ADDRESS]\n"
                 "                                  NUMBER|DOMAIN\n",
        .help =
            "Has a report sent now, whatever became of it before: a held one, or once more one that was\n"
            "sent, under the same report-id. Where it goes is looked up anew. By its domain: the latest.\n"
            "\n"
            "  --dry-run         say where it would go and how large it is, and send nothing\n",
    };
    struct ww_report_options o;
    int status = ww_report_options_read(argc, argv, &command, &o);
    if (status >= 0)
        return status;
    if (argc - optind != 1)
        return ww_subcommand_usage(command.name, "say which report, by its number or its domain",
                                   command.usage);
    json_t *request = ww_report_request(&o, argv[optind]);
    if (request == NULL)
        return WW_EXIT_USAGE;
    if (o.dry_run)
        return run_dry(&o, request);
    return ww_control_call(&o.control, "report-send", request,
                           o.control.json ? ww_control_print_json : print_due, NULL);
}

int ww_report_retry(int argc, char **argv)
{
    static const struct ww_report_command command = {
        .name = "report outbox retry",
        .options = WW_REPORT_ALL,
        .usage = "usage: waxwing report outbox retry [--json] [--config FILE | --socket ADDRESS]\n"
                 "                                   NUMBER|DOMAIN | --all\n",
        .help =
            "Has a report tried again now where it has failed or was given up; where it was taken it is not\n"
            "sent again. By its domain: the latest.\n"
            "\n"
            "  --all             all reports that have failed somewhere, and are waiting or given up\n",
    };
    struct ww_report_options o;
    int status = ww_report_options_read(argc, argv, &command, &o);
    if (status >= 0)
        return status;
    if (argc - optind != (o.all ? 0 : 1))
        return ww_subcommand_usage(command.name, "say which report, or --all", command.usage);
    json_t *request = o.all ? json_pack("{s:b}", "all", true) : ww_report_request(&o, argv[optind]);
    if (request == NULL)
        return WW_EXIT_USAGE;
    ww_control_item_cb *print = o.all ? print_done : print_due;
    return ww_control_call(&o.control, "report-retry", request,
                           o.control.json ? ww_control_print_json : print, NULL);
}
