/* waxwing watch show and check: all that is known of a watched domain. */
#include "base/time.h"
#include "cli/cache.h"
#include "cli/check_print.h"
#include "cli/show.h"
#include "cli/subcommands.h"
#include "cli/table.h"
#include "cli/watch.h"
#include "codec/idn.h"
#include "daemon/config_load.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define POLL_US 200000
/* An inspection may have to wait for others, and takes a minute and a half at the most. */
#define PATIENCE_SECONDS 180
/* Runs that are shown. */
#define RUNS 20
/* Of a time, and of who has acknowledged what until when and why. */
#define SINCE_SIZE 512

static const char no_report[] = "it is not watched, or its last report was too long to be kept";
static const char not_watched[] = "it is not watched: `waxwing watch add` puts it on the list";

struct known {
    json_t *watch;
    json_t *findings;
    json_t *runs;
    bool failed;
};

static void keep(void *ctx, const json_t *item)
{
    struct known *k = ctx;
    json_t *watch = json_object_get(item, "watch");
    json_t *finding = json_object_get(item, "finding");
    json_t *run = json_object_get(item, "run");
    if (watch != NULL) {
        json_decref(k->watch);
        k->watch = json_deep_copy(watch);
    }
    if (finding != NULL)
        k->failed |= json_array_append_new(k->findings, json_deep_copy(finding)) != 0;
    if (run != NULL)
        k->failed |= json_array_append_new(k->runs, json_deep_copy(run)) != 0;
}

static json_t *request_of(const char *domain)
{
    return json_pack("{s:[s]}", "domains", domain);
}

static int fetch(const struct ww_watch_options *o, const char *domain, struct known *k)
{
    *k = (struct known){.findings = json_array(), .runs = json_array()};
    int status = ww_control_call(&o->control, "watch-show", request_of(domain), keep, k);
    return status == WW_EXIT_OK && (k->failed || k->watch == NULL) ? WW_EXIT_INTERNAL : status;
}

static void forget(struct known *k)
{
    json_decref(k->watch);
    json_decref(k->findings);
    json_decref(k->runs);
}

static void line(const char *label, const char *text)
{
    if (text[0] == '\0')
        return;
    (void)printf("  %-10s ", label);
    ww_show_text(stdout, text);
    (void)putchar('\n');
}

/* Of a domain that was not inspected yet there is nothing else to be said. */
static void print_circumstances(const json_t *watch)
{
    line("group", ww_watch_text(watch, "group"));
    line("watched", ww_watch_text(watch, "added"));
    line("next", ww_watch_text(watch, "next"));
}

/* "2026-11-29T12:00:00Z; acknowledged by root until 2026-12-06T12:00:00Z: their host is told" */
static void write_since(const json_t *finding, char *out, size_t size)
{
    const json_t *ack = json_object_get(finding, "acknowledged");
    struct ww_buf b = ww_buf(out, size - 1);
    ww_buf_str(&b, ww_watch_text(finding, "since"));
    if (json_is_object(ack)) {
        ww_buf_str(&b, "; acknowledged by ");
        ww_buf_str(&b, ww_watch_text(ack, "by"));
    }
    if (ww_watch_text(ack, "until")[0] != '\0') {
        ww_buf_str(&b, " until ");
        ww_buf_str(&b, ww_watch_text(ack, "until"));
    }
    if (ww_watch_text(ack, "reason")[0] != '\0') {
        ww_buf_str(&b, ": ");
        ww_buf_str(&b, ww_watch_text(ack, "reason"));
    }
    out[b.n] = '\0';
}

static bool is_same(const json_t *a, const json_t *b)
{
    return strcmp(ww_watch_text(a, "id"), ww_watch_text(b, "id")) == 0 &&
           strcmp(ww_watch_text(a, "where"), ww_watch_text(b, "where")) == 0;
}

/* The findings of the last report are told with the time since when they stand. */
static void join(const json_t *report, const json_t *findings)
{
    json_t *shown;
    const json_t *stands;
    size_t i, j;
    json_array_foreach(json_object_get(report, "findings"), i, shown)
    {
        json_array_foreach(findings, j, stands)
        {
            char since[SINCE_SIZE];
            if (!is_same(shown, stands))
                continue;
            write_since(stands, since, sizeof since);
            (void)json_object_set_new(shown, "since", json_string(since));
        }
    }
}

/* Those that the last inspection has found, or has not: they clear when the next one does not find them
 * either. */
static void print_names(const json_t *findings, bool missing, const char *heading)
{
    const json_t *f;
    size_t i, n = 0;
    json_array_foreach(findings, i, f)
    {
        if (json_is_true(json_object_get(f, "found")) == missing)
            continue;
        if (n++ == 0)
            (void)puts(heading);
        (void)fputs("  ", stdout);
        ww_show_text(stdout, ww_watch_text(f, "id"));
        (void)fputs(" at ", stdout);
        ww_show_text(stdout, ww_watch_text(f, "where"));
        (void)printf(", since %s\n", ww_watch_text(f, "since"));
    }
}

static void keep_report(void *ctx, const json_t *item)
{
    json_t **report = ctx;
    json_decref(*report);
    *report = json_deep_copy(item);
}

static int print_last(const struct ww_watch_options *o, const char *domain, const struct known *k)
{
    struct ww_tree_style style = ww_tree_style(stdout);
    struct ww_control_options control = o->control;
    json_t *report = NULL;
    control.unknown = no_report;
    int status = ww_control_call(&control, "watch-report", request_of(domain), keep_report, &report);
    if (status == WW_EXIT_OK && report == NULL)
        status = WW_EXIT_INTERNAL;
    if (status == WW_EXIT_OK) {
        join(report, k->findings);
        ww_check_print(stdout, report, &style, false);
    } else if (status == WW_EXIT_NOT) {
        print_names(k->findings, false, "Found");
        status = WW_EXIT_OK;
    }
    if (status == WW_EXIT_OK) {
        print_names(k->findings, true, "\nNot found the last time");
        (void)putchar('\n');
        print_circumstances(k->watch);
    }
    json_decref(report);
    return status;
}

static void print_runs(const json_t *runs)
{
    static const struct ww_table_column columns[] = {
        {.heading = "INSPECTED"},
        {.heading = "WORST"},
        {.heading = "ERRORS", .right = true},
        {.heading = "WARNINGS", .right = true},
        {.heading = "OUTLOOK"},
        {.heading = "MODE"},
    };
    struct ww_table *table = ww_table_new(columns, sizeof columns / sizeof *columns);
    for (size_t i = 0; table != NULL && i < json_array_size(runs) && i < RUNS; i++) {
        const json_t *run = json_array_get(runs, i);
        const json_t *counts = json_object_get(run, "counts");
        char errors[24], warnings[24];
        (void)snprintf(errors, sizeof errors, "%" JSON_INTEGER_FORMAT, ww_watch_count(counts, "error"));
        (void)snprintf(warnings, sizeof warnings, "%" JSON_INTEGER_FORMAT, ww_watch_count(counts, "warning"));
        const struct ww_table_cell cells[] = {
            {ww_watch_text(run, "at"), WW_TABLE_PLAIN},
            {ww_watch_text(run, "severity"), WW_TABLE_PLAIN},
            {errors, WW_TABLE_PLAIN},
            {warnings, WW_TABLE_PLAIN},
            {ww_watch_text(run, "outlook"), WW_TABLE_PLAIN},
            {ww_watch_text(run, "mode"), WW_TABLE_PLAIN},
        };
        ww_table_add(table, cells);
    }
    if (table != NULL && ww_table_rows(table) > 0) {
        (void)puts("\nInspections");
        (void)ww_table_print(table, stdout);
    }
    ww_table_free(table);
}

/* A domain that has never had a policy has no history, which is no error here. */
static bool had_policy(const struct known *k)
{
    const json_t *run;
    size_t i;
    json_array_foreach(k->runs, i, run)
    {
        if (ww_watch_text(run, "mode")[0] != '\0')
            return true;
    }
    return false;
}

int ww_watch_show(const struct ww_watch_options *o, const char *domain, bool history)
{
    struct known k;
    int status = fetch(o, domain, &k);
    bool inspected = status == WW_EXIT_OK && json_is_object(json_object_get(k.watch, "last"));
    if (inspected) {
        status = print_last(o, domain, &k);
    } else if (status == WW_EXIT_OK) {
        ww_show_text(stdout, domain);
        (void)puts(": not inspected yet");
        print_circumstances(k.watch);
    }
    if (status == WW_EXIT_OK && history)
        print_runs(k.runs);
    if (status == WW_EXIT_OK && history && had_policy(&k)) {
        (void)puts("\nPolicies");
        (void)fflush(stdout);
        status = ww_cache_history_print(&o->control, domain);
    }
    forget(&k);
    return status;
}

static bool canon(const char *name, const char *text, char domain[WW_DNAME_SIZE])
{
    enum ww_err err = ww_idn_to_domain(ww_slice_str(text), domain);
    if (err != WW_OK)
        ww_subcommand_complain(name, text, ww_err_message(err));
    return err == WW_OK;
}

static int show_one(const struct ww_watch_options *options, const char *text)
{
    struct ww_watch_options o = *options; /* of this domain */
    char domain[WW_DNAME_SIZE];
    if (!canon(o.control.command, text, domain))
        return WW_EXIT_USAGE;
    o.control.about = domain;
    o.control.unknown = not_watched;
    if (o.report)
        o.control.unknown = no_report;
    if (o.report)
        return ww_control_call(&o.control, "watch-report", request_of(domain), ww_control_print_json, NULL);
    if (o.control.json)
        return ww_control_call(&o.control, "watch-show", request_of(domain), ww_control_print_json, NULL);
    return ww_watch_show(&o, domain, true);
}

int ww_cli_watch_show(int argc, char **argv)
{
    static const struct ww_watch_command command = {
        .name = "watch show",
        .options = WW_WATCH_REPORT,
        .usage =
            "usage: waxwing watch show [--report | --json] [--config FILE | --socket ADDRESS] DOMAIN...\n",
        .help =
            "Shows a watched domain: its last report as waxwing check prints it, with the time since when\n"
            "each finding stands, its inspections, and each version of its policy with what it has changed.\n"
            "\n"
            "  --report          the last report alone, as waxwing check --json prints it\n",
    };
    struct ww_watch_options o;
    int status = ww_watch_options_read(argc, argv, &command, &o);
    if (status >= 0)
        return status;
    if (argc == optind)
        return ww_subcommand_usage(command.name, "say which domain", command.usage);
    status = WW_EXIT_OK;
    for (int i = optind; i < argc && status == WW_EXIT_OK; i++) {
        if (i > optind && !o.control.json && !o.report)
            (void)putchar('\n');
        status = show_one(&o, argv[i]);
    }
    return status;
}

/* When it was inspected last; 0 never. */
static int last_run(const struct ww_watch_options *o, const char *domain, int64_t *at)
{
    struct known k;
    int status = fetch(o, domain, &k);
    *at = 0;
    if (status == WW_EXIT_OK)
        (void)ww_time_parse(ww_slice_str(ww_watch_text(json_object_get(k.watch, "last"), "at")), at);
    forget(&k);
    return status;
}

static int wait_for_other_than(const struct ww_watch_options *o, const char *domain, int64_t before)
{
    time_t end = time(NULL) + PATIENCE_SECONDS;
    int64_t at = before;
    int status = WW_EXIT_OK;
    while (status == WW_EXIT_OK && at == before && time(NULL) < end) {
        (void)usleep(POLL_US);
        status = last_run(o, domain, &at);
    }
    if (status != WW_EXIT_OK || at != before)
        return status;
    ww_subcommand_complain(o->control.command, domain, "it was not inspected in time; it is tried again");
    return WW_EXIT_TEMPORARY;
}

/* How many were told to be inspected. */
static void take_done(void *ctx, const json_t *item)
{
    *(json_int_t *)ctx = ww_watch_count(item, "done");
}

int ww_cli_watch_check(int argc, char **argv)
{
    static const struct ww_watch_command command = {
        .name = "watch check",
        .usage = "usage: waxwing watch check [--json] [--config FILE | --socket ADDRESS] DOMAIN\n",
        .help = "Has waxwingd inspect a watched domain at once, and shows what it has found.\n"
                "\n",
    };
    struct ww_watch_options o;
    char domain[WW_DNAME_SIZE];
    json_int_t done = 0;
    int status = ww_watch_options_read(argc, argv, &command, &o);
    if (status >= 0)
        return status;
    if (argc - optind != 1)
        return ww_subcommand_usage(command.name, "say which domain", command.usage);
    if (!canon(command.name, argv[optind], domain))
        return WW_EXIT_USAGE;
    int64_t before;
    o.control.about = domain;
    o.control.unknown = not_watched;
    status = last_run(&o, domain, &before);
    if (status != WW_EXIT_OK)
        return status;
    status = ww_control_call(&o.control, "watch-check", request_of(domain), take_done, &done);
    if (status == WW_EXIT_OK && done == 0) {
        ww_subcommand_complain(command.name, domain, not_watched);
        return WW_EXIT_NOT;
    }
    if (status == WW_EXIT_OK)
        status = wait_for_other_than(&o, domain, before);
    if (status != WW_EXIT_OK)
        return status;
    o.report = o.control.json;
    return o.report ? show_one(&o, domain) : ww_watch_show(&o, domain, false);
}
