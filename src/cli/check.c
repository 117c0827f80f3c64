#include "cli/check.h"

#include "cli/ask_options.h"
#include "cli/cli.h"
#include "cli/load.h"
#include "cli/subcommands.h"
#include "cli/worker.h"
#include "codec/idn.h"

#include <getopt.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>

#define TICK_MS 200
#define DEADLINE_MS 90000

static const struct ww_ask_command command = {
    .name = "check",
    .usage = "usage: waxwing check [--json] DOMAIN...\n",
    .help = "\nInspects domains.\n",
};

static void show(json_t *line)
{
    json_t *report = json_object_get(line, "report");
    if (report != NULL && json_dumpf(report, stdout, JSON_COMPACT | JSON_ENSURE_ASCII) == 0)
        (void)fputc('\n', stdout);
    const char *failed = json_string_value(json_object_get(line, "failed"));
    if (failed != NULL)
        ww_subcommand_complain("check", "nothing can be looked at", failed);
    json_decref(line);
}

static int run(const struct ww_check_order *order)
{
    struct ww_worker worker;
    struct ww_check_order copy = *order;
    if (!ww_worker_begin(&worker, ww_check_look, &copy, ww_check_look_deadline_ms(order),
                         ww_check_look_output_max(order))) {
        ww_worker_free(&worker);
        return WW_EXIT_INTERNAL;
    }
    while (worker.fd >= 0) {
        struct pollfd fd = {.fd = worker.fd, .events = POLLIN};
        json_t *line;
        if (poll(&fd, 1, TICK_MS) > 0)
            ww_worker_read(&worker);
        ww_worker_check(&worker);
        while ((line = ww_worker_next(&worker)) != NULL)
            show(line);
    }
    ww_worker_free(&worker);
    return WW_EXIT_OK;
}

int ww_cli_check(int argc, char **argv)
{
    struct ww_ask_options options = {.json = false};
    struct ww_config *config;
    int status = ww_ask_options_read(&command, argc, argv, &options);
    if (status >= 0)
        return status;
    status = ww_cli_load_config("check", options.config_path, &config);
    if (status != WW_EXIT_OK)
        return status;
    const struct ww_check_order order = {
        .config = config,
        .domains = (const char *const *)(argv + optind),
        .count = (size_t)(argc - optind),
        .parallel = 20,
        .deadline_ms = DEADLINE_MS,
    };
    status = run(&order);
    ww_config_free(config);
    free(options.socket);
    return status;
}
