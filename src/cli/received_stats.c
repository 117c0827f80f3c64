/* waxwing report stats: what all reports of others come to. */
#include "cli/received_stats.h"

#include "cli/cache.h"
#include "cli/received.h"
#include "cli/subcommands.h"
#include "core/sessions.h"

#include <getopt.h>
#include <string.h>
#include <time.h>

/* Unless said otherwise so many days back. */
#define DAYS 30

static const struct ww_received_command command = {
    .name = "report stats",
    .options = WW_RECEIVED_OPTION_FILTER | WW_RECEIVED_OPTION_BY,
    .usage = "usage: waxwing report stats [--by day|domain|sender|result|mx] [--domain DOMAIN]\n"
             "                            [--sender SENDER] [--since DAY] [--until DAY] [--json]\n"
             "                            [--config FILE | --socket ADDRESS]\n",
    .help = "What the reports of others say in sum: sessions that went well and that failed, on each day,\n"
            "as bars on a terminal. Of the last 30 days, unless --since says otherwise.\n"
            "\n"
            "  --by WHAT         not by day but by domain, by sender, by type of failure (result), or by\n"
            "                    MX host where it failed (mx)\n" WW_RECEIVED_FILTER_HELP,
};

struct gathering {
    json_t *rows;
};

static void take(void *ctx, const json_t *item)
{
    struct gathering *g = ctx;
    if (json_is_string(json_object_get(item, "key")))
        (void)json_array_append_new(g->rows, json_deep_copy(item));
}

static int gather(struct ww_received_options *o, const char *by, json_t **rows)
{
    struct gathering g = {.rows = json_array()};
    o->by = by;
    json_t *request = g.rows != NULL ? ww_received_request(o) : NULL;
    *rows = g.rows;
    return request != NULL ? ww_control_call(&o->control, "received-stats", request, take, &g)
                           : WW_EXIT_USAGE;
}

static int draw(struct ww_received_options *o, json_t *rows)
{
    int64_t now = (int64_t)time(NULL);
    struct ww_received_drawing drawing = {
        .by = o->by,
        .first = ww_day_of(o->since),
        .last = o->until != INT64_MIN ? ww_day_of(o->until) - 1 : ww_day_of(now),
        .today = ww_day_of(now),
        .style = ww_tree_style(stdout),
    };
    if (drawing.last > drawing.today)
        drawing.last = drawing.today;
    json_t *senders = NULL;
    if (json_array_size(rows) == 0) {
        (void)puts("There is no report of these days.");
        return WW_EXIT_OK;
    }
    if (!ww_received_draw(stdout, &drawing, rows))
        return WW_EXIT_INTERNAL;
    int status = WW_EXIT_OK;
    if (drawing.style.width > 0) {
        status = gather(o, "sender", &senders);
        if (status == WW_EXIT_OK)
            ww_received_draw_totals(stdout, &drawing, rows, senders);
    }
    json_decref(senders);
    return status;
}

int ww_cli_received_stats(int argc, char **argv)
{
    struct ww_received_options o;
    json_t *rows = NULL;
    int status = ww_received_options_read(argc, argv, &command, &o);
    if (status >= 0)
        return status;
    if (argc != optind)
        return ww_subcommand_usage(command.name, "it takes no argument", command.usage);
    int64_t from = o.until != INT64_MIN ? o.until : (int64_t)time(NULL);
    if (o.since == INT64_MIN)
        o.since = ww_day_of(from - DAYS * WW_DAY_SECONDS) * WW_DAY_SECONDS;
    const char *by = o.by != NULL ? o.by : "day";
    if (o.control.json) {
        o.by = by;
        json_t *request = ww_received_request(&o);
        return request != NULL
                   ? ww_control_call(&o.control, "received-stats", request, ww_control_print_json, NULL)
                   : WW_EXIT_USAGE;
    }
    status = gather(&o, by, &rows);
    if (status == WW_EXIT_OK)
        status = draw(&o, rows);
    json_decref(rows);
    return status;
}
