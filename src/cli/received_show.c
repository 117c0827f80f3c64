/* waxwing report show: all that one report of others says, and what is known that bears on it. */
#include "cli/cache.h"
#include "cli/received.h"
#include "cli/report.h"
#include "cli/show.h"
#include "cli/subcommands.h"
#include "cli/tree.h"
#include "cli/wrap.h"
#include "codec/gzip.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Octets of a report's JSON: more than is taken in. */
#define RAW_MAX ((size_t)256 << 20)

static const struct ww_received_command command = {
    .name = "report show",
    .options = WW_RECEIVED_OPTION_RAW,
    .usage = "usage: waxwing report show [--raw] [--json] [--config FILE | --socket ADDRESS] NUMBER\n",
    .help = "Shows a report that others have sent: who vouches for it, what it does not do as RFC 8460 has\n"
            "it, its policies and failures, and under each failure what Waxwing knows that bears on it.\n"
            "\n"
            "  --raw             print the JSON of the report as it came, on a terminal laid out\n",
};

struct showing {
    struct ww_tree_style style;
};

/* A text hangs behind a label of so many columns at most. */
#define LABEL_MAX 14
#define HANG 2

static void put_label(struct ww_wrap *w, const char *label)
{
    unsigned begin = w->column;
    ww_wrap_put(w, label);
    if (w->column == begin)
        return;
    if (w->column - begin > LABEL_MAX) {
        w->indent += HANG;
        return;
    }
    (void)putchar(' ');
    w->indent = ++w->column;
}

/* A line of text, set in; wrapped where that is a terminal, behind its label. */
static void put(const struct showing *s, unsigned indent, const char *label, const char *text)
{
    struct ww_wrap w = {.to = stdout, .width = s->style.width, .indent = indent, .column = indent};
    (void)printf("%*s", (int)indent, "");
    put_label(&w, label);
    ww_wrap_put(&w, text);
    (void)putchar('\n');
}

static void put_coloured(const struct showing *s, const char *colour, unsigned indent, const char *label,
                         const char *text)
{
    if (s->style.colour)
        (void)fputs(colour, stdout);
    put(s, indent, label, text);
    if (s->style.colour)
        (void)fputs("\033[0m", stdout);
}

static void print_sender(const struct showing *s, const json_t *r)
{
    char text[512];
    bool verified = json_is_true(json_object_get(r, "verified"));
    (void)snprintf(text, sizeof text, "%.300s, %s", ww_cache_text(r, "sender"),
                   verified ? "verified" : "not verified: it is no evidence");
    ww_received_line(s->style.width, "sender", text);
    ww_received_line(s->style.width, "organization", ww_cache_text(r, "organization"));
    ww_received_line(s->style.width, "contact", ww_cache_text(r, "contact"));
    ww_received_line(s->style.width, "submitter", ww_cache_text(r, "submitter"));
    ww_received_line(s->style.width, "report-id", ww_cache_text(r, "report_id"));
}

static void print_way(const struct showing *s, const json_t *r)
{
    char came[WW_REPORT_TIME_SIZE], text[512];
    const char *peer = ww_cache_text(r, "peer");
    ww_report_time(r, "came", came);
    (void)snprintf(text, sizeof text, "%s by %.32s%s%.200s", came, ww_received_channel(r),
                   peer[0] != '\0' ? ", from " : "", peer);
    ww_received_line(s->style.width, "came", text);
    ww_received_line(s->style.width, "mail from", ww_cache_text(r, "mail_from"));
    ww_received_line(s->style.width, "message-id", ww_cache_text(r, "message_id"));
}

static void print_sessions(const struct showing *s, const json_t *r)
{
    char text[80];
    (void)snprintf(text, sizeof text, "%" JSON_INTEGER_FORMAT " went well, %" JSON_INTEGER_FORMAT " failed",
                   ww_cache_number(r, "success"), ww_cache_number(r, "failure"));
    ww_received_line(s->style.width, "sessions", text);
}

static void print_findings(const struct showing *s, const json_t *r)
{
    const json_t *list = json_object_get(r, "findings"), *f;
    size_t i;
    char label[24], text[1024];
    if (json_array_size(list) > 0)
        (void)puts("\n  What is unusual about it");
    json_array_foreach(list, i, f)
    {
        json_int_t count = ww_cache_number(f, "count");
        const char *at = ww_cache_text(f, "at");
        (void)snprintf(label, sizeof label, "%.16s:", ww_cache_text(f, "severity"));
        int n = snprintf(text, sizeof text, "%.500s [%.64s]", ww_cache_text(f, "message"),
                         ww_cache_text(f, "id"));
        if (count > 1)
            (void)snprintf(text + n, sizeof text - (size_t)n,
                           "; %" JSON_INTEGER_FORMAT " times, first at %.100s", count,
                           at[0] != '\0' ? at : "its beginning");
        else if (at[0] != '\0')
            (void)snprintf(text + n, sizeof text - (size_t)n, "; at %.100s", at);
        put(s, 4, label, text);
    }
}

/* "a, b"; of strings that are words of a policy: its lines. */
static void print_list(const struct showing *s, const char *label, const json_t *list, const char *between)
{
    char *text = NULL;
    size_t size = 0, i;
    const json_t *word;
    FILE *f = json_array_size(list) > 0 ? open_memstream(&text, &size) : NULL;
    if (f == NULL)
        return;
    json_array_foreach(list, i, word)
    {
        const char *value = json_string_value(word);
        (void)fprintf(f, "%s%s", i > 0 ? between : "", value != NULL ? value : "");
    }
    if (fclose(f) == 0)
        put(s, 6, label, text);
    free(text);
}

static void append(char *text, size_t size, const char *before, const char *value, const char *behind)
{
    size_t n = strlen(text);
    if (value[0] != '\0')
        (void)snprintf(text + n, size - n, "%s%.520s%s", before, value, behind);
}

static void print_told(const struct showing *s, const char *label, const char *text)
{
    if (text[0] != '\0')
        put(s, 8, label, text);
}

/* "3 sessions: certificate-expired at mx1.example.com [192.0.2.1], from 198.51.100.7" */
static void print_failure(const struct showing *s, const json_t *f)
{
    const json_t *known = json_object_get(f, "known"), *words;
    char label[48], text[2400];
    size_t i;
    json_int_t sessions = ww_cache_number(f, "sessions");
    const char *result = ww_cache_text(f, "result");
    (void)snprintf(label, sizeof label, "%" JSON_INTEGER_FORMAT " session%s:", sessions,
                   sessions == 1 ? "" : "s");
    (void)snprintf(text, sizeof text, "%.80s", result[0] != '\0' ? result : "not told why");
    append(text, sizeof text, " at ", ww_cache_text(f, "receiving_mx"), "");
    append(text, sizeof text, " [", ww_cache_text(f, "receiving_ip"), "]");
    append(text, sizeof text, ", from ", ww_cache_text(f, "sending_ip"), "");
    append(text, sizeof text, ", greeted as ", ww_cache_text(f, "helo"), "");
    put_coloured(s, "\033[31m", 6, label, text);
    print_told(s, "reason:", ww_cache_text(f, "reason"));
    print_told(s, "information:", ww_cache_text(f, "info"));
    json_array_foreach(known, i, words)
    {
        const char *value = json_string_value(words);
        put(s, 8, "=>", value != NULL ? value : "");
    }
}

/* "MTA-STS policy of example.com: 3 went well, 1 failed" */
static void print_policy(const struct showing *s, const json_t *p)
{
    const char *domain = ww_cache_text(p, "domain"), *policy_domain = ww_cache_text(p, "policy_domain");
    const char *type = ww_cache_text(p, "type");
    char text[1024];
    (void)snprintf(text, sizeof text,
                   "%.64s%s%.255s%s%.255s: %" JSON_INTEGER_FORMAT " went well, %" JSON_INTEGER_FORMAT
                   " failed",
                   strcmp(type, "no-policy-found") == 0 ? "no policy"
                   : strcmp(type, "sts") == 0           ? "MTA-STS policy"
                   : strcmp(type, "tlsa") == 0          ? "DANE"
                                                        : type,
                   policy_domain[0] != '\0' ? " of " : "", policy_domain,
                   domain[0] != '\0' && strcmp(domain, policy_domain) != 0 ? ", for mail to " : "",
                   strcmp(domain, policy_domain) != 0 ? domain : "", ww_cache_number(p, "success"),
                   ww_cache_number(p, "failure"));
    (void)putchar('\n');
    put(s, 2, "", text);
    print_list(s, "MX hosts:", json_object_get(p, "mx_hosts"), ", ");
    print_list(s, "as the sender has it:", json_object_get(p, "strings"), "; ");
}

/* A large report comes in several objects: a policy that goes on in another one has nothing but its failures.
 */
static void print_policies(const struct showing *s, const json_t *list)
{
    const json_t *p, *f;
    size_t i, k;
    json_array_foreach(list, i, p)
    {
        if (json_object_get(p, "success") != NULL)
            print_policy(s, p);
        json_array_foreach(json_object_get(p, "failures"), k, f)
        {
            print_failure(s, f);
        }
    }
}

static void print(void *ctx, const json_t *r)
{
    const struct showing *s = ctx;
    char text[512], day[WW_RECEIVED_DAY_SIZE], dkim[WW_RECEIVED_DKIM_SIZE];
    if (json_is_integer(json_object_get(r, "continues")))
        print_policies(s, json_object_get(r, "policies"));
    if (!json_is_integer(json_object_get(r, "number")))
        return;
    (void)snprintf(text, sizeof text, "report %" JSON_INTEGER_FORMAT " about %.255s",
                   ww_cache_number(r, "number"), ww_cache_text(r, "domain"));
    put_coloured(s, "\033[1m", 0, "", text);
    ww_received_day(r, day);
    ww_received_line(s->style.width, "day", day);
    (void)snprintf(text, sizeof text, "%.20s to %.20s", ww_cache_text(r, "begin"), ww_cache_text(r, "end"));
    ww_received_line(s->style.width, "range", text);
    print_sessions(s, r);
    print_sender(s, r);
    ww_received_dkim(json_object_get(r, "dkim"), dkim);
    ww_received_line(s->style.width, "DKIM", dkim);
    print_way(s, r);
    print_findings(s, r);
    print_policies(s, json_object_get(r, "policies"));
}

/* Strangers have written it: on a terminal it is told in what does not steer one. */
static void print_text(const char *text, size_t n)
{
    json_t *json = ww_show_is_terminal(stdout) ? json_loadb(text, n, 0, NULL) : NULL;
    if (json != NULL)
        (void)json_dumpf(json, stdout, JSON_INDENT(2) | JSON_ENSURE_ASCII);
    else if (ww_show_is_terminal(stdout))
        ww_show_safely(stdout, text, n);
    else
        (void)fwrite(text, 1, n, stdout);
    if (json != NULL || n == 0 || text[n - 1] != '\n')
        (void)putchar('\n');
    json_decref(json);
}

static int print_raw(const struct ww_received_options *o, json_t *request)
{
    struct ww_received_octets raw;
    enum ww_err err = WW_OK;
    size_t n = 0;
    int status = ww_received_octets_fetch(o, "received-raw", request, &raw);
    char *text = status == WW_EXIT_OK ? ww_gunzip(ww_slice(raw.p, raw.n), RAW_MAX, &n, &err) : NULL;
    if (text != NULL) {
        print_text(text, n);
    } else if (status == WW_EXIT_OK) {
        ww_subcommand_complain(o->control.command, o->control.about, ww_err_message(err));
        status = WW_EXIT_INTERNAL;
    }
    free(text);
    free(raw.p);
    return status;
}

int ww_cli_received_show(int argc, char **argv)
{
    struct ww_received_options o;
    struct showing s = {.style = ww_tree_style(stdout)};
    int status = ww_received_options_read(argc, argv, &command, &o);
    if (status >= 0)
        return status;
    if (argc - optind != 1)
        return ww_subcommand_usage(command.name, "say which report, by its number", command.usage);
    json_t *request = ww_received_request_number(&o, argv[optind]);
    if (request == NULL)
        return WW_EXIT_USAGE;
    if (o.raw)
        return print_raw(&o, request);
    return ww_control_call(&o.control, "received-show", request,
                           o.control.json ? ww_control_print_json : print, &s);
}
