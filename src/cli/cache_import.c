/* waxwing cache import: hands the policies of an exported cache to the daemon, which judges each. */
#include "cli/cache.h"
#include "cli/control.h"
#include "cli/progress.h"
#include "cli/show.h"
#include "cli/subcommands.h"
#include "daemon/config_load.h"
#include "daemon/control.h"

#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* The longest line that export can write is shorter: no octet of a policy takes more than three in it. */
#define LINE_OCTETS ((size_t)256 * 1024)

/* A request, with room for what stands around the lines; and how many go before the store is waited for. */
#define BATCH_OCTETS (WW_CONTROL_MESSAGE_MAX - 1024)
#define BATCH_LINES 500
#define BATCHES_UNSTORED 16

static const char usage[] =
    "usage: waxwing cache import [--check] [--json] [--config FILE | --socket ADDRESS] FILE | -\n";

static const char help[] =
    "\n"
    "Gives the policies of a file that waxwing cache export has written to the running waxwingd. Each is\n"
    "checked as if it had been fetched. One that is newer there stays, and none lives longer than its\n"
    "max_age allows. Who imports a file trusts whoever could write to it.\n"
    "\n"
    "  --check           only say what would be done\n" WW_CONTROL_HELP "\n"
    "Exit status: 0 all that is of use was taken; 1 some lines are wrong; 64 usage; 66 the file or\n"
    "the configuration cannot be read; 75 no daemon answers; 78 the configuration is wrong.\n";

struct import {
    const struct ww_control_options *o;
    const char *name; /* of the file */
    bool check;
    struct ww_progress progress;
    uint64_t line_number;
    uint64_t octets;
    json_t *batch;
    size_t batch_octets;
    uint64_t batch_lines[BATCH_LINES]; /* where its lines stand */
    unsigned unstored;                 /* batches */
    bool has_end;                      /* the last line was seen */
    uint64_t read;                     /* policies; of them */
    uint64_t taken;
    uint64_t expired;
    uint64_t older;
    uint64_t wrong;
    bool store_fails;
    char line[LINE_OCTETS];
};

static void complain(struct import *im, uint64_t line, const char *message, const char *id)
{
    ww_progress_clear(&im->progress);
    (void)fputs("waxwing cache import: ", stderr);
    ww_show_safely(stderr, im->name, strlen(im->name));
    (void)fprintf(stderr, ":%" PRIu64 ": ", line);
    ww_show_safely(stderr, message, strlen(message));
    (void)fputs(" [", stderr);
    ww_show_text(stderr, id);
    (void)fputs("]\n", stderr);
}

static void wrong_line(struct import *im, enum ww_err err)
{
    im->wrong++;
    complain(im, im->line_number, ww_err_message(err), ww_err_id(err));
}

static void take_verdict(struct import *im, const json_t *item)
{
    const json_t *error = json_object_get(item, "error");
    const char *id = ww_cache_text(error, "id");
    json_int_t index = ww_cache_number(item, "index");
    if (strcmp(id, ww_err_id(WW_E_IMPORT_EXPIRED)) == 0) {
        im->expired++;
    } else if (strcmp(id, ww_err_id(WW_E_IMPORT_OLDER)) == 0) {
        im->older++;
    } else {
        im->wrong++;
        complain(im, index >= 0 && index < BATCH_LINES ? im->batch_lines[index] : 0,
                 ww_cache_text(error, "message"), id);
    }
}

static void on_item(void *ctx, const json_t *item)
{
    struct import *im = ctx;
    const json_t *store = json_object_get(item, "store");
    if (json_object_get(item, "index") != NULL) {
        take_verdict(im, item);
        return;
    }
    im->taken += (uint64_t)ww_cache_number(item, "taken");
    if (!json_is_object(store) || im->store_fails)
        return;
    im->store_fails = true;
    ww_progress_clear(&im->progress);
    (void)fputs("waxwing cache import: ", stderr);
    ww_show_text(stderr, ww_cache_text(store, "message"));
    (void)fputs(": what was taken is kept in memory alone for now\n", stderr);
}

static int send_batch(struct import *im, bool last)
{
    bool sync = last || ++im->unstored >= BATCHES_UNSTORED;
    json_t *request = ww_cache_request("policies", im->batch);
    im->batch = json_array();
    im->batch_octets = 0;
    if (sync)
        im->unstored = 0;
    if (request != NULL && (json_object_set_new(request, "check", json_boolean(im->check)) != 0 ||
                            json_object_set_new(request, "sync", json_boolean(sync)) != 0)) {
        json_decref(request);
        request = NULL;
    }
    int status = ww_control_call(im->o, "cache-import", request, on_item, im);
    ww_progress_step(&im->progress, im->octets);
    return status;
}

/* What the line takes in a request: export writes US-ASCII alone, which may be longer. */
static int add_policy(struct import *im, json_t *line)
{
    size_t n = json_dumpb(line, NULL, 0, JSON_COMPACT) + 1;
    int status = WW_EXIT_OK;
    im->read++;
    if (n <= 1 || n > BATCH_OCTETS) {
        wrong_line(im, WW_E_TOO_LONG);
        return WW_EXIT_OK;
    }
    if (json_array_size(im->batch) == BATCH_LINES || im->batch_octets + n > BATCH_OCTETS)
        status = send_batch(im, false);
    im->batch_lines[json_array_size(im->batch)] = im->line_number;
    im->batch_octets += n;
    if (json_array_append(im->batch, line) != 0)
        status = WW_EXIT_INTERNAL;
    return status;
}

static bool is_head(const json_t *line)
{
    const json_t *version = json_object_get(line, "waxwing-cache");
    return json_is_integer(version) && json_integer_value(version) == WW_CACHE_FORMAT;
}

static int take_line(struct import *im, const char *text, size_t n)
{
    int status = WW_EXIT_OK;
    json_t *line = json_loadb(text, n, JSON_REJECT_DUPLICATES, NULL);
    const json_t *count = json_object_get(line, "policies");
    if (im->line_number == 1) {
        if (!is_head(line)) {
            wrong_line(im, WW_E_IMPORT_VERSION);
            status = WW_EXIT_NOT;
        }
    } else if (!json_is_object(line) || im->has_end) {
        wrong_line(im, WW_E_IMPORT_LINE);
    } else if (count != NULL) {
        im->has_end = true;
        if (json_integer_value(count) != (json_int_t)(im->line_number - 2))
            wrong_line(im, WW_E_IMPORT_CUT);
    } else {
        status = add_policy(im, line);
    }
    json_decref(line);
    return status;
}

/* Of a line that is too long, nothing: it is no line of ours. False at the end. */
static bool next_line(struct import *im, FILE *from, size_t *n)
{
    int c;
    size_t length = 0;
    while ((c = getc_unlocked(from)) != EOF && c != '\n') {
        if (length < sizeof im->line)
            im->line[length] = (char)c;
        length++;
    }
    im->octets += length + 1;
    *n = length <= sizeof im->line ? length : 0;
    return c != EOF || length > 0;
}

static int read_lines(struct import *im, FILE *from)
{
    size_t n;
    int status = WW_EXIT_OK;
    while (status == WW_EXIT_OK && next_line(im, from, &n)) {
        im->line_number++;
        status = take_line(im, im->line, n);
    }
    if (status == WW_EXIT_OK && ferror(from)) {
        (void)fprintf(stderr, "waxwing cache import: cannot read: %s\n", strerror(errno));
        return WW_EXIT_NO_INPUT;
    }
    if (status != WW_EXIT_OK)
        return status;
    im->line_number++;
    if (im->line_number == 1)
        wrong_line(im, WW_E_IMPORT_VERSION);
    else if (!im->has_end)
        wrong_line(im, WW_E_IMPORT_CUT);
    return send_batch(im, true);
}

static void print_counts(const struct import *im)
{
    if (im->o->json) {
        (void)printf("{\"read\":%" PRIu64 ",\"taken\":%" PRIu64 ",\"expired\":%" PRIu64 ",\"older\":%" PRIu64
                     ",\"wrong\":%" PRIu64 ",\"check\":%s}\n",
                     im->read, im->taken, im->expired, im->older, im->wrong, im->check ? "true" : "false");
        return;
    }
    (void)printf("%s %" PRIu64 " of %" PRIu64 " policies; %" PRIu64 " expired, %" PRIu64
                 " not newer than here, %" PRIu64 " wrong\n",
                 im->check ? "would take" : "taken:", im->taken, im->read, im->expired, im->older, im->wrong);
}

static int import_from(const struct ww_control_options *o, const char *name, FILE *from, bool check)
{
    struct stat st;
    struct import *im = calloc(1, sizeof *im);
    if (im == NULL)
        return WW_EXIT_INTERNAL;
    im->o = o;
    im->name = name;
    im->check = check;
    im->batch = json_array();
    bool sized = fstat(fileno(from), &st) == 0 && S_ISREG(st.st_mode);
    ww_progress_begin(&im->progress, "import", sized ? (uint64_t)st.st_size : 0);
    int status = read_lines(im, from);
    ww_progress_clear(&im->progress);
    if (status == WW_EXIT_OK)
        print_counts(im);
    if (status == WW_EXIT_OK && im->wrong > 0)
        status = WW_EXIT_NOT;
    json_decref(im->batch);
    free(im);
    return status;
}

int ww_cli_cache_import(int argc, char **argv)
{
    static const struct option known[] = {
        {"check", no_argument, NULL, 'n'}, WW_CONTROL_LONG_OPTIONS, {NULL, 0, NULL, 0}};
    struct ww_control_options o = {.command = "cache import"};
    bool check = false;
    int option;
    opterr = 0;
    while ((option = getopt_long(argc, argv, "hc:", known, NULL)) != -1) {
        if (ww_control_take_option(&o, option, optarg))
            continue;
        if (option == 'h') {
            (void)printf("%s%s", usage, help);
            return WW_EXIT_OK;
        }
        if (option != 'n')
            return ww_subcommand_usage(o.command, WW_NO_SUCH_OPTION, usage);
        check = true;
    }
    if (argc - optind != 1)
        return ww_subcommand_usage(o.command, "say which file, or - for standard input", usage);
    const char *path = argv[optind];
    if (strcmp(path, "-") == 0)
        return import_from(&o, "standard input", stdin, check);
    FILE *from = fopen(path, "re");
    if (from == NULL) {
        (void)fputs("waxwing cache import: ", stderr);
        ww_show_safely(stderr, path, strlen(path));
        (void)fprintf(stderr, ": %s\n", strerror(errno));
        return WW_EXIT_NO_INPUT;
    }
    int status = import_from(&o, path, from, check);
    (void)fclose(from);
    return status;
}
