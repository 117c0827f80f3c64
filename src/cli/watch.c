/* waxwing watch: looks up its command and runs it; and those that change the list. */
#include "cli/watch.h"

#include "base/time.h"
#include "cli/cache.h"
#include "cli/show.h"
#include "cli/subcommands.h"
#include "cli/watch_test_alert.h"
#include "daemon/config_load.h"
#include "daemon/config_values.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>

static const struct ww_subcommand commands[] = {
    {"add", "DOMAIN...", "inspect these domains again and again", ww_cli_watch_add},
    {"remove", "DOMAIN...", "watch them no more", ww_cli_watch_remove},
    {"list", "", "the watched domains, and how they are", ww_cli_watch_list},
    {"show", "DOMAIN...", "all that is known of a watched domain", ww_cli_watch_show},
    {"check", "DOMAIN", "inspect a watched domain now", ww_cli_watch_check},
    {"ack", "DOMAIN CHECK", "acknowledge a finding: no more reminders of it", ww_cli_watch_ack},
    {"import", "FILE", "add the domains of a file, one a line", ww_cli_watch_import},
    {"test-alert", "", "send an alert to try the ways that alerts go", ww_watch_test_alert},
};

enum { OPTION_EVERY = 1000, OPTION_FOR, OPTION_UNTIL, OPTION_REASON, OPTION_CLEAR, OPTION_REPORT };

int ww_cli_watch(int argc, char **argv)
{
    static const struct ww_subcommands all = {"watch", "", commands, sizeof commands / sizeof *commands};
    return ww_subcommands_run(&all, argc, argv);
}

const char *ww_watch_text(const json_t *json, const char *key)
{
    const char *s = json_string_value(json_object_get(json, key));
    return s != NULL ? s : "";
}

json_int_t ww_watch_count(const json_t *json, const char *key)
{
    return json_integer_value(json_object_get(json, key));
}

bool ww_watch_set(json_t **request, const char *key, json_t *value)
{
    if (*request != NULL && value != NULL && json_object_set_new(*request, key, value) == 0)
        return true;
    json_decref(*request);
    *request = NULL;
    return false;
}

/* NULL, or what is wrong with it. */
static const char *take_time(const char *text, uint64_t *ms)
{
    return ww_value_duration(text, ms) && *ms >= 1000 ? NULL : "a time such as 30m, 6h or 7d is wanted";
}

static const char *take_option(struct ww_watch_options *o, int option)
{
    int64_t unused;
    switch (option) {
    case 'g':
        o->group = optarg;
        return NULL;
    case OPTION_EVERY:
        return take_time(optarg, &o->every_ms);
    case OPTION_FOR:
        return take_time(optarg, &o->for_ms);
    case OPTION_UNTIL:
        o->until = optarg;
        return ww_time_parse(ww_slice_str(optarg), &unused)
                   ? NULL
                   : "--until wants a time such as 2026-12-31T00:00:00Z";
    case OPTION_REASON:
        o->reason = optarg;
        return NULL;
    case OPTION_CLEAR:
        o->clear = true;
        return NULL;
    case OPTION_REPORT:
        o->report = true;
        return NULL;
    default:
        return WW_NO_SUCH_OPTION;
    }
}

static unsigned needs(int option)
{
    if (option == 'g')
        return WW_WATCH_GROUP;
    if (option == OPTION_EVERY)
        return WW_WATCH_EVERY;
    return option == OPTION_REPORT ? WW_WATCH_REPORT : WW_WATCH_ACK_OPTIONS;
}

int ww_watch_options_read(int argc, char **argv, const struct ww_watch_command *command,
                          struct ww_watch_options *out)
{
    static const struct option known[] = {
        {"group", required_argument, NULL, 'g'},
        {"every", required_argument, NULL, OPTION_EVERY},
        {"for", required_argument, NULL, OPTION_FOR},
        {"until", required_argument, NULL, OPTION_UNTIL},
        {"reason", required_argument, NULL, OPTION_REASON},
        {"clear", no_argument, NULL, OPTION_CLEAR},
        {"report", no_argument, NULL, OPTION_REPORT},
        WW_CONTROL_LONG_OPTIONS,
        {NULL, 0, NULL, 0},
    };
    int option;
    *out = (struct ww_watch_options){.control = {.command = command->name}};
    opterr = 0;
    while ((option = getopt_long(argc, argv, "hc:g:", known, NULL)) != -1) {
        if (ww_control_take_option(&out->control, option, optarg))
            continue;
        if (option == 'h') {
            (void)printf("%s\n%s" WW_CONTROL_HELP, command->usage, command->help);
            return WW_EXIT_OK;
        }
        const char *why = take_option(out, option);
        if (why == NULL && (needs(option) & command->options) == 0)
            why = "it does not take this option";
        if (why != NULL)
            return ww_subcommand_usage(command->name, why, command->usage);
    }
    return (out->for_ms > 0) + (out->until != NULL) + out->clear > 1
               ? ww_subcommand_usage(command->name, "--for, --until and --clear exclude each other",
                                     command->usage)
               : -1;
}

json_t *ww_watch_request(const struct ww_watch_options *o, char **texts, int count)
{
    json_t *domains = ww_cache_domains(o->control.command, texts, count);
    return domains != NULL ? ww_cache_request("domains", domains) : NULL;
}

struct changed {
    const char *words;  /* "watched from now on" */
    const char *others; /* of those that needed no change, or could not be changed */
};

static void print_changed(void *ctx, const json_t *item)
{
    const struct changed *c = ctx;
    const json_t *name;
    size_t i;
    json_int_t done = ww_watch_count(item, "done");
    if (done > 0)
        (void)printf("%" JSON_INTEGER_FORMAT " domain%s %s\n", done, done == 1 ? "" : "s", c->words);
    json_array_foreach(json_object_get(item, "others"), i, name)
    {
        ww_show_text(stdout, json_string_value(name));
        (void)printf(": %s\n", c->others);
    }
}

static int change(const struct ww_watch_options *o, const char *command, json_t *request,
                  const struct changed *words)
{
    struct changed copy = *words;
    return ww_control_call(&o->control, command, request,
                           o->control.json ? ww_control_print_json : print_changed, &copy);
}

int ww_cli_watch_add(int argc, char **argv)
{
    static const struct ww_watch_command command = {
        .name = "watch add",
        .options = WW_WATCH_GROUP | WW_WATCH_EVERY,
        .usage = "usage: waxwing watch add [--group GROUP] [--every TIME] [--json]\n"
                 "                         [--config FILE | --socket ADDRESS] DOMAIN...\n",
        .help = "Has waxwingd inspect the domains now, and from then on again and again. Of one that is\n"
                "watched already the group and the interval are set anew.\n"
                "\n"
                "  --group GROUP     a customer, a portfolio: for lists and alerts\n"
                "  --every TIME      10s to 30d, instead of watch.interval\n",
    };
    static const struct changed words = {"watched from now on", "was watched already; set anew"};
    struct ww_watch_options o;
    int status = ww_watch_options_read(argc, argv, &command, &o);
    if (status >= 0)
        return status;
    if (argc == optind)
        return ww_subcommand_usage(command.name, "say which domains", command.usage);
    json_t *request = ww_watch_request(&o, argv + optind, argc - optind);
    if (request == NULL)
        return WW_EXIT_USAGE;
    if (o.group != NULL && !ww_watch_set(&request, "group", json_string(o.group)))
        return ww_subcommand_usage(command.name, "the group is no UTF-8", command.usage);
    if (o.every_ms > 0)
        (void)ww_watch_set(&request, "every", json_integer((json_int_t)(o.every_ms / 1000)));
    return change(&o, "watch-add", request, &words);
}

int ww_cli_watch_remove(int argc, char **argv)
{
    static const struct ww_watch_command command = {
        .name = "watch remove",
        .usage = "usage: waxwing watch remove [--json] [--config FILE | --socket ADDRESS] DOMAIN...\n",
        .help = "Watches the domains no more, and forgets what was found. Their policies stay in\n"
                "waxwing cache history.\n"
                "\n",
    };
    static const struct changed words = {"not watched any more", "was not watched"};
    struct ww_watch_options o;
    int status = ww_watch_options_read(argc, argv, &command, &o);
    if (status >= 0)
        return status;
    if (argc == optind)
        return ww_subcommand_usage(command.name, "say which domains", command.usage);
    json_t *request = ww_watch_request(&o, argv + optind, argc - optind);
    return request != NULL ? change(&o, "watch-remove", request, &words) : WW_EXIT_USAGE;
}

static void print_acked(void *ctx, const json_t *item)
{
    const struct ww_watch_options *o = ctx;
    json_int_t done = ww_watch_count(item, "done");
    (void)printf("%" JSON_INTEGER_FORMAT " finding%s %s\n", done, done == 1 ? "" : "s",
                 o->clear ? "not acknowledged any more" : "acknowledged");
}

int ww_cli_watch_ack(int argc, char **argv)
{
    static const struct ww_watch_command command = {
        .name = "watch ack",
        .options = WW_WATCH_ACK_OPTIONS,
        .usage = "usage: waxwing watch ack [--for TIME | --until TIME | --clear] [--reason TEXT] [--json]\n"
                 "                         [--config FILE | --socket ADDRESS] DOMAIN CHECK\n",
        .help =
            "Acknowledges what a check has found at a watched domain: nobody is reminded of it, until it\n"
            "gets worse, clears, or the time is over.\n"
            "\n"
            "  --for TIME        for so long: 4h, 7d; without it for as long as the finding stays\n"
            "  --until TIME      until 2026-12-31T00:00:00Z\n"
            "  --reason TEXT     why: for whoever wonders later\n"
            "  --clear           takes it back\n",
    };
    struct ww_watch_options o;
    int status = ww_watch_options_read(argc, argv, &command, &o);
    if (status >= 0)
        return status;
    if (argc - optind != 2)
        return ww_subcommand_usage(command.name, "say which domain, and which check", command.usage);
    json_t *request = ww_watch_request(&o, argv + optind, 1);
    if (request == NULL)
        return WW_EXIT_USAGE;
    json_t *more = json_pack("{s:s, s:s?, s:s?, s:s?, s:b}", "check", argv[optind + 1], "reason", o.reason,
                             "until", o.until, "user", ww_control_user(), "clear", o.clear);
    if (more == NULL || json_object_update(request, more) != 0) {
        json_decref(more);
        json_decref(request);
        return ww_subcommand_usage(command.name, "an argument is no UTF-8", command.usage);
    }
    json_decref(more);
    o.control.about = argv[optind];
    o.control.unknown = "it is not watched, or nothing stands that this check has found";
    if (o.for_ms > 0)
        (void)ww_watch_set(&request, "for", json_integer((json_int_t)(o.for_ms / 1000)));
    return ww_control_call(&o.control, "watch-ack", request,
                           o.control.json ? ww_control_print_json : print_acked, &o);
}
