/* waxwing publish add: a domain is managed from now on; what was seen of it becomes a proposal. */
#include "cli/check_view.h"
#include "cli/publish.h"
#include "cli/show.h"
#include "cli/subcommands.h"
#include "daemon/config_load.h"

#include <getopt.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* An inspection may have to wait for others, and takes a minute and a half at the most. */
#define WAIT_MS 180000

static const struct ww_publish_command command = {
    .name = "publish add",
    .takes = WW_PUBLISH_TAKES_MX | WW_PUBLISH_TAKES_SETTINGS | WW_PUBLISH_TAKES_WAIT,
    .usage = "usage: waxwing publish add [--mx HOST]... [--accept-mx] [--rua URI]... [--max-age TIME]\n"
             "                           [--automatic] [--host WHERE] [--dns HOW] [--certificate HOW]\n"
             "                           [--wait TIME | --no-wait] [--json]\n"
             "                           [--config FILE | --socket ADDRESS] DOMAIN...\n",
    .help =
        "Has waxwingd manage the domain, as a draft: nothing is published before `waxwing publish start`.\n"
        "Without --mx its MX hosts are looked at, and a policy is proposed; it is taken when you say so.\n"
        "\n"
        "  --mx HOST         a host of the policy, or a pattern such as *.example.net; may be given often\n"
        "  --accept-mx       the hosts that are seen in the MX records become those of the policy\n"
        "  --rua URI         where reports go, mailto: or https:; may be given often\n"
        "  --max-age TIME    how long senders keep the policy in the end, 1d to 365d\n"
        "  --automatic       to enforce, and back to testing, on evidence\n"
        "  --host WHERE      who serves the policy: here, waxwingd itself; tree, a web server, from files "
        "that\n"
        "                    waxwingd writes; elsewhere; mirror=DOMAIN, waxwingd, and it is DOMAIN's policy\n"
        "  --dns HOW         who changes the records: hand, or update (RFC 2136)\n"
        "  --certificate HOW of the policy host: files, kept by another program, or acme\n"
        "  --wait TIME       for the look at the MX hosts, 3m by default; --no-wait does not\n",
};

static void print_next(const json_t *shown)
{
    char next[WW_PUBLISH_NEXT_SIZE];
    ww_publish_next(shown, next);
    (void)fputs("Next: ", stdout);
    ww_show_text(stdout, next);
    (void)putchar('\n');
}

/* Only who is asked, or has said so before, makes what was seen a policy. */
static int take_or_ask(const struct ww_publish_options *o, const json_t *shown, const json_t *proposal,
                       bool *taken)
{
    bool yes = o->accept;
    if (!yes && isatty(STDIN_FILENO) == 1 && ww_show_is_terminal(stdout) &&
        !ww_publish_ask_yes("Are these all hosts that take its mail, and is the policy to name them?",
                            WW_PUBLISH_SAY, &yes))
        yes = false;
    *taken = yes;
    return yes ? ww_publish_accept(o, shown, proposal) : WW_EXIT_OK;
}

static int print_json(const struct ww_publish_options *o, const char *domain, json_t *proposal)
{
    json_t *shown;
    int status = ww_publish_fetch(o, domain, &shown);
    if (status == WW_EXIT_OK && proposal != NULL)
        (void)json_object_set(shown, "proposal", proposal);
    if (status == WW_EXIT_OK)
        ww_control_print_json(NULL, shown);
    json_decref(shown);
    return status;
}

static int propose(const struct ww_publish_options *o, const json_t *shown)
{
    const char *domain = ww_view_text(shown, "domain"), *why;
    struct ww_tree_style style = ww_tree_style(stdout);
    json_t *proposal = ww_publish_propose(shown, time(NULL), &why), *after = NULL;
    bool taken = false;
    int status = WW_EXIT_OK;
    if (proposal == NULL) {
        ww_subcommand_complain(command.name, domain, why);
        status = WW_EXIT_NOT;
    } else if (o->control.json) {
        status = o->accept ? ww_publish_accept(o, shown, proposal) : WW_EXIT_OK;
    } else {
        ww_publish_print_proposal(stdout, shown, proposal, &style);
        status = take_or_ask(o, shown, proposal, &taken);
    }
    if (status == WW_EXIT_OK && o->control.json)
        status = print_json(o, domain, proposal);
    else if (status == WW_EXIT_OK)
        status = ww_publish_fetch(o, domain, &after);
    if (after != NULL) {
        (void)fputs(taken ? "Taken. " : "", stdout);
        print_next(after);
    }
    json_decref(after);
    json_decref(proposal);
    return status;
}

static int look_and_propose(const struct ww_publish_options *o, const char *domain)
{
    json_t *shown = NULL;
    int status = ww_publish_follow(o, domain, o->says_wait ? o->wait_ms : WAIT_MS, false, &shown);
    if (status == WW_EXIT_TEMPORARY && ww_publish_is_answered(shown))
        status = WW_EXIT_OK;
    if (status == WW_EXIT_TEMPORARY)
        ww_subcommand_complain(
            command.name, domain,
            "it is added, and was not looked at yet: `waxwing publish status` says when it was");
    if (status == WW_EXIT_OK)
        status = propose(o, shown);
    json_decref(shown);
    return status;
}

static int add(const struct ww_publish_options *o, const char *text)
{
    char domain[WW_DNAME_SIZE];
    bool named =
        json_object_get(o->wanted, "mx") != NULL || strcmp(ww_view_text(o->wanted, "host"), "mirror") == 0;
    if (!ww_publish_domain(o, text, domain))
        return WW_EXIT_USAGE;
    int status = ww_publish_ask(o, "publish-add", domain, o->wanted);
    if (status != WW_EXIT_OK)
        return status;
    if (!o->control.json) {
        ww_show_text(stdout, domain);
        (void)puts(": added, as a draft");
        (void)fflush(stdout);
    }
    if (!named && !(o->says_wait && o->wait_ms == 0))
        return look_and_propose(o, domain);
    if (o->control.json)
        return print_json(o, domain, NULL);
    json_t *shown;
    status = ww_publish_fetch(o, domain, &shown);
    if (status == WW_EXIT_OK)
        print_next(shown);
    json_decref(shown);
    return status;
}

static int add_each(const struct ww_publish_options *o, int argc, char **argv)
{
    struct ww_config *config;
    int status = ww_publish_ready(o, &config);
    const char *lack = NULL;
    if (status == WW_EXIT_OK) {
        ww_publish_fill(config, o->wanted);
        lack = ww_publish_lack(config, o->wanted);
    }
    if (lack != NULL) {
        ww_subcommand_complain(command.name, "the configuration", lack);
        status = WW_EXIT_CONFIG;
    }
    ww_config_free(config);
    if (status != WW_EXIT_OK)
        return status;
    for (int i = optind; i < argc; i++) {
        int one = add(o, argv[i]);
        status = one != WW_EXIT_OK ? one : status;
    }
    return status;
}

int ww_cli_publish_add(int argc, char **argv)
{
    struct ww_publish_options o;
    const char *wrong = NULL;
    int status = ww_publish_options_read(argc, argv, &command, &o);
    if (status < 0 && argc == optind)
        wrong = "say which domain";
    else if (status < 0 && o.accept && json_object_get(o.wanted, "mx") != NULL)
        wrong = "--mx and --accept-mx exclude each other";
    else if (status < 0 && o.accept && o.says_wait && o.wait_ms == 0)
        wrong = "--accept-mx needs a look: without --no-wait";
    if (wrong != NULL)
        status = ww_subcommand_usage(command.name, wrong, command.usage);
    if (status < 0)
        status = add_each(&o, argc, argv);
    ww_publish_options_free(&o);
    return status;
}
