/* waxwing: looks up the subcommand and runs it. One file a subcommand. */
#include "cli/cli.h"
#include "cli/show.h"

#include <stdio.h>
#include <string.h>

static const struct subcommand {
    const char *name;
    const char *summary;
    int (*run)(int argc, char **argv);
} subcommands[] = {
    {"query", "what a delivery to a domain must have, and why", ww_cli_query},
    {"explain", "every step to that decision, and what Postfix is told", ww_cli_explain},
    {"status", "how the running daemon is", ww_cli_status},
    {"cache", "see and change what the running daemon knows", ww_cli_cache},
    {"override", "what a domain's deliveries must have, in place of its policy", ww_cli_override},
    {"preload", "a list of domains that are protected before anything is known of them", ww_cli_preload},
    {"check", "inspect a domain: record, policy, MX hosts, DANE, reports", ww_cli_check},
    {"generate", "what a domain has to publish, and in which order", ww_cli_generate},
    {"publish", "publish policies of your own domains, and change them safely", ww_cli_publish},
    {"advise", "is it safe to enforce a domain's policy, and what would break", ww_cli_advise},
    {"watch", "inspect domains again and again, and tell what changes", ww_cli_watch},
    {"doctor", "is all in place that Waxwing rests on, and what to do", ww_cli_doctor},
    {"simulate", "what would become of a delivery that is described in JSON", ww_cli_simulate},
    {"results", "what TLS the deliveries of your MTA have met with", ww_cli_results},
    {"report", "TLS reports: those of others about your domains, and yours to them", ww_cli_report},
    {"lint", "check a record, a policy or an MX pattern, without any network", ww_cli_lint},
};

#define SUBCOMMANDS (sizeof subcommands / sizeof subcommands[0])

static void print_usage(FILE *to)
{
    (void)fputs("usage: waxwing COMMAND [ARGUMENT...]\n"
                "       waxwing --help | --version\n\n",
                to);
    for (size_t i = 0; i < SUBCOMMANDS; i++)
        (void)fprintf(to, "  %-8s %s\n", subcommands[i].name, subcommands[i].summary);
    (void)fputs("\n`waxwing COMMAND --help` says more.\n", to);
}

/* A full disk or a closed pipe shows when the last octets are written. */
static int close_output(int status)
{
    if (fflush(stdout) == 0 && !ferror(stdout))
        return status;
    perror("waxwing: standard output");
    return WW_EXIT_INTERNAL;
}

int main(int argc, char **argv)
{
    if (argc < 2) {
        print_usage(stderr);
        return WW_EXIT_USAGE;
    }
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0) {
        print_usage(stdout);
        return close_output(WW_EXIT_OK);
    }
    if (strcmp(argv[1], "--version") == 0) {
        (void)puts("waxwing " WW_VERSION);
        return close_output(WW_EXIT_OK);
    }
    for (size_t i = 0; i < SUBCOMMANDS; i++)
        if (strcmp(argv[1], subcommands[i].name) == 0)
            return close_output(subcommands[i].run(argc - 1, argv + 1));
    (void)fputs("waxwing: there is no command ", stderr);
    ww_show_text(stderr, argv[1]);
    (void)fputc('\n', stderr);
    print_usage(stderr);
    return WW_EXIT_USAGE;
}
