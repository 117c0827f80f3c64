/*
 * waxwing report bounce: a mail that the MTA pipes to us, which may be a report that has come back. Whatever
 * it is, the MTA must not return it: the status is 0 unless it is worth to try again.
 */
#include "cli/cache.h"
#include "cli/input.h"
#include "cli/load.h"
#include "cli/outside.h"
#include "cli/report.h"
#include "cli/show.h"
#include "cli/subcommands.h"
#include "cli/worker.h"
#include "daemon/config_load.h"
#include "report/bounce.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DEADLINE_MS 30000
/* Octets of what the process that reads the mail tells. */
#define TOLD_MAX ((size_t)64 << 10)

static const struct ww_report_command command = {
    .name = "report bounce",
    .usage = "usage: waxwing report bounce [--json] [--config FILE | --socket ADDRESS] [FILE]\n",
    .help =
        "Takes down that a report's mail has come back: FILE, or standard input, is a mail, to be piped here "
        "by\n"
        "the mail server from the address that reports are sent from (report.mail_from). A delivery status\n"
        "notification (RFC 3464) of a report that failed for good counts as refused by its destination.\n"
        "All other mail changes nothing. The guide docs/reports.md tells how to set it up.\n"
        "\n",
};

struct reading {
    const struct ww_config *config;
    struct ww_slice mail;
};

static json_t *failed_json(const struct ww_bounce *bounce)
{
    json_t *list = json_array();
    for (size_t i = 0; i < bounce->count; i++)
        (void)json_array_append_new(list, json_pack("{s:s, s:s, s:s}", "message_id", bounce->message_id,
                                                    "recipient", bounce->failed[i].mailbox, "words",
                                                    bounce->failed[i].words));
    return list;
}

/* In a process of its own, without rights: strangers have written the mail. */
static void read_mail(void *ctx, int out)
{
    struct reading *r = ctx;
    struct ww_bounce *bounce = malloc(sizeof *bounce);
    const char *why = "out of memory";
    json_t *told = NULL;
    if (bounce != NULL && ww_outside_give_up(r->config, &why)) {
        enum ww_bounce_found found = ww_bounce_read(r->mail, bounce);
        told = found == WW_BOUNCE_IS_ONE ? json_pack("{s:o}", "failed", failed_json(bounce))
                                         : json_pack("{s:s}", "none", ww_bounce_words(found));
    } else {
        told = json_pack("{s:s}", "error", why);
    }
    ww_worker_put(out, told);
}

struct answer {
    bool json;
    bool early; /* the report is not taken for sent yet */
};

static void print_result(const json_t *b)
{
    static const struct {
        const char *result;
        const char *words;
    } rows[] = {
        {"unknown", "it is of no report that is kept: nothing is changed"},
        {"elsewhere", "the report was not sent to this address: nothing is changed"},
        {"early", "the report is being sent there: try again later"},
        {"not-sent", "the report is not taken for sent there: nothing is changed"},
        {"again", "it has come back before: nothing is changed"},
    };
    const char *result = ww_cache_text(b, "result");
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (strcmp(result, rows[i].result) == 0)
            (void)puts(rows[i].words);
    if (strcmp(result, "taken") != 0)
        return;
    (void)printf("report %" JSON_INTEGER_FORMAT " on ", ww_cache_number(b, "report"));
    ww_show_text(stdout, ww_cache_text(b, "domain"));
    (void)fputs(" has come back from ", stdout);
    ww_show_text(stdout, ww_cache_text(b, "uri"));
    (void)puts(json_is_true(json_object_get(b, "suppressed")) ? ", which gets no more" : "");
}

static void take_answer(void *ctx, const json_t *item)
{
    struct answer *a = ctx;
    const json_t *b = json_object_get(item, "bounce");
    if (b == NULL)
        return;
    a->early = strcmp(ww_cache_text(b, "result"), "early") == 0;
    if (a->json)
        ww_control_print_json(NULL, item);
    else
        print_result(b);
}

static void print_none(const struct ww_report_options *o, const char *why)
{
    json_t *json = json_pack("{s:{s:s, s:s}}", "bounce", "result", "none", "detail", why);
    if (o->control.json && json != NULL) {
        ww_control_print_json(NULL, json);
    } else {
        (void)fputs("nothing is changed: ", stdout);
        ww_show_text(stdout, why);
        (void)putchar('\n');
    }
    json_decref(json);
}

/* The daemon cannot take it now: the MTA shall come again. */
static int tell_daemon(struct ww_report_options *o, const json_t *failed)
{
    json_t *one;
    size_t i;
    json_array_foreach(failed, i, one)
    {
        const char *about = ww_cache_text(one, "recipient");
        o->control.about = about;
        struct answer a = {.json = o->control.json};
        int status = ww_control_call(&o->control, "report-bounce", json_incref(one), take_answer, &a);
        if (status == WW_EXIT_NOT || a.early)
            return WW_EXIT_TEMPORARY;
        if (status != WW_EXIT_OK)
            return status;
    }
    return WW_EXIT_OK;
}

static int take_bounce(struct ww_report_options *o, const struct ww_config *config, struct ww_slice mail)
{
    struct reading r = {.config = config, .mail = mail};
    ww_bounce_init();
    json_t *told = ww_worker_tell(read_mail, &r, DEADLINE_MS, TOLD_MAX);
    const char *error = told != NULL ? json_string_value(json_object_get(told, "error")) : NULL;
    int status = WW_EXIT_OK;
    if (error != NULL) {
        ww_subcommand_complain(command.name, "the mail cannot be read", error);
        status = WW_EXIT_TEMPORARY;
    } else if (told == NULL) {
        print_none(o, "the process that reads the mail has failed over it");
    } else if (json_object_get(told, "none") != NULL) {
        print_none(o, ww_cache_text(told, "none"));
    } else {
        status = tell_daemon(o, json_object_get(told, "failed"));
    }
    json_decref(told);
    return status;
}

/* Who pipes a mail wants to get rid of all of it. */
static void drain(const char *path)
{
    char octets[4096];
    while (path == NULL && fread(octets, 1, sizeof octets, stdin) > 0)
        continue;
}

int ww_report_bounce(int argc, char **argv)
{
    struct ww_report_options o;
    struct ww_config *config = NULL;
    struct ww_input input;
    int status = ww_report_options_read(argc, argv, &command, &o);
    if (status >= 0)
        return status;
    if (argc - optind > 1)
        return ww_subcommand_usage(command.name, "one mail at a time", command.usage);
    const char *path = argv[optind];
    status = ww_cli_load_config(command.name, o.control.config_path, &config);
    if (status == WW_EXIT_OK)
        status = ww_input_read(path, WW_BOUNCE_MAX, &input);
    if (status == WW_EXIT_OK) {
        drain(path);
        status = take_bounce(&o, config, ww_slice(input.p, input.n));
        ww_input_free(&input);
    }
    ww_config_free(config);
    return status;
}
