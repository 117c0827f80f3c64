/* waxwing publish tlsa: the TLSA records of an MX host, and how to change its key. Works without the daemon.
 */
#include "cli/publish_tlsa.h"

#include "base/time.h"
#include "cli/publish.h"
#include "cli/publish_records.h"
#include "cli/subcommands.h"
#include "codec/idn.h"
#include "daemon/config_values.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define TTL 3600

static const char usage[] =
    "usage: waxwing publish tlsa (--certificate FILE | --key FILE) [--next-key FILE] [--state]\n"
    "                            [--since TIME] [--port PORT] [--ttl TIME] [--format FORMAT] [--json]\n"
    "                            [--config FILE] HOST\n";

static const char help[] =
    "\n"
    "Prints the TLSA records of an MX host: 3 1 1, of the key that it shows and, while that is changed, of\n"
    "the next one. With --state looks at DNS and at the host, and says which step is due: publish both\n"
    "records, wait until no cache has those from before, let the host show the next key, remove the record\n"
    "of the old one.\n"
    "\n"
    "  --certificate FILE the certificate that the host shows, as PEM\n"
    "  --key FILE         its key instead, private or public\n"
    "  --next-key FILE    the key that is to follow\n"
    "  --state            look, and say what is due; port 25 alone\n"
    "  --since TIME       both records have been published since then: 2026-11-30T12:00:00Z, or 2h for two\n"
    "                     hours ago\n"
    "  --port PORT        of the service, 25 by default\n"
    "  --ttl TIME         of the records, 1h by default; with --state at least what DNS shows\n"
    "  --format FORMAT    bind: lines of a zone file, as it is without this option; nsupdate: a script that\n"
    "                     replaces the records; json: a list as octoDNS has it\n"
    "  --json             the same as --format json\n"
    "  --config FILE      the configuration, for how DNS is reached\n"
    "  --help             print this\n"
    "\n"
    "Exit status: 0 done, with --state: nothing is due; 1 with --state: something is due; 64 usage; 66 a "
    "file\n"
    "cannot be read; 70 out of memory; 75 with --state: too little could be seen; 78 the configuration is\n"
    "wrong.\n";

enum {
    OPTION_CERTIFICATE = 1000,
    OPTION_KEY,
    OPTION_NEXT,
    OPTION_STATE,
    OPTION_SINCE,
    OPTION_PORT,
    OPTION_TTL,
    OPTION_FORMAT,
    OPTION_JSON
};

static const char *take_since(struct ww_publish_tlsa *o, const char *text)
{
    uint64_t ms;
    if (ww_value_duration(text, &ms))
        o->since = o->now - (int64_t)(ms / 1000);
    else if (!ww_time_parse(ww_slice_str(text), &o->since))
        return "--since: a time such as 2026-11-30T12:00:00Z is wanted, or 2h for two hours ago";
    return o->since > 0 && o->since <= o->now ? NULL : "--since: that is not in the past";
}

static const char *take_port(struct ww_publish_tlsa *o, const char *text)
{
    uint64_t port;
    if (!ww_value_number(text, &port) || port == 0 || port > UINT16_MAX)
        return "--port: a number from 1 to 65535 is wanted";
    o->port = (unsigned)port;
    return NULL;
}

/* NULL, or what is wrong. */
static const char *take_option(void *ctx, int option, const char *value)
{
    struct ww_publish_tlsa *o = ctx;
    switch (option) {
    case OPTION_CERTIFICATE:
        o->certificate = value;
        return NULL;
    case OPTION_KEY:
        o->key_path = value;
        return NULL;
    case OPTION_NEXT:
        o->next_path = value;
        return NULL;
    case OPTION_STATE:
        o->state = true;
        return NULL;
    case OPTION_SINCE:
        return take_since(o, value);
    case OPTION_PORT:
        return take_port(o, value);
    case OPTION_TTL:
        return ww_publish_take_ttl(value, &o->ttl) ? NULL : WW_PUBLISH_TTL_WANTED;
    case OPTION_FORMAT:
        return ww_zone_format_of(value, &o->format) ? NULL : "--format: " WW_ZONE_FORMATS " is wanted";
    case OPTION_JSON:
        o->format = WW_ZONE_JSON;
        return NULL;
    case 'c':
        o->config_path = value;
        return NULL;
    default:
        return WW_NO_SUCH_OPTION;
    }
}

static const char *check(struct ww_publish_tlsa *o, int argc, char **argv)
{
    if ((o->certificate == NULL) == (o->key_path == NULL))
        return "one of --certificate and --key is wanted";
    if (o->since > 0 && (!o->state || o->next_path == NULL))
        return "--since goes with --state and --next-key";
    if (o->state && o->port != 25)
        return "--state looks at port 25 alone";
    if (argc - optind != 1)
        return "say which host";
    const char *text = argv[optind];
    if (ww_dname_is_address(text, strlen(text)) || ww_idn_to_domain(ww_slice_str(text), o->host) != WW_OK)
        return "that is no name of a host";
    if (strlen(o->host) > WW_DNAME_MAX - WW_PUBLISH_TLSA_PREFIX)
        return "that name is too long for TLSA records";
    return NULL;
}

static const struct option known[] = {
    {"certificate", required_argument, NULL, OPTION_CERTIFICATE},
    {"key", required_argument, NULL, OPTION_KEY},
    {"next-key", required_argument, NULL, OPTION_NEXT},
    {"state", no_argument, NULL, OPTION_STATE},
    {"since", required_argument, NULL, OPTION_SINCE},
    {"port", required_argument, NULL, OPTION_PORT},
    {"ttl", required_argument, NULL, OPTION_TTL},
    {"format", required_argument, NULL, OPTION_FORMAT},
    {"json", no_argument, NULL, OPTION_JSON},
    {"config", required_argument, NULL, 'c'},
    {"help", no_argument, NULL, 'h'},
    {NULL, 0, NULL, 0},
};

static const struct ww_subcommand_options options = {WW_PUBLISH_TLSA, usage, help, known, take_option};

static int read_keys(struct ww_publish_tlsa *o)
{
    char detail[WW_TLSA_PAIR_DETAIL_SIZE];
    bool of_certificate = o->certificate != NULL;
    bool good = ww_tlsa_key_of(of_certificate ? o->certificate : o->key_path,
                               of_certificate ? WW_TLSA_OF_CERTIFICATE : WW_TLSA_OF_KEY, o->current, detail);
    if (good && o->next_path != NULL)
        good = ww_tlsa_key_of(o->next_path, WW_TLSA_OF_KEY, o->next, detail);
    if (!good) {
        ww_subcommand_complain(WW_PUBLISH_TLSA, o->host, detail);
        return WW_EXIT_NO_INPUT;
    }
    if (o->next_path != NULL && memcmp(o->current, o->next, sizeof o->next) == 0)
        return ww_subcommand_usage(WW_PUBLISH_TLSA, "--next-key is the current key", usage);
    return WW_EXIT_OK;
}

void ww_publish_tlsa_make(const struct ww_publish_tlsa *o, bool current, bool next,
                          char room[2][WW_TLSA_TEXT_SIZE], struct ww_zone *zone)
{
    struct ww_tlsa_pair pair = {
        .ttl = o->ttl,
        .current = current ? o->current : NULL,
        .next = next ? o->next : NULL,
    };
    (void)snprintf(pair.name, sizeof pair.name, "_%u._tcp.%.*s", o->port,
                   WW_DNAME_MAX - WW_PUBLISH_TLSA_PREFIX, o->host);
    *zone = (struct ww_zone){.count = 0};
    (void)ww_tlsa_pair_put(&pair, room, zone);
}

static int print_records(const struct ww_publish_tlsa *o)
{
    char room[2][WW_TLSA_TEXT_SIZE], ttl[24];
    struct ww_zone zone;
    ww_publish_tlsa_make(o, true, o->next_path != NULL, room, &zone);
    if (o->next_path != NULL) {
        ww_value_duration_format((uint64_t)o->ttl * 1000, ttl, sizeof ttl);
        ww_zone_note(&zone,
                     "1. publish both; 2. wait %s, or longer if the records from before had a longer TTL;",
                     ttl);
        ww_zone_note(
            &zone, "3. let the host show the next key, on all of its addresses; 4. remove the first record");
    }
    return ww_publish_print_zone(WW_PUBLISH_TLSA, &zone, o->format,
                                 json_pack("{s:s, s:i}", "host", o->host, "port", (int)o->port));
}

int ww_cli_publish_tlsa(int argc, char **argv)
{
    struct ww_publish_tlsa o = {.now = (int64_t)time(NULL), .port = 25, .ttl = TTL};
    int status = ww_subcommand_read(&options, argc, argv, &o);
    if (status >= 0)
        return status;
    const char *wrong = check(&o, argc, argv);
    if (wrong != NULL)
        return ww_subcommand_usage(WW_PUBLISH_TLSA, wrong, usage);
    status = read_keys(&o);
    if (status == WW_EXIT_OK)
        status = o.state ? ww_publish_tlsa_state(&o) : print_records(&o);
    return status;
}
