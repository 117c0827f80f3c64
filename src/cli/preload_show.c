/* waxwing preload show: what a list says. */
#include "cli/cli.h"
#include "cli/load.h"
#include "cli/preload.h"
#include "cli/show.h"
#include "cli/subcommands.h"
#include "cli/table.h"
#include "codec/idn.h"
#include "codec/preload_json.h"
#include "daemon/config_load.h"
#include "daemon/preload_path.h"

#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define COMMAND "preload show"

static const char usage[] =
    "usage: waxwing preload show [--list FILE | --config FILE] [--json] [DOMAIN... | --all]\n";

static const char help[] =
    "\n"
    "Says who made a preload list and when, until when it counts, and what it says of each domain: its\n"
    "mode, the names that its MX hosts may have, and the alias in the list that these come from.\n"
    "Neither a signature nor another list is looked at: see waxwing preload verify.\n"
    "\n"
    "  --list FILE       this list, instead of the one that waxwingd has accepted last\n"
    "  --all             all domains of the list\n"
    "  --json            print JSON, one object a line: the list, then each domain\n"
    "  --config FILE     the configuration, instead of " WW_CONFIG_FILE ": it says where\n"
    "                    waxwingd keeps its list\n"
    "  --help            print this\n"
    "\n"
    "Exit status: 0; 1 the list does not name each DOMAIN; 64 usage; 65 this is no preload list; 66 a\n"
    "file cannot be read; 78 the configuration is wrong.\n";

static const struct ww_table_column columns[] = {
    {.heading = "DOMAIN"},
    {.heading = "MODE"},
    {.heading = "MX", .shortens = true},
    {.heading = "ALIAS", .shortens = true},
};

enum { COLUMNS = sizeof columns / sizeof columns[0] };

struct options {
    const char *list;
    const char *config;
    bool all;
    bool json;
};

struct show {
    const struct options *options;
    const struct ww_preload *list;
    struct ww_table *table;
};

/* The patterns with spaces between them; freed by the caller. */
static char *join_mx(const struct ww_preload_entry *entry)
{
    char *text = malloc(entry->mx.n + 1);
    struct ww_buf b = ww_buf(text, text != NULL ? entry->mx.n + 1 : 0);
    struct ww_slice pattern;
    for (size_t pos = 0; ww_preload_next_mx(entry, &pos, &pattern);) {
        ww_buf_str(&b, b.n > 0 ? " " : "");
        ww_buf_slice(&b, pattern);
    }
    ww_buf_char(&b, '\0');
    return text;
}

static void add_row(struct show *s, const struct ww_preload_entry *entry)
{
    char domain[WW_DNAME_SIZE] = "", alias[WW_PRELOAD_TEXT_MAX + 1] = "";
    char *mx = join_mx(entry);
    memcpy(domain, entry->domain.p, entry->domain.n);
    memcpy(alias, entry->alias.p, entry->alias.n);
    const struct ww_table_cell cells[COLUMNS] = {
        {domain, WW_TABLE_PLAIN},
        {ww_policy_mode_name(entry->mode), entry->mode == WW_MODE_ENFORCE ? WW_TABLE_GOOD : WW_TABLE_MIND},
        {mx, WW_TABLE_PLAIN},
        {alias, WW_TABLE_PLAIN},
    };
    ww_table_add(s->table, cells);
    free(mx);
}

static void print_json(json_t *object)
{
    if (json_dumpf(object, stdout, JSON_COMPACT | JSON_ENSURE_ASCII) == 0)
        (void)putchar('\n');
    json_decref(object);
}

static void show_entry(struct show *s, const struct ww_preload_entry *entry)
{
    json_t *mx = json_array();
    struct ww_slice pattern;
    if (!s->options->json) {
        json_decref(mx);
        add_row(s, entry);
        return;
    }
    for (size_t pos = 0; ww_preload_next_mx(entry, &pos, &pattern);)
        (void)json_array_append_new(mx, json_stringn(pattern.p, pattern.n));
    json_t *alias = entry->alias.n > 0 ? json_stringn(entry->alias.p, entry->alias.n) : json_null();
    print_json(json_pack("{s:s%, s:s, s:o, s:o}", "domain", entry->domain.p, entry->domain.n, "mode",
                         ww_policy_mode_name(entry->mode), "mx", mx, "alias", alias));
}

/* False: the list does not name it. */
static bool show_domain(struct show *s, const char *domain)
{
    struct ww_preload_entry entry;
    if (ww_preload_find(s->list, ww_slice_str(domain), &entry)) {
        show_entry(s, &entry);
        return true;
    }
    const struct ww_table_cell cells[COLUMNS] = {
        {domain, WW_TABLE_PLAIN}, {"not listed", WW_TABLE_FAINT}, {NULL, 0}, {NULL, 0}};
    if (s->options->json)
        print_json(json_pack("{s:s, s:n, s:[], s:n}", "domain", domain, "mode", "mx", "alias"));
    else
        ww_table_add(s->table, cells);
    return false;
}

static int show_domains(struct show *s, char **names, int count)
{
    int status = WW_EXIT_OK;
    for (int i = 0; i < count; i++) {
        char domain[WW_DNAME_SIZE];
        enum ww_err err = ww_idn_to_domain(ww_slice_str(names[i]), domain);
        if (err != WW_OK) {
            ww_subcommand_complain(COMMAND, names[i], ww_err_message(err));
            return WW_EXIT_USAGE;
        }
        if (!show_domain(s, domain))
            status = WW_EXIT_NOT;
    }
    for (uint32_t i = 0; s->options->all && i < s->list->count; i++) {
        struct ww_preload_entry entry = ww_preload_at(s->list, i);
        show_entry(s, &entry);
    }
    return status;
}

static int show_list(const struct options *options, const struct ww_preload *list, char **names, int count)
{
    struct show s = {.options = options, .list = list, .table = ww_table_new(columns, COLUMNS)};
    int64_t now = (int64_t)time(NULL);
    if (s.table == NULL) {
        (void)fputs("waxwing " COMMAND ": out of memory\n", stderr);
        return WW_EXIT_INTERNAL;
    }
    if (options->json)
        print_json(ww_preload_head_json(list, now));
    int status = show_domains(&s, names, count);
    if (!options->json && status != WW_EXIT_USAGE) {
        ww_preload_print_head(stdout, list, now);
        if (ww_table_rows(s.table) > 0)
            (void)putchar('\n');
        if (!ww_table_print(s.table, stdout))
            status = WW_EXIT_INTERNAL;
    }
    ww_table_free(s.table);
    return status;
}

static int show_file(const struct options *options, const char *path, char **names, int count)
{
    struct ww_preload_text text;
    char why[WW_PRELOAD_WHY_SIZE];
    enum ww_err err;
    int status = ww_preload_text_read(path, &text, &err, why);
    if (status == WW_EXIT_OK && err != WW_OK) {
        (void)fprintf(stderr, "waxwing " COMMAND ": %s: ", ww_err_message(err));
        ww_show_text(stderr, path);
        (void)fprintf(stderr, ": %s\n", why);
        status = WW_EXIT_DATA;
    } else if (status == WW_EXIT_OK) {
        status = show_list(options, &text.list, names, count);
    }
    ww_preload_text_free(&text);
    return status;
}

static int show_kept(const struct options *options, char **names, int count)
{
    struct ww_config *config = NULL;
    int status = ww_cli_load_config(COMMAND, options->config, &config);
    if (status != WW_EXIT_OK)
        return status;
    char *path = ww_preload_kept_path(config);
    ww_config_free(config);
    status = path != NULL ? show_file(options, path, names, count) : WW_EXIT_INTERNAL;
    free(path);
    if (status == WW_EXIT_NO_INPUT)
        (void)fputs("waxwingd keeps the list that it has accepted there; it is for its user, and for root.\n"
                    "Name another with --list.\n",
                    stderr);
    return status;
}

int ww_cli_preload_show(int argc, char **argv)
{
    static const struct option known[] = {
        {"all", no_argument, NULL, 'a'},  {"list", required_argument, NULL, 'l'},
        {"json", no_argument, NULL, 'j'}, {"config", required_argument, NULL, 'c'},
        {"help", no_argument, NULL, 'h'}, {NULL, 0, NULL, 0}};
    struct options o = {.list = NULL};
    int option;
    opterr = 0;
    while ((option = getopt_long(argc, argv, "hc:", known, NULL)) != -1) {
        if (option == 'h') {
            (void)printf("%s%s", usage, help);
            return WW_EXIT_OK;
        }
        if (option == 'a')
            o.all = true;
        else if (option == 'j')
            o.json = true;
        else if (option == 'l')
            o.list = optarg;
        else if (option == 'c')
            o.config = optarg;
        else
            return ww_subcommand_usage(COMMAND, WW_NO_SUCH_OPTION, usage);
    }
    if (o.all && optind < argc)
        return ww_subcommand_usage(COMMAND, "say which domains, or --all", usage);
    if (o.list != NULL)
        return show_file(&o, o.list, argv + optind, argc - optind);
    return show_kept(&o, argv + optind, argc - optind);
}
