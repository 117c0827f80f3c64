/*
 * waxwing report ingest: reports of others, in files or piped here by the MTA. Whatever was piped, the MTA
 * must not return it because it cannot be read: the daemon keeps it.
 */
#include "cli/cache.h"
#include "cli/ingest_client.h"
#include "cli/load.h"
#include "cli/progress.h"
#include "cli/report.h"
#include "cli/show.h"
#include "cli/subcommands.h"
#include "daemon/config_load.h"
#include "proc/msg_intake.h"

#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define NAME "report ingest"
#define PATIENCE_MS 10000
#define USAGE                                                                                        \
    "usage: waxwing report ingest [--delete] [--seen] [--json] [--config FILE | --socket ADDRESS]\n" \
    "                             [FILE...]\n"

static const char help[] = USAGE
    "\n"
    "Takes in TLS reports (RFC 8460) that others have sent: FILE is a report in JSON, also gzipped, a mail\n"
    "with one, an mbox, a maildir, or another directory with such files. Without FILE, or as \"-\", "
    "standard\n"
    "input, to which a mail server pipes them. The daemon reads them, and keeps what cannot be read:\n"
    "`waxwing report quarantine` shows that.\n"
    "\n"
    "  --delete          remove the files that the daemon has now; an mbox stays\n"
    "  --seen            mark the mails of a maildir as seen\n"
    "  --json            print JSON: one object for each report or mail\n"
    "  --config FILE     the configuration, instead of " WW_CONFIG_FILE "\n"
    "  --socket ADDRESS  hand them in there (intake.submit): unix:/path\n"
    "  --help            print this\n";

struct ingest {
    bool json, remove, seen;
    const char *config_path;
    const char *socket;
    struct ww_ingest_source *source;
    struct ww_progress progress;
    uint64_t answered;
    uint64_t taken[WW_TAKENS];
    uint64_t failed;
    int status;
};

static void print_failure(struct ingest *g, const char *name, const char *why)
{
    json_t *json = NULL;
    g->failed++;
    g->status = WW_EXIT_NO_INPUT;
    ww_progress_clear(&g->progress);
    if (g->json)
        json =
            json_pack("{s:s?, s:n, s:n, s:n, s:s}", "source", name, "taken", "number", "why", "error", why);
    if (json != NULL)
        ww_control_print_json(NULL, json);
    else
        ww_subcommand_complain(NAME, name != NULL ? name : "?", why);
    json_decref(json);
}

static bool next(void *ctx, struct ww_ingest_item *item)
{
    struct ingest *g = ctx;
    const char *why;
    enum ww_ingest_got got;
    while ((got = ww_ingest_source_next(g->source, item, &why)) == WW_INGEST_BAD) {
        print_failure(g, item->name, why);
        ww_ingest_item_clear(item);
        ww_progress_step(&g->progress, ++g->answered);
    }
    return got == WW_INGEST_ITEM;
}

static void print_answer(struct ingest *g, const char *name, const json_t *answer, enum ww_taken taken)
{
    const json_t *why = json_object_get(answer, "why");
    if (g->json) {
        json_t *json =
            json_pack("{s:s, s:O, s:O, s:O, s:n}", "source", name, "taken", json_object_get(answer, "taken"),
                      "number", json_object_get(answer, "number"), "why", why, "error");
        if (json != NULL)
            ww_control_print_json(NULL, json);
        json_decref(json);
        return;
    }
    if (taken != WW_TAKEN_QUARANTINED)
        return;
    const char *at = ww_cache_text(why, "at");
    ww_show_text(stdout, name);
    (void)printf(": it cannot be read, and is kept in quarantine as %" JSON_INTEGER_FORMAT ": ",
                 ww_cache_number(answer, "number"));
    ww_show_text(stdout, ww_cache_text(why, "message"));
    if (at[0] != '\0') {
        (void)fputs(", at ", stdout);
        ww_show_text(stdout, at);
    }
    (void)putchar('\n');
}

/* The daemon has it. What it has not kept stays where it is. */
static void put_away(struct ingest *g, const struct ww_ingest_item *item, enum ww_taken taken)
{
    bool remove = g->remove && taken != WW_TAKEN_NOT_OURS;
    if (item->path == NULL)
        return;
    if ((remove && unlink(item->path) == 0) ||
        (!remove && (!g->seen || !item->maildir || ww_ingest_item_seen(item))))
        return;
    int fault = errno;
    ww_progress_clear(&g->progress);
    ww_subcommand_complain(NAME, item->path, strerror(fault));
    g->status = WW_EXIT_NO_INPUT;
}

static void told(void *ctx, const struct ww_ingest_item *item, unsigned status, const json_t *answer,
                 const char *words)
{
    struct ingest *g = ctx;
    const char *name = ww_cache_text(answer, "taken");
    enum ww_taken taken = WW_TAKEN_NEW;
    while (taken < WW_TAKENS && strcmp(name, ww_taken_name(taken)) != 0)
        taken++;
    if (status != 200 || taken == WW_TAKENS) {
        print_failure(g, item->name, words != NULL ? words : "the daemon has refused it");
    } else {
        g->taken[taken]++;
        if (g->json || taken == WW_TAKEN_QUARANTINED)
            ww_progress_clear(&g->progress);
        print_answer(g, item->name, answer, taken);
        put_away(g, item, taken);
    }
    ww_progress_step(&g->progress, ++g->answered);
}

static void print_part(bool *first, uint64_t n, const char *words)
{
    if (n == 0)
        return;
    (void)printf("%s%" PRIu64 " %s", *first ? "" : ", ", n, words);
    *first = false;
}

static void print_summary(const struct ingest *g)
{
    bool first = true;
    print_part(&first, g->taken[WW_TAKEN_NEW], "new");
    print_part(&first, g->taken[WW_TAKEN_AGAIN], "there already");
    print_part(&first, g->taken[WW_TAKEN_QUARANTINED], "in quarantine");
    print_part(&first, g->taken[WW_TAKEN_NOT_OURS], "of other domains (intake.domains)");
    print_part(&first, g->failed, "failed");
    (void)puts(first ? "nothing to take in" : "");
}

static int complain(const struct ingest *g, const char *address, enum ww_ingest_end end)
{
    int fault = errno;
    const char *why = end == WW_INGEST_UNREACHABLE ? strerror(fault)
                      : end == WW_INGEST_LATER     ? "the daemon can take none for now: try again later"
                      : end == WW_INGEST_STRANGE
                          ? "the answer is none of waxwingd"
                          : "an address such as unix:/var/lib/waxwing/submit is wanted";
    ww_subcommand_complain(NAME, address, why);
    if (end == WW_INGEST_UNREACHABLE && fault == EACCES)
        (void)fputs("Who may not enter its directory cannot hand in anything: see intake.submit in "
                    "waxwing.conf(5).\n",
                    stderr);
    else if (end == WW_INGEST_UNREACHABLE && g->socket == NULL)
        (void)fputs("No waxwingd takes reports there: start it, or name its configuration with --config.\n",
                    stderr);
    return end == WW_INGEST_ADDRESS ? WW_EXIT_USAGE : WW_EXIT_TEMPORARY;
}

static int hand_in(struct ingest *g, const char *address, size_t max, char **paths, size_t count)
{
    static char dash[] = "-", *standard[] = {dash};
    bool piped = count == 0;
    const struct ww_ingest_client client = {
        .address = address, .patience_ms = PATIENCE_MS, .next = next, .told = told, .ctx = g};
    if (piped) {
        paths = standard;
        count = 1;
    }
    g->source = ww_ingest_source_new(paths, count, max);
    if (g->source == NULL) {
        (void)fputs("waxwing " NAME ": out of memory\n", stderr);
        return WW_EXIT_INTERNAL;
    }
    ww_progress_begin(&g->progress, "ingest", piped ? 0 : ww_ingest_source_count(paths, count));
    enum ww_ingest_end end = ww_ingest_client_run(&client);
    int status = g->status;
    ww_progress_clear(&g->progress);
    if (end != WW_INGEST_DONE)
        status = complain(g, address, end);
    if (!g->json && (end == WW_INGEST_DONE || g->answered > 0))
        print_summary(g);
    ww_ingest_source_free(g->source);
    return status;
}

static int run(struct ingest *g, char **paths, size_t count)
{
    struct ww_config *config = NULL;
    if (g->socket != NULL)
        return hand_in(g, g->socket, WW_MSG_SUBMISSION_MAX, paths, count);
    int status = ww_cli_load_config(NAME, g->config_path, &config);
    if (status == WW_EXIT_OK && !config->intake) {
        ww_subcommand_complain(NAME, "intake.enabled", "no reports are taken in");
        status = WW_EXIT_CONFIG;
    } else if (status == WW_EXIT_OK) {
        status = hand_in(g, config->intake_submit[0], config->intake_max_size, paths, count);
    }
    ww_config_free(config);
    return status;
}

int ww_report_ingest(int argc, char **argv)
{
    static const struct option known[] = {
        {"delete", no_argument, NULL, 'd'},
        {"seen", no_argument, NULL, 'S'},
        {"json", no_argument, NULL, 'j'},
        {"config", required_argument, NULL, 'c'},
        {"socket", required_argument, NULL, 's'},
        {"help", no_argument, NULL, 'h'},
        {NULL, 0, NULL, 0},
    };
    struct ingest g = {.json = false};
    int option;
    opterr = 0;
    while ((option = getopt_long(argc, argv, "hc:", known, NULL)) != -1) {
        g.remove = g.remove || option == 'd';
        g.seen = g.seen || option == 'S';
        g.json = g.json || option == 'j';
        g.config_path = option == 'c' ? optarg : g.config_path;
        g.socket = option == 's' ? optarg : g.socket;
        if (option == 'h') {
            (void)fputs(help, stdout);
            return WW_EXIT_OK;
        }
        if (option == '?')
            return ww_subcommand_usage(NAME, WW_NO_SUCH_OPTION, USAGE);
    }
    if (g.remove && g.seen)
        return ww_subcommand_usage(NAME, "--delete and --seen exclude each other", USAGE);
    return run(&g, argv + optind, (size_t)(argc - optind));
}
