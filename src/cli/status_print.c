#include "cli/status_print.h"

#include "cli/show.h"
#include "cli/table.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define LABEL "%-12s "

static const char *string_at(const json_t *o, const char *key)
{
    const char *s = json_string_value(json_object_get(o, key));
    return s != NULL ? s : "";
}

static uint64_t number_at(const json_t *o, const char *key)
{
    return (uint64_t)json_integer_value(json_object_get(o, key));
}

/* What the daemon says is a text like any other: a role of it may have been taken over. */
static void coloured(const char *colour, const char *text)
{
    bool colours = ww_show_has_colour(stdout);
    (void)fputs(colours ? colour : "", stdout);
    ww_show_text(stdout, text);
    (void)fputs(colours ? "\033[0m" : "", stdout);
}

static void good(const char *text)
{
    coloured("\033[32m", text);
}

static void wrong(const char *text)
{
    coloured("\033[31m", text);
}

static void print_health(const json_t *s)
{
    const json_t *trouble;
    size_t i;
    (void)fputs("waxwingd ", stdout);
    ww_show_text(stdout, string_at(s, "version"));
    (void)fputs(": ", stdout);
    if (json_is_true(json_object_get(s, "well")))
        good("well");
    else
        wrong("not well");
    (void)fputs(", running since ", stdout);
    ww_show_text(stdout, string_at(s, "since"));
    (void)fputc('\n', stdout);
    json_array_foreach(json_object_get(s, "troubles"), i, trouble)
    {
        (void)fputs("  ", stdout);
        wrong(json_is_string(trouble) ? json_string_value(trouble) : "");
        (void)fputc('\n', stdout);
    }
    if (json_is_true(json_object_get(s, "dry_run")))
        (void)fputs("  dry run: every answer is NOTFOUND\n", stdout);
}

static void print_bytes(uint64_t bytes)
{
    static const char *const units[] = {"B", "KiB", "MiB", "GiB", "TiB"};
    unsigned unit = 0;
    double v = (double)bytes;
    for (; v >= 1024 && unit < 4; unit++)
        v /= 1024;
    (void)printf(unit == 0 ? "%.0f %s" : "%.1f %s", v, units[unit]);
}

static void print_time(uint64_t us)
{
    if (us < 1000)
        (void)printf("%" PRIu64 " us", us);
    else if (us < 1000000)
        (void)printf("%.1f ms", (double)us / 1000);
    else
        (void)printf("%.1f s", (double)us / 1000000);
}

static void print_latency(const json_t *s, const char *key, const char *words)
{
    const json_t *latency = json_object_get(s, key);
    (void)printf(LABEL, words);
    if (number_at(latency, "p99_us") == 0) {
        (void)fputs("none yet\n", stdout);
        return;
    }
    (void)fputs("half within ", stdout);
    print_time(number_at(latency, "p50_us"));
    (void)fputs(", 99 of 100 within ", stdout);
    print_time(number_at(latency, "p99_us"));
    (void)fputc('\n', stdout);
}

/* "secure 3, notfound 5": those that are not zero. */
static void print_counts(json_t *counts)
{
    const char *name, *between = "";
    json_t *v;
    json_object_foreach(counts, name, v)
    {
        if (json_integer_value(v) == 0)
            continue;
        (void)fputs(between, stdout);
        ww_show_text(stdout, name);
        (void)printf(" %" JSON_INTEGER_FORMAT, json_integer_value(v));
        between = ", ";
    }
}

/* Who has asked; the map tells it. */
static void print_clients(json_t *maps)
{
    static const struct {
        const char *client;
        const char *maps[2];
    } clients[] = {
        {"Postfix", {"QUERY", "QUERYwithTLSRPT"}},
        {"Exim", {"line", ""}},
        {"Sendmail", {"sts", "stsmx"}},
        {"HTTP", {"HTTP", ""}},
        {"libwaxwing", {"DECISION", ""}},
        {"waxwing", {"EXPLAIN", ""}},
        {"others", {"other", ""}},
    };
    const char *between = "";
    (void)printf(LABEL, "  by client");
    for (size_t i = 0; i < sizeof clients / sizeof clients[0]; i++) {
        uint64_t n = number_at(maps, clients[i].maps[0]) + number_at(maps, clients[i].maps[1]);
        if (n > 0)
            (void)printf("%s%s %" PRIu64, between, clients[i].client, n);
        between = n > 0 ? ", " : between;
    }
    (void)fputc('\n', stdout);
}

static void print_lookups(const json_t *s)
{
    const json_t *lookups = json_object_get(s, "lookups");
    const json_t *rate = json_object_get(lookups, "per_second");
    (void)printf(LABEL "%" PRIu64, "look-ups", number_at(lookups, "total"));
    if (json_is_real(rate))
        (void)printf(" (%.1f a second)", json_real_value(rate));
    (void)fputs(number_at(lookups, "total") > 0 ? ": " : "", stdout);
    print_counts(json_object_get(lookups, "answers"));
    (void)fputc('\n', stdout);
    if (number_at(lookups, "total") > 0)
        print_clients(json_object_get(lookups, "maps"));
    print_latency(s, "latency_cached", "  cached");
    print_latency(s, "latency_waited", "  waited");
    (void)printf(LABEL "domains looked up now: %" PRIu64 ", connections: %" PRIu64 "\n", "under way",
                 number_at(s, "flights"), number_at(s, "connections"));
}

static void print_cache(const json_t *s)
{
    const json_t *cache = json_object_get(s, "cache");
    const json_t *entries = json_object_get(cache, "entries");
    (void)printf(LABEL "%" PRIu64 " enforced, %" PRIu64 " testing or none, %" PRIu64 " without a policy; ",
                 "cache", number_at(entries, "enforce"), number_at(entries, "testing"),
                 number_at(entries, "none"));
    print_bytes(number_at(cache, "bytes"));
    (void)printf(" of ");
    print_bytes(number_at(cache, "max_bytes"));
    (void)printf(", %" PRIu64 " domains at most\n", number_at(cache, "max_domains"));
}

static void print_store(const json_t *s)
{
    const json_t *store = json_object_get(s, "store");
    (void)printf(LABEL, "store");
    ww_show_text(stdout, string_at(store, "path"));
    (void)fputs(": ", stdout);
    if (json_is_true(json_object_get(store, "well")))
        good("well");
    else
        wrong(string_at(store, "message")[0] != '\0' ? string_at(store, "message") : "in trouble");
    (void)printf(", waiting to be written: %" PRIu64, number_at(store, "waiting"));
    if (number_at(store, "lag_seconds") > 0)
        (void)printf(", the oldest for %" PRIu64 " s", number_at(store, "lag_seconds"));
    (void)fputc('\n', stdout);
}

static void print_dns(const json_t *s)
{
    const char *dns = string_at(s, "dns");
    (void)printf(LABEL, "DNS");
    if (strcmp(dns, "validating") == 0)
        good("DNSSEC validates");
    else
        wrong(strcmp(dns, "stripped") == 0      ? "DNSSEC does not get through"
              : strcmp(dns, "anchor") == 0      ? "the root's signatures do not fit the trust anchors"
              : strcmp(dns, "unreachable") == 0 ? "no server answers"
                                                : "not tested yet");
    (void)fputc('\n', stdout);
}

static void print_dane(const json_t *s)
{
    static const char *const settings[][2] = {
        {"on", "on"},
        {"mta", "left to the MTA's own default level"},
        {"blind", "on, for an MTA that cannot do it"},
        {"off", "off"},
    };
    const json_t *dane = json_object_get(s, "dane");
    const char *setting = string_at(dane, "setting");
    if (!json_is_object(dane))
        return;
    for (size_t i = 0; i < sizeof settings / sizeof *settings; i++)
        if (strcmp(setting, settings[i][0]) == 0)
            (void)printf(LABEL "%s", "DANE", settings[i][1]);
    if (strcmp(setting, "off") != 0 && json_is_true(json_object_get(dane, "left_out")))
        wrong("; left out of account, as DNSSEC has never got through to this machine");
    else if (strcmp(setting, "off") != 0 && json_is_false(json_object_get(dane, "known")))
        wrong("; nothing can be learnt of it now");
    (void)fputc('\n', stdout);
}

static void print_tags(const json_t *tags)
{
    const json_t *tag;
    size_t i;
    json_array_foreach(tags, i, tag)(void)
        printf("%s%" JSON_INTEGER_FORMAT, i > 0 ? ", " : "", json_integer_value(tag));
}

static const char *source_words(const char *source)
{
    static const char *const words[][2] = {
        {"rfc5011", "kept up to date by RFC 5011"},
        {"system", "the system's root key"},
        {"built-in", "built in"},
        {"file", "dns.trust_anchor"},
    };
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strcmp(source, words[i][0]) == 0)
            return words[i][1];
    return "not known yet";
}

static void print_anchors(const json_t *s)
{
    const json_t *anchors = json_object_get(s, "anchors");
    const json_t *waiting = json_object_get(anchors, "waiting");
    (void)printf(LABEL, "root keys");
    if (json_array_size(json_object_get(anchors, "keys")) == 0)
        (void)fputs("none", stdout);
    print_tags(json_object_get(anchors, "keys"));
    (void)printf(" (%s), ", source_words(string_at(anchors, "source")));
    if (string_at(anchors, "confirmed")[0] != '\0') {
        (void)fputs("confirmed ", stdout);
        ww_show_text(stdout, string_at(anchors, "confirmed"));
    } else {
        (void)fputs("not confirmed yet", stdout);
    }
    if (json_array_size(waiting) > 0) {
        (void)fputs("; to be trusted later: ", stdout);
        print_tags(waiting);
    }
    (void)fputc('\n', stdout);
}

static void print_line_of(const char *before, const char *text, const char *after)
{
    if (text[0] == '\0')
        return;
    (void)fputs(before, stdout);
    ww_show_text(stdout, text);
    (void)fputs(after, stdout);
}

static void print_preload(const json_t *s)
{
    const json_t *preload = json_object_get(s, "preload");
    const json_t *list = json_object_get(preload, "list");
    const json_t *error = json_object_get(preload, "error");
    if (!json_is_object(preload))
        return;
    (void)printf(LABEL, "preload list");
    if (!json_is_object(list))
        wrong("none");
    else if (!json_is_true(json_object_get(list, "counts")))
        wrong("expired");
    else
        good("in force");
    if (json_is_object(list))
        (void)printf(", %" PRIu64 " domain%s", number_at(list, "domains"),
                     number_at(list, "domains") == 1 ? "" : "s");
    print_line_of(", made ", string_at(list, "timestamp"), "");
    print_line_of(", expires ", string_at(list, "expires"), "");
    (void)fputc('\n', stdout);
    print_line_of("  signed by  ", string_at(list, "signer"), "\n");
    print_line_of("  source     ", string_at(preload, "source"), "\n");
    print_line_of("  looked at  ", string_at(preload, "looked"), "");
    print_line_of(", again ", string_at(preload, "next"), "");
    (void)fputc('\n', stdout);
    if (!json_is_object(error))
        return;
    (void)fputs("  problem    ", stdout);
    wrong(string_at(error, "message"));
    print_line_of(": ", string_at(preload, "detail"), "");
    (void)fputc('\n', stdout);
}

static void print_watch(const json_t *s)
{
    const json_t *watch = json_object_get(s, "watch");
    uint64_t domains = number_at(watch, "domains"), waiting = number_at(watch, "alerts_waiting");
    if (domains == 0)
        return;
    (void)printf(LABEL "%" PRIu64 " domain%s, %" PRIu64 " errors, %" PRIu64 " warnings", "watched", domains,
                 domains == 1 ? "" : "s", number_at(watch, "errors"), number_at(watch, "warnings"));
    if (waiting > 0)
        (void)printf("; alerts of %" PRIu64 " inspections wait to be delivered", waiting);
    (void)fputc('\n', stdout);
}

static void print_reports(const json_t *s)
{
    const json_t *reports = json_object_get(s, "reports");
    const json_t *states = json_object_get(reports, "states");
    uint64_t waiting = number_at(states, "waiting"), held = number_at(states, "held");
    uint64_t given_up = number_at(states, "given-up"), suppressed = number_at(reports, "suppressed");
    const json_t *collect = json_object_get(s, "collect");
    bool heard = number_at(collect, "datagrams") + number_at(collect, "lines") > 0;
    bool any = waiting + held + given_up + number_at(states, "sent") + number_at(states, "not-asked") > 0;
    if (!any && (!heard || string_at(reports, "held")[0] == '\0'))
        return;
    (void)printf(LABEL "%" PRIu64 " waiting, %" PRIu64 " sent, %" PRIu64 " given up, %" PRIu64 " held",
                 "reports", waiting, number_at(states, "sent"), given_up, held);
    if (suppressed > 0)
        (void)printf("; %" PRIu64 " destination%s suppressed", suppressed, suppressed == 1 ? "" : "s");
    if (string_at(reports, "held")[0] != '\0') {
        (void)fputs("; ", stdout);
        wrong("none is sent");
        print_line_of(": ", string_at(reports, "held"), "");
    } else {
        print_line_of("; all go to ", string_at(reports, "redirect"), "");
    }
    (void)fputc('\n', stdout);
}

/* What was lost, or may have been, is said only where it was. */
static void print_collect(const json_t *s)
{
    const json_t *collect = json_object_get(s, "collect");
    uint64_t refused = number_at(collect, "refused"), full = number_at(collect, "full_queues");
    uint64_t lag = number_at(collect, "lag_seconds");
    if (!json_is_object(collect))
        return;
    (void)printf(LABEL "%" PRIu64 " datagrams, %" PRIu64 " lines; journal ", "TLS results",
                 number_at(collect, "datagrams"), number_at(collect, "lines"));
    print_bytes(number_at(collect, "journal_bytes"));
    (void)fputs(" of ", stdout);
    print_bytes(number_at(collect, "journal_limit"));
    if (lag > 0)
        (void)printf(", the oldest for %" PRIu64 " s", lag);
    (void)fputc('\n', stdout);
    if (refused > 0 || full > 0)
        (void)printf(LABEL "%" PRIu64 " refused, queue found full %" PRIu64 " times\n", "", refused, full);
    if (number_at(collect, "journal_full") > 0) {
        char words[80];
        (void)snprintf(words, sizeof words, "the journal was full %" PRIu64 " times",
                       number_at(collect, "journal_full"));
        (void)printf(LABEL, "");
        wrong(words);
        (void)fputc('\n', stdout);
    }
}

static void print_table(struct ww_table *table, const char *title)
{
    if (table != NULL && ww_table_rows(table) > 0) {
        (void)printf("\n%s\n", title);
        (void)ww_table_print(table, stdout);
    }
    ww_table_free(table);
}

static void print_roles(const json_t *s)
{
    static const struct ww_table_column columns[] = {
        {.heading = "ROLE"},
        {.heading = "STATE"},
        {.heading = "PID", .right = true},
        {.heading = "SINCE"},
        {.heading = "RESTARTS", .right = true},
        {.heading = "MEMORY", .right = true},
    };
    struct ww_table *table = ww_table_new(columns, sizeof columns / sizeof *columns);
    const json_t *r;
    size_t i;
    json_array_foreach(json_object_get(s, "roles"), i, r)
    {
        bool ready = json_is_true(json_object_get(r, "ready"));
        bool answers = json_is_true(json_object_get(r, "answers"));
        char pid[24], restarts[24], memory[24];
        (void)snprintf(pid, sizeof pid, "%" PRIu64, number_at(r, "pid"));
        (void)snprintf(restarts, sizeof restarts, "%" PRIu64, number_at(r, "restarts"));
        (void)snprintf(memory, sizeof memory, "%.1f MiB", (double)number_at(r, "memory") / 1048576);
        const struct ww_table_cell cells[] = {
            {string_at(r, "role"), WW_TABLE_PLAIN},
            {!ready    ? "down"
             : answers ? "ready"
                       : "silent",
             ready && answers ? WW_TABLE_GOOD : WW_TABLE_WRONG},
            {pid, WW_TABLE_PLAIN},
            {string_at(r, "since"), WW_TABLE_PLAIN},
            {restarts, number_at(r, "restarts") > 0 ? WW_TABLE_MIND : WW_TABLE_PLAIN},
            {memory, WW_TABLE_PLAIN},
        };
        if (table != NULL)
            ww_table_add(table, cells);
    }
    print_table(table, "Roles");
}

static void print_errors(const json_t *s)
{
    static const struct ww_table_column columns[] = {
        {.heading = "COUNT", .right = true}, {.heading = "ERROR"}, {.heading = "MEANING", .shortens = true}};
    struct ww_table *table = ww_table_new(columns, sizeof columns / sizeof *columns);
    const json_t *e;
    size_t i;
    json_array_foreach(json_object_get(s, "errors"), i, e)
    {
        char count[24];
        (void)snprintf(count, sizeof count, "%" PRIu64, number_at(e, "count"));
        const struct ww_table_cell cells[] = {{count, WW_TABLE_PLAIN},
                                              {string_at(e, "error"), WW_TABLE_MIND},
                                              {string_at(e, "message"), WW_TABLE_PLAIN}};
        if (table != NULL)
            ww_table_add(table, cells);
    }
    print_table(table, "Errors of look-ups in DNS and by HTTPS, since the start");
}

static void print_slow(const json_t *s)
{
    static const struct ww_table_column columns[] = {
        {.heading = "TIME", .right = true}, {.heading = "HOST", .shortens = true}, {.heading = "ERROR"}};
    struct ww_table *table = ww_table_new(columns, sizeof columns / sizeof *columns);
    const json_t *h;
    size_t i;
    json_array_foreach(json_object_get(s, "slowest_hosts"), i, h)
    {
        char ms[32];
        (void)snprintf(ms, sizeof ms, "%" PRIu64 " ms", number_at(h, "ms"));
        const struct ww_table_cell cells[] = {{ms, WW_TABLE_PLAIN},
                                              {string_at(h, "host"), WW_TABLE_PLAIN},
                                              {string_at(h, "error"), WW_TABLE_WRONG}};
        if (table != NULL)
            ww_table_add(table, cells);
    }
    print_table(table, "Slowest policy hosts of the last hour");
}

void ww_status_print(const json_t *status)
{
    print_health(status);
    print_dns(status);
    print_dane(status);
    print_anchors(status);
    print_lookups(status);
    print_cache(status);
    print_store(status);
    print_preload(status);
    print_watch(status);
    print_collect(status);
    print_reports(status);
    (void)printf(LABEL "%" PRIu64 "\n", "overrides", number_at(status, "overrides"));
    print_roles(status);
    print_errors(status);
    print_slow(status);
}
