/* waxwing explain: every step to the decision about a domain, and what Postfix is told. */
#include "cli/explain.h"

#include "cli/ask_options.h"
#include "cli/cli.h"
#include "cli/load.h"
#include "cli/query.h"
#include "cli/subcommands.h"
#include "cli/tree.h"
#include "codec/idn.h"
#include "daemon/config_load.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static const char usage[] =
    "usage: waxwing explain [--live] [--json] [--config FILE] [--socket ADDRESS | --direct] DOMAIN...\n";

static const char help[] =
    "\n"
    "Shows every step to the decision about each domain: each DNS answer with its DNSSEC state\n"
    "and TTL, the fetch of the MTA-STS policy, each MX host against policy and TLSA records, an\n"
    "override, the decision, what Postfix is told and until when, and the section of the RFC\n"
    "of each rule. It looks afresh by itself, and asks the running waxwingd what it tells.\n"
    "\n"
    "  --live            talk to each MX host as a sender would, up to the TLS handshake: EHLO,\n"
    "                    STARTTLS and QUIT, never mail; and judge what was seen\n"
    "  --json            print one JSON object for each domain, on a line of its own\n"
    "  --config FILE     the configuration, instead of " WW_CONFIG_FILE "\n"
    "  --socket ADDRESS  ask the daemon there: inet:127.0.0.1:8461, unix:/path\n"
    "  --direct          do not ask a daemon\n"
    "  --help            print this\n"
    "\n"
    "Exit status, of several domains the highest: 0 a delivery must have authenticated TLS; 1\n"
    "nothing is demanded (none, testing, may); 2 something less (dane, encrypt); 3 no mail would\n"
    "be delivered now; 64 usage; 66 the configuration cannot be read; 70 out of memory, or the\n"
    "output cannot be written; 75 it could not be found out now: try again later; 78 the\n"
    "configuration is wrong.\n";

struct explain {
    struct ww_ask_options options;
    struct ww_config *config;
    bool complained; /* that there is no daemon */
};

/* NULL: none answers, and why says so. */
static json_t *ask_daemon(struct explain *x, const char *domain, char why[WW_QUERY_WHY_SIZE])
{
    char *const only[] = {x->options.socket, NULL};
    char *const *places = x->options.socket != NULL ? only : x->config->listen;
    json_t *json = NULL;
    (void)snprintf(why, WW_QUERY_WHY_SIZE, "it was not asked");
    if (x->options.direct)
        return NULL;
    enum ww_query_outcome outcome = ww_query_ask(places, domain, x->config->answer_deadline_ms, &json, why);
    if (outcome == WW_QUERY_NO_DOMAIN)
        (void)snprintf(why, WW_QUERY_WHY_SIZE, "it takes this for no mail domain");
    if (json == NULL && !x->complained) {
        ww_subcommand_complain("explain", outcome == WW_QUERY_NO_DAEMON ? "no daemon answers" : "the daemon",
                               why);
        x->complained = true;
    }
    return json;
}

static int print(const struct explain *x, const json_t *report)
{
    if (x->options.json) {
        if (json_dumpf(report, stdout, JSON_COMPACT | JSON_ENSURE_ASCII) == 0)
            (void)putchar('\n');
        return WW_EXIT_OK;
    }
    const struct ww_tree_style style = ww_tree_style(stdout);
    json_t *tree = ww_explain_tree(report);
    if (tree == NULL)
        return WW_EXIT_INTERNAL;
    ww_tree_draw(stdout, tree, &style);
    json_decref(tree);
    return WW_EXIT_OK;
}

static int status_of(const json_t *report)
{
    static const int statuses[WW_CLASSES] = {
        [WW_CLASS_AUTHENTICATED] = WW_EXIT_OK,  [WW_CLASS_OPEN] = WW_EXIT_NOT,
        [WW_CLASS_PARTLY] = WW_EXIT_PARTLY,     [WW_CLASS_HELD] = WW_EXIT_HELD,
        [WW_CLASS_UNKNOWN] = WW_EXIT_TEMPORARY,
    };
    return statuses[ww_explain_class(report)];
}

static int explain(struct explain *x, const char *name)
{
    char domain[WW_DNAME_SIZE];
    char no_daemon[WW_QUERY_WHY_SIZE], failed[WW_QUERY_WHY_SIZE] = "";
    enum ww_err err = ww_idn_to_domain(ww_slice_str(name), domain);
    if (err != WW_OK) {
        ww_subcommand_complain("explain", name, ww_err_message(err));
        return WW_EXIT_USAGE;
    }
    json_t *daemon = ask_daemon(x, domain, no_daemon);
    const struct ww_look_at order = {
        .config = x->config, .domain = domain, .daemon = daemon, .live = x->options.live, .at = time(NULL)};
    json_t *look = ww_look_apart(&order, failed);
    if (look == NULL)
        ww_subcommand_complain("explain", domain, failed);
    json_t *report = ww_explain_report(domain, order.at, look, failed, daemon, no_daemon);
    int status = report != NULL ? print(x, report) : WW_EXIT_INTERNAL;
    if (status == WW_EXIT_OK)
        status = status_of(report);
    else
        (void)fputs("waxwing explain: out of memory\n", stderr);
    json_decref(report);
    json_decref(daemon);
    return status;
}

int ww_cli_explain(int argc, char **argv)
{
    static const struct ww_ask_command command = {"explain", usage, help, true};
    struct explain x = {.config = NULL};
    int status = ww_ask_options_read(&command, argc, argv, &x.options);
    if (status >= 0)
        return status;
    /* A peer that closes its connection is an error of that connection alone. */
    (void)signal(SIGPIPE, SIG_IGN);
    status = ww_cli_load_config("explain", x.options.config_path, &x.config);
    for (int i = optind; i < argc && (status <= WW_EXIT_HELD || status == WW_EXIT_TEMPORARY); i++) {
        if (i > optind && !x.options.json)
            (void)putchar('\n');
        int one = explain(&x, argv[i]);
        (void)fflush(stdout);
        status = one > status ? one : status;
    }
    ww_config_free(x.config);
    return status;
}
