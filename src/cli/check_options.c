#include "cli/check_options.h"

#include "cli/check.h"
#include "cli/cli.h"
#include "cli/subcommands.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PARALLEL 20
#define DEADLINE_S 90
#define DEADLINE_MIN_S 5
#define DEADLINE_MAX_S 600

static const char usage[] = "usage: waxwing check [OPTION...] DOMAIN...\n"
                            "       waxwing check [OPTION...] --input FILE\n"
                            "       waxwing check [OPTION...] [--zone FILE] [--policy FILE] DOMAIN\n"
                            "       waxwing check --list [--json | --markdown]\n";

static const char help[] =
    "\n"
    "Inspects domains as senders see them: MTA-STS record, policy host, policy, MX hosts, DANE and TLS\n"
    "reports, over IPv6 and IPv4. Says what senders will do, what is wrong, and how to mend it. It talks to\n"
    "servers up to the TLS handshake, and sends no mail.\n"
    "\n"
    "  -v, --verbose     show all that was seen, and of each finding why it matters and its source\n"
    "  --json            print an object a line for each domain (docs/schema/check-v1.json)\n"
    "  --html FILE       write a page about all domains, to hand on; it needs nothing beside it\n"
    "  --junit FILE      write the checks as test cases in JUnit's XML, for pipelines\n"
    "  --fail-on LEVEL   error, warning, info or never: findings that make it fail (default: error)\n"
    "  --input FILE      inspect the domains in this file, one a line; - is standard input\n"
    "  --parallel N      inspect so many domains at the same time, up to 100 (default: 20)\n"
    "  --deadline S      give a domain so many seconds, 5 to 600 (default: 90)\n"
    "  --against FILE    show what has changed since the reports in this file, which --json has printed\n"
    "  --zone FILE       check this zone file before it is published, and use no network\n"
    "  --policy FILE     check this policy; with --zone, both beside each other\n"
    "  --list            print all checks; with --json as JSON, with --markdown as docs/checks.md\n"
    "  -c, --config FILE read DNS and fetch settings from this file, not /etc/waxwing/waxwing.conf\n"
    "\n"
    "Exit status: 0 nothing found, or nothing that --fail-on asks for; 1 an error was found, 2 a warning,\n"
    "3 an information; 75 a domain could not be inspected. waxwing-check(1) says more.\n";

static int fail(const char *why)
{
    return ww_subcommand_usage("check", why, usage);
}

/* False: it is no number from min to max. */
static bool read_number(const char *text, unsigned long min, unsigned long max, unsigned long *out)
{
    char *end;
    if (text[0] < '0' || text[0] > '9')
        return false;
    *out = strtoul(text, &end, 10);
    return *end == '\0' && *out >= min && *out <= max;
}

static bool read_fail_on(const char *text, struct ww_check_options *out)
{
    out->never_fails = strcmp(text, "never") == 0;
    if (out->never_fails)
        return true;
    for (enum ww_severity s = WW_SEVERITY_ERROR; s <= WW_SEVERITY_INFO; s++) {
        if (strcmp(text, ww_severity_name(s)) == 0) {
            out->fail_on = s;
            return true;
        }
    }
    return false;
}

static const struct option known[] = {
    {"against", required_argument, NULL, 'a'},  {"config", required_argument, NULL, 'c'},
    {"deadline", required_argument, NULL, 'd'}, {"fail-on", required_argument, NULL, 'f'},
    {"help", no_argument, NULL, 'h'},           {"html", required_argument, NULL, 'H'},
    {"input", required_argument, NULL, 'i'},    {"json", no_argument, NULL, 'j'},
    {"junit", required_argument, NULL, 'J'},    {"list", no_argument, NULL, 'l'},
    {"markdown", no_argument, NULL, 'm'},       {"parallel", required_argument, NULL, 'p'},
    {"policy", required_argument, NULL, 'P'},   {"verbose", no_argument, NULL, 'v'},
    {"zone", required_argument, NULL, 'z'},     {NULL, 0, NULL, 0},
};

/* What is wrong with the option, or NULL. */
static const char *take(int option, struct ww_check_options *out)
{
    unsigned long number;
    switch (option) {
    case 'a':
        out->against = optarg;
        return NULL;
    case 'c':
        out->config_path = optarg;
        return NULL;
    case 'd':
        if (!read_number(optarg, DEADLINE_MIN_S, DEADLINE_MAX_S, &number))
            return "--deadline takes 5 to 600 seconds";
        out->deadline_ms = (unsigned)number * 1000;
        return NULL;
    case 'f':
        return read_fail_on(optarg, out) ? NULL : "--fail-on takes error, warning, info or never";
    case 'H':
        out->html = optarg;
        return NULL;
    case 'i':
        out->input = optarg;
        return NULL;
    case 'j':
        out->json = true;
        return NULL;
    case 'J':
        out->junit = optarg;
        return NULL;
    case 'l':
        out->list = true;
        return NULL;
    case 'm':
        out->markdown = true;
        return NULL;
    case 'p':
        if (!read_number(optarg, 1, WW_CHECK_PARALLEL_MAX, &number))
            return "--parallel takes 1 to 100";
        out->parallel = number;
        return NULL;
    case 'P':
        out->policy = optarg;
        return NULL;
    case 'z':
        out->zone = optarg;
        return NULL;
    case 'v':
        out->verbose = true;
        return NULL;
    default:
        return WW_NO_SUCH_OPTION;
    }
}

static const char *judge(const struct ww_check_options *o, int domains)
{
    bool has_domain = domains > 0, of_files = o->zone != NULL || o->policy != NULL;
    if (of_files && (o->list || o->input != NULL || domains != 1))
        return "--zone and --policy are of one domain";
    if (o->against != NULL && (of_files || o->list))
        return "--against goes with what is published";
    if (o->list)
        return has_domain ? "--list takes no domain" : NULL;
    if (o->markdown)
        return "--markdown goes with --list";
    return has_domain || o->input != NULL ? NULL : "say which domain";
}

int ww_check_options_read(int argc, char **argv, struct ww_check_options *out)
{
    int option;
    *out = (struct ww_check_options){
        .fail_on = WW_SEVERITY_ERROR,
        .parallel = PARALLEL,
        .deadline_ms = DEADLINE_S * 1000,
    };
    opterr = 0;
    while ((option = getopt_long(argc, argv, "hc:v", known, NULL)) != -1) {
        if (option == 'h') {
            (void)fputs(usage, stdout);
            (void)fputs(help, stdout);
            return WW_EXIT_OK;
        }
        const char *why = take(option, out);
        if (why != NULL)
            return fail(why);
    }
    const char *why = judge(out, argc - optind);
    return why != NULL ? fail(why) : -1;
}

int ww_check_exit(const struct ww_check_options *options, enum ww_severity worst)
{
    static const int statuses[] = {
        [WW_SEVERITY_ERROR] = WW_EXIT_ERRORS,
        [WW_SEVERITY_WARNING] = WW_EXIT_WARNINGS,
        [WW_SEVERITY_INFO] = WW_EXIT_NOTES,
    };
    if (options->never_fails || worst > options->fail_on)
        return WW_EXIT_OK;
    return statuses[worst];
}
