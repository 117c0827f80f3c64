/* waxwing override: what deliveries to a domain must have, in place of what its policy says. */
#include "base/time.h"
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
    "usage: waxwing override set [--for TIME | --until TIME] [--reason TEXT] [--mx PATTERN]... DOMAIN LEVEL\n"
    "       waxwing override list\n"
    "       waxwing override remove DOMAIN\n"
    "each with [--json] [--config FILE | --socket ADDRESS]\n";

static const char help[] =
    "\n"
    "Overrides what the policy of a domain says, at once and until it is removed or its time\n"
    "is over. DOMAIN is that domain alone; .DOMAIN, with a dot, every domain below it. LEVEL:\n"
    "\n"
    "  off               as if the domain had no policy\n"
    "  may               TLS when it is offered, whatever the certificate\n"
    "  encrypt           TLS, whatever the certificate\n"
    "  secure            TLS and a valid certificate: of a host of --mx, or else of the policy\n"
    "  enforce-testing   a policy in testing is enforced\n"
    "\n"
    "  --for TIME        it ends after 30m, 4h, 7d\n"
    "  --until TIME      it ends at 2026-12-31T00:00:00Z\n"
    "  --reason TEXT     why: for the log, and for whoever wonders later\n"
    "  --mx PATTERN      with secure: mx.example.com, *.example.net; may be given several "
    "times\n" WW_CONTROL_HELP "\n"
    "Exit status: 0 done; 1 not done, standard error says why; 64 usage; 66 the configuration\n"
    "cannot be read; 75 no daemon answers; 78 the configuration is wrong.\n";

#define NO_TEXT "an argument is no UTF-8"

enum { OPTION_FOR = 1000, OPTION_UNTIL, OPTION_REASON, OPTION_MX };

struct options {
    struct ww_control_options control;
    uint64_t for_ms; /* 0: without */
    const char *until;
    const char *reason;
    json_t *mx;
    bool changes; /* one of those above was given */
};

static int fail_usage(const char *why)
{
    return ww_subcommand_usage("override", why, usage);
}

static const char *text(const json_t *json, const char *key)
{
    const char *s = json_string_value(json_object_get(json, key));
    return s != NULL ? s : "";
}

/* How far the end is, on a terminal; elsewhere when it is. */
static void write_until(const json_t *item, char out[WW_WHEN_SIZE])
{
    const char *until = text(item, "until");
    int64_t end;
    if (ww_show_is_terminal(stdout) && ww_time_parse(ww_slice_str(until), &end))
        ww_when(end, time(NULL), out);
    else
        (void)snprintf(out, WW_WHEN_SIZE, "%s", until[0] != '\0' ? until : "-");
}

static enum ww_table_colour colour_of(const json_t *item)
{
    const char *level = text(item, "level");
    if (!json_is_true(json_object_get(item, "counts")))
        return WW_TABLE_FAINT;
    return strcmp(level, "off") == 0 || strcmp(level, "may") == 0 ? WW_TABLE_MIND : WW_TABLE_GOOD;
}

static void add_row(void *ctx, const json_t *item)
{
    struct ww_table *table = ctx;
    char until[WW_WHEN_SIZE], used[24];
    enum ww_table_colour faint = colour_of(item) == WW_TABLE_FAINT ? WW_TABLE_FAINT : WW_TABLE_PLAIN;
    bool configured = strcmp(text(item, "source"), "configuration") == 0;
    write_until(item, until);
    (void)snprintf(used, sizeof used, "%" JSON_INTEGER_FORMAT,
                   json_integer_value(json_object_get(item, "used")));
    const struct ww_table_cell cells[] = {
        {text(item, "key"), faint},
        {text(item, "level"), colour_of(item)},
        {until, faint},
        {used, faint},
        {configured ? "configuration" : text(item, "who"), faint},
        {text(item, "reason"), faint},
    };
    ww_table_add(table, cells);
}

static int run_list(const struct options *o)
{
    static const struct ww_table_column columns[] = {
        {.heading = "DOMAIN"},
        {.heading = "LEVEL"},
        {.heading = "UNTIL"},
        {.heading = "USED", .right = true},
        {.heading = "BY", .shortens = true},
        {.heading = "REASON", .shortens = true},
    };
    if (o->control.json)
        return ww_control_call(&o->control, "override-list", json_object(), ww_control_print_json, NULL);
    struct ww_table *table = ww_table_new(columns, sizeof columns / sizeof columns[0]);
    int status = WW_EXIT_INTERNAL;
    if (table != NULL)
        status = ww_control_call(&o->control, "override-list", json_object(), add_row, table);
    if (status == WW_EXIT_OK) {
        ww_table_sort(table, 0);
        if (ww_table_rows(table) == 0)
            (void)puts("There are no overrides.");
        else if (!ww_table_print(table, stdout))
            status = WW_EXIT_INTERNAL;
    }
    ww_table_free(table);
    return status;
}

static void print_set(void *ctx, const json_t *item)
{
    const char *until = text(item, "until");
    (void)ctx;
    ww_show_text(stdout, text(item, "key"));
    (void)fputs(": ", stdout);
    ww_show_text(stdout, text(item, "level"));
    (void)fputs(until[0] != '\0' ? " from now on, until " : " from now on", stdout);
    ww_show_text(stdout, until);
    (void)putchar('\n');
}

static int run_set(struct options *o, char **arguments)
{
    json_t *request =
        json_pack("{s:s, s:s, s:s?, s:s?, s:s?, s:O}", "key", arguments[0], "level", arguments[1], "reason",
                  o->reason, "until", o->until, "user", ww_control_user(), "mx", o->mx);
    if (request == NULL)
        return fail_usage(NO_TEXT);
    if (o->for_ms > 0)
        (void)json_object_set_new(request, "for", json_integer((json_int_t)(o->for_ms / 1000)));
    return ww_control_call(&o->control, "override-set", request,
                           o->control.json ? ww_control_print_json : print_set, NULL);
}

static int run_remove(const struct options *o, const char *key)
{
    json_t *request = json_pack("{s:s, s:s?}", "key", key, "user", ww_control_user());
    if (request == NULL)
        return fail_usage(NO_TEXT);
    int status = ww_control_call(&o->control, "override-remove", request, ww_control_print_json, NULL);
    if (status == WW_EXIT_OK && !o->control.json) {
        ww_show_safely(stdout, key, strlen(key));
        (void)puts(": no override from now on");
    }
    return status;
}

/* NULL, or what is wrong with it. */
static const char *take_option(void *ctx, int option, const char *value)
{
    struct options *o = ctx;
    int64_t unused;
    if (ww_control_take_option(&o->control, option, value))
        return NULL;
    o->changes = true;
    switch (option) {
    case OPTION_FOR:
        if (ww_value_duration(value, &o->for_ms) && o->for_ms >= 1000)
            return NULL;
        return "--for wants a time such as 30m, 4h or 7d";
    case OPTION_UNTIL:
        o->until = value;
        return ww_time_parse(ww_slice_str(value), &unused)
                   ? NULL
                   : "--until wants a time such as 2026-12-31T00:00:00Z";
    case OPTION_REASON:
        o->reason = value;
        return NULL;
    case OPTION_MX:
        return json_array_append_new(o->mx, json_string(value)) == 0 ? NULL : "--mx: it is no UTF-8";
    default:
        return WW_NO_SUCH_OPTION;
    }
}

/* -1: go on. */
static int read_options(int argc, char **argv, struct options *o)
{
    static const struct option known[] = {
        {"for", required_argument, NULL, OPTION_FOR},
        {"until", required_argument, NULL, OPTION_UNTIL},
        {"reason", required_argument, NULL, OPTION_REASON},
        {"mx", required_argument, NULL, OPTION_MX},
        WW_CONTROL_LONG_OPTIONS,
        {NULL, 0, NULL, 0},
    };
    const struct ww_subcommand_options options = {"override", usage, help, known, take_option};
    int status = ww_subcommand_read(&options, argc, argv, o);
    if (status >= 0)
        return status;
    return o->for_ms > 0 && o->until != NULL ? fail_usage("--for and --until exclude each other") : -1;
}

static int run(struct options *o, char **arguments, int count)
{
    const char *what = count > 0 ? arguments[0] : "";
    if (strcmp(what, "set") == 0)
        return count == 3 ? run_set(o, arguments + 1) : fail_usage("say which domain, and which level");
    if (o->changes)
        return fail_usage("--for, --until, --reason and --mx go with set alone");
    if (strcmp(what, "list") == 0)
        return count == 1 ? run_list(o) : fail_usage("list takes no argument");
    if (strcmp(what, "remove") == 0)
        return count == 2 ? run_remove(o, arguments[1]) : fail_usage("say which domain");
    return fail_usage("say what to do: set, list or remove");
}

int ww_cli_override(int argc, char **argv)
{
    struct options o = {.control = {.command = "override"}, .mx = json_array()};
    int status = read_options(argc, argv, &o);
    if (status < 0)
        status = run(&o, argv + optind, argc - optind);
    json_decref(o.mx);
    return status;
}
