/* waxwing publish zone: the records that a published domain should have, for whoever changes DNS. */
#include "cli/check_view.h"
#include "cli/publish.h"
#include "cli/publish_records.h"
#include "cli/show.h"
#include "cli/subcommands.h"
#include "codec/idn.h"
#include "core/addr.h"
#include "daemon/config_load.h"
#include "daemon/config_values.h"
#include "publish/domain_zone.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define NAME "publish zone"
#define TTL 300
#define TTL_MAX (7 * 86400)

static const char usage[] =
    "usage: waxwing publish zone [--format FORMAT] [--target HOST | --address ADDRESS]... [--ttl TIME]\n"
    "                            [--json] [--config FILE | --socket ADDRESS] DOMAIN\n";

static const char help[] =
    "\n"
    "Prints the DNS records that a domain should have now, and those that have to go when it is retired.\n"
    "What would be too early is left out, and said in a comment: the record _mta-sts comes after its policy\n"
    "was seen from outside.\n"
    "\n"
    "  --format FORMAT   bind: lines of a zone file, as it is without this option; nsupdate: a script for\n"
    "                    nsupdate(1), or knsupdate(1); json: a list as octoDNS has it, for other tools\n"
    "  --target HOST     where mta-sts.DOMAIN leads, as a CNAME\n"
    "  --address ADDRESS where it leads, as A and AAAA; may be given often\n"
    "  --ttl TIME        of the records, 5m by default\n"
    "  --json            the same as --format json\n"
    "  --config FILE     the configuration, instead of " WW_CONFIG_FILE "\n"
    "  --socket ADDRESS  ask there: unix:/path of a control socket\n"
    "  --help            print this\n";

enum { OPTION_FORMAT = 1000, OPTION_TARGET, OPTION_ADDRESS, OPTION_TTL };

struct options {
    struct ww_publish_options ask;
    enum ww_zone_format format;
    struct ww_domain_zone wanted;
    char target[WW_DNAME_SIZE];
    char addresses[2 * WW_DNS_UPDATE_VALUES_MAX][WW_ADDR_TEXT_SIZE];
    size_t count;
};

bool ww_publish_take_ttl(const char *text, uint32_t *ttl)
{
    uint64_t value;
    if (ww_value_duration(text, &value))
        value /= 1000;
    else if (!ww_value_number(text, &value))
        return false;
    *ttl = (uint32_t)value;
    return value > 0 && value <= TTL_MAX;
}

static int print_text(const char *command, const struct ww_zone *zone, enum ww_zone_format format)
{
    static char text[WW_ZONE_TEXT_MAX];
    struct ww_buf b = ww_buf(text, sizeof text);
    ww_zone_put(&b, zone, format);
    if (b.failed) {
        ww_subcommand_complain(command, "the records", ww_err_message(WW_E_TOO_LONG));
        return WW_EXIT_INTERNAL;
    }
    (void)fwrite(text, 1, b.n, stdout);
    return WW_EXIT_OK;
}

int ww_publish_print_zone(const char *command, const struct ww_zone *zone, enum ww_zone_format format,
                          json_t *more)
{
    if (format != WW_ZONE_JSON) {
        json_decref(more);
        return print_text(command, zone, format);
    }
    json_t *json = ww_zone_json(zone);
    bool good = json != NULL && (more == NULL || json_object_update(json, more) == 0);
    if (good)
        ww_control_print_json(NULL, json);
    else
        ww_subcommand_complain(command, "the records", "out of memory");
    json_decref(more);
    json_decref(json);
    return good ? WW_EXIT_OK : WW_EXIT_INTERNAL;
}

/* NULL, or what is wrong. */
static const char *take_address(struct options *o, const char *text)
{
    struct ww_addr addr;
    struct ww_domain_zone *w = &o->wanted;
    if (ww_addr_parse(ww_slice_str(text), &addr) != WW_OK)
        return "--address: an IPv4 or IPv6 address is wanted";
    size_t *count = addr.length == 4 ? &w->ipv4_count : &w->ipv6_count;
    if (*count == WW_DNS_UPDATE_VALUES_MAX)
        return "--address: too many of them";
    ww_addr_format(&addr, o->addresses[o->count]);
    (addr.length == 4 ? w->ipv4 : w->ipv6)[(*count)++] = o->addresses[o->count++];
    return NULL;
}

static const char *take_option(void *ctx, int option, const char *value)
{
    struct options *o = ctx;
    if (ww_control_take_option(&o->ask.control, option, value))
        return NULL;
    switch (option) {
    case OPTION_FORMAT:
        return ww_zone_format_of(value, &o->format) ? NULL : "--format: " WW_ZONE_FORMATS " is wanted";
    case OPTION_TARGET:
        return ww_idn_to_domain(ww_slice_str(value), o->target) == WW_OK
                   ? NULL
                   : "--target: the name of a host is wanted";
    case OPTION_ADDRESS:
        return take_address(o, value);
    case OPTION_TTL:
        return ww_publish_take_ttl(value, &o->wanted.ttl) ? NULL : WW_PUBLISH_TTL_WANTED;
    default:
        return WW_NO_SUCH_OPTION;
    }
}

static const struct option known[] = {
    {"format", required_argument, NULL, OPTION_FORMAT},
    {"target", required_argument, NULL, OPTION_TARGET},
    {"address", required_argument, NULL, OPTION_ADDRESS},
    {"ttl", required_argument, NULL, OPTION_TTL},
    WW_CONTROL_LONG_OPTIONS,
    {NULL, 0, NULL, 0},
};

static const struct ww_subcommand_options options = {NAME, usage, help, known, take_option};

/* NULL, or what is wrong. */
static const char *check(struct options *o, int argc)
{
    if (o->ask.control.json)
        o->format = WW_ZONE_JSON;
    if (o->target[0] != '\0' && o->count > 0)
        return "--target and --address exclude each other: beside a CNAME no other record can be";
    return argc - optind == 1 ? NULL : "say which domain";
}

/* Until the last sender has forgotten the last policy of another mode than none; INT64_MAX: that is not
 * known, as one of them is still seen. */
static int64_t binds_until(const json_t *shown)
{
    int64_t until = 0;
    for (size_t i = 0; i < ww_view_size(shown, "served"); i++) {
        const json_t *policy = ww_view_at(shown, "served", i);
        int64_t its = ww_publish_time(policy, "binds_until");
        if (strcmp(ww_view_text(policy, "mode"), "none") == 0)
            continue;
        if (its == 0)
            return INT64_MAX;
        until = its > until ? its : until;
    }
    return until;
}

static int put_out(struct options *o, const char *domain, const json_t *shown)
{
    struct ww_domain_zone *w = &o->wanted;
    struct ww_domain_zone_room room;
    struct ww_zone zone;
    const json_t *served = ww_publish_current(shown);
    if (!ww_published_state_of(ww_view_text(shown, "state"), &w->state)) {
        ww_subcommand_complain(NAME, domain, "the daemon tells of a state that is not known here");
        return WW_EXIT_INTERNAL;
    }
    w->now = (int64_t)time(NULL);
    w->domain = domain;
    w->rua = ww_view_text(shown, "rua");
    w->served_id = ww_view_text(served, "id");
    w->served_none = strcmp(ww_view_text(served, "mode"), "none") == 0;
    w->binds_until = binds_until(shown);
    w->shown_id = ww_view_text(json_object_get(shown, "shown"), "id");
    w->record_id = ww_view_text(json_object_get(shown, "record"), "id");
    w->target = o->target;
    ww_domain_zone(w, &room, &zone);
    return ww_publish_print_zone(
        NAME, &zone, o->format,
        json_pack("{s:s, s:s}", "domain", domain, "state", ww_published_state_name(w->state)));
}

static int print_records(struct options *o, const char *text)
{
    char domain[WW_DNAME_SIZE];
    json_t *shown;
    if (!ww_publish_domain(&o->ask, text, domain))
        return WW_EXIT_USAGE;
    int status = ww_publish_fetch(&o->ask, domain, &shown);
    if (status == WW_EXIT_OK)
        status = put_out(o, domain, shown);
    json_decref(shown);
    return status;
}

int ww_cli_publish_zone(int argc, char **argv)
{
    struct options *o = calloc(1, sizeof *o);
    if (o == NULL)
        return WW_EXIT_INTERNAL;
    o->ask.control.command = NAME;
    o->wanted.ttl = TTL;
    int status = ww_subcommand_read(&options, argc, argv, o);
    if (status < 0) {
        const char *wrong = check(o, argc);
        status = wrong != NULL ? ww_subcommand_usage(NAME, wrong, usage) : print_records(o, argv[optind]);
    }
    free(o);
    return status;
}
