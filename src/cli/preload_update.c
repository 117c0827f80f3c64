/* waxwing preload update: has the daemon look at the source of its list now. */
#include "base/time.h"
#include "cli/cache.h"
#include "cli/control.h"
#include "cli/preload.h"
#include "cli/show.h"
#include "cli/subcommands.h"
#include "cli/when.h"
#include "daemon/config_load.h"

#include <getopt.h>
#include <string.h>
#include <time.h>

#define COMMAND "preload update"

static const char usage[] = "usage: waxwing preload update [--json] [--config FILE | --socket ADDRESS]\n";

static const char help[] =
    "\n"
    "Has the running waxwingd fetch its preload list now, from the source that its configuration names,\n"
    "and says what came of it and which list counts.\n"
    "\n" WW_CONTROL_HELP "\n"
    "Exit status: 0 the daemon has the list of the source; 1 that cannot be had or does not count, or no\n"
    "source is configured; 64 usage; 66 the configuration cannot be read; 75 no daemon answers; 78 the\n"
    "configuration is wrong.\n";

struct update {
    bool json;
    bool failed;
};

static void print_time(const json_t *item, const char *key, const char *label)
{
    const char *text = ww_cache_text(item, key);
    char when[WW_WHEN_SIZE];
    int64_t seconds;
    if (!ww_time_parse(ww_slice_str(text), &seconds))
        return;
    ww_when(seconds, (int64_t)time(NULL), when);
    (void)printf("%-8s ", label);
    ww_show_text(stdout, text);
    (void)printf(" (%s)\n", when);
}

static void print_text(const json_t *item, const char *key, const char *label)
{
    const char *text = ww_cache_text(item, key);
    if (text[0] == '\0')
        return;
    (void)printf("%-8s ", label);
    ww_show_text(stdout, text);
    (void)putchar('\n');
}

static void print_outcome(const json_t *item)
{
    const char *outcome = ww_cache_text(item, "outcome");
    const char *message = ww_cache_text(json_object_get(item, "error"), "message");
    if (strcmp(outcome, "new") == 0)
        (void)fputs("came to  another list, which counts from now on", stdout);
    else if (strcmp(outcome, "unchanged") == 0)
        (void)fputs("came to  the list that was accepted before", stdout);
    else
        (void)fputs("came to  nothing that counts", stdout);
    if (message[0] != '\0') {
        (void)fputs(": ", stdout);
        ww_show_text(stdout, message);
    }
    (void)putchar('\n');
    print_text(item, "detail", "problem");
}

static void print_list(const json_t *list)
{
    if (!json_is_object(list)) {
        (void)fputs("No list was ever accepted: first contact is not protected.\n", stdout);
        return;
    }
    if (!json_is_true(json_object_get(list, "counts")))
        (void)fputs("The list has expired, and counts for nothing: first contact is not protected.\n",
                    stdout);
    print_text(list, "author", "author");
    print_time(list, "timestamp", "made");
    print_time(list, "expires", "expires");
    (void)printf("domains  %" JSON_INTEGER_FORMAT "\n", ww_cache_number(list, "domains"));
    print_text(list, "key", "key");
    print_text(list, "signer", "signer");
}

static void print(void *ctx, const json_t *item)
{
    struct update *u = ctx;
    u->failed = json_is_object(json_object_get(item, "error"));
    if (u->json) {
        ww_control_print_json(NULL, item);
        return;
    }
    const json_t *list = json_object_get(item, "list");
    print_text(item, "source", "source");
    print_outcome(item);
    if (u->failed && json_is_true(json_object_get(list, "counts")))
        (void)fputs("What counts until it expires is the list that was accepted before:\n", stdout);
    print_list(list);
}

int ww_cli_preload_update(int argc, char **argv)
{
    struct ww_control_options o = {.command = COMMAND};
    struct update u = {.failed = false};
    int read = ww_control_read_options(argc, argv, &o, usage, help);
    if (read >= 0)
        return read;
    if (optind < argc)
        return ww_subcommand_usage(COMMAND, "it takes no argument", usage);
    u.json = o.json;
    int status = ww_control_call(&o, "preload-update", json_object(), print, &u);
    return status == WW_EXIT_OK && u.failed ? WW_EXIT_NOT : status;
}
