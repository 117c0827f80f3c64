/* waxwing doctor: is everything in place that Waxwing rests on, and what to do where it is not. */
#include "cli/doctor.h"

#include "cli/cli.h"
#include "cli/show.h"
#include "cli/subcommands.h"
#include "codec/idn.h"
#include "daemon/config_load.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

static const char usage[] = "usage: waxwing doctor [--json] [--config FILE] [DOMAIN]\n";

static const char help[] =
    "\n"
    "Looks at all that Waxwing rests on: its configuration, the running waxwingd, Postfix's\n"
    "configuration, DNS, the ports 443 and 25 outwards, the clock, the store, whether reports can\n"
    "be sent and those of others come in, this machine.\n"
    "Where something is not right, it says what to do. It changes nothing.\n"
    "\n"
    "The root servers of DNS are asked (or the forwarders, if any are configured), and the\n"
    "resolvers that Postfix asks; the policy host and an MX host of DOMAIN are connected to, or of\n"
    "gmail.com, outlook.com and comcast.net when none is given. Nothing is sent to them but a GET\n"
    "of the policy, and EHLO and QUIT: never mail.\n"
    "\n"
    "  --json         print an array of findings as JSON\n"
    "  --config FILE  the configuration, instead of " WW_CONFIG_FILE "\n"
    "  --help         print this\n"
    "\n"
    "As root it sees most. MAIL_CONFIG names another configuration directory of Postfix.\n"
    "\n"
    "Exit status: 0 nothing failed; 1 something did; 64 usage.\n";

/* Large ones that publish a policy, on three networks. */
static const char *const well_known[] = {"gmail.com", "outlook.com", "comcast.net", NULL};

const struct ww_doctor_group ww_doctor_groups[] = {
    {"the configuration", ww_doctor_config, 10}, {"the daemon", ww_doctor_daemon, 30},
    {"Postfix", ww_doctor_postfix, 60},          {"DNS", ww_doctor_dns, 40},
    {"port 443", ww_doctor_https, 60},           {"port 25", ww_doctor_smtp, 60},
    {"the clock", ww_doctor_clock, 10},          {"the store", ww_doctor_store, 30},
    {"reports", ww_doctor_reports, 60},          {"reports of others", ww_doctor_intake, 30},
    {"this machine", ww_doctor_system, 20},
};
const size_t ww_doctor_group_count = sizeof ww_doctor_groups / sizeof *ww_doctor_groups;

struct output {
    json_t *all; /* with --json; else NULL */
    bool failed;
};

static void on_finding(void *ctx, json_t *finding)
{
    struct output *o = ctx;
    const char *status = json_string_value(json_object_get(finding, "status"));
    if (status == NULL || strcmp(status, ww_finding_name(WW_FINDING_FAIL)) == 0)
        o->failed = true;
    if (o->all == NULL)
        ww_doctor_print(finding);
    else
        (void)json_array_append(o->all, finding);
    json_decref(finding);
}

static int look(struct ww_doctor *d, bool json)
{
    struct output o = {.all = json ? json_array() : NULL};
    bool good = ww_doctor_run(d, on_finding, &o) && (o.all != NULL) == json;
    if (!good)
        (void)fputs("waxwing doctor: memory or processes are short\n", stderr);
    else if (json && json_dumpf(o.all, stdout, JSON_INDENT(1)) == 0)
        (void)putchar('\n');
    json_decref(o.all);
    if (!good)
        return WW_EXIT_INTERNAL;
    return o.failed ? WW_EXIT_NOT : WW_EXIT_OK;
}

static int fail_usage(const char *why)
{
    return ww_subcommand_usage("doctor", why, usage);
}

/* -1: go on. */
static int read_options(int argc, char **argv, bool *json, const char **config)
{
    static const struct option known[] = {
        {"json", no_argument, NULL, 'j'},
        {"config", required_argument, NULL, 'c'},
        {"help", no_argument, NULL, 'h'},
        {NULL, 0, NULL, 0},
    };
    int option;
    opterr = 0;
    while ((option = getopt_long(argc, argv, "hc:", known, NULL)) != -1) {
        if (option == 'j') {
            *json = true;
        } else if (option == 'c') {
            *config = optarg;
        } else if (option == 'h') {
            (void)fputs(usage, stdout);
            (void)fputs(help, stdout);
            return WW_EXIT_OK;
        } else {
            return fail_usage(WW_NO_SUCH_OPTION);
        }
    }
    return argc - optind <= 1 ? -1 : fail_usage("one domain at most is wanted");
}

int ww_cli_doctor(int argc, char **argv)
{
    bool json = false;
    const char *path = NULL;
    char detail[4096] = "";
    char domain[WW_DNAME_SIZE];
    const char *const named[] = {domain, NULL};
    int status = read_options(argc, argv, &json, &path);
    if (status >= 0)
        return status;
    bool given = optind < argc;
    if (given && ww_idn_to_domain(ww_slice_str(argv[optind]), domain) != WW_OK)
        return fail_usage("this is no mail domain");
    const struct ww_config_source source = {.path = path};
    struct ww_config_text text = {NULL, 0};
    struct ww_config *config = ww_config_load(&source, &text, detail, sizeof detail);
    ww_config_text_free(&text);
    struct ww_doctor d = {
        .config = config,
        .config_name = path != NULL ? path : WW_CONFIG_FILE,
        .config_fault = config == NULL ? detail : NULL,
        .domains = given ? named : well_known,
        .domain_given = given,
    };
    status = look(&d, json);
    ww_config_free(config);
    return status;
}
