/* waxwing report quarantine retry: what could not be read is handed in once more, by the way of `ingest`. */
#include "cli/cache.h"
#include "cli/ingest_client.h"
#include "cli/load.h"
#include "cli/received.h"
#include "cli/show.h"
#include "cli/subcommands.h"
#include "daemon/config_load.h"

#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PATIENCE_MS 30000

static const struct ww_received_command command = {
    .name = "report quarantine retry",
    .options = WW_RECEIVED_OPTION_ALL,
    .usage = "usage: waxwing report quarantine retry [--json] [--config FILE | --socket ADDRESS]\n"
             "                                       NUMBER | --all\n",
    .help = "Hands in once more what could not be read, say after an update of Waxwing, as\n"
            "`waxwing report ingest` does, and removes from the quarantine what is taken as a report.\n"
            "\n"
            "  --all             all that is in it\n",
};

struct retry {
    struct ww_received_options *o;
    json_t *numbers;
    size_t at;
    int status;
};

static void take_number(void *ctx, const json_t *item)
{
    struct retry *r = ctx;
    json_int_t number = ww_cache_number(item, "number");
    if (number > 0)
        (void)json_array_append_new(r->numbers, json_integer(number));
}

/* A ww_ingest_client's. What cannot be fetched is told of, and left out. */
static bool next(void *ctx, struct ww_ingest_item *item)
{
    struct retry *r = ctx;
    while (r->at < json_array_size(r->numbers)) {
        json_int_t number = json_integer_value(json_array_get(r->numbers, r->at++));
        struct ww_received_octets octets;
        char name[24];
        (void)snprintf(name, sizeof name, "%" JSON_INTEGER_FORMAT, number);
        r->o->control.about = name;
        int status =
            ww_received_octets_fetch(r->o, "quarantine-raw", json_pack("{s:I}", "number", number), &octets);
        r->o->control.about = NULL;
        *item = (struct ww_ingest_item){.octets = octets.p, .n = octets.n, .name = strdup(name)};
        if (status == WW_EXIT_OK && item->name != NULL)
            return true;
        ww_ingest_item_clear(item);
        r->status = status != WW_EXIT_OK ? status : WW_EXIT_INTERNAL;
    }
    return false;
}

static bool is_taken(const json_t *answer)
{
    const char *taken = ww_cache_text(answer, "taken");
    return strcmp(taken, "new") == 0 || strcmp(taken, "again") == 0;
}

static void print_told(const struct retry *r, json_int_t number, const json_t *answer)
{
    const json_t *why = json_object_get(answer, "why");
    const json_t *report = is_taken(answer) ? json_object_get(answer, "number") : NULL;
    const char *taken = ww_cache_text(answer, "taken"), *at = ww_cache_text(why, "at");
    json_t *json = !r->o->control.json ? NULL
                                       : json_pack("{s:I, s:s, s:O?, s:O?}", "number", number, "taken", taken,
                                                   "report", report, "why", why);
    if (json != NULL)
        ww_control_print_json(NULL, json);
    json_decref(json);
    if (r->o->control.json)
        return;
    (void)printf("number %" JSON_INTEGER_FORMAT ": ", number);
    if (strcmp(taken, "quarantined") == 0) {
        (void)fputs("it still cannot be read: ", stdout);
        ww_show_text(stdout, ww_cache_text(why, "message"));
        (void)fputs(at[0] != '\0' ? ", at " : "", stdout);
        ww_show_text(stdout, at);
        (void)putchar('\n');
    } else if (strcmp(taken, "not-ours") == 0) {
        (void)puts("it is of no domain that reports are taken of (intake.domains)");
    } else {
        (void)printf("%s %" JSON_INTEGER_FORMAT "\n",
                     strcmp(taken, "again") == 0 ? "it was there already, as report" : "it is report",
                     ww_cache_number(answer, "number"));
    }
}

static void told(void *ctx, const struct ww_ingest_item *item, unsigned status, const json_t *answer,
                 const char *words)
{
    struct retry *r = ctx;
    json_int_t number = (json_int_t)strtoll(item->name, NULL, 10);
    if (status != 200) {
        ww_subcommand_complain(command.name, item->name, words != NULL ? words : "the daemon has refused it");
        r->status = WW_EXIT_NOT;
        return;
    }
    print_told(r, number, answer);
    if (!is_taken(answer)) {
        r->status = WW_EXIT_NOT;
        return;
    }
    int removed = ww_control_call(&r->o->control, "quarantine-remove", json_pack("{s:I}", "number", number),
                                  ww_received_ignore, NULL);
    r->status = removed != WW_EXIT_OK ? removed : r->status;
}

static int hand_in(struct retry *r, const char *address)
{
    const struct ww_ingest_client client = {
        .address = address, .patience_ms = PATIENCE_MS, .next = next, .told = told, .ctx = r};
    enum ww_ingest_end end = ww_ingest_client_run(&client);
    if (end == WW_INGEST_DONE)
        return r->status;
    ww_subcommand_complain(
        command.name, address,
        end == WW_INGEST_UNREACHABLE ? strerror(errno) : "the daemon can take none for now: try again later");
    return WW_EXIT_TEMPORARY;
}

/* Where they are handed in, the configuration says, whichever control socket is asked. */
static int run(struct retry *r)
{
    struct ww_config *config = NULL;
    int status = ww_cli_load_config(command.name, r->o->control.config_path, &config);
    if (status == WW_EXIT_OK && config->intake_submit[0] == NULL) {
        ww_subcommand_complain(command.name, "intake.enabled", "no reports are taken in");
        status = WW_EXIT_CONFIG;
    } else if (status == WW_EXIT_OK) {
        status = hand_in(r, config->intake_submit[0]);
    }
    ww_config_free(config);
    return status;
}

int ww_cli_received_retry(int argc, char **argv)
{
    struct ww_received_options o;
    struct retry r = {.o = &o};
    int status = ww_received_options_read(argc, argv, &command, &o);
    if (status >= 0)
        return status;
    if (argc - optind != (o.all ? 0 : 1))
        return ww_subcommand_usage(command.name, "one number, or --all, is wanted", command.usage);
    json_t *request = o.all ? json_object() : ww_received_request_number(&o, argv[optind]);
    if (request == NULL)
        return WW_EXIT_USAGE;
    r.numbers = json_array();
    if (o.all) {
        status = ww_control_call(&o.control, "quarantine-list", request, take_number, &r);
    } else {
        take_number(&r, request);
        json_decref(request);
        status = WW_EXIT_OK;
    }
    if (status == WW_EXIT_OK && json_array_size(r.numbers) > 0)
        status = run(&r);
    else if (status == WW_EXIT_OK)
        (void)puts("There is nothing to be tried again.");
    json_decref(r.numbers);
    return status;
}
