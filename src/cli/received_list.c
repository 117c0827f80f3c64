/* waxwing report list: reports of others, a row each. */
#include "cli/cache.h"
#include "cli/received.h"
#include "cli/subcommands.h"
#include "cli/table.h"
#include "cli/tree.h"

#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>

/* Rows, unless more are asked for: what one may still look through. */
#define LIMIT 1000
/* Columns of a terminal on which a row can be read with all that it has. */
#define WIDE 100

static const struct ww_received_command command = {
    .name = "report list",
    .options = WW_RECEIVED_OPTION_FILTER | WW_RECEIVED_OPTION_ROWS,
    .usage = "usage: waxwing report list [--domain DOMAIN] [--sender SENDER] [--since DAY] [--until DAY]\n"
             "                           [--result TYPE] [--failed] [--limit N] [--json]\n"
             "                           [--config FILE | --socket ADDRESS]\n",
    .help = "Lists the reports that others have sent about your domains, the latest first.\n"
            "VERIFIED: a DKIM signature vouches for the sender. FINDINGS: what is unusual about its\n"
            "report; `waxwing report show NUMBER` has them all. A narrow terminal has no room for the last\n"
            "two columns.\n"
            "\n" WW_RECEIVED_FILTER_HELP
            "  --result TYPE     with failures of this type, such as certificate-expired\n"
            "  --failed          with failures alone\n"
            "  --limit N         so many at most; 1000 unless said otherwise, with --json all\n",
};

struct listing {
    struct ww_table *table; /* NULL: JSON */
    uint64_t left;
    bool more; /* than were asked for */
};

static void add_row(struct ww_table *table, const json_t *row)
{
    char number[24], day[WW_RECEIVED_DAY_SIZE], ok[24], failed[24], findings[24];
    json_int_t failures = ww_cache_number(row, "failure"), odd = ww_cache_number(row, "findings");
    bool verified = json_is_true(json_object_get(row, "verified"));
    (void)snprintf(number, sizeof number, "%" JSON_INTEGER_FORMAT, ww_cache_number(row, "number"));
    (void)snprintf(ok, sizeof ok, "%" JSON_INTEGER_FORMAT, ww_cache_number(row, "success"));
    (void)snprintf(failed, sizeof failed, "%" JSON_INTEGER_FORMAT, failures);
    (void)snprintf(findings, sizeof findings, "%" JSON_INTEGER_FORMAT, odd);
    ww_received_day(row, day);
    const struct ww_table_cell cells[] = {
        {number, WW_TABLE_PLAIN},
        {day, WW_TABLE_PLAIN},
        {ww_cache_text(row, "domain"), WW_TABLE_PLAIN},
        {ww_cache_text(row, "sender"), WW_TABLE_PLAIN},
        {verified ? "yes" : "no", verified ? WW_TABLE_GOOD : WW_TABLE_FAINT},
        {ok, WW_TABLE_PLAIN},
        {failed, failures > 0 ? WW_TABLE_WRONG : WW_TABLE_PLAIN},
        {ww_cache_text(row, "channel"), WW_TABLE_FAINT},
        {findings, odd > 0 ? WW_TABLE_MIND : WW_TABLE_FAINT},
    };
    ww_table_add(table, cells);
}

static void take_row(void *ctx, const json_t *row)
{
    struct listing *l = ctx;
    if (!json_is_integer(json_object_get(row, "number")))
        return;
    if (l->left == 0) {
        l->more = true;
        return;
    }
    l->left--;
    if (l->table != NULL)
        add_row(l->table, row);
    else
        ww_control_print_json(NULL, row);
}

static bool is_filtered(const struct ww_received_options *o)
{
    return o->domain[0] != '\0' || o->sender != NULL || o->result != NULL || o->failed ||
           o->since != INT64_MIN || o->until != INT64_MIN;
}

static int print_table(const struct ww_received_options *o, struct listing *l)
{
    if (ww_table_rows(l->table) == 0)
        (void)puts(is_filtered(o) ? "There are none such." : "No report has come yet.");
    else if (!ww_table_print(l->table, stdout))
        return WW_EXIT_INTERNAL;
    if (l->more && o->limit == 0)
        (void)fprintf(stderr, "There are more: narrow it down, or see --limit.\n");
    return WW_EXIT_OK;
}

int ww_cli_received_list(int argc, char **argv)
{
    static const struct ww_table_column columns[] = {
        {.heading = "NUMBER", .right = true},
        {.heading = "DAY"},
        {.heading = "DOMAIN"}, /* whole: it is what one filters by */
        {.heading = "SENDER", .shortens = true},
        {.heading = "VERIFIED"},
        {.heading = "OK", .right = true},
        {.heading = "FAILED", .right = true},
        {.heading = "CHANNEL"}, /* this and the next one: not on a narrow terminal */
        {.heading = "FINDINGS", .right = true},
    };
    const unsigned width = ww_tree_style(stdout).width;
    const size_t count = sizeof columns / sizeof *columns - (width > 0 && width < WIDE ? 2 : 0);
    struct ww_received_options o;
    int status = ww_received_options_read(argc, argv, &command, &o);
    if (status >= 0)
        return status;
    if (argc != optind)
        return ww_subcommand_usage(command.name, "it takes no argument", command.usage);
    struct listing l = {.left = o.limit > 0 ? o.limit : o.control.json ? UINT64_MAX : LIMIT};
    json_t *request = ww_received_request(&o);
    if (request == NULL)
        return WW_EXIT_USAGE;
    l.table = o.control.json ? NULL : ww_table_new(columns, count);
    if (l.left < UINT64_MAX)
        (void)json_object_set_new(request, "max", json_integer((json_int_t)l.left + 1));
    o.control.enough = &l.more;
    status = ww_control_call(&o.control, "received-list", request, take_row, &l);
    if (status == WW_EXIT_OK && l.table != NULL)
        status = print_table(&o, &l);
    ww_table_free(l.table);
    return status;
}
