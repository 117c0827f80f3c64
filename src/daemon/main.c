/* waxwingd: the supervisor, or, with the hidden arguments of ww_child_start, one of its roles; or what uacme
 * calls for a challenge (publish/acme_hook.h). */
#include "daemon/anchor_seed.h"
#include "daemon/child.h"
#include "daemon/config_load.h"
#include "daemon/log.h"
#include "daemon/role.h"
#include "daemon/supervisor.h"
#include "publish/acme_hook.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum {
    EXIT_OK = 0,
    EXIT_START = 1,
    EXIT_USAGE = 64,
    EXIT_CONFIG = 78,
};

static const char usage[] =
    "usage: waxwingd [-c FILE] [-o NAME=VALUE]... [--check]\n"
    "\n"
    "Tells mail servers what TLS each recipient domain demands. Runs in the foreground.\n"
    "\n"
    "  -c FILE        configuration, instead of " WW_CONFIG_FILE " (also --config)\n"
    "  -o NAME=VALUE  a setting that counts more than the file, such as log_level=debug\n"
    "  --check        reads the configuration, names the line of each error, and ends\n"
    "  --version\n"
    "  --help\n";

struct options {
    struct ww_config_source source;
    bool check;
    int status; /* -1: go on */
};

static void read_options(int argc, char **argv, struct options *o)
{
    static const struct option names[] = {
        {"config", required_argument, NULL, 'c'},
        {"check", no_argument, NULL, 'k'},
        {"version", no_argument, NULL, 'v'},
        {"help", no_argument, NULL, 'h'},
        {NULL, 0, NULL, 0},
    };
    int c;
    o->status = -1;
    while (o->status < 0 && (c = getopt_long(argc, argv, "c:o:h", names, NULL)) != -1) {
        if (c == 'c') {
            o->source.path = optarg;
        } else if (c == 'k') {
            o->check = true;
        } else if (c == 'v') {
            puts("waxwingd " WW_VERSION);
            o->status = EXIT_OK;
        } else if (c == 'h') {
            fputs(usage, stdout);
            o->status = EXIT_OK;
        } else if (c != 'o' || !ww_config_text_add_setting(&o->source.overrides, optarg)) {
            o->status = EXIT_USAGE;
        }
    }
    if (o->status < 0 && optind < argc)
        o->status = EXIT_USAGE;
    if (o->status == EXIT_USAGE)
        fputs(usage, stderr);
}

static int supervise(const struct options *o, struct ww_config *config, const struct ww_config_text *text)
{
    ww_log_open("supervisor", config->log_level, config->log_format);
    int fd = ww_config_text_seal(text);
    if (fd >= 0)
        return ww_supervise(&o->source, config, fd);
    ww_log_error("start-failed", "detail", strerror(errno));
    ww_config_free(config);
    return EXIT_START;
}

/* What is configured: the system's own may be missing. */
static bool check_anchors(const struct ww_config *config)
{
    char why[512];
    struct ww_anchor_seed *seed = malloc(sizeof *seed);
    bool good = seed != NULL && ww_anchor_seed_load(seed, config, ww_anchor_system_files, why, sizeof why);
    if (seed == NULL)
        fputs("waxwingd: out of memory\n", stderr);
    else if (!good)
        fprintf(stderr, "dns.trust_anchor: %s: %s. " WW_ANCHOR_SEED_ADVICE "\n", config->dns_trust_anchor,
                why);
    free(seed);
    return good;
}

static int run(const struct options *o)
{
    struct ww_config_text text = {NULL, 0};
    char detail[4096];
    int status = EXIT_CONFIG;
    struct ww_config *config = ww_config_load(&o->source, &text, detail, sizeof detail);
    if (config == NULL) {
        fprintf(stderr, "%s\n", detail);
    } else if (!check_anchors(config)) {
        ww_config_free(config);
    } else if (o->check) {
        ww_config_free(config);
        status = EXIT_OK;
    } else {
        status = supervise(o, config, &text);
    }
    ww_config_text_free(&text);
    return status;
}

static int run_role(enum ww_role_kind kind, unsigned index)
{
    const struct ww_role *const roles[WW_ROLE_COUNT] = {
        [WW_ROLE_FRONT] = &ww_role_front,     [WW_ROLE_RESOLVER] = &ww_role_resolver,
        [WW_ROLE_KEEPER] = &ww_role_keeper,   [WW_ROLE_CONTROL] = &ww_role_control,
        [WW_ROLE_PRELOAD] = &ww_role_preload, [WW_ROLE_WATCHER] = &ww_role_watcher,
        [WW_ROLE_HERALD] = &ww_role_herald,   [WW_ROLE_COLLECTOR] = &ww_role_collector,
        [WW_ROLE_COURIER] = &ww_role_courier, [WW_ROLE_INTAKE] = &ww_role_intake,
        [WW_ROLE_DECODER] = &ww_role_decoder, [WW_ROLE_PUBLISHER] = &ww_role_publisher,
        [WW_ROLE_STEWARD] = &ww_role_steward, [WW_ROLE_CLERK] = &ww_role_clerk,
    };
    return ww_role_main(roles[kind], index, WW_ROLE_CHANNEL_FD, WW_ROLE_CONFIG_FD);
}

int main(int argc, char **argv)
{
    unsigned index = 0;
    int hook = ww_acme_hook(argc, argv);
    if (hook >= 0)
        return hook;
    enum ww_role_kind kind = ww_child_role(argc, argv, &index);
    if (kind != WW_ROLE_SUPERVISOR)
        return run_role(kind, index);

    /* Whoever started us without standard descriptors would find sockets in their place. */
    int fd;
    do
        fd = open("/dev/null", O_RDWR | O_CLOEXEC);
    while (fd >= 0 && fd <= STDERR_FILENO);
    if (fd >= 0)
        close(fd);

    struct options options = {.check = false};
    read_options(argc, argv, &options);
    int status = options.status >= 0 ? options.status : run(&options);
    ww_config_text_free(&options.source.overrides);
    return status;
}
