/* waxwing cache purge: has the daemon forget. */
#include "cli/cache.h"
#include "cli/control.h"
#include "cli/progress.h"
#include "cli/subcommands.h"
#include "daemon/config_load.h"

#include <getopt.h>
#include <stdio.h>

static const char usage[] =
    "usage: waxwing cache purge [--force] [--json] [--config FILE | --socket ADDRESS]\n"
    "                           DOMAIN... | --expired | --all\n";

static const char help[] =
    "\n"
    "Has the running waxwingd forget what it knows, in memory and in its store; its history stays.\n"
    "The next look-up finds out anew. Until then a domain is without the protection of its policy:\n"
    "policies of mode enforce that are in force go with --force alone.\n"
    "\n"
    "  --expired         policies that have expired\n"
    "  --all             everything\n"
    "  --force           policies of mode enforce that are in force, too\n" WW_CONTROL_HELP "\n"
    "Exit status: 0 forgotten; 1 something is not, or not in the store, or was not known;\n"
    "64 usage; 66 the configuration cannot be read; 75 no daemon answers; 78 the configuration\n"
    "is wrong.\n";

enum { OPTION_EXPIRED = 1000, OPTION_ALL, OPTION_FORCE };

struct purge {
    struct ww_progress progress;
    json_t *last; /* the counts so far */
};

static void on_counts(void *ctx, const json_t *item)
{
    struct purge *p = ctx;
    json_decref(p->last);
    p->last = json_deep_copy(item);
    ww_progress_step(&p->progress, (uint64_t)ww_cache_number(item, "forgotten"));
}

static void print(const json_t *counts)
{
    json_int_t forgotten = ww_cache_number(counts, "forgotten");
    json_int_t enforced = ww_cache_number(counts, "enforced");
    (void)printf("forgotten: %" JSON_INTEGER_FORMAT "%s", forgotten, forgotten == 1 ? " domain" : " domains");
    if (enforced > 0)
        (void)printf(", %" JSON_INTEGER_FORMAT " of mode enforce", enforced);
    (void)putchar('\n');
    if (ww_cache_number(counts, "unknown") > 0)
        (void)printf("not known: %" JSON_INTEGER_FORMAT "\n", ww_cache_number(counts, "unknown"));
}

static int purge(const struct ww_control_options *o, json_t *request, bool named)
{
    struct purge p = {.last = NULL};
    ww_progress_begin(&p.progress, "purge", 0);
    p.progress.shown = p.progress.shown && !named;
    int status = ww_control_call(o, "cache-purge", request, on_counts, &p);
    ww_progress_clear(&p.progress);
    if (status == WW_EXIT_OK && p.last == NULL) /* there was nothing of the kind */
        p.last = json_pack("{s:i, s:i, s:i, s:i, s:n}", "forgotten", 0, "enforced", 0, "refused", 0,
                           "unknown", 0, "store");
    if (p.last != NULL && o->json)
        ww_control_print_json(NULL, p.last);
    else if (p.last != NULL)
        print(p.last);
    if (status == WW_EXIT_OK && ww_cache_number(p.last, "unknown") > 0)
        status = WW_EXIT_NOT;
    json_decref(p.last);
    return status;
}

int ww_cli_cache_purge(int argc, char **argv)
{
    static const struct option known[] = {{"expired", no_argument, NULL, OPTION_EXPIRED},
                                          {"all", no_argument, NULL, OPTION_ALL},
                                          {"force", no_argument, NULL, OPTION_FORCE},
                                          WW_CONTROL_LONG_OPTIONS,
                                          {NULL, 0, NULL, 0}};
    struct ww_control_options o = {.command = "cache purge"};
    bool force = false;
    const char *which = NULL;
    int option;
    opterr = 0;
    while ((option = getopt_long(argc, argv, "hc:", known, NULL)) != -1) {
        if (ww_control_take_option(&o, option, optarg))
            continue;
        if (option == 'h') {
            (void)printf("%s%s", usage, help);
            return WW_EXIT_OK;
        }
        if (option == '?' || ((option == OPTION_ALL || option == OPTION_EXPIRED) && which != NULL))
            return ww_subcommand_usage(
                o.command, "there is no such option, its value is missing, or two exclude each other", usage);
        force = force || option == OPTION_FORCE;
        if (option != OPTION_FORCE)
            which = option == OPTION_ALL ? "all" : "expired";
    }
    if ((which != NULL) == (optind < argc))
        return ww_subcommand_usage(o.command, "say which domains, or --expired, or --all", usage);
    json_t *value = which != NULL ? json_true() : ww_cache_domains(o.command, argv + optind, argc - optind);
    if (value == NULL)
        return WW_EXIT_USAGE;
    json_t *request = ww_cache_request(which != NULL ? which : "domains", value);
    if (request != NULL)
        (void)json_object_set_new(request, "force", json_boolean(force));
    return purge(&o, request, which == NULL);
}
