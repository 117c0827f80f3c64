/* waxwing watch test-alert: has the daemon send an alert by each of its ways, and says how that went. */
#include "cli/watch_test_alert.h"

#include "cli/control.h"
#include "cli/show.h"
#include "cli/subcommands.h"
#include "daemon/config_load.h"

#include <getopt.h>
#include <string.h>

#define COMMAND "watch test-alert"

static const char usage[] = "usage: waxwing watch test-alert [--json] [--config FILE | --socket ADDRESS]\n";

static const char help[] =
    "\n"
    "Has the running waxwingd send an alert that is marked as a test: by mail, to the webhook and to the\n"
    "command, whichever its configuration names. Says how each of them went; that may take a minute.\n"
    "\n" WW_CONTROL_HELP "\n"
    "Exit status: 0 all have taken it; 1 one has not, or none is configured; 64 usage; 66 the configuration\n"
    "cannot be read; 75 no daemon answers; 78 the configuration is wrong.\n";

struct test {
    bool json;
    bool failed;
};

static const char *text_of(const json_t *item, const char *key)
{
    const char *text = json_string_value(json_object_get(item, key));
    return text != NULL ? text : "";
}

static void on_item(void *ctx, const json_t *item)
{
    struct test *t = ctx;
    bool delivered = json_is_true(json_object_get(item, "delivered"));
    const char *detail = text_of(item, "detail");
    const json_t *to = json_object_get(item, "to");
    t->failed = t->failed || !delivered;
    if (t->json) {
        ww_control_print_json(NULL, item);
        return;
    }
    (void)printf("%-8s %s", text_of(item, "channel"), delivered ? "delivered" : "NOT delivered");
    for (size_t i = 0; i < json_array_size(to); i++) {
        const char *one = json_string_value(json_array_get(to, i));
        (void)fputs(i == 0 ? " to " : ", ", stdout);
        ww_show_text(stdout, one != NULL ? one : "");
    }
    if (detail[0] != '\0') {
        (void)fputs("\n         ", stdout);
        ww_show_text(stdout, detail);
    }
    (void)putchar('\n');
}

int ww_watch_test_alert(int argc, char **argv)
{
    struct ww_control_options control = {.command = COMMAND};
    int read = ww_control_read_options(argc, argv, &control, usage, help);
    if (read >= 0)
        return read;
    if (optind < argc)
        return ww_subcommand_usage(COMMAND, "it takes no argument", usage);
    struct test t = {.json = control.json};
    int status = ww_control_call(&control, "alert-test", json_object(), on_item, &t);
    return status == WW_EXIT_OK && t.failed ? WW_EXIT_NOT : status;
}
