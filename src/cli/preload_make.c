/* waxwing preload make: a list of the domains that a look at them now speaks for. */
#include "base/time.h"
#include "cli/cache.h"
#include "cli/control.h"
#include "cli/load.h"
#include "cli/preload.h"
#include "cli/show.h"
#include "cli/table.h"
#include "codec/preload_json.h"
#include "core/utf8.h"
#include "daemon/config_load.h"
#include "daemon/config_values.h"

#include <getopt.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define COMMAND "preload make"

static const char usage[] =
    "usage: waxwing preload make --output FILE [--key KEY] [--expires TIME] [--min-max-age TIME]\n"
    "                            [--author TEXT] [--json] [--config FILE] NAMES | --from-cache\n";

static const char help[] =
    "\n"
    "Makes a preload list of the domains whose names a file has, one a line (-: standard input). Record,\n"
    "policy and MX records of each are looked up now, by this process and not by the daemon. Taken is\n"
    "a domain whose policy has the mode enforce and a long max_age, and matches all its MX hosts; of\n"
    "each other one it is said why it was left out.\n"
    "\n"
    "  --from-cache        the domains that the running waxwingd has a policy of mode enforce of\n"
    "  --output FILE       where the list goes; its signature goes to FILE.asc\n"
    "  --key KEY           sign it with this secret key of yours: what gpg --local-user takes\n"
    "  --expires TIME      until when it counts, from now: 14d, as it is without this option\n"
    "  --min-max-age TIME  the shortest max_age that is long: 14d\n"
    "  --author TEXT       who made it, up to 200 octets\n"
    "  --json              print JSON, one object a line: each domain, then the list\n"
    "  --config FILE       the configuration, instead of " WW_CONFIG_FILE "\n"
    "  --help              print this\n"
    "\n"
    "Exit status: 0 the list was written; 1 no domain can be taken, and nothing was written; 2 the\n"
    "list was written, but some domains could not be looked at now, and are not in it; 64 usage; 66\n"
    "a file cannot be read; 70 the list cannot be written or signed; 75 nothing can be looked at now,\n"
    "or no daemon answers; 78 the configuration is wrong.\n";

#define TWO_WEEKS ((uint64_t)14 * 24 * 3600)

static const struct ww_table_column columns[] = {
    {.heading = "DOMAIN"},
    {.heading = "LEFT OUT BECAUSE"},
};

struct make {
    struct ww_control_options control;
    const char *names;
    bool from_cache;
    uint64_t expires;     /* seconds from now */
    uint64_t min_max_age; /* seconds */
    struct ww_preload_order order;
    struct ww_config *config;
    struct ww_preload_findings all;
    bool short_of_memory;
};

static int out_of_memory(void)
{
    (void)fputs("waxwing " COMMAND ": out of memory\n", stderr);
    return WW_EXIT_INTERNAL;
}

static void take_cached(void *ctx, const json_t *item)
{
    struct make *m = ctx;
    const char *domain = ww_cache_text(item, "domain");
    struct ww_slice name = ww_slice_str(domain);
    if (domain[0] != '\0' && !ww_preload_names_take(&m->all, name))
        m->short_of_memory = true;
}

static int gather_names(struct make *m)
{
    struct ww_input text = {NULL, 0};
    int status = WW_EXIT_OK;
    if (m->from_cache)
        status = ww_control_call(&m->control, "cache-list", json_pack("{s:[s]}", "modes", "enforce"),
                                 take_cached, m);
    if (status == WW_EXIT_OK && m->names != NULL) {
        status = ww_input_read(m->names, WW_PRELOAD_JSON_MAX, &text);
        if (status == WW_EXIT_OK && !ww_preload_names_take(&m->all, ww_slice(text.p, text.n)))
            m->short_of_memory = true;
        ww_input_free(&text);
    }
    if (m->short_of_memory)
        return out_of_memory();
    ww_preload_names_sort(&m->all);
    return status;
}

static void print_json(json_t *object)
{
    if (json_dumpf(object, stdout, JSON_COMPACT | JSON_ENSURE_ASCII) == 0)
        (void)putchar('\n');
    json_decref(object);
}

/* What comes from a file need not be UTF-8. */
static json_t *text_json(const char *text)
{
    json_t *json = text != NULL ? json_string(text) : NULL;
    return json != NULL ? json : json_null();
}

static void print_domain(const struct ww_preload_finding *f)
{
    print_json(json_pack("{s:o, s:b, s:o, s:b}", "domain", text_json(f->domain), "taken", f->taken, "why",
                         text_json(f->why), "temporary", f->temporary));
}

static bool print_domains(const struct make *m)
{
    struct ww_table *table = ww_table_new(columns, sizeof columns / sizeof columns[0]);
    for (size_t i = 0; table != NULL && i < m->all.count; i++) {
        const struct ww_preload_finding *f = &m->all.found[i];
        const struct ww_table_cell cells[] = {{f->domain, WW_TABLE_PLAIN},
                                              {f->why, f->temporary ? WW_TABLE_MIND : WW_TABLE_PLAIN}};
        if (m->control.json)
            print_domain(f);
        else if (!f->taken)
            ww_table_add(table, cells);
    }
    bool good = table != NULL && ww_table_print(table, stdout);
    if (good && ww_table_rows(table) > 0)
        (void)putchar('\n');
    ww_table_free(table);
    return good;
}

static void print_list(const struct make *m, size_t taken, size_t temporary, bool written)
{
    char expires[WW_TIME_SIZE];
    const char *output = m->order.output;
    size_t left_out = m->all.count - taken;
    ww_time_format(m->order.expires, expires);
    if (m->control.json) {
        print_json(json_pack("{s:o, s:b, s:I, s:I, s:I, s:s, s:b}", "list", text_json(output), "written",
                             written, "domains", (json_int_t)taken, "left_out", (json_int_t)left_out,
                             "temporary", (json_int_t)temporary, "expires", expires, "signed",
                             written && m->order.key != NULL));
        return;
    }
    ww_show_text(stdout, output);
    if (!written)
        (void)fputs(": not written", stdout);
    else
        (void)printf(": %zu domain%s, expires %s", taken, taken == 1 ? "" : "s", expires);
    (void)printf("; left out: %zu, of which %zu could not be looked at now\n", left_out, temporary);
    if (!written)
        return;
    ww_show_text(stdout, output);
    if (m->order.key != NULL)
        (void)fputs(".asc: its signature\n", stdout);
    else
        (void)fputs(": not signed; waxwingd takes no list without a signature: see --key\n", stdout);
}

static int publish(struct make *m)
{
    size_t taken = 0, temporary = 0;
    for (size_t i = 0; i < m->all.count; i++) {
        taken += m->all.found[i].taken ? 1 : 0;
        temporary += m->all.found[i].temporary ? 1 : 0;
    }
    if (!print_domains(m))
        return out_of_memory();
    m->order.now = (int64_t)time(NULL);
    m->order.expires = m->order.now + (int64_t)m->expires;
    int status = taken > 0 ? ww_preload_publish(&m->all, &m->order) : WW_EXIT_NOT;
    print_list(m, taken, temporary, status == WW_EXIT_OK);
    return status == WW_EXIT_OK && temporary > 0 ? WW_EXIT_PARTLY : status;
}

static int make(struct make *m)
{
    int status = ww_cli_load_config(COMMAND, m->control.config_path, &m->config);
    (void)signal(SIGPIPE, SIG_IGN);
    if (status == WW_EXIT_OK)
        status = gather_names(m);
    const struct ww_preload_rules rules = {.config = m->config, .min_max_age = (uint32_t)m->min_max_age};
    if (status == WW_EXIT_OK && !ww_preload_survey(&m->all, &rules))
        status = WW_EXIT_TEMPORARY;
    if (status == WW_EXIT_OK)
        status = publish(m);
    ww_preload_findings_free(&m->all);
    ww_config_free(m->config);
    return status;
}

enum {
    OPTION_FROM_CACHE = 1000,
    OPTION_OUTPUT,
    OPTION_KEY,
    OPTION_EXPIRES,
    OPTION_MIN_MAX_AGE,
    OPTION_AUTHOR
};

static bool take_time(const char *text, uint64_t most, uint64_t *seconds)
{
    uint64_t ms;
    if (!ww_value_duration(text, &ms) || ms < 1000 || ms / 1000 > most)
        return false;
    *seconds = ms / 1000;
    return true;
}

static bool is_author(const char *text)
{
    size_t n = strlen(text);
    for (size_t i = 0; i < n;) {
        size_t length = ww_utf8_length(text + i, n - i);
        if (length == 0)
            return false;
        i += length;
    }
    return n <= WW_PRELOAD_TEXT_MAX;
}

/* NULL, or what is wrong. */
static const char *take_option(struct make *m, int option, const char *argument)
{
    if (option == OPTION_FROM_CACHE)
        m->from_cache = true;
    else if (option == OPTION_OUTPUT)
        m->order.output = argument;
    else if (option == OPTION_KEY)
        m->order.key = argument;
    else if (option == OPTION_AUTHOR)
        m->order.author = argument;
    else if (option == OPTION_EXPIRES)
        return take_time(argument, (uint64_t)366 * 24 * 3600, &m->expires)
                   ? NULL
                   : "--expires: a time such as 14d is wanted, at most 366d";
    else if (option == OPTION_MIN_MAX_AGE)
        return take_time(argument, WW_POLICY_MAX_AGE_MAX, &m->min_max_age)
                   ? NULL
                   : "--min-max-age: a time such as 14d is wanted, at most 31557600s";
    else
        return "there is no such option, or its value is missing";
    return NULL;
}

/* NULL, or what is wrong. */
static const char *check_options(struct make *m, int argc, char **argv)
{
    if (m->order.output == NULL)
        return "say with --output where the list goes";
    if (m->order.author != NULL && !is_author(m->order.author))
        return "--author: a text of at most 200 octets in UTF-8 is wanted";
    if (argc - optind > 1 || (argc - optind == 0 && !m->from_cache))
        return "one file with names is wanted, or --from-cache";
    m->names = optind < argc ? argv[optind] : NULL;
    return NULL;
}

int ww_cli_preload_make(int argc, char **argv)
{
    static const struct option known[] = {{"from-cache", no_argument, NULL, OPTION_FROM_CACHE},
                                          {"output", required_argument, NULL, OPTION_OUTPUT},
                                          {"key", required_argument, NULL, OPTION_KEY},
                                          {"expires", required_argument, NULL, OPTION_EXPIRES},
                                          {"min-max-age", required_argument, NULL, OPTION_MIN_MAX_AGE},
                                          {"author", required_argument, NULL, OPTION_AUTHOR},
                                          WW_CONTROL_LONG_OPTIONS,
                                          {NULL, 0, NULL, 0}};
    struct make m = {.control.command = COMMAND, .expires = TWO_WEEKS, .min_max_age = TWO_WEEKS};
    const char *wrong = NULL;
    int option;
    opterr = 0;
    while (wrong == NULL && (option = getopt_long(argc, argv, "hc:", known, NULL)) != -1) {
        if (ww_control_take_option(&m.control, option, optarg))
            continue;
        if (option == 'h') {
            (void)printf("%s%s", usage, help);
            return WW_EXIT_OK;
        }
        wrong = take_option(&m, option, optarg);
    }
    if (wrong == NULL)
        wrong = check_options(&m, argc, argv);
    return wrong == NULL ? make(&m) : ww_preload_usage(COMMAND, wrong, usage);
}
