/* waxwing report outbox preview: what a report says. */
#include "cli/cache.h"
#include "cli/report.h"
#include "cli/show.h"
#include "cli/subcommands.h"
#include "daemon/config_load.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct content {
    json_t *report; /* as report-show has it; NULL of what comes in still */
    char *text;
    size_t n;
    bool failed; /* memory is short */
};

static void take(void *ctx, const json_t *item)
{
    struct content *c = ctx;
    const json_t *piece = json_object_get(item, "text");
    size_t n = json_string_length(piece);
    if (json_object_get(item, "report") != NULL && c->report == NULL)
        c->report = json_incref(json_object_get(item, "report"));
    if (!json_is_string(piece) || c->failed)
        return;
    char *longer = realloc(c->text, c->n + n);
    if (longer == NULL) {
        c->failed = true;
        return;
    }
    c->text = longer;
    memcpy(longer + c->n, json_string_value(piece), n);
    c->n += n;
}

/* A report holds what strangers have written: on a terminal it is told in what does not steer one. */
static void print(const struct ww_report_options *o, const struct content *c)
{
    json_t *json =
        o->raw || o->control.json || !ww_show_is_terminal(stdout) ? NULL : json_loadb(c->text, c->n, 0, NULL);
    if (json != NULL)
        (void)json_dumpf(json, stdout, JSON_INDENT(2) | JSON_ENSURE_ASCII);
    else
        (void)fwrite(c->text, 1, c->n, stdout);
    (void)putchar('\n');
    json_decref(json);
}

static int show(const struct ww_report_options *o, const struct content *c)
{
    if (c->failed || c->n == 0)
        return WW_EXIT_INTERNAL;
    if (o->mail)
        return ww_report_print_mail(o, c->report, ww_slice(c->text, c->n));
    print(o, c);
    return WW_EXIT_OK;
}

int ww_report_preview(int argc, char **argv)
{
    static const struct ww_report_command command = {
        .name = "report outbox preview",
        .options = WW_REPORT_PREVIEW,
        .usage = "usage: waxwing report outbox preview [--open | --mail [--to ADDRESS]] [--raw]\n"
                 "                                     [--config FILE | --socket ADDRESS] NUMBER|DOMAIN\n",
        .help =
            "Prints what a report says (RFC 8460 section 4.4): laid out on a terminal, elsewhere as it is\n"
            "sent but for its compression. By its domain: the latest.\n"
            "\n"
            "  --open            what the report on the domain's results that still come in would be now\n"
            "  --raw             as it is sent, on a terminal too\n",
    };
    struct ww_report_options o;
    struct content content = {.text = NULL};
    int status = ww_report_options_read(argc, argv, &command, &o);
    if (status >= 0)
        return status;
    if (argc - optind != 1)
        return ww_subcommand_usage(command.name, "say which report, by its number or its domain",
                                   command.usage);
    json_t *request = ww_report_request(&o, argv[optind]);
    if (request == NULL)
        return WW_EXIT_USAGE;
    if (o.open && o.mail) {
        json_decref(request);
        return ww_subcommand_usage(command.name, "--open and --mail exclude each other", command.usage);
    }
    if (o.open && json_object_get(request, "domain") == NULL) {
        json_decref(request);
        return ww_subcommand_usage(command.name, "--open wants a domain: what comes in has no number yet",
                                   command.usage);
    }
    (void)json_object_set_new(request, "open", json_boolean(o.open));
    status = ww_control_call(&o.control, "report-content", request, take, &content);
    if (status == WW_EXIT_OK)
        status = show(&o, &content);
    json_decref(content.report);
    free(content.text);
    return status;
}
