/* waxwing cache list: the domains that are known, in short. */
#include "base/time.h"
#include "cli/cache.h"
#include "cli/control.h"
#include "cli/show.h"
#include "cli/subcommands.h"
#include "cli/table.h"
#include "cli/when.h"
#include "daemon/config_load.h"
#include "daemon/config_values.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

static const char usage[] =
    "usage: waxwing cache list [--mode MODE]... [--expiring TIME] [--failing] [--json]\n"
    "                          [--config FILE | --socket ADDRESS] [PATTERN...]\n";

static const char help[] =
    "\n"
    "Lists the domains that the running waxwingd knows something of, sorted; with patterns such\n"
    "as '*.example.com' only those that match one. On a terminal times are told from now.\n"
    "\n"
    "  --mode MODE       only such policies: enforce, testing, none; or no-policy, what has none\n"
    "                    in force; may be given several times\n"
    "  --expiring TIME   only policies that end within so long: 12h, 7d\n"
    "  --failing         only where the last look-ups failed\n" WW_CONTROL_HELP "\n"
    "With --json the domains come as they are found, in no order.\n"
    "\n"
    "Exit status: 0 all were listed, if there are any; 1 not all, standard error says why;\n"
    "64 usage; 66 the configuration cannot be read; 75 no daemon answers; 78 the configuration\n"
    "is wrong.\n";

static const struct ww_table_column columns[] = {
    {.heading = "DOMAIN"},     {.heading = "MODE"},    {.heading = "ID", .shortens = true},
    {.heading = "FETCHED"},    {.heading = "EXPIRES"}, {.heading = "LAST OUTCOME"},
    {.heading = "NEXT CHECK"},
};

enum { COLUMNS = sizeof columns / sizeof columns[0], OPTION_MODE = 1000, OPTION_EXPIRING, OPTION_FAILING };

struct list {
    struct ww_table *table;
    bool from_now; /* times */
    int64_t now;
};

/* Of a time in an answer, what is shown in place of it. */
static const char *shown_time(const struct list *l, const json_t *item, const char *key,
                              char out[WW_WHEN_SIZE])
{
    const char *text = ww_cache_text(item, key);
    int64_t seconds;
    if (!l->from_now || !ww_time_parse(ww_slice_str(text), &seconds))
        return text;
    ww_when(seconds, l->now, out);
    return out;
}

static struct ww_table_cell mode_cell(const json_t *item)
{
    const char *mode = ww_cache_text(item, "mode");
    if (mode[0] == '\0')
        return (struct ww_table_cell){"-", WW_TABLE_FAINT};
    if (!json_is_true(json_object_get(item, "in_force")))
        return (struct ww_table_cell){"expired", WW_TABLE_WRONG};
    if (strcmp(mode, "enforce") == 0)
        return (struct ww_table_cell){mode, WW_TABLE_GOOD};
    return (struct ww_table_cell){mode, strcmp(mode, "testing") == 0 ? WW_TABLE_MIND : WW_TABLE_PLAIN};
}

static void add(void *ctx, const json_t *item)
{
    struct list *l = ctx;
    char fetched[WW_WHEN_SIZE];
    char expires[WW_WHEN_SIZE];
    char next[WW_WHEN_SIZE];
    bool fails = json_is_object(json_object_get(item, "error"));
    const struct ww_table_cell cells[COLUMNS] = {
        {ww_cache_text(item, "domain"), WW_TABLE_PLAIN},
        mode_cell(item),
        {ww_cache_text(item, "id"), WW_TABLE_PLAIN},
        {shown_time(l, item, "fetched", fetched), WW_TABLE_PLAIN},
        {shown_time(l, item, "expires", expires), WW_TABLE_PLAIN},
        {ww_cache_text(item, "last"), fails ? WW_TABLE_MIND : WW_TABLE_PLAIN},
        {shown_time(l, item, "next_check", next), WW_TABLE_PLAIN},
    };
    ww_table_add(l->table, cells);
}

static int list(const struct ww_control_options *o, json_t *request)
{
    struct list l = {
        .table = ww_table_new(columns, COLUMNS),
        .from_now = ww_show_is_terminal(stdout),
        .now = (int64_t)time(NULL),
    };
    if (o->json || l.table == NULL) {
        ww_table_free(l.table);
        return ww_control_call(o, "cache-list", request, ww_control_print_json, NULL);
    }
    int status = ww_control_call(o, "cache-list", request, add, &l);
    ww_table_sort(l.table, 0);
    if (!ww_table_print(l.table, stdout)) {
        (void)fputs("waxwing cache list: out of memory\n", stderr);
        status = WW_EXIT_INTERNAL;
    }
    ww_table_free(l.table);
    return status;
}

static bool append(json_t *request, const char *key, const char *text)
{
    json_t *list = json_object_get(request, key);
    if (list == NULL) {
        list = json_array();
        if (json_object_set_new(request, key, list) != 0)
            return false;
    }
    return json_array_append_new(list, json_string(text)) == 0;
}

struct order {
    struct ww_control_options control;
    json_t *request;
};

/* NULL, or what is wrong. */
static const char *take_option(void *ctx, int option, const char *value)
{
    struct order *o = ctx;
    uint64_t ms;
    if (ww_control_take_option(&o->control, option, value))
        return NULL;
    if (option == OPTION_FAILING)
        return json_object_set_new(o->request, "failing", json_true()) == 0 ? NULL : "out of memory";
    if (option == OPTION_MODE)
        return append(o->request, "modes", value) ? NULL : "the mode is no UTF-8";
    if (option != OPTION_EXPIRING)
        return WW_NO_SUCH_OPTION;
    if (!ww_value_duration(value, &ms) || ms < 1000)
        return "--expiring: a time such as 12h or 7d is wanted";
    return json_object_set_new(o->request, "expiring", json_integer((json_int_t)(ms / 1000))) == 0
               ? NULL
               : "out of memory";
}

/* Takes over o->request. */
static int read_patterns(const struct order *o, char **patterns)
{
    const char *wrong = NULL;
    for (; wrong == NULL && *patterns != NULL; patterns++)
        wrong = append(o->request, "patterns", *patterns) ? NULL : "a pattern is no UTF-8";
    if (wrong == NULL)
        return list(&o->control, o->request);
    json_decref(o->request);
    return ww_subcommand_usage(o->control.command, wrong, usage);
}

int ww_cli_cache_list(int argc, char **argv)
{
    static const struct option known[] = {{"mode", required_argument, NULL, OPTION_MODE},
                                          {"expiring", required_argument, NULL, OPTION_EXPIRING},
                                          {"failing", no_argument, NULL, OPTION_FAILING},
                                          WW_CONTROL_LONG_OPTIONS,
                                          {NULL, 0, NULL, 0}};
    struct order o = {.control = {.command = "cache list"}, .request = json_object()};
    const struct ww_subcommand_options options = {o.control.command, usage, help, known, take_option};
    int status = ww_subcommand_read(&options, argc, argv, &o);
    if (status < 0)
        return read_patterns(&o, argv + optind);
    json_decref(o.request);
    return status;
}
