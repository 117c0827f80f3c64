/* waxwing cache refresh: looks at record and policy now, and says what came of it. */
#include "cli/cache.h"
#include "cli/control.h"
#include "cli/progress.h"
#include "cli/query.h"
#include "cli/show.h"
#include "cli/subcommands.h"
#include "daemon/config_load.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>

/* Domains in one request. */
#define AT_A_TIME 500

static const char usage[] =
    "usage: waxwing cache refresh [--json] [--config FILE | --socket ADDRESS] DOMAIN... | --all-failing\n";

static const char help[] =
    "\n"
    "Has the running waxwingd look at record and policy of each domain now, whatever pause it makes\n"
    "after a failure, and says what was known before and is known now. A policy in force stays in\n"
    "force when this fails.\n"
    "\n"
    "  --all-failing     all domains whose last look-ups failed\n" WW_CONTROL_HELP "\n"
    "Exit status: 0 all were refreshed; 1 some could not be; 64 usage; 66 the configuration\n"
    "cannot be read; 75 no daemon answers; 78 the configuration is wrong.\n";

struct refresh {
    const struct ww_control_options *o;
    struct ww_progress progress;
    uint64_t done;
    bool failed;
};

static void print_policy(const json_t *item)
{
    if (!json_is_true(json_object_get(item, "in_force"))) {
        (void)fputs("no policy", stdout);
        return;
    }
    ww_show_text(stdout, ww_cache_text(item, "mode"));
    (void)fputs(", id ", stdout);
    ww_show_text(stdout, ww_cache_text(item, "id"));
    (void)fputs(", until ", stdout);
    ww_show_text(stdout, ww_cache_text(item, "expires"));
}

static void print(const json_t *item)
{
    const char *domain = ww_cache_text(item, "domain");
    const char *outcome = ww_cache_text(item, "outcome");
    const char *detail = ww_cache_text(item, "detail");
    const char *error = ww_cache_text(json_object_get(item, "error"), "message");
    ww_show_text(stdout, domain);
    (void)fputs(": ", stdout);
    ww_show_text(stdout, outcome[0] != '\0' ? ww_query_outcome_words(outcome) : error);
    (void)putchar('\n');
    if (detail[0] != '\0') {
        (void)fputs("  problem  ", stdout);
        ww_show_safely(stdout, detail, strlen(detail));
        (void)putchar('\n');
    }
    if (outcome[0] == '\0')
        return;
    (void)fputs("  before   ", stdout);
    print_policy(json_object_get(item, "before"));
    (void)fputs("\n  now      ", stdout);
    print_policy(json_object_get(item, "after"));
    (void)putchar('\n');
}

static void on_item(void *ctx, const json_t *item)
{
    struct refresh *r = ctx;
    r->failed = r->failed || json_is_object(json_object_get(item, "error"));
    ww_progress_clear(&r->progress);
    if (r->o->json)
        ww_control_print_json(NULL, item);
    else
        print(item);
    (void)fflush(stdout);
    ww_progress_step(&r->progress, ++r->done);
}

static int refresh(const struct ww_control_options *o, json_t *domains)
{
    struct refresh r = {.o = o};
    int status = WW_EXIT_OK;
    size_t count = json_array_size(domains);
    ww_progress_begin(&r.progress, "refresh", count);
    r.progress.shown = r.progress.shown && count > 1;
    for (size_t at = 0; status == WW_EXIT_OK && at < count; at += AT_A_TIME) {
        json_t *some = json_array();
        for (size_t i = at; i < count && i < at + AT_A_TIME; i++)
            (void)json_array_append(some, json_array_get(domains, i));
        status = ww_control_call(o, "cache-refresh", ww_cache_request("domains", some), on_item, &r);
    }
    ww_progress_clear(&r.progress);
    if (status == WW_EXIT_OK && r.done != count)
        status = WW_EXIT_INTERNAL;
    json_decref(domains);
    return status == WW_EXIT_OK && r.failed ? WW_EXIT_NOT : status;
}

static void take_name(void *ctx, const json_t *item)
{
    (void)json_array_append((json_t *)ctx, json_object_get(item, "domain"));
}

static int refresh_failing(const struct ww_control_options *o)
{
    json_t *domains = json_array();
    int status = ww_control_call(o, "cache-list", json_pack("{s:b}", "failing", 1), take_name, domains);
    if (status == WW_EXIT_OK)
        return refresh(o, domains);
    json_decref(domains);
    return status;
}

int ww_cli_cache_refresh(int argc, char **argv)
{
    static const struct option known[] = {
        {"all-failing", no_argument, NULL, 'a'}, WW_CONTROL_LONG_OPTIONS, {NULL, 0, NULL, 0}};
    struct ww_control_options o = {.command = "cache refresh"};
    bool all_failing = false;
    int option;
    opterr = 0;
    while ((option = getopt_long(argc, argv, "hc:", known, NULL)) != -1) {
        if (ww_control_take_option(&o, option, optarg))
            continue;
        if (option == 'h') {
            (void)printf("%s%s", usage, help);
            return WW_EXIT_OK;
        }
        if (option != 'a')
            return ww_subcommand_usage(o.command, WW_NO_SUCH_OPTION, usage);
        all_failing = true;
    }
    if (all_failing == (optind < argc))
        return ww_subcommand_usage(o.command, "say which domains, or --all-failing", usage);
    if (all_failing)
        return refresh_failing(&o);
    json_t *domains = ww_cache_domains(o.command, argv + optind, argc - optind);
    return domains != NULL ? refresh(&o, domains) : WW_EXIT_USAGE;
}
