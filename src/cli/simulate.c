/* waxwing simulate: what would become of a delivery that is described in JSON. */
#include "cli/cli.h"
#include "cli/input.h"
#include "cli/show.h"
#include "cli/table.h"
#include "codec/scenario.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

/* Of all scenarios together. */
#define INPUT_MAX ((size_t)64 << 20)

static const char usage[] = "usage: waxwing simulate [--table] [--exit-status] [FILE]\n";

static const char help[] =
    "\n"
    "Judges the MX hosts of a delivery that is described in JSON: may it be delivered to each,\n"
    "by which policy, what is reported, and why. Without a file, or with -, it reads standard\n"
    "input. Several scenarios may follow each other, as in JSON Lines. It uses neither the network\n"
    "nor the configuration.\n"
    "\n"
    "  --table        print a table instead of one JSON object a line\n"
    "  --exit-status  exit with 1 when a scenario has hosts, and none of them may be delivered to\n"
    "  --help         print this\n"
    "\n"
    "A scenario needs \"policy\" (the one just fetched, or null) and \"mx\":\n"
    "\n"
    "  {\"policy\": {\"mode\": \"enforce\", \"max_age\": 604800, \"mx\": [\"*.example.com\"]},\n"
    "   \"mx\": [{\"host\": \"mx1.example.com\", \"cert\": {\"names\": [\"mx1.example.com\"]}}]}\n"
    "\n"
    "waxwing(1) lists the other keys.\n"
    "\n"
    "Exit status: 0 judged; 1 see --exit-status; 64 usage; 65 the input is no scenario; 66 the\n"
    "file cannot be read; 70 out of memory or the output cannot be written.\n";

struct options {
    bool table;
    bool exit_status;
};

static int fail_usage(const char *why)
{
    (void)fprintf(stderr, "waxwing simulate: %s\n%s", why, usage);
    return WW_EXIT_USAGE;
}

static int fail_memory(void)
{
    (void)fputs("waxwing simulate: out of memory\n", stderr);
    return WW_EXIT_INTERNAL;
}

/* How much of a text is white space of JSON. */
static size_t space(const char *p, size_t n)
{
    size_t i = 0;
    while (i < n && (p[i] == ' ' || p[i] == '\t' || p[i] == '\r' || p[i] == '\n'))
        i++;
    return i;
}

static void add_row(struct ww_table *table, const struct ww_scenario *s, const struct ww_seen_mx *mx)
{
    char why[WW_JUDGE_WHY_MAX + 1];
    struct ww_buf b = ww_buf(why, sizeof why - 1);
    struct ww_judgement j = ww_judge(&s->delivery, mx);
    ww_judge_put_why(&b, &s->delivery, &j);
    why[b.n] = '\0';
    enum ww_table_colour colour = j.action == WW_ACTION_SKIP             ? WW_TABLE_WRONG
                                  : j.result != WW_RESULT_NONE           ? WW_TABLE_MIND
                                  : j.policy_type == WW_POLICY_TYPE_NONE ? WW_TABLE_FAINT
                                                                         : WW_TABLE_GOOD;
    const struct ww_table_cell cells[] = {
        {mx->host.p, WW_TABLE_PLAIN},
        {ww_action_name(j.action), colour},
        {ww_policy_type_name(j.policy_type), WW_TABLE_PLAIN},
        {ww_result_type_name(j.result), WW_TABLE_PLAIN},
        {ww_judge_source(&j), WW_TABLE_PLAIN},
        {why, WW_TABLE_PLAIN},
    };
    ww_table_add(table, cells);
}

static int print_table(const struct ww_scenario *s)
{
    static const struct ww_table_column columns[] = {
        {.heading = "HOST", .shortens = true},
        {.heading = "ACTION"},
        {.heading = "POLICY"},
        {.heading = "RESULT"},
        {.heading = "SOURCE"},
        {.heading = "WHY", .shortens = true},
    };
    const char *result = ww_result_type_name(s->delivery.sts.result);
    struct ww_table *table = ww_table_new(columns, sizeof columns / sizeof columns[0]);
    if (table == NULL)
        return fail_memory();
    if (result != NULL)
        (void)printf("policy: %s\n", result);
    for (size_t i = 0; i < s->mx_count; i++)
        add_row(table, s, &s->mx[i]);
    bool printed = ww_table_print(table, stdout);
    ww_table_free(table);
    return printed ? WW_EXIT_OK : fail_memory();
}

static int print_json(const struct ww_scenario *s)
{
    char *text = ww_scenario_result(s);
    if (text == NULL)
        return fail_memory();
    (void)puts(text);
    free(text);
    return WW_EXIT_OK;
}

static bool is_held(const struct ww_scenario *s)
{
    for (size_t i = 0; i < s->mx_count; i++) {
        if (ww_judge(&s->delivery, &s->mx[i]).action == WW_ACTION_DELIVER)
            return false;
    }
    return s->mx_count > 0;
}

static int judge_all(const struct options *o, const char *p, size_t n)
{
    char why[WW_JSON_READ_WHY_SIZE];
    int status = WW_EXIT_OK;
    size_t at = space(p, n), number = 0, used;
    do {
        struct ww_scenario *s = ww_scenario_read(p + at, n - at, &used, why);
        number++;
        if (s == NULL) {
            (void)fprintf(stderr, "waxwing simulate: scenario %zu: %s\n", number, why);
            return WW_EXIT_DATA;
        }
        int printed = o->table ? print_table(s) : print_json(s);
        if (o->exit_status && is_held(s))
            status = WW_EXIT_NOT;
        ww_scenario_free(s);
        if (printed != WW_EXIT_OK)
            return printed;
        at += used;
        at += space(p + at, n - at);
    } while (at < n);
    return status;
}

int ww_cli_simulate(int argc, char **argv)
{
    static const struct option known[] = {
        {"table", no_argument, NULL, 't'},
        {"exit-status", no_argument, NULL, 'e'},
        {"help", no_argument, NULL, 'h'},
        {NULL, 0, NULL, 0},
    };
    struct options options = {.table = false};
    struct ww_input input;
    int option;
    opterr = 0;
    while ((option = getopt_long(argc, argv, "h", known, NULL)) != -1) {
        if (option == 't') {
            options.table = true;
        } else if (option == 'e') {
            options.exit_status = true;
        } else if (option == 'h') {
            (void)fputs(usage, stdout);
            (void)fputs(help, stdout);
            return WW_EXIT_OK;
        } else {
            return fail_usage("there is no such option");
        }
    }
    if (argc - optind > 1)
        return fail_usage("too many files");
    int status = ww_input_read(argv[optind], INPUT_MAX + 1, &input);
    if (status != WW_EXIT_OK)
        return status;
    if (input.n > INPUT_MAX) {
        (void)fputs("waxwing simulate: the input is longer than 64 MiB\n", stderr);
        status = WW_EXIT_DATA;
    } else {
        status = judge_all(&options, input.p, input.n);
    }
    ww_input_free(&input);
    return status;
}
