/* waxwing generate: what a domain has to publish for MTA-STS and TLSRPT, and in which order. */
#include "cli/generate.h"

#include "cli/cli.h"
#include "cli/show.h"
#include "cli/subcommands.h"
#include "codec/idn.h"
#include "core/site_conf.h"
#include "daemon/config_values.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static const char usage[] =
    "usage: waxwing generate [--mx HOST]... [--mode MODE] [--max-age TIME] [--rua URI]... [--id ID]\n"
    "                        [--policy-host-root DIR] [--certificate-dir DIR] [--format FORMAT] [--json]\n"
    "                        [--write DIR] [--force] [--offline] [--config FILE] DOMAIN\n";

static const char help[] =
    "\n"
    "Prints what a domain has to publish for MTA-STS and TLSRPT: the policy, the DNS records, what nginx,\n"
    "Caddy or Apache are told, and what to do in which order. The MX hosts are looked up, unless they are\n"
    "given. What would break is refused.\n"
    "\n"
    "  --mx HOST               an MX host, or a pattern such as *.example.net; may be given often\n"
    "  --mode MODE             testing, as it is without this option; enforce; or none, to opt out\n"
    "  --max-age TIME          how long senders keep the policy, as 30d or in seconds: 14d, or 30d with\n"
    "                          --mode enforce\n"
    "  --rua URI               where reports go, mailto: or https:; may be given often. Without it,\n"
    "                          to the domain's postmaster\n"
    "  --id ID                 the id of the policy, letters and digits: the time\n"
    "  --policy-host-root DIR  the folder that the policy host serves: /var/www/mta-sts.DOMAIN\n"
    "  --certificate-dir DIR   where its fullchain.pem and privkey.pem are: as certbot has them\n"
    "  --format FORMAT         print one alone: policy, zone, nginx, caddy, apache, steps, or json\n"
    "  --json                  the same as --format json\n"
    "  --write DIR             write files into this folder instead\n"
    "  --force                 generate what is refused for its max_age or its patterns\n"
    "  --offline               look nothing up; needs --mx\n"
    "  --config FILE           the configuration, for how DNS is reached\n"
    "  --help                  print this\n"
    "\n"
    "Exit status: 0 done; 1 refused, for it would break; 64 usage; 70 out of memory, or nothing can be\n"
    "written; 75 the MX records cannot be looked up now; 78 the configuration is wrong.\n";

enum {
    OPTION_MX = 1000,
    OPTION_MODE,
    OPTION_MAX_AGE,
    OPTION_RUA,
    OPTION_ID,
    OPTION_ROOT,
    OPTION_CERTIFICATES,
    OPTION_FORMAT,
    OPTION_JSON,
    OPTION_WRITE,
    OPTION_FORCE,
    OPTION_OFFLINE
};

struct options {
    struct ww_generate g;
    const char *id;     /* or NULL, as all are */
    const char *format; /* of what is printed */
    const char *folder; /* to write to */
    bool has_max_age;
};

static bool take_mode(struct ww_generate *g, const char *text)
{
    static const char *const words[] = {"none", "testing", "enforce", NULL};
    unsigned which;
    if (!ww_value_word(text, words, &which))
        return false;
    g->mode = (enum ww_policy_mode)which;
    return true;
}

/* What is too long for a policy is refused later, by its name. */
static bool take_max_age(struct options *o, const char *text)
{
    uint64_t value;
    if (ww_value_duration(text, &value))
        value /= 1000;
    else if (!ww_value_number(text, &value))
        return false;
    o->g.max_age = value < UINT32_MAX ? (uint32_t)value : UINT32_MAX;
    o->has_max_age = true;
    return true;
}

static const char *take_folder(const char **to, const char *text)
{
    *to = text;
    return ww_site_conf_is_folder(text)
               ? NULL
               : "a folder is wanted as /an/absolute/path of letters, digits and -._";
}

/* NULL, or what is wrong. */
static const char *take_option(void *ctx, int option, const char *value)
{
    struct options *o = ctx;
    switch (option) {
    case OPTION_MX:
        ww_generate_take_mx(&o->g, value);
        return NULL;
    case OPTION_MODE:
        return take_mode(&o->g, value) ? NULL : "--mode: testing, enforce or none is wanted";
    case OPTION_MAX_AGE:
        return take_max_age(o, value) ? NULL : "--max-age: a time such as 30d, or seconds, are wanted";
    case OPTION_RUA:
        ww_generate_take_rua(&o->g, value);
        return NULL;
    case OPTION_ID:
        o->id = value;
        return NULL;
    case OPTION_ROOT:
        return take_folder(&o->g.root, value);
    case OPTION_CERTIFICATES:
        return take_folder(&o->g.certificates, value);
    case OPTION_FORMAT:
        o->format = value;
        return ww_generate_is_format(value) ? NULL : "--format: one of " WW_GENERATE_FORMATS " is wanted";
    case OPTION_JSON:
        o->format = "json";
        return NULL;
    case OPTION_WRITE:
        o->folder = value;
        return NULL;
    case OPTION_FORCE:
        o->g.force = true;
        return NULL;
    case OPTION_OFFLINE:
        o->g.offline = true;
        return NULL;
    case 'c':
        o->g.config_path = value;
        return NULL;
    default:
        return WW_NO_SUCH_OPTION;
    }
}

/* Fills in what was not given. */
static void complete(struct options *o)
{
    struct ww_generate *g = &o->g;
    ww_generate_check_max_age(g, o->has_max_age);
    ww_generate_take_id(g, o->id, (int64_t)time(NULL));
    if (g->rua_count > 0 || g->mode == WW_MODE_NONE)
        return;
    (void)snprintf(g->own_rua, sizeof g->own_rua, "mailto:postmaster@%s", g->domain);
    g->rua[g->rua_count++] = g->own_rua;
    ww_generate_note(g, "reports go to the domain's postmaster; --rua sends them elsewhere");
}

static void tell(const char *kind, const json_t *list)
{
    for (size_t i = 0; i < json_array_size(list); i++) {
        (void)fprintf(stderr, "waxwing " WW_GENERATE ": %s", kind);
        ww_show_text(stderr, json_string_value(json_array_get(list, i)));
        (void)fputc('\n', stderr);
    }
}

static bool is_json(const struct options *o)
{
    return o->format != NULL && strcmp(o->format, "json") == 0;
}

static int refuse(const struct options *o)
{
    json_t *json = json_pack("{s:s, s:s}", "domain", o->g.domain, "refused", o->g.refusal);
    if (is_json(o) && json != NULL && json_dumpf(json, stdout, JSON_COMPACT | JSON_ENSURE_ASCII) == 0)
        (void)fputc('\n', stdout);
    json_decref(json);
    (void)fputs("waxwing " WW_GENERATE ": refused: ", stderr);
    ww_show_text(stderr, o->g.refusal);
    (void)fputc('\n', stderr);
    return WW_EXIT_NOT;
}

static int put_out(const struct options *o)
{
    const struct ww_generate *g = &o->g;
    const char *why;
    struct ww_generated *made = malloc(sizeof *made);
    if (made == NULL) {
        ww_subcommand_complain(WW_GENERATE, g->domain, "out of memory");
        return WW_EXIT_INTERNAL;
    }
    int status = WW_EXIT_NOT;
    if (!ww_generate_make(g, made, &why)) {
        ww_subcommand_complain(WW_GENERATE, "refused", why);
    } else {
        if (!is_json(o)) { /* which has them itself */
            tell("", g->notes);
            tell("warning: ", g->warnings);
        }
        status = o->folder != NULL ? ww_generate_write(g, made, o->folder) : WW_EXIT_OK;
        if (status == WW_EXIT_OK && (o->folder == NULL || o->format != NULL))
            status = ww_generate_print(g, made, o->format);
    }
    free(made);
    return status;
}

static int generate(struct options *o)
{
    struct ww_generate *g = &o->g;
    int status = WW_EXIT_OK;
    complete(o);
    if (g->refusal[0] == '\0' && !g->offline)
        status = ww_generate_look(g);
    if (status == WW_EXIT_OK)
        status = g->refusal[0] != '\0' ? refuse(o) : put_out(o);
    return status;
}

/* NULL, or what is wrong. */
static const char *take_domain(struct options *o, int argc, char **argv)
{
    struct ww_generate *g = &o->g;
    if (argc - optind != 1)
        return "one domain is wanted";
    if (g->offline && g->mx_count == 0 && g->mode != WW_MODE_NONE && g->refusal[0] == '\0')
        return "--offline needs --mx";
    const char *text = argv[optind];
    size_t n = strlen(text);
    if (ww_dname_is_address(text, n) || ww_idn_to_domain(ww_slice_str(text), g->domain) != WW_OK)
        return "that is no domain name";
    return NULL;
}

static const struct option known[] = {
    {"mx", required_argument, NULL, OPTION_MX},
    {"mode", required_argument, NULL, OPTION_MODE},
    {"max-age", required_argument, NULL, OPTION_MAX_AGE},
    {"rua", required_argument, NULL, OPTION_RUA},
    {"id", required_argument, NULL, OPTION_ID},
    {"policy-host-root", required_argument, NULL, OPTION_ROOT},
    {"certificate-dir", required_argument, NULL, OPTION_CERTIFICATES},
    {"format", required_argument, NULL, OPTION_FORMAT},
    {"json", no_argument, NULL, OPTION_JSON},
    {"write", required_argument, NULL, OPTION_WRITE},
    {"force", no_argument, NULL, OPTION_FORCE},
    {"offline", no_argument, NULL, OPTION_OFFLINE},
    {"config", required_argument, NULL, 'c'},
    {"help", no_argument, NULL, 'h'},
    {NULL, 0, NULL, 0},
};

static const struct ww_subcommand_options options = {WW_GENERATE, usage, help, known, take_option};

int ww_cli_generate(int argc, char **argv)
{
    struct options *o = calloc(1, sizeof *o);
    if (o == NULL)
        return WW_EXIT_INTERNAL;
    o->g.mode = WW_MODE_TESTING;
    o->g.notes = json_array();
    o->g.warnings = json_array();
    int status = ww_subcommand_read(&options, argc, argv, o);
    if (status < 0) {
        const char *wrong = take_domain(o, argc, argv);
        status = wrong != NULL ? ww_subcommand_usage(WW_GENERATE, wrong, usage) : generate(o);
    }
    json_decref(o->g.notes);
    json_decref(o->g.warnings);
    free(o);
    return status;
}
