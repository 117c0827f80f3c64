/* What the commands of `waxwing report outbox` share. */
#ifndef WW_CLI_REPORT_H
#define WW_CLI_REPORT_H

#include "base/slice.h"
#include "cli/control.h"
#include "cli/when.h"

#include <stdint.h>

/* Which options a command takes besides those of all that talk to the daemon. */
enum {
    WW_REPORT_FILTER = 1 << 0,  /* --state, --domain */
    WW_REPORT_PREVIEW = 1 << 1, /* --raw, --open, --mail, --to */
    WW_REPORT_DRY_RUN = 1 << 2,
    WW_REPORT_ALL = 1 << 3,
    WW_REPORT_SUPPRESS = 1 << 4, /* --for, --until, --clear, --reason */
};

struct ww_report_options {
    struct ww_control_options control;
    const char *state;
    const char *domain;
    bool raw;
    bool open;
    bool mail;
    const char *to;
    bool dry_run;
    bool all;
    uint64_t for_ms;
    const char *until;
    bool clear;
    const char *reason;
};

/* What a command says of itself; static. */
struct ww_report_command {
    const char *name; /* "report outbox list" */
    unsigned options;
    const char *usage;
    const char *help; /* about, before the options that all have */
};

/* -1: go on, with the arguments from optind on; else the exit status. */
int ww_report_options_read(int argc, char **argv, const struct ww_report_command *command,
                           struct ww_report_options *out);

/*
 * A request about one report, by its number or the domain that it is on: what the argument says. NULL: it is
 * neither, which was said. Says in o what errors are about.
 */
json_t *ww_report_request(struct ww_report_options *o, const char *argument);

/* "2026-11-28", and of a further part "2026-11-28, part 2". */
#define WW_REPORT_DAY_SIZE 32
void ww_report_day(const json_t *report, char out[WW_REPORT_DAY_SIZE]);

/* "2026-11-29T00:10:00Z (in 3 h)"; "" for none. */
#define WW_REPORT_TIME_SIZE 64
void ww_report_time(const json_t *json, const char *key, char out[WW_REPORT_TIME_SIZE]);

/* Prints the whole mail that a report, whose JSON text is given, goes out as. The exit status. */
int ww_report_print_mail(const struct ww_report_options *o, const json_t *report, struct ww_slice text);

int ww_report_list(int argc, char **argv);
int ww_report_show(int argc, char **argv);
int ww_report_preview(int argc, char **argv);
int ww_report_send(int argc, char **argv);
int ww_report_retry(int argc, char **argv);
int ww_report_suppress(int argc, char **argv);
int ww_report_bounce(int argc, char **argv);
int ww_report_ingest(int argc, char **argv);

#endif
