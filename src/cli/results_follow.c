/* waxwing results follow: events as they come into Postfix's log. */
#include "cli/cli.h"
#include "cli/results.h"
#include "cli/results_input.h"
#include "cli/results_journal.h"
#include "cli/results_queue.h"
#include "cli/results_send.h"
#include "cli/results_state.h"
#include "cli/show.h"
#include "cli/subcommands.h"
#include "core/result_line.h"
#include "daemon/clock.h"

#include <errno.h>
#include <getopt.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static const char usage[] =
    "usage: waxwing results follow [--file PATH | --journal] [--to unix:PATH] [--state FILE]\n"
    "                              [--from-start] [--json]\n";

static const char help[] =
    "\n"
    "Reads Postfix's log as it grows, and tells one event for each session that has shown something about\n"
    "TLS: to a socket (see docs/results.md), or on standard output.\n"
    "\n"
    "  --file PATH     the log; over its rotation as well (/var/log/mail.log)\n"
    "  --journal       systemd's journal instead, by journalctl\n"
    "  --to unix:PATH  sends the events there; while nobody takes them, it waits, and reads no further than\n"
    "                  a thousand events\n"
    "  --state FILE    keeps there how far it has come, and goes on from there\n"
    "  --from-start    without a state, begins with what is in the log already\n"
    "  --json          on standard output: one JSON object a line\n"
    "\n"
    "It ends on SIGTERM and SIGINT.\n"
    "\n"
    "Exit status: 0 it was told to end; 64 usage; 65 the state is of no use; 66 the log cannot be read;\n"
    "70 the state or standard output cannot be written; 75 journalctl has ended.\n";

#define DEFAULT_FILE "/var/log/mail.log"
#define COMMAND "results follow"

/* How often a file is looked at, and the state written at the most (ms). */
#define LOOK_MS 200
#define SAVE_MS 1000

/* What is under way when it is told to end may go out within this time. */
#define LAST_MS 2000

enum { OPTION_FILE = 1000, OPTION_JOURNAL, OPTION_TO, OPTION_STATE, OPTION_FROM_START, OPTION_JSON };

struct follow {
    const char *file;
    const char *to;
    const char *state_path;
    bool journal;
    bool from_start;
    bool json;
    struct ww_results_state state;
    struct ww_results_input input;
    struct ww_results_queue queue;
    struct ww_results_send send;
    struct ww_results_tail tail;
    struct ww_results_journal source;
    bool changed; /* since the state was written */
    int64_t saved_at;
    int status; /* to end with; -1: go on */
};

/* ---- events ---- */

static void tell(void *ctx, const struct ww_tls_result *event)
{
    struct follow *f = ctx;
    char line[WW_RESULT_LINE_MAX];
    struct ww_buf b = ww_buf(line, sizeof line);
    f->changed = true;
    if (f->to == NULL) {
        if (f->json)
            ww_results_print_json(event);
        else if (ww_show_is_terminal(stdout))
            ww_results_print_words(event);
        else
            ww_results_print_line(event);
        return;
    }
    ww_result_line_put(&b, event);
    if (!ww_results_queue_put(&f->queue, ww_slice(b.p, b.n)))
        f->status = WW_EXIT_INTERNAL;
}

static void send_some(struct follow *f)
{
    const char *trouble, *refused;
    if (f->to == NULL)
        return;
    do {
        f->changed |= ww_results_send_step(&f->send, &f->queue, ww_clock_ms(), &trouble, &refused);
        if (trouble != NULL)
            ww_subcommand_complain(COMMAND, f->to, trouble);
        if (refused != NULL)
            ww_subcommand_complain(COMMAND, "an event was refused", refused);
    } while (refused != NULL);
}

/* ---- lines ---- */

/* One line, where its events have room. False: none is there, or no room. */
static bool take_line(struct follow *f, struct ww_lines *lines)
{
    struct ww_slice line;
    struct ww_journal_line entry;
    if (f->status >= 0 || !ww_results_queue_has_room(&f->queue) || !ww_lines_next(lines, &line))
        return false;
    bool good = true;
    f->changed = true;
    if (!f->journal) {
        good = ww_results_input_line(&f->input, line.p, line.n, time(NULL));
    } else if (ww_journal_line_parse(line.p, line.n, &entry)) {
        good = ww_results_input_entry(&f->input, &entry);
        if (entry.cursor[0] != '\0')
            memcpy(f->state.cursor, entry.cursor, sizeof f->state.cursor);
        ww_journal_line_free(&entry);
    }
    if (!good)
        f->status = WW_EXIT_INTERNAL;
    return good;
}

/* Reads until nothing is there, or the queue is full; a signal is heeded in between. */
static void read_log(struct follow *f)
{
    struct ww_lines *lines = f->journal ? &f->source.lines : &f->tail.lines;
    bool lost = false, ended = false, more = true;
    while (more && f->status < 0 && !ww_results_told_to_end()) {
        while (take_line(f, lines))
            ;
        if (!ww_results_queue_has_room(&f->queue))
            return;
        more =
            f->journal ? ww_results_journal_read(&f->source, &ended) : ww_results_tail_read(&f->tail, &lost);
        if (lost)
            ww_subcommand_complain(COMMAND, f->file, "it was emptied: what stood in it last may be lost");
        send_some(f);
    }
    if (ended) {
        ww_subcommand_complain(COMMAND, "journalctl", "it has ended");
        f->status = WW_EXIT_TEMPORARY;
    }
}

/* ---- state ---- */

static void save(struct follow *f)
{
    /* What was printed must be out before the state says so. */
    if (fflush(stdout) != 0 || ferror(stdout)) {
        f->status = WW_EXIT_INTERNAL;
        return;
    }
    if (f->state_path == NULL || !f->changed)
        return;
    if (!f->journal)
        f->state.place = ww_results_tail_place(&f->tail);
    int status = ww_results_state_save(COMMAND, f->state_path, &f->state, f->input.postfix, &f->queue);
    if (status != WW_EXIT_OK)
        f->status = status;
    f->changed = false;
    f->saved_at = ww_clock_ms();
}

/* -1: go on. */
static int load(struct follow *f, bool *loaded)
{
    const char *why;
    enum ww_results_load load = WW_RESULTS_NO_STATE;
    if (f->state_path != NULL)
        load = ww_results_state_load(f->state_path, &f->state, f->input.postfix, &f->queue, &why);
    *loaded = load == WW_RESULTS_LOADED;
    if (load == WW_RESULTS_BAD_STATE) {
        ww_subcommand_complain(COMMAND, f->state_path, why);
        return WW_EXIT_DATA;
    }
    if (*loaded && f->state.journal != f->journal) {
        ww_subcommand_complain(COMMAND, f->state_path,
                               f->journal ? "it is of a log file, not of the journal"
                                          : "it is of the journal, not of a log file");
        return WW_EXIT_DATA;
    }
    f->state.journal = f->journal;
    return -1;
}

static int open_log(struct follow *f, bool loaded)
{
    bool lost = false;
    enum ww_results_begin begin = loaded          ? WW_RESULTS_AT_PLACE
                                  : f->from_start ? WW_RESULTS_AT_THE_BEGINNING
                                                  : WW_RESULTS_AT_THE_END;
    const char *cursor = f->state.cursor[0] != '\0' ? f->state.cursor : NULL;
    bool good = f->journal ? ww_results_journal_open(&f->source, cursor, f->from_start)
                           : ww_results_tail_open(&f->tail, f->file, begin, &f->state.place, &lost);
    if (lost)
        ww_subcommand_complain(COMMAND, f->file,
                               "what came after the last stop is gone: it begins with this file");
    if (good && !f->journal && f->tail.fd < 0)
        ww_subcommand_complain(COMMAND, f->file,
                               "it is not there, and is waited for; a system that logs to the journal alone "
                               "wants --journal");
    if (good)
        return -1;
    ww_subcommand_complain(COMMAND, f->journal ? "journalctl" : f->file, strerror(errno));
    return WW_EXIT_NO_INPUT;
}

/* ---- the loop ---- */

static void wait_a_while(const struct follow *f)
{
    short events = f->to != NULL ? ww_results_send_events(&f->send, &f->queue) : 0;
    bool room = ww_results_queue_has_room(&f->queue);
    struct pollfd fds[] = {
        {.fd = events != 0 ? f->send.fd : -1, .events = events},
        {.fd = f->journal && room ? f->source.fd : -1, .events = POLLIN},
    };
    (void)poll(fds, 2, LOOK_MS);
}

static void follow(struct follow *f)
{
    f->changed = true;
    while (f->status < 0 && !ww_results_told_to_end()) {
        read_log(f);
        send_some(f);
        if (ferror(stdout) || fflush(stdout) != 0)
            f->status = WW_EXIT_INTERNAL;
        if (f->changed && ww_clock_ms() - f->saved_at >= SAVE_MS)
            save(f);
        if (f->status < 0 && !ww_results_told_to_end())
            wait_a_while(f);
    }
    int64_t deadline = ww_clock_ms() + LAST_MS;
    while (f->to != NULL && f->queue.count > 0 && f->send.fd >= 0 && ww_clock_ms() < deadline) {
        wait_a_while(f);
        send_some(f);
    }
    int status = f->status;
    save(f);
    if (status < 0 && f->status < 0)
        f->status = WW_EXIT_OK;
}

static int run(struct follow *f)
{
    bool loaded = false;
    f->tail.fd = f->source.fd = -1;
    if (f->to != NULL && !ww_results_send_init(&f->send, f->to))
        return ww_subcommand_usage(COMMAND, "--to wants a Unix socket, such as unix:/run/waxwing/results",
                                   usage);
    if (!ww_results_input_init(&f->input, tell, f))
        return WW_EXIT_INTERNAL;
    ww_results_heed_signals();
    f->status = load(f, &loaded);
    if (f->status < 0)
        f->status = open_log(f, loaded);
    if (f->status < 0)
        follow(f);
    if (f->journal)
        ww_results_journal_close(&f->source);
    else
        ww_results_tail_close(&f->tail);
    if (f->to != NULL)
        ww_results_send_close(&f->send);
    ww_results_queue_clear(&f->queue);
    ww_results_input_free(&f->input);
    return f->status;
}

/* -1: go on. */
static int read_options(int argc, char **argv, struct follow *f)
{
    static const struct option known[] = {
        {"file", required_argument, NULL, OPTION_FILE},
        {"journal", no_argument, NULL, OPTION_JOURNAL},
        {"to", required_argument, NULL, OPTION_TO},
        {"state", required_argument, NULL, OPTION_STATE},
        {"from-start", no_argument, NULL, OPTION_FROM_START},
        {"json", no_argument, NULL, OPTION_JSON},
        {"help", no_argument, NULL, 'h'},
        {NULL, 0, NULL, 0},
    };
    int option;
    opterr = 0;
    while ((option = getopt_long(argc, argv, "h", known, NULL)) != -1) {
        f->file = option == OPTION_FILE ? optarg : f->file;
        f->to = option == OPTION_TO ? optarg : f->to;
        f->state_path = option == OPTION_STATE ? optarg : f->state_path;
        f->journal |= option == OPTION_JOURNAL;
        f->from_start |= option == OPTION_FROM_START;
        f->json |= option == OPTION_JSON;
        if (option == 'h') {
            (void)fputs(usage, stdout);
            (void)fputs(help, stdout);
            return WW_EXIT_OK;
        }
        if (option == '?')
            return ww_subcommand_usage(COMMAND, WW_NO_SUCH_OPTION, usage);
    }
    if (optind < argc)
        return ww_subcommand_usage(COMMAND, "it takes no argument: the log is given by --file", usage);
    if (f->file != NULL && f->journal)
        return ww_subcommand_usage(COMMAND, "--file and --journal exclude each other", usage);
    if (f->json && f->to != NULL)
        return ww_subcommand_usage(COMMAND, "--json is for standard output", usage);
    return -1;
}

int ww_cli_results_follow(int argc, char **argv)
{
    struct follow *f = calloc(1, sizeof *f);
    if (f == NULL)
        return WW_EXIT_INTERNAL;
    int status = read_options(argc, argv, f);
    if (f->file == NULL)
        f->file = DEFAULT_FILE;
    f->status = -1;
    if (status < 0)
        status = run(f);
    free(f);
    return status;
}
