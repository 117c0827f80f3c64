/* waxwing advise: whether a domain may enforce its policy, by what is published, seen and reported. */
#include "cli/advise.h"

#include "cli/check_run.h"
#include "cli/check_view.h"
#include "cli/control.h"
#include "cli/load.h"
#include "cli/subcommands.h"
#include "codec/idn.h"
#include "daemon/config_load.h"

#include <stdlib.h>
#include <string.h>

#define DEADLINE_S 90
#define DEADLINE_MIN_S 5
#define DEADLINE_MAX_S 600
#define DAYS 30
#define DAYS_MAX 366

static const char usage[] =
    "usage: waxwing advise [--days N] [--no-look | --deadline S] [--json] [--config FILE]\n"
    "                      [--socket ADDRESS] DOMAIN\n";

static const char help[] =
    "\n"
    "Says whether a domain may switch its MTA-STS policy to mode enforce, and why: by an inspection of the\n"
    "domain as waxwing check makes it, by the reports of others that the daemon has taken in, and by the\n"
    "policies that it has seen. Only reports count whose sender is known by its signature.\n"
    "\n"
    "  --days N          look back on so many days, 14 to 366 (default: 30)\n"
    "  --no-look         look at nothing: what the watch has seen counts, if the domain is watched\n"
    "  --deadline S      give the inspection so many seconds, 5 to 600 (default: 90)\n" WW_CONTROL_HELP "\n"
    "Exit status: 0 enforce, or keep it on; 1 anything else is advised, or the daemon tells of an error;\n"
    "64 usage; 70 out of memory; 75 the daemon does not answer; 78 the configuration is wrong.\n"
    "waxwing-advise(1) and docs/advise.md say more.\n";

struct options {
    struct ww_control_options control;
    unsigned long days;
    unsigned long deadline;
    bool looks;
    char domain[WW_DNAME_SIZE];
};

static bool read_number(const char *text, unsigned long min, unsigned long max, unsigned long *out)
{
    char *end;
    if (text[0] < '0' || text[0] > '9')
        return false;
    *out = strtoul(text, &end, 10);
    return *end == '\0' && *out >= min && *out <= max;
}

/* NULL, or what is wrong. */
static const char *take(void *ctx, int option, const char *value)
{
    struct options *o = ctx;
    if (ww_control_take_option(&o->control, option, value))
        return NULL;
    if (option == 'n') {
        o->looks = false;
        return NULL;
    }
    if (option == 'd')
        return read_number(value, 14, DAYS_MAX, &o->days) ? NULL : "--days takes 14 to 366";
    if (option == 'D')
        return read_number(value, DEADLINE_MIN_S, DEADLINE_MAX_S, &o->deadline)
                   ? NULL
                   : "--deadline takes 5 to 600 seconds";
    return WW_NO_SUCH_OPTION;
}

/* -1: go on; else the exit status. */
static int read_options(int argc, char **argv, struct options *o)
{
    static const struct option known[] = {{"days", required_argument, NULL, 'd'},
                                          {"deadline", required_argument, NULL, 'D'},
                                          {"no-look", no_argument, NULL, 'n'},
                                          WW_CONTROL_LONG_OPTIONS,
                                          {NULL, 0, NULL, 0}};
    static const struct ww_subcommand_options options = {"advise", usage, help, known, take};
    int status = ww_subcommand_read(&options, argc, argv, o);
    if (status >= 0)
        return status;
    if (argc - optind != 1)
        return ww_subcommand_usage("advise", "say which domain", usage);
    enum ww_err err = ww_idn_to_domain(ww_slice_str(argv[optind]), o->domain);
    if (err == WW_OK)
        return -1;
    ww_subcommand_complain("advise", argv[optind], ww_err_message(err));
    return WW_EXIT_USAGE;
}

static void on_came(void *ctx, const char *domain, const json_t *report, const char *why)
{
    json_t **inspection = ctx;
    if (report != NULL)
        *inspection = ww_advise_inspection(report);
    else
        ww_subcommand_complain("advise", domain, why);
}

/* An inspection that comes to nothing is told of, and the advice goes by what the watch has seen. */
static int look(const struct options *o, json_t **inspection)
{
    const char *const name = o->domain;
    struct ww_check_domains domains = {.count = 0};
    struct ww_config *config;
    int status = ww_cli_load_config("advise", o->control.config_path, &config);
    if (status != WW_EXIT_OK)
        return status;
    const struct ww_check_order order = {.config = config,
                                         .domains = &name,
                                         .count = 1,
                                         .parallel = 1,
                                         .deadline_ms = (unsigned)o->deadline * 1000};
    status = ww_check_domains_add(&domains, o->domain);
    if (status == WW_EXIT_OK)
        ww_check_run(&order, &domains, on_came, inspection);
    ww_check_domains_clear(&domains);
    ww_config_free(config);
    return status;
}

static void on_answer(void *ctx, const json_t *item)
{
    json_t **answer = ctx;
    json_decref(*answer);
    *answer = json_deep_copy(item);
}

static int show(const struct options *o, const json_t *answer)
{
    const char *what = ww_view_text(answer, "recommendation");
    const struct ww_tree_style style = ww_tree_style(stdout);
    if (o->control.json)
        ww_control_print_json(NULL, answer);
    else
        ww_advise_print(stdout, answer, &style);
    return strcmp(what, "enforce") == 0 || strcmp(what, "keep") == 0 ? WW_EXIT_OK : WW_EXIT_NOT;
}

int ww_cli_advise(int argc, char **argv)
{
    struct options o = {
        .control = {.command = "advise"}, .days = DAYS, .deadline = DEADLINE_S, .looks = true};
    json_t *inspection = NULL, *answer = NULL;
    int status = read_options(argc, argv, &o);
    if (status >= 0)
        return status;
    o.control.about = o.domain;
    status = o.looks ? look(&o, &inspection) : WW_EXIT_OK;
    if (status == WW_EXIT_OK) {
        json_t *request = json_pack("{s:s, s:I}", "domain", o.domain, "days", (json_int_t)o.days);
        if (inspection != NULL)
            (void)json_object_set(request, "inspection", inspection);
        status = ww_control_call(&o.control, "advise", request, on_answer, &answer);
    }
    if (status == WW_EXIT_OK)
        status = answer != NULL ? show(&o, answer) : WW_EXIT_INTERNAL;
    json_decref(inspection);
    json_decref(answer);
    return status;
}
