/* waxwing watch import: adds the domains of a file, a batch at a time. */
#include "cli/input.h"
#include "cli/progress.h"
#include "cli/show.h"
#include "cli/subcommands.h"
#include "cli/watch.h"
#include "codec/idn.h"
#include "daemon/config_load.h"

#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A hundred thousand lines as long as they may be. */
#define FILE_OCTETS ((size_t)32 << 20)
/* Domains in one request: all of them are added, or none. */
#define BATCH 200

static const struct ww_watch_command command = {
    .name = "watch import",
    .options = WW_WATCH_GROUP | WW_WATCH_EVERY,
    .usage = "usage: waxwing watch import [--group GROUP] [--every TIME] [--json]\n"
             "                            [--config FILE | --socket ADDRESS] FILE | -\n",
    .help = "Adds the domains of a file, one a line: DOMAIN, or DOMAIN,GROUP. Empty lines, and those that\n"
            "begin with #, are skipped. With an error in any line nothing is added.\n"
            "\n"
            "  --group GROUP     of those whose line names none\n"
            "  --every TIME      10s to 30d, instead of watch.interval\n",
};

struct import {
    const struct ww_watch_options *o;
    const char *name; /* of the file */
    json_t *domains;
    size_t wrong;
    json_int_t added;
    json_int_t others;
};

static void complain(struct import *im, uint64_t number, const char *why)
{
    im->wrong++;
    if (im->wrong > 20)
        return;
    (void)fputs("waxwing watch import: ", stderr);
    ww_show_text(stderr, im->name);
    (void)fprintf(stderr, ":%" PRIu64 ": %s\n", number, why);
}

static bool is_group(struct ww_slice group)
{
    bool good = group.n < 64;
    for (size_t i = 0; good && i < group.n; i++)
        good = group.p[i] >= ' ' && group.p[i] <= '~';
    return good;
}

static void take_line(struct import *im, uint64_t number, struct ww_slice line)
{
    char domain[WW_DNAME_SIZE];
    line = ww_input_trim(line);
    if (line.n == 0 || line.p[0] == '#')
        return;
    const char *comma = memchr(line.p, ',', line.n);
    struct ww_slice name = ww_input_trim(ww_slice(line.p, comma != NULL ? (size_t)(comma - line.p) : line.n));
    struct ww_slice group = ww_slice("", 0);
    if (comma != NULL)
        group = ww_input_trim(ww_slice(comma + 1, line.n - (size_t)(comma + 1 - line.p)));
    enum ww_err err = ww_idn_to_domain(name, domain);
    if (err != WW_OK) {
        complain(im, number, ww_err_message(err));
    } else if (!is_group(group)) {
        complain(im, number, "a group has up to 63 printable ASCII characters");
    } else {
        json_t *item =
            group.n > 0 ? json_pack("[s, s%]", domain, group.p, group.n) : json_pack("[s]", domain);
        if (json_array_append_new(im->domains, item) != 0)
            complain(im, number, "out of memory");
    }
}

static void read_lines(struct import *im, const struct ww_input *input)
{
    uint64_t number = 0;
    for (size_t at = 0; at < input->n;) {
        const char *end = memchr(input->p + at, '\n', input->n - at);
        size_t n = end != NULL ? (size_t)(end - input->p) - at : input->n - at;
        take_line(im, ++number, ww_slice(input->p + at, n));
        at += n + 1;
    }
}

static void on_item(void *ctx, const json_t *item)
{
    struct import *im = ctx;
    im->added += ww_watch_count(item, "done");
    im->others += (json_int_t)json_array_size(json_object_get(item, "others"));
}

static int send(struct import *im, size_t from, size_t count)
{
    const struct ww_watch_options *o = im->o;
    json_t *batch = json_array();
    for (size_t i = from; i < from + count; i++)
        (void)json_array_append(batch, json_array_get(im->domains, i));
    json_t *request = json_pack("{s:o, s:s?}", "domains", batch, "group", o->group);
    if (request != NULL && o->every_ms > 0)
        (void)ww_watch_set(&request, "every", json_integer((json_int_t)(o->every_ms / 1000)));
    return ww_control_call(&o->control, "watch-add", request, on_item, im);
}

static int send_all(struct import *im)
{
    struct ww_progress progress;
    size_t total = json_array_size(im->domains), sent = 0;
    int status = WW_EXIT_OK;
    ww_progress_begin(&progress, "import", total);
    while (status == WW_EXIT_OK && sent < total) {
        size_t n = total - sent < BATCH ? total - sent : BATCH;
        status = send(im, sent, n);
        sent += status == WW_EXIT_OK ? n : 0;
        ww_progress_step(&progress, sent);
    }
    ww_progress_clear(&progress);
    if (im->o->control.json)
        (void)printf("{\"read\":%zu,\"added\":%" JSON_INTEGER_FORMAT ",\"others\":%" JSON_INTEGER_FORMAT
                     "}\n",
                     total, im->added, im->others);
    else
        (void)printf("%" JSON_INTEGER_FORMAT " domain%s watched from now on, %" JSON_INTEGER_FORMAT
                     " %s already%s\n",
                     im->added, im->added == 1 ? "" : "s", im->others, im->others == 1 ? "was" : "were",
                     status == WW_EXIT_OK ? "" : "; the rest was not added");
    return status;
}

int ww_cli_watch_import(int argc, char **argv)
{
    struct ww_watch_options o;
    struct ww_input input;
    int status = ww_watch_options_read(argc, argv, &command, &o);
    if (status >= 0)
        return status;
    if (argc - optind != 1)
        return ww_subcommand_usage(command.name, "say which file", command.usage);
    struct import im = {.o = &o, .name = argv[optind], .domains = json_array()};
    status = ww_input_read(argv[optind], FILE_OCTETS, &input);
    if (status == WW_EXIT_OK) {
        read_lines(&im, &input);
        ww_input_free(&input);
        if (im.wrong > 0)
            (void)fprintf(stderr, "waxwing watch import: %zu line%s wrong: nothing was added\n", im.wrong,
                          im.wrong == 1 ? " is" : "s are");
        status = im.wrong > 0 ? WW_EXIT_NOT : send_all(&im);
    }
    json_decref(im.domains);
    return status;
}
