#include "cli/publish.h"

#include "cli/check_view.h"
#include "cli/show.h"
#include "cli/subcommands.h"
#include "codec/idn.h"
#include "core/policy.h"
#include "core/published.h"
#include "daemon/config_load.h"
#include "daemon/config_values.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    OPTION_FIRST = 1000,
    OPTION_MX = OPTION_FIRST,
    OPTION_ACCEPT_MX,
    OPTION_RUA,
    OPTION_NO_RUA,
    OPTION_MAX_AGE,
    OPTION_AUTOMATIC,
    OPTION_NO_AUTOMATIC,
    OPTION_HOST,
    OPTION_DNS,
    OPTION_CERTIFICATE,
    OPTION_ADD,
    OPTION_DROP,
    OPTION_SET,
    OPTION_ACCEPT,
    OPTION_FORCE,
    OPTION_WAIT,
    OPTION_NO_WAIT,
    OPTION_LOG,
    OPTION_POLICY,
    OPTION_ATTENTION,
    OPTION_END,
};

static const struct option known[] = {
    {"mx", required_argument, NULL, OPTION_MX},
    {"accept-mx", no_argument, NULL, OPTION_ACCEPT_MX},
    {"rua", required_argument, NULL, OPTION_RUA},
    {"no-rua", no_argument, NULL, OPTION_NO_RUA},
    {"max-age", required_argument, NULL, OPTION_MAX_AGE},
    {"automatic", no_argument, NULL, OPTION_AUTOMATIC},
    {"no-automatic", no_argument, NULL, OPTION_NO_AUTOMATIC},
    {"host", required_argument, NULL, OPTION_HOST},
    {"dns", required_argument, NULL, OPTION_DNS},
    {"certificate", required_argument, NULL, OPTION_CERTIFICATE},
    {"add", required_argument, NULL, OPTION_ADD},
    {"drop", required_argument, NULL, OPTION_DROP},
    {"set", required_argument, NULL, OPTION_SET},
    {"accept", no_argument, NULL, OPTION_ACCEPT},
    {"force", no_argument, NULL, OPTION_FORCE},
    {"wait", required_argument, NULL, OPTION_WAIT},
    {"no-wait", no_argument, NULL, OPTION_NO_WAIT},
    {"log", no_argument, NULL, OPTION_LOG},
    {"policy", no_argument, NULL, OPTION_POLICY},
    {"attention", no_argument, NULL, OPTION_ATTENTION},
    WW_CONTROL_LONG_OPTIONS,
    {NULL, 0, NULL, 0},
};

static unsigned needs(int option)
{
    static const unsigned of[] = {
        [OPTION_MX - OPTION_FIRST] = WW_PUBLISH_TAKES_MX,
        [OPTION_ACCEPT_MX - OPTION_FIRST] = WW_PUBLISH_TAKES_MX,
        [OPTION_RUA - OPTION_FIRST] = WW_PUBLISH_TAKES_SETTINGS,
        [OPTION_NO_RUA - OPTION_FIRST] = WW_PUBLISH_TAKES_SETTINGS,
        [OPTION_MAX_AGE - OPTION_FIRST] = WW_PUBLISH_TAKES_SETTINGS,
        [OPTION_AUTOMATIC - OPTION_FIRST] = WW_PUBLISH_TAKES_SETTINGS,
        [OPTION_NO_AUTOMATIC - OPTION_FIRST] = WW_PUBLISH_TAKES_SETTINGS,
        [OPTION_HOST - OPTION_FIRST] = WW_PUBLISH_TAKES_SETTINGS,
        [OPTION_DNS - OPTION_FIRST] = WW_PUBLISH_TAKES_SETTINGS,
        [OPTION_CERTIFICATE - OPTION_FIRST] = WW_PUBLISH_TAKES_SETTINGS,
        [OPTION_ADD - OPTION_FIRST] = WW_PUBLISH_TAKES_HOSTS,
        [OPTION_DROP - OPTION_FIRST] = WW_PUBLISH_TAKES_HOSTS,
        [OPTION_SET - OPTION_FIRST] = WW_PUBLISH_TAKES_HOSTS,
        [OPTION_ACCEPT - OPTION_FIRST] = WW_PUBLISH_TAKES_HOSTS,
        [OPTION_FORCE - OPTION_FIRST] = WW_PUBLISH_TAKES_FORCE,
        [OPTION_WAIT - OPTION_FIRST] = WW_PUBLISH_TAKES_WAIT,
        [OPTION_NO_WAIT - OPTION_FIRST] = WW_PUBLISH_TAKES_WAIT,
        [OPTION_LOG - OPTION_FIRST] = WW_PUBLISH_TAKES_SHOWN,
        [OPTION_POLICY - OPTION_FIRST] = WW_PUBLISH_TAKES_SHOWN,
        [OPTION_ATTENTION - OPTION_FIRST] = WW_PUBLISH_TAKES_ATTENTION,
    };
    return option >= OPTION_FIRST && option < OPTION_END ? of[option - OPTION_FIRST] : 0;
}

static const char *set(struct ww_publish_options *o, const char *key, json_t *value)
{
    return json_object_set_new(o->wanted, key, value) == 0 ? NULL : "an argument is no UTF-8";
}

const char *ww_publish_take_mx(struct ww_publish_options *o, const char *key, const char *text)
{
    static const char option[] = "--mx "; /* of `waxwing generate`, whose words these are */
    struct ww_generate *g = o->checked;
    json_t *list = json_object_get(o->wanted, key);
    g->mx_count = 0;
    g->refusal[0] = '\0';
    ww_generate_take_mx(g, text);
    if (g->refusal[0] != '\0')
        return strncmp(g->refusal, option, strlen(option)) == 0 ? g->refusal + strlen(option) : g->refusal;
    if (list == NULL && set(o, key, list = json_array()) != NULL)
        return "out of memory";
    for (size_t i = 0; i < json_array_size(list); i++)
        if (strcmp(json_string_value(json_array_get(list, i)), g->mx[0]) == 0)
            return NULL;
    if (json_array_size(list) == WW_PUBLISHED_MX_MAX)
        return "a policy has 32 mx patterns at the most; a pattern such as *.example.net stands for many "
               "hosts";
    return json_array_append_new(list, json_string(g->mx[0])) == 0 ? NULL : "out of memory";
}

const char *ww_publish_take_rua(struct ww_publish_options *o, const char *text)
{
    char all[WW_PUBLISHED_RUA_SIZE];
    struct ww_generate *g = o->checked;
    const char *before = ww_view_text(o->wanted, "rua");
    g->refusal[0] = '\0';
    ww_generate_take_rua(g, text);
    if (g->refusal[0] != '\0')
        return g->refusal;
    int n = snprintf(all, sizeof all, "%s%s%s", before, before[0] != '\0' ? "," : "", text);
    return n > 0 && (size_t)n < sizeof all ? set(o, "rua", json_string(all))
                                           : "--rua: these are too long together";
}

const char *ww_publish_take_host(struct ww_publish_options *o, const char *text)
{
    static const char mirror[] = "mirror=";
    enum ww_published_host host;
    char domain[WW_DNAME_SIZE];
    bool is_mirror = strncmp(text, mirror, strlen(mirror)) == 0;
    if (is_mirror && ww_idn_to_domain(ww_slice_str(text + strlen(mirror)), domain) != WW_OK)
        return "--host mirror=DOMAIN: the domain whose policy it is is wanted";
    if (!is_mirror && (!ww_published_host_of(text, &host) || host == WW_HOSTED_MIRROR))
        return "--host: here, tree, elsewhere or mirror=DOMAIN is wanted";
    (void)json_object_del(o->wanted, "mirror"); /* of an option before */
    if (is_mirror && set(o, "mirror", json_string(domain)) != NULL)
        return "out of memory";
    return set(o, "host", json_string(is_mirror ? "mirror" : text));
}

static const char *take_max_age(struct ww_publish_options *o, const char *text)
{
    uint64_t seconds;
    if (ww_value_duration(text, &seconds))
        seconds /= 1000;
    else if (!ww_value_number(text, &seconds))
        return "--max-age: a time such as 30d, or seconds, are wanted";
    if (seconds < WW_PUBLISHED_MAX_AGE_MIN || seconds > WW_POLICY_MAX_AGE_MAX)
        return "--max-age: from 1d to 365d; with less a policy protects from nobody, with more it is invalid";
    return set(o, "max_age", json_integer((json_int_t)seconds));
}

static const char *take_setting(struct ww_publish_options *o, int option, const char *value)
{
    enum ww_published_dns dns;
    enum ww_published_certificate certificate;
    switch (option) {
    case OPTION_RUA:
        return ww_publish_take_rua(o, value);
    case OPTION_NO_RUA:
        return set(o, "rua", json_string(""));
    case OPTION_MAX_AGE:
        return take_max_age(o, value);
    case OPTION_AUTOMATIC:
        return set(o, "automatic", json_true());
    case OPTION_NO_AUTOMATIC:
        return set(o, "automatic", json_false());
    case OPTION_HOST:
        return ww_publish_take_host(o, value);
    case OPTION_DNS:
        return ww_published_dns_of(value, &dns) ? set(o, "dns", json_string(value))
                                                : "--dns: hand or update is wanted";
    default:
        return ww_published_certificate_of(value, &certificate) ? set(o, "certificate", json_string(value))
                                                                : "--certificate: files or acme is wanted";
    }
}

static const char *take_wait(struct ww_publish_options *o, const char *value)
{
    o->says_wait = true;
    return ww_value_duration(value, &o->wait_ms) ? NULL : "--wait: a time such as 30s or 2m is wanted";
}

/* NULL, or what is wrong. */
static const char *take_option(struct ww_publish_options *o, int option, const char *value)
{
    switch (option) {
    case OPTION_MX:
    case OPTION_SET:
        return ww_publish_take_mx(o, "mx", value);
    case OPTION_ADD:
        return ww_publish_take_mx(o, "mx_add", value);
    case OPTION_DROP:
        return ww_publish_take_mx(o, "mx_drop", value);
    case OPTION_ACCEPT:
    case OPTION_ACCEPT_MX:
        o->accept = true;
        return NULL;
    case OPTION_FORCE:
        return set(o, "force", json_true());
    case OPTION_WAIT:
        return take_wait(o, value);
    case OPTION_NO_WAIT:
        o->says_wait = true;
        o->wait_ms = 0;
        return NULL;
    case OPTION_LOG:
        o->log = true;
        return NULL;
    case OPTION_POLICY:
        o->policy = true;
        return NULL;
    case OPTION_ATTENTION:
        o->attention = true;
        return NULL;
    default:
        return take_setting(o, option, value);
    }
}

static int refuse(const struct ww_publish_command *command, int option, const char *why)
{
    bool named = option >= OPTION_FIRST && option < OPTION_END;
    (void)fprintf(stderr, "waxwing %s: ", command->name);
    if (named && (needs(option) & command->takes) == 0)
        (void)fprintf(stderr, "it does not take --%s", known[option - OPTION_FIRST].name);
    else
        ww_show_text(stderr, why);
    (void)fprintf(stderr, "\n%s", command->usage);
    return WW_EXIT_USAGE;
}

static bool begin(struct ww_publish_options *o, const char *name)
{
    *o = (struct ww_publish_options){.control = {.command = name}};
    o->wanted = json_object();
    o->checked = calloc(1, sizeof *o->checked);
    if (o->wanted != NULL && o->checked != NULL)
        return true;
    ww_subcommand_complain(name, "memory", "there is none left");
    return false;
}

int ww_publish_options_read(int argc, char **argv, const struct ww_publish_command *command,
                            struct ww_publish_options *out)
{
    int option;
    if (!begin(out, command->name))
        return WW_EXIT_INTERNAL;
    opterr = 0;
    while ((option = getopt_long(argc, argv, "hc:", known, NULL)) != -1) {
        if (ww_control_take_option(&out->control, option, optarg))
            continue;
        if (option == 'h') {
            (void)printf("%s\n%s" WW_CONTROL_HELP, command->usage, command->help);
            return WW_EXIT_OK;
        }
        const char *why = WW_NO_SUCH_OPTION;
        if ((needs(option) & command->takes) != 0)
            why = take_option(out, option, optarg);
        if (why != NULL)
            return refuse(command, option, why);
    }
    return -1;
}

void ww_publish_options_free(struct ww_publish_options *o)
{
    json_decref(o->wanted);
    free(o->checked);
}
