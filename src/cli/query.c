/* waxwing query: what a delivery to a domain must have, and why. */
#include "cli/query.h"

#include "cli/ask_options.h"
#include "cli/cli.h"
#include "cli/load.h"
#include "cli/subcommands.h"
#include "codec/idn.h"
#include "daemon/config_load.h"

#include <signal.h>
#include <stdio.h>
#include <unistd.h>

static const char usage[] =
    "usage: waxwing query [--json] [--config FILE] [--socket ADDRESS | --direct] DOMAIN...\n";

static const char help[] =
    "\n"
    "Says what TLS a delivery to each domain must have, where that comes from, until when\n"
    "it holds, and what Postfix is told. It asks the running waxwingd; when none listens, it\n"
    "looks by itself and says so.\n"
    "\n"
    "  --json            print one JSON object for each domain, on a line of its own\n"
    "  --config FILE     the configuration, instead of " WW_CONFIG_FILE "\n"
    "  --socket ADDRESS  ask there and nowhere else: inet:127.0.0.1:8461, unix:/path\n"
    "  --direct          do not ask a daemon\n"
    "  --help            print this\n"
    "\n"
    "Exit status: 0 an answer, a policy or none; 64 usage; 66 the configuration cannot be\n"
    "read; 70 the output cannot be written; 75 a temporary failure, or mail is held: try again\n"
    "later; 78 the configuration is wrong.\n";

struct query {
    struct ww_ask_options options;
    struct ww_config *config;
};

static enum ww_query_outcome ask_directly(struct query *q, const char *domain, json_t **json)
{
    char why[WW_QUERY_WHY_SIZE] = "";
    enum ww_query_outcome outcome = ww_query_direct(q->config, domain, json, why);
    if (outcome != WW_QUERY_ANSWER)
        ww_subcommand_complain("query", domain, why);
    return outcome;
}

static enum ww_query_outcome ask_daemon(struct query *q, const char *domain, json_t **json)
{
    char *const only[] = {q->options.socket, NULL};
    char why[WW_QUERY_WHY_SIZE] = "";
    enum ww_query_outcome outcome = ww_query_ask(q->options.socket != NULL ? only : q->config->listen, domain,
                                                 q->config->answer_deadline_ms, json, why);
    if (outcome == WW_QUERY_NO_DAEMON || outcome == WW_QUERY_FAILED)
        ww_subcommand_complain("query", domain, why);
    return outcome;
}

static enum ww_query_outcome ask(struct query *q, const char *domain, json_t **json)
{
    enum ww_query_outcome outcome = WW_QUERY_NO_DAEMON;
    if (!q->options.direct)
        outcome = ask_daemon(q, domain, json);
    if (outcome != WW_QUERY_NO_DAEMON || q->options.socket != NULL)
        return outcome;
    if (!q->options.direct)
        (void)fputs("waxwing query: no daemon answers: this looks by itself\n", stderr);
    q->options.direct = true;
    return ask_directly(q, domain, json);
}

static int query(struct query *q, const char *text)
{
    char domain[WW_DNAME_SIZE];
    json_t *json = NULL;
    enum ww_err err = ww_idn_to_domain(ww_slice_str(text), domain);
    if (err != WW_OK) {
        ww_subcommand_complain("query", text, ww_err_message(err));
        return WW_EXIT_USAGE;
    }
    enum ww_query_outcome outcome = ask(q, domain, &json);
    if (outcome == WW_QUERY_NO_DOMAIN) {
        ww_subcommand_complain("query", domain, "the daemon takes this for no mail domain");
        return WW_EXIT_USAGE;
    }
    if (outcome != WW_QUERY_ANSWER)
        return WW_EXIT_TEMPORARY;
    if (!q->options.json)
        ww_query_print(json);
    else if (json_dumpf(json, stdout, JSON_COMPACT) == 0)
        (void)putchar('\n');
    int status = ww_query_is_temporary(json) ? WW_EXIT_TEMPORARY : WW_EXIT_OK;
    json_decref(json);
    return status;
}

int ww_cli_query(int argc, char **argv)
{
    static const struct ww_ask_command command = {"query", usage, help, false};
    struct query q = {.config = NULL};
    int status = ww_ask_options_read(&command, argc, argv, &q.options);
    if (status >= 0)
        return status;
    /* A peer that closes its connection is an error of that connection alone. */
    (void)signal(SIGPIPE, SIG_IGN);
    status = ww_cli_load_config("query", q.options.config_path, &q.config);
    for (int i = optind; i < argc && (status == WW_EXIT_OK || status == WW_EXIT_TEMPORARY); i++) {
        int one = query(&q, argv[i]);
        status = one != WW_EXIT_OK ? one : status;
    }
    ww_config_free(q.config);
    return status;
}
