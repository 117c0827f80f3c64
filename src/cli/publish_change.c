/* waxwing publish start, promote and their like: what an operator wants of domains from now on. */
#include "cli/check_view.h"
#include "cli/publish.h"
#include "cli/show.h"
#include "cli/subcommands.h"
#include "daemon/config_load.h"

#include <getopt.h>
#include <string.h>
#include <time.h>

/* On a terminal; elsewhere nobody waits who has not asked to. */
#define WAIT_MS 60000

/* Options in the usage of all of these. */
#define ASKS "[--json]\n        [--config FILE | --socket ADDRESS]"
#define WAIT_HELP                                                                          \
    "  --wait TIME       wait for the next look at it, up to so long: 1m on a terminal,\n" \
    "                    else not at all; --no-wait in neither case\n"
#define FORCE_HELP "  --force           also what is refused as mail could be lost; it is logged\n"

struct change {
    struct ww_publish_command command;
    const char *ask;  /* of the daemon */
    const char *goal; /* or NULL: as it is */
    bool starts;      /* the goal is what the domain's own settings lead to */
    int stopped;      /* -1: as it is */
    const char *done; /* what is said then */
};

/* What the options say, and the command itself. */
static json_t *fields_of(const struct ww_publish_options *o, const struct change *c, const json_t *before)
{
    json_t *fields = json_deep_copy(o->wanted);
    const char *goal = c->starts ? ww_publish_first_goal(before) : c->goal;
    if (fields != NULL && goal != NULL)
        (void)json_object_set_new(fields, "goal", json_string(goal));
    if (fields != NULL && c->stopped >= 0)
        (void)json_object_set_new(fields, "stopped", json_boolean(c->stopped));
    return fields;
}

static void say(const char *domain, const char *words)
{
    ww_show_text(stdout, domain);
    (void)printf(": %s\n", words);
    (void)fflush(stdout);
}

/* What has become of it by now, or when it was looked at next. */
static int tell(const struct ww_publish_options *o, const char *domain, uint64_t wait_ms)
{
    json_t *shown = NULL;
    int status = wait_ms > 0 ? ww_publish_follow(o, domain, wait_ms, false, &shown)
                             : ww_publish_fetch(o, domain, &shown);
    struct ww_tree_style style = ww_tree_style(stdout);
    if (status == WW_EXIT_TEMPORARY && shown != NULL)
        status = WW_EXIT_OK; /* the change was made; what comes of it is another matter */
    if (status == WW_EXIT_OK && o->control.json)
        ww_control_print_json(NULL, shown);
    else if (status == WW_EXIT_OK && wait_ms > 0)
        ww_publish_print_now(stdout, shown, &style, time(NULL));
    json_decref(shown);
    return status;
}

static void say_removed(const char *domain)
{
    json_t *item = json_pack("{s:s, s:b}", "domain", domain, "removed", 1);
    ww_control_print_json(NULL, item);
    json_decref(item);
}

/* Whoever starts what is on its way means no step back. */
static bool would_demote(const struct ww_publish_options *o, const struct change *c, const json_t *before)
{
    return c->starts && strcmp(ww_view_text(before, "goal"), "enforce") == 0 &&
           strcmp(ww_publish_first_goal(before), "enforce") != 0 &&
           !json_is_true(json_object_get(o->wanted, "force"));
}

static int refuse_demotion(const struct change *c, const char *domain)
{
    (void)fprintf(stderr, "waxwing %s: ", c->command.name);
    ww_show_text(stderr, domain);
    (void)fputs(": refused: it is started already; `waxwing publish demote` goes back to mode testing\n",
                stderr);
    return WW_EXIT_NOT;
}

static int change_one(const struct ww_publish_options *o, const struct change *c, const char *text,
                      uint64_t wait_ms)
{
    char domain[WW_DNAME_SIZE];
    json_t *before = NULL;
    int status = WW_EXIT_OK;
    if (!ww_publish_domain(o, text, domain))
        return WW_EXIT_USAGE;
    if (c->starts)
        status = ww_publish_fetch(o, domain, &before);
    json_t *fields = fields_of(o, c, before);
    if (status == WW_EXIT_OK && would_demote(o, c, before))
        status = refuse_demotion(c, domain);
    if (status == WW_EXIT_OK)
        status = ww_publish_ask(o, c->ask, domain, fields);
    if (status == WW_EXIT_OK && !o->control.json)
        say(domain, c->done);
    bool gone = strcmp(c->ask, "publish-remove") == 0;
    if (status == WW_EXIT_OK && !gone && (wait_ms > 0 || o->control.json))
        status = tell(o, domain, wait_ms);
    else if (status == WW_EXIT_OK && gone && o->control.json)
        say_removed(domain);
    json_decref(fields);
    json_decref(before);
    return status;
}

static uint64_t wait_of(const struct ww_publish_options *o, int domains)
{
    if (o->says_wait)
        return o->wait_ms;
    return domains == 1 && ww_show_is_terminal(stdout) ? WAIT_MS : 0;
}

/* Each is changed, whatever has become of those before. */
static int change_each(const struct ww_publish_options *o, const struct change *c, int argc, char **argv)
{
    int status = WW_EXIT_OK;
    if (argc == optind)
        return ww_subcommand_usage(c->command.name, "say which domain", c->command.usage);
    uint64_t wait_ms = wait_of(o, argc - optind);
    for (int i = optind; i < argc; i++) {
        int one = change_one(o, c, argv[i], wait_ms);
        status = one != WW_EXIT_OK ? one : status;
    }
    if (status == WW_EXIT_OK && wait_ms == 0 && !o->control.json && strcmp(c->ask, "publish-remove") != 0)
        (void)puts("`waxwing publish status` says how far it is.");
    return status;
}

static int run(const struct change *c, int argc, char **argv)
{
    struct ww_publish_options o;
    int status = ww_publish_options_read(argc, argv, &c->command, &o);
    if (status < 0)
        status = change_each(&o, c, argc, argv);
    ww_publish_options_free(&o);
    return status;
}

int ww_cli_publish_start(int argc, char **argv)
{
    static const struct change change = {
        .command =
            {.name = "publish start",
             .takes = WW_PUBLISH_TAKES_WAIT | WW_PUBLISH_TAKES_FORCE,
             .usage = "usage: waxwing publish start [--wait TIME | --no-wait] [--force] " ASKS " DOMAIN...\n",
             .help =
                 "Publishes the domain in mode testing: the certificate first, then the policy, then the\n"
                 "record. Senders report what would fail, and deliver all the same.\n"
                 "\n" WAIT_HELP FORCE_HELP},
        .ask = "publish-change",
        .starts = true,
        .stopped = -1,
        .done = "it is published in mode testing from now on, step by step",
    };
    return run(&change, argc, argv);
}

int ww_cli_publish_promote(int argc, char **argv)
{
    static const struct change change = {
        .command =
            {.name = "publish promote",
             .takes = WW_PUBLISH_TAKES_WAIT | WW_PUBLISH_TAKES_FORCE,
             .usage =
                 "usage: waxwing publish promote [--wait TIME | --no-wait] [--force] " ASKS " DOMAIN...\n",
             .help =
                 "Goes on to mode enforce, as soon as all MX hosts are good and covered, and the policy was\n"
                 "seen from outside. max_age begins with a week, and grows while nothing speaks against it.\n"
                 "\n" WAIT_HELP FORCE_HELP},
        .ask = "publish-change",
        .goal = "enforce",
        .stopped = -1,
        .done = "mode enforce is wanted from now on",
    };
    return run(&change, argc, argv);
}

int ww_cli_publish_demote(int argc, char **argv)
{
    static const struct change change = {
        .command =
            {.name = "publish demote",
             .takes = WW_PUBLISH_TAKES_WAIT | WW_PUBLISH_TAKES_FORCE,
             .usage =
                 "usage: waxwing publish demote [--wait TIME | --no-wait] [--force] " ASKS " DOMAIN...\n",
             .help =
                 "Goes back to mode testing. Senders that hold a policy of mode enforce keep to it until "
                 "they\n"
                 "look again, at the latest after its max_age: `waxwing publish status` says until when.\n"
                 "\n" WAIT_HELP FORCE_HELP},
        .ask = "publish-change",
        .goal = "testing",
        .stopped = -1,
        .done = "mode testing is wanted from now on",
    };
    return run(&change, argc, argv);
}

int ww_cli_publish_retire(int argc, char **argv)
{
    static const struct change change = {
        .command =
            {.name = "publish retire",
             .takes = WW_PUBLISH_TAKES_WAIT | WW_PUBLISH_TAKES_FORCE,
             .usage =
                 "usage: waxwing publish retire [--wait TIME | --no-wait] [--force] " ASKS " DOMAIN...\n",
             .help =
                 "Ends it without losing a mail: a policy of mode none is served until no sender holds "
                 "another\n"
                 "one; then the record goes, and the policy last. `waxwing publish start` takes that back.\n"
                 "\n" WAIT_HELP FORCE_HELP},
        .ask = "publish-change",
        .goal = "retire",
        .stopped = -1,
        .done = "it is retired from now on, step by step; keep its host and its certificate until it is gone",
    };
    return run(&change, argc, argv);
}

int ww_cli_publish_stop(int argc, char **argv)
{
    static const struct change change = {
        .command =
            {.name = "publish stop",
             .usage = "usage: waxwing publish stop " ASKS " DOMAIN...\n",
             .help = "Changes nothing any more until `waxwing publish resume`. What is served stays served.\n"
                     "\n"},
        .ask = "publish-change",
        .stopped = 1,
        .done = "stopped; what is served stays served",
    };
    return run(&change, argc, argv);
}

int ww_cli_publish_resume(int argc, char **argv)
{
    static const struct change change = {
        .command = {.name = "publish resume",
                    .takes = WW_PUBLISH_TAKES_WAIT,
                    .usage = "usage: waxwing publish resume [--wait TIME | --no-wait] " ASKS " DOMAIN...\n",
                    .help = "Goes on where it was stopped.\n"
                            "\n" WAIT_HELP},
        .ask = "publish-change",
        .stopped = 0,
        .done = "it goes on",
    };
    return run(&change, argc, argv);
}

int ww_cli_publish_remove(int argc, char **argv)
{
    static const struct change change = {
        .command = {.name = "publish remove",
                    .takes = WW_PUBLISH_TAKES_FORCE,
                    .usage = "usage: waxwing publish remove [--force] " ASKS " DOMAIN...\n",
                    .help = "Forgets a domain that is a draft or gone. Any other one is retired first: "
                            "without its host\n"
                            "and its policy, senders that hold one could not see that it has changed.\n"
                            "\n" FORCE_HELP},
        .ask = "publish-remove",
        .stopped = -1,
        .done = "forgotten",
    };
    return run(&change, argc, argv);
}

int ww_cli_publish_set(int argc, char **argv)
{
    static const struct change change = {
        .command = {.name = "publish set",
                    .takes = WW_PUBLISH_TAKES_SETTINGS | WW_PUBLISH_TAKES_WAIT | WW_PUBLISH_TAKES_FORCE,
                    .usage = "usage: waxwing publish set [OPTION...] DOMAIN...\n",
                    .help =
                        "Changes how domains are published; what is not named stays as it is.\n"
                        "\n"
                        "  --rua URI         where reports go, mailto: or https:; may be given often; "
                        "--no-rua nowhere\n"
                        "  --max-age TIME    how long senders keep the policy in the end, 1d to 365d\n"
                        "  --automatic       to enforce, and back to testing, on evidence; --no-automatic\n"
                        "  --host WHERE      who serves the policy: here, tree, elsewhere, or mirror=DOMAIN\n"
                        "  --dns HOW         who changes the records: hand, or update (RFC 2136)\n"
                        "  --certificate HOW of the policy host: files, or acme\n" WAIT_HELP FORCE_HELP},
        .ask = "publish-change",
        .stopped = -1,
        .done = "set",
    };
    struct ww_publish_options o;
    int status = ww_publish_options_read(argc, argv, &change.command, &o);
    json_t *force = json_object_get(o.wanted, "force");
    if (status < 0 && json_object_size(o.wanted) == (force != NULL))
        status = ww_subcommand_usage(change.command.name, "say what to set", change.command.usage);
    if (status < 0)
        status = change_each(&o, &change, argc, argv);
    ww_publish_options_free(&o);
    return status;
}

/* Of exactly one domain: hosts are its own. The options that exclude each other are told apart here. */
static const char *wrong_hosts(const struct ww_publish_options *o)
{
    bool set = json_object_get(o->wanted, "mx") != NULL;
    bool part = json_object_get(o->wanted, "mx_add") != NULL || json_object_get(o->wanted, "mx_drop") != NULL;
    if (set + part + o->accept > 1)
        return "--set, --accept, and --add with --drop exclude each other";
    return set || part || o->accept ? NULL : "say what to do: --add, --drop, --set or --accept";
}

static void say_taken(const char *domain, const json_t *proposal)
{
    ww_show_text(stdout, domain);
    (void)fputs(": its policy is to name", stdout);
    for (size_t i = 0; i < ww_view_size(proposal, "mx"); i++) {
        const char *pattern = json_string_value(ww_view_at(proposal, "mx", i));
        (void)fputs(i > 0 ? ", " : " ", stdout);
        ww_show_text(stdout, pattern != NULL ? pattern : "");
    }
    (void)puts("\n`waxwing publish status` says how far it is.");
}

static int accept_seen(const struct ww_publish_options *o, const char *text)
{
    char domain[WW_DNAME_SIZE];
    const char *why;
    json_t *shown;
    if (!ww_publish_domain(o, text, domain))
        return WW_EXIT_USAGE;
    int status = ww_publish_fetch(o, domain, &shown);
    if (status != WW_EXIT_OK)
        return status;
    json_t *proposal = ww_publish_propose(shown, time(NULL), &why);
    if (proposal == NULL) {
        ww_subcommand_complain(o->control.command, domain, why);
        status = WW_EXIT_NOT;
    } else {
        status = ww_publish_accept(o, shown, proposal);
    }
    if (status == WW_EXIT_OK && !o->control.json)
        say_taken(domain, proposal);
    json_decref(proposal);
    json_decref(shown);
    return status == WW_EXIT_OK ? tell(o, domain, 0) : status;
}

int ww_cli_publish_mx(int argc, char **argv)
{
    static const struct change change = {
        .command =
            {.name = "publish mx",
             .takes = WW_PUBLISH_TAKES_HOSTS | WW_PUBLISH_TAKES_WAIT | WW_PUBLISH_TAKES_FORCE,
             .usage =
                 "usage: waxwing publish mx [--add HOST]... [--drop HOST]... | [--set HOST]... | --accept\n"
                 "                          [--wait TIME | --no-wait] [--force] [--json]\n"
                 "                          [--config FILE | --socket ADDRESS] DOMAIN\n",
             .help = "Changes the MX hosts that the policy is to name. A new one goes into the policy first, "
                     "and may\n"
                     "go into the MX records when no sender holds a policy without it any more; one that is\n"
                     "dropped leaves the MX records first. `waxwing publish status` says when.\n"
                     "\n"
                     "  --add HOST        a host, or a pattern such as *.example.net; may be given often\n"
                     "  --drop HOST       no more; may be given often\n"
                     "  --set HOST        these, instead of all that there were; may be given often\n"
                     "  --accept          those that were seen in the MX records, instead\n" WAIT_HELP
                         FORCE_HELP},
        .ask = "publish-change",
        .stopped = -1,
        .done = "the hosts of its policy are changed, step by step",
    };
    struct ww_publish_options o;
    int status = ww_publish_options_read(argc, argv, &change.command, &o);
    const char *wrong = status < 0 ? wrong_hosts(&o) : NULL;
    if (status < 0 && argc - optind != 1)
        wrong = "say which domain";
    if (wrong != NULL)
        status = ww_subcommand_usage(change.command.name, wrong, change.command.usage);
    if (status < 0)
        status = o.accept ? accept_seen(&o, argv[optind]) : change_each(&o, &change, argc, argv);
    ww_publish_options_free(&o);
    return status;
}
