#include "cli/received.h"

#include "base/time.h"
#include "cli/cache.h"
#include "cli/show.h"
#include "cli/subcommands.h"
#include "cli/when.h"
#include "cli/wrap.h"
#include "codec/idn.h"
#include "core/sessions.h"
#include "daemon/config_load.h"
#include "daemon/config_values.h"

#include <getopt.h>
#include <inttypes.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define LIMIT_MAX 1000000
/* A day and a half: some senders' days are cut at their own midnight. */
#define ONE_DAY_MAX 129600

enum {
    OPTION_FIRST = 1000,
    OPTION_DOMAIN = OPTION_FIRST,
    OPTION_SENDER,
    OPTION_SINCE,
    OPTION_UNTIL,
    OPTION_RESULT,
    OPTION_FAILED,
    OPTION_LIMIT,
    OPTION_BY,
    OPTION_RAW,
    OPTION_CSV,
    OPTION_OUTPUT,
    OPTION_ALL,
};

bool ww_received_day_read(const char *text, int64_t now, int64_t *out)
{
    char whole[32];
    uint64_t ms;
    if (ww_value_duration(text, &ms)) {
        int64_t at = now - (int64_t)(ms / 1000);
        *out = ww_day_of(at) * WW_DAY_SECONDS;
        return true;
    }
    if (strlen(text) == 10) {
        (void)snprintf(whole, sizeof whole, "%sT00:00:00Z", text);
        return ww_time_parse(ww_slice_str(whole), out);
    }
    if (!ww_time_parse(ww_slice_str(text), out))
        return false;
    *out = ww_day_of(*out) * WW_DAY_SECONDS;
    return true;
}

/* NULL, or what is wrong. */
static const char *take_day(int64_t *out)
{
    return ww_received_day_read(optarg, (int64_t)time(NULL), out)
               ? NULL
               : "a day such as 2026-11-01, or 30d, is wanted";
}

static const char *take_by(struct ww_received_options *o)
{
    static const char *const words[] = {"day", "domain", "sender", "result", "mx", NULL};
    unsigned unused;
    o->by = optarg;
    return ww_value_word(optarg, words, &unused) ? NULL : "--by wants day, domain, sender, result or mx";
}

static const char *take_filter(struct ww_received_options *o, int option)
{
    switch (option) {
    case OPTION_DOMAIN:
        return ww_idn_to_domain(ww_slice_str(optarg), o->domain) == WW_OK ? NULL
                                                                          : "--domain wants a domain name";
    case OPTION_SENDER:
        o->sender = optarg;
        return NULL;
    case OPTION_SINCE:
        return take_day(&o->since);
    default:
        return take_day(&o->until);
    }
}

static const char *take_option(struct ww_received_options *o, int option)
{
    switch (option) {
    case OPTION_DOMAIN:
    case OPTION_SENDER:
    case OPTION_SINCE:
    case OPTION_UNTIL:
        return take_filter(o, option);
    case OPTION_RESULT:
        o->result = optarg;
        return NULL;
    case OPTION_FAILED:
        o->failed = true;
        return NULL;
    case OPTION_LIMIT:
        return ww_value_number(optarg, &o->limit) && o->limit > 0 && o->limit <= LIMIT_MAX
                   ? NULL
                   : "--limit wants a number from 1 to 1000000";
    case OPTION_BY:
        return take_by(o);
    case OPTION_RAW:
        o->raw = true;
        return NULL;
    case OPTION_CSV:
        o->csv = true;
        return NULL;
    case OPTION_OUTPUT:
        o->output = optarg;
        return NULL;
    case OPTION_ALL:
        o->all = true;
        return NULL;
    default:
        return WW_NO_SUCH_OPTION;
    }
}

static unsigned needs(int option)
{
    static const unsigned of[] = {
        [OPTION_DOMAIN - OPTION_FIRST] = WW_RECEIVED_OPTION_FILTER,
        [OPTION_SENDER - OPTION_FIRST] = WW_RECEIVED_OPTION_FILTER,
        [OPTION_SINCE - OPTION_FIRST] = WW_RECEIVED_OPTION_FILTER,
        [OPTION_UNTIL - OPTION_FIRST] = WW_RECEIVED_OPTION_FILTER,
        [OPTION_RESULT - OPTION_FIRST] = WW_RECEIVED_OPTION_ROWS,
        [OPTION_FAILED - OPTION_FIRST] = WW_RECEIVED_OPTION_ROWS,
        [OPTION_LIMIT - OPTION_FIRST] = WW_RECEIVED_OPTION_ROWS,
        [OPTION_BY - OPTION_FIRST] = WW_RECEIVED_OPTION_BY,
        [OPTION_RAW - OPTION_FIRST] = WW_RECEIVED_OPTION_RAW,
        [OPTION_CSV - OPTION_FIRST] = WW_RECEIVED_OPTION_CSV,
        [OPTION_OUTPUT - OPTION_FIRST] = WW_RECEIVED_OPTION_OUTPUT,
        [OPTION_ALL - OPTION_FIRST] = WW_RECEIVED_OPTION_ALL,
    };
    return of[option - OPTION_FIRST];
}

/* NULL, or what does not go together. */
static const char *judge(const struct ww_received_options *o)
{
    if (o->since != INT64_MIN && o->until != INT64_MIN && o->since >= o->until)
        return "--until has to be later than --since";
    if (o->csv && o->control.json)
        return "--csv and --json exclude each other";
    return o->raw && o->control.json ? "--raw and --json exclude each other" : NULL;
}

int ww_received_options_read(int argc, char **argv, const struct ww_received_command *command,
                             struct ww_received_options *out)
{
    static const struct option known[] = {
        {"domain", required_argument, NULL, OPTION_DOMAIN},
        {"sender", required_argument, NULL, OPTION_SENDER},
        {"since", required_argument, NULL, OPTION_SINCE},
        {"until", required_argument, NULL, OPTION_UNTIL},
        {"result", required_argument, NULL, OPTION_RESULT},
        {"failed", no_argument, NULL, OPTION_FAILED},
        {"limit", required_argument, NULL, OPTION_LIMIT},
        {"by", required_argument, NULL, OPTION_BY},
        {"raw", no_argument, NULL, OPTION_RAW},
        {"csv", no_argument, NULL, OPTION_CSV},
        {"output", required_argument, NULL, OPTION_OUTPUT},
        {"all", no_argument, NULL, OPTION_ALL},
        WW_CONTROL_LONG_OPTIONS,
        {NULL, 0, NULL, 0},
    };
    int option, which = 0;
    const char *why = NULL;
    char words[64];
    *out = (struct ww_received_options){
        .control = {.command = command->name}, .since = INT64_MIN, .until = INT64_MIN};
    opterr = 0;
    while (why == NULL && (option = getopt_long(argc, argv, "hc:", known, &which)) != -1) {
        if (ww_control_take_option(&out->control, option, optarg))
            continue;
        if (option == 'h') {
            (void)printf("%s\n%s" WW_CONTROL_HELP, command->usage, command->help);
            return WW_EXIT_OK;
        }
        (void)snprintf(words, sizeof words, "it does not take --%s", known[which].name);
        why = option >= OPTION_FIRST && (needs(option) & command->options) == 0 ? words
                                                                                : take_option(out, option);
    }
    if (why == NULL)
        why = judge(out);
    return why != NULL ? ww_subcommand_usage(command->name, why, command->usage) : -1;
}

static json_t *day_json(int64_t day)
{
    char text[WW_TIME_SIZE];
    if (day == INT64_MIN)
        return json_null();
    ww_time_format(day, text);
    return json_string(text);
}

json_t *ww_received_request(const struct ww_received_options *o)
{
    json_t *request =
        json_pack("{s:s?, s:s?, s:s?, s:s?, s:b, s:o, s:o}", "domain",
                  o->domain[0] != '\0' ? o->domain : NULL, "sender", o->sender, "result", o->result, "by",
                  o->by, "failed", o->failed, "since", day_json(o->since), "until", day_json(o->until));
    if (request == NULL)
        ww_subcommand_complain(o->control.command, "an argument", "it is no UTF-8");
    return request;
}

json_t *ww_received_request_number(struct ww_received_options *o, const char *argument)
{
    uint64_t number;
    o->control.about = argument;
    if (ww_value_number(argument, &number) && number > 0)
        return json_pack("{s:I}", "number", (json_int_t)number);
    ww_subcommand_complain(o->control.command, argument, "a number is wanted, as the list has it");
    return NULL;
}

void ww_received_day(const json_t *report, char out[WW_RECEIVED_DAY_SIZE])
{
    char day[WW_TIME_SIZE];
    int64_t begin, end;
    out[0] = '\0';
    if (!ww_time_parse(ww_slice_str(ww_cache_text(report, "begin")), &begin) ||
        !ww_time_parse(ww_slice_str(ww_cache_text(report, "end")), &end))
        return;
    bool one = end - begin <= ONE_DAY_MAX;
    ww_time_format(one ? begin + (end - begin) / 2 : begin, day);
    (void)snprintf(out, WW_RECEIVED_DAY_SIZE, "%.10s", day);
    if (!one)
        (void)snprintf(out, WW_RECEIVED_DAY_SIZE, "%.10s, %" PRId64 " days", day,
                       (end - begin + WW_DAY_SECONDS / 2) / WW_DAY_SECONDS);
}

void ww_received_time(const json_t *json, const char *key, char out[WW_RECEIVED_TIME_SIZE])
{
    const char *text = ww_cache_text(json, key);
    int64_t at;
    if (ww_show_is_terminal(stdout) && ww_time_parse(ww_slice_str(text), &at))
        ww_when(at, (int64_t)time(NULL), out);
    else
        (void)snprintf(out, WW_RECEIVED_TIME_SIZE, "%s", text[0] != '\0' ? text : "-");
}

const char *ww_received_channel(const json_t *json)
{
    const char *channel = ww_cache_text(json, "channel");
    return strcmp(channel, "lmtp") == 0    ? "LMTP"
           : strcmp(channel, "https") == 0 ? "HTTPS"
           : strcmp(channel, "local") == 0 ? "waxwing report ingest"
                                           : channel;
}

void ww_received_dkim(const json_t *dkim, char out[WW_RECEIVED_DKIM_SIZE])
{
    static const struct {
        const char *result, *words;
    } known[] = {
        {"none", "there is no signature"},
        {"pass", "the signature is good"},
        {"fail", "the signature is not that of this mail"},
        {"not-now", "the key could not be looked up"},
        {"no-key", "there is no key, or none that may sign reports"},
        {"unusable", "the signature breaks a rule"},
    };
    const char *result = ww_cache_text(dkim, "result"), *domain = ww_cache_text(dkim, "domain");
    const char *selector = ww_cache_text(dkim, "selector");
    const char *detail = ww_cache_text(dkim, "detail"), *words = result;
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (strcmp(known[i].result, result) == 0)
            words = known[i].words;
    int n = snprintf(out, WW_RECEIVED_DKIM_SIZE, "%.64s", words);
    /* Of what is in quarantine it is not kept by which key, nor whether it is that of From. */
    if (domain[0] != '\0')
        n += snprintf(out + n, WW_RECEIVED_DKIM_SIZE - (size_t)n, ": %.255s%s%.255s%s", domain,
                      selector[0] != '\0' ? ", selector " : "", selector,
                      json_is_false(json_object_get(dkim, "aligned")) ? ", which is not the domain of From"
                                                                      : "");
    if (detail[0] != '\0')
        (void)snprintf(out + n, WW_RECEIVED_DKIM_SIZE - (size_t)n, " (%.250s)", detail);
}

void ww_received_line(unsigned width, const char *label, const char *text)
{
    struct ww_wrap w = {.to = stdout, .width = width, .indent = 16, .column = 16};
    if (text[0] == '\0')
        return;
    (void)printf("  %-13s ", label);
    ww_wrap_put(&w, text);
    (void)putchar('\n');
}

void ww_received_ignore(void *ctx, const json_t *item)
{
    (void)ctx;
    (void)item;
}

void ww_received_octets_take(void *octets, const json_t *item)
{
    struct ww_received_octets *o = octets;
    const json_t *piece = json_object_get(item, "base64");
    const char *text = json_string_value(piece);
    size_t n = json_string_length(piece);
    if (text == NULL || n == 0 || o->failed)
        return;
    char *longer = realloc(o->p, o->n + n / 4 * 3 + 3);
    o->failed = longer == NULL;
    if (longer == NULL)
        return;
    o->p = longer;
    int got = EVP_DecodeBlock((unsigned char *)longer + o->n, (const unsigned char *)text, (int)n);
    int padding = (n >= 1 && text[n - 1] == '=') + (n >= 2 && text[n - 2] == '=');
    o->failed = got < padding;
    if (!o->failed)
        o->n += (size_t)(got - padding);
}

int ww_received_octets_fetch(const struct ww_received_options *o, const char *command, json_t *request,
                             struct ww_received_octets *octets)
{
    *octets = (struct ww_received_octets){.p = NULL};
    int status = ww_control_call(&o->control, command, request, ww_received_octets_take, octets);
    if (status == WW_EXIT_OK && octets->failed) {
        (void)fprintf(stderr, "waxwing %s: the daemon's answer cannot be taken\n", o->control.command);
        status = WW_EXIT_INTERNAL;
    } else if (status == WW_EXIT_OK && octets->n == 0) {
        ww_subcommand_complain(o->control.command, o->control.about, "it is not kept as it came any more");
        status = WW_EXIT_NOT;
    }
    return status;
}
