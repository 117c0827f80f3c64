/* waxwing cache show: all that is known of a domain. */
#include "cli/cache.h"
#include "cli/control.h"
#include "cli/query.h"
#include "cli/show.h"
#include "cli/subcommands.h"
#include "daemon/config_load.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>

static const char usage[] =
    "usage: waxwing cache show [--json] [--config FILE | --socket ADDRESS] DOMAIN...\n";

static const char help[] =
    "\n"
    "Shows all that the running waxwingd knows of each domain, with the policy as it was fetched.\n"
    "It looks nothing up: waxwing query does, and cache refresh.\n"
    "\n" WW_CONTROL_HELP "\n"
    "Exit status: 0 something is known of each; 1 nothing is known; 64 usage; 66 the\n"
    "configuration cannot be read; 75 no daemon answers; 78 the configuration is wrong.\n";

static void line(const char *label, const char *value)
{
    if (value[0] == '\0')
        return;
    (void)printf("  %-12s ", label);
    ww_show_safely(stdout, value, strlen(value));
    (void)putchar('\n');
}

static void print_body(const json_t *item)
{
    const json_t *body = json_object_get(item, "body");
    const char *p = json_string_value(body);
    const char *end = p != NULL ? p + json_string_length(body) : NULL;
    if (p == NULL)
        return;
    (void)puts(json_is_true(json_object_get(item, "in_force")) ? "  the policy:"
                                                               : "  the policy, which has expired:");
    while (p < end) {
        const char *next = memchr(p, '\n', (size_t)(end - p));
        size_t n = next != NULL ? (size_t)(next - p) : (size_t)(end - p);
        (void)fputs("    ", stdout);
        ww_show_safely(stdout, p, n > 0 && p[n - 1] == '\r' ? n - 1 : n);
        (void)putchar('\n');
        p = next != NULL ? next + 1 : end;
    }
}

/* An answer that stands open is not what Postfix gets: its look-up finds out first. */
static bool is_open(const json_t *item)
{
    const char *level = ww_cache_text(item, "level");
    bool is_dane = strcmp(level, "dane") == 0 || strcmp(level, "dane-only") == 0;
    return is_dane && !json_is_object(json_object_get(item, "dane"));
}

static bool is_unasked(const json_t *item)
{
    return json_is_null(json_object_get(item, "checked")) && json_is_null(json_object_get(item, "used"));
}

/* What Postfix would get is not known: its look-up asks for record, policy and DANE first. */
static void print_unasked(const json_t *item)
{
    ww_show_text(stdout, ww_cache_text(item, "domain"));
    (void)puts(": no look-up has asked for it yet, but the preload list names it");
    ww_query_print_preload(item);
    if (json_is_true(json_object_get(item, "in_flight")))
        line("now", "it is being looked up");
    line("what to do", "waxwing query looks it up");
}

static void print(void *ctx, const json_t *item)
{
    char failures[24];
    (void)ctx;
    if (is_unasked(item)) {
        print_unasked(item);
        return;
    }
    ww_query_print(item);
    line("but", is_open(item) ? "MX and TLSA records are not known now: a look-up asks for them first" : "");
    line("last use", ww_cache_text(item, "used"));
    if (json_is_true(json_object_get(item, "in_flight")))
        line("now", "it is being looked up");
    (void)snprintf(failures, sizeof failures, "%" JSON_INTEGER_FORMAT, ww_cache_number(item, "failures"));
    line("failures", ww_cache_number(item, "failures") > 0 ? failures : "");
    line("failed id", ww_cache_text(item, "failed_id"));
    line("no fetch till", ww_cache_text(item, "retry_at"));
    print_body(item);
}

static int show(const struct ww_control_options *o, json_t *domains)
{
    int status = WW_EXIT_OK;
    json_t *domain;
    size_t i;
    json_array_foreach(domains, i, domain)
    {
        json_t *request = ww_cache_request("domains", json_pack("[O]", domain));
        if (i > 0 && !o->json)
            (void)putchar('\n');
        int one = ww_control_call(o, "cache-show", request, o->json ? ww_control_print_json : print, NULL);
        status = one != WW_EXIT_OK ? one : status;
        if (one != WW_EXIT_OK && one != WW_EXIT_NOT)
            break;
    }
    json_decref(domains);
    return status;
}

int ww_cli_cache_show(int argc, char **argv)
{
    struct ww_control_options o = {.command = "cache show"};
    int read = ww_control_read_options(argc, argv, &o, usage, help);
    if (read >= 0)
        return read;
    if (optind >= argc)
        return ww_subcommand_usage(o.command, "say which domain", usage);
    json_t *domains = ww_cache_domains(o.command, argv + optind, argc - optind);
    return domains != NULL ? show(&o, domains) : WW_EXIT_USAGE;
}
