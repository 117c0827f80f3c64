/* waxwing query: what a delivery to a domain must have, and why. */
#include "cli/query.h"

#include "cli/cli.h"
#include "cli/load.h"
#include "cli/show.h"
#include "codec/idn.h"
#include "daemon/config_load.h"
#include "daemon/listen_at.h"

#include <getopt.h>
#include <signal.h>
#include <stdio.h>

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
    bool json;
    bool direct_only;
    const char *config_path; /* or NULL */
    char *socket;            /* or NULL: where the configuration says */
    struct ww_config *config;
};

static int fail_usage(const char *why)
{
    (void)fprintf(stderr, "waxwing query: %s\n%s", why, usage);
    return WW_EXIT_USAGE;
}

static void complain(const char *about, const char *why)
{
    (void)fputs("waxwing query: ", stderr);
    ww_show_text(stderr, about);
    (void)fputs(": ", stderr);
    ww_show_text(stderr, why);
    (void)fputc('\n', stderr);
}

static enum ww_query_outcome ask_directly(struct query *q, const char *domain, json_t **json)
{
    char why[WW_QUERY_WHY_SIZE] = "";
    enum ww_query_outcome outcome = ww_query_direct(q->config, domain, json, why);
    if (outcome != WW_QUERY_ANSWER)
        complain(domain, why);
    return outcome;
}

static enum ww_query_outcome ask_daemon(struct query *q, const char *domain, json_t **json)
{
    char *const only[] = {q->socket, NULL};
    char why[WW_QUERY_WHY_SIZE] = "";
    enum ww_query_outcome outcome = ww_query_ask(q->socket != NULL ? only : q->config->listen, domain,
                                                 q->config->answer_deadline_ms, json, why);
    if (outcome == WW_QUERY_NO_DAEMON || outcome == WW_QUERY_FAILED)
        complain(domain, why);
    return outcome;
}

static enum ww_query_outcome ask(struct query *q, const char *domain, json_t **json)
{
    enum ww_query_outcome outcome = WW_QUERY_NO_DAEMON;
    if (!q->direct_only)
        outcome = ask_daemon(q, domain, json);
    if (outcome != WW_QUERY_NO_DAEMON || q->socket != NULL)
        return outcome;
    if (!q->direct_only)
        (void)fputs("waxwing query: no daemon answers: this looks by itself\n", stderr);
    q->direct_only = true;
    return ask_directly(q, domain, json);
}

static int query(struct query *q, const char *text)
{
    char domain[WW_DNAME_SIZE];
    json_t *json = NULL;
    enum ww_err err = ww_idn_to_domain(ww_slice_str(text), domain);
    if (err != WW_OK) {
        complain(text, ww_err_message(err));
        return WW_EXIT_USAGE;
    }
    enum ww_query_outcome outcome = ask(q, domain, &json);
    if (outcome == WW_QUERY_NO_DOMAIN) {
        complain(domain, "the daemon takes this for no mail domain");
        return WW_EXIT_USAGE;
    }
    if (outcome != WW_QUERY_ANSWER)
        return WW_EXIT_TEMPORARY;
    if (!q->json)
        ww_query_print(json);
    else if (json_dumpf(json, stdout, JSON_COMPACT) == 0)
        (void)putchar('\n');
    int status = ww_query_is_temporary(json) ? WW_EXIT_TEMPORARY : WW_EXIT_OK;
    json_decref(json);
    return status;
}

/* -1: go on. */
static int read_options(int argc, char **argv, struct query *q)
{
    static const struct option known[] = {
        {"json", no_argument, NULL, 'j'},         {"config", required_argument, NULL, 'c'},
        {"socket", required_argument, NULL, 's'}, {"direct", no_argument, NULL, 'd'},
        {"help", no_argument, NULL, 'h'},         {NULL, 0, NULL, 0},
    };
    int option;
    opterr = 0;
    while ((option = getopt_long(argc, argv, "hc:", known, NULL)) != -1) {
        if (option == 'j') {
            q->json = true;
        } else if (option == 'c') {
            q->config_path = optarg;
        } else if (option == 's') {
            q->socket = optarg;
        } else if (option == 'd') {
            q->direct_only = true;
        } else if (option == 'h') {
            (void)fputs(usage, stdout);
            (void)fputs(help, stdout);
            return WW_EXIT_OK;
        } else {
            return fail_usage("there is no such option, or its value is missing");
        }
    }
    struct ww_listen_at at;
    const char *why;
    if (q->socket != NULL && !ww_listen_at_parse(q->socket, &at, &why))
        return fail_usage(why);
    if (q->direct_only && q->socket != NULL)
        return fail_usage("--socket and --direct exclude each other");
    return optind < argc ? -1 : fail_usage("say which domain");
}

int ww_cli_query(int argc, char **argv)
{
    struct query q = {.json = false};
    int status = read_options(argc, argv, &q);
    if (status >= 0)
        return status;
    /* A peer that closes its connection is an error of that connection alone. */
    (void)signal(SIGPIPE, SIG_IGN);
    status = ww_cli_load_config("query", q.config_path, &q.config);
    for (int i = optind; i < argc && (status == WW_EXIT_OK || status == WW_EXIT_TEMPORARY); i++) {
        int one = query(&q, argv[i]);
        status = one != WW_EXIT_OK ? one : status;
    }
    ww_config_free(q.config);
    return status;
}
