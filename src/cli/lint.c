#include "cli/lint.h"

#include "cli/cli.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>

static const char usage[] = "usage: waxwing lint [--json] record|policy|tlsrpt-record|report [FILE]\n"
                            "       waxwing lint [--json] mx [--san] PATTERN HOST\n";

static const char help[] =
    "\n"
    "Checks text against RFC 8461 and RFC 8460, strictly. Without a file, or with -, it\n"
    "reads standard input. It never uses the network.\n"
    "\n"
    "  record         the TXT records at _mta-sts.DOMAIN\n"
    "  tlsrpt-record  the TXT records at _smtp._tls.DOMAIN\n"
    "  policy         the body of https://mta-sts.DOMAIN/.well-known/mta-sts.txt\n"
    "  report         a TLS report (RFC 8460 section 4.4) as JSON or gzip\n"
    "  mx             whether an MX host matches a pattern of a policy\n"
    "\n"
    "  --san          the pattern is a DNS name of a certificate (RFC 6125) instead\n"
    "  --json         print one JSON object: result, the values if valid, findings\n"
    "  --help         print this\n"
    "\n"
    "Records are read in DNS presentation format, one a line, as `dig +short TXT NAME`\n"
    "prints them: quoted strings with \\DDD escapes. Outside quotes a semicolon begins a\n"
    "comment, so a record without quotes is refused.\n"
    "\n"
    "Reports are read as the daemon reads those of others: generously, by a process without\n"
    "rights. What deviates is a warning or an information, what makes one useless an error.\n"
    "The JSON object is printed wherever standard output is no terminal, and it has all its\n"
    "members in any case: result, organization, report_id, policies, success, failure,\n"
    "findings.\n"
    "\n"
    "Each finding is printed as `SEVERITY OFFSET: MESSAGE [ID] (SOURCE)`. The offset counts\n"
    "octets of the input from 0; of a report the place is named. Of several errors the first\n"
    "decides.\n"
    "\n"
    "Exit status: 0 valid or match, 1 invalid, none or no match, 64 usage, 66 the file\n"
    "cannot be read, 70 out of memory or the output cannot be written.\n";

static int fail_usage(const char *why)
{
    (void)fprintf(stderr, "waxwing lint: %s\n%s", why, usage);
    return WW_EXIT_USAGE;
}

static int run(const struct ww_lint_options *options, int count, char **args)
{
    static const struct {
        const char *name;
        int (*run)(const struct ww_lint_options *options, const char *path);
    } kinds[] = {
        {"record", ww_cli_lint_record},
        {"policy", ww_cli_lint_policy},
        {"tlsrpt-record", ww_cli_lint_tlsrpt_record},
        {"report", ww_cli_lint_report},
    };
    if (count == 0)
        return fail_usage("say what to check");
    if (strcmp(args[0], "mx") == 0)
        return count == 3 ? ww_cli_lint_mx(options, args[1], args[2])
                          : fail_usage("mx needs a pattern and a host");
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        if (strcmp(args[0], kinds[i].name) != 0)
            continue;
        if (options->san)
            return fail_usage("--san belongs to mx");
        if (count > 2)
            return fail_usage("too many files");
        return kinds[i].run(options, count == 2 ? args[1] : NULL);
    }
    return fail_usage("that is none of record, policy, tlsrpt-record, report and mx");
}

int ww_cli_lint(int argc, char **argv)
{
    static const struct option known[] = {
        {"json", no_argument, NULL, 'j'},
        {"san", no_argument, NULL, 's'},
        {"help", no_argument, NULL, 'h'},
        {NULL, 0, NULL, 0},
    };
    struct ww_lint_options options = {false, false};
    int option;
    opterr = 0;
    while ((option = getopt_long(argc, argv, "h", known, NULL)) != -1) {
        switch (option) {
        case 'j':
            options.json = true;
            break;
        case 's':
            options.san = true;
            break;
        case 'h':
            (void)fputs(usage, stdout);
            (void)fputs(help, stdout);
            return WW_EXIT_OK;
        default:
            return fail_usage("there is no such option");
        }
    }
    return run(&options, argc - optind, argv + optind);
}
