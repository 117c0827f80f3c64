/* What the commands of `waxwing report` about reports of others share. */
#ifndef WW_CLI_RECEIVED_H
#define WW_CLI_RECEIVED_H

#include "cli/control.h"

#include <stdint.h>

/* Which options a command takes besides those of all that talk to the daemon. */
enum {
    WW_RECEIVED_OPTION_FILTER = 1 << 0, /* --domain, --sender, --since, --until */
    WW_RECEIVED_OPTION_ROWS = 1 << 1,   /* --result, --failed, --limit */
    WW_RECEIVED_OPTION_BY = 1 << 2,     /* --by */
    WW_RECEIVED_OPTION_RAW = 1 << 3,
    WW_RECEIVED_OPTION_CSV = 1 << 4,
    WW_RECEIVED_OPTION_OUTPUT = 1 << 5,
    WW_RECEIVED_OPTION_ALL = 1 << 6,
};

struct ww_received_options {
    struct ww_control_options control;
    char domain[256];
    const char *sender;
    const char *result;
    const char *by;
    const char *output;
    int64_t since; /* Unix seconds, the begin of a UTC day; INT64_MIN: not said */
    int64_t until;
    uint64_t limit; /* 0: not said */
    bool failed;
    bool raw;
    bool csv;
    bool all;
};

/* What a command says of itself; static. */
struct ww_received_command {
    const char *name; /* "report list" */
    unsigned options;
    const char *usage;
    const char *help; /* about, before the options that all have */
};

/* Of --help: what WW_RECEIVED_OPTION_FILTER takes. */
#define WW_RECEIVED_FILTER_HELP                                                          \
    "  --domain DOMAIN   about this recipient domain\n"                                  \
    "  --sender SENDER   from this domain or organization\n"                             \
    "  --since DAY       of this day and later: 2026-11-01, or 30d: so many days back\n" \
    "  --until DAY       of days before this one\n"

/* -1: go on, with the arguments from optind on; else the exit status. */
int ww_received_options_read(int argc, char **argv, const struct ww_received_command *command,
                             struct ww_received_options *out);

/* 2026-11-01, 30d (so many days before now), or a time in full: the begin of that UTC day. */
bool ww_received_day_read(const char *text, int64_t now, int64_t *out);

/* A request with the filters that were given. NULL: an argument is no UTF-8, or memory is short. */
json_t *ww_received_request(const struct ww_received_options *o);

/* A request about one, by its number, which errors are about from then on. NULL: it is none, which was said.
 */
json_t *ww_received_request_number(struct ww_received_options *o, const char *argument);

/* "2026-11-28"; of more than a day "2026-11-22, 7 days"; "" where it is not known. */
#define WW_RECEIVED_DAY_SIZE 48
void ww_received_day(const json_t *report, char out[WW_RECEIVED_DAY_SIZE]);

/* For a table: "3 h ago" on a terminal, else the time itself; "-" for none. ww_report_time has both. */
#define WW_RECEIVED_TIME_SIZE 64
void ww_received_time(const json_t *json, const char *key, char out[WW_RECEIVED_TIME_SIZE]);

/* How it came in, behind "by". */
const char *ww_received_channel(const json_t *json);

/* What a DKIM signature has shown, in words that have "DKIM" before them, on a line. */
#define WW_RECEIVED_DKIM_SIZE 1200
void ww_received_dkim(const json_t *dkim, char out[WW_RECEIVED_DKIM_SIZE]);

/* A line "  label         text", wrapped below the text at so many columns; 0: not at all. None of no text.
 */
void ww_received_line(unsigned width, const char *label, const char *text);

/* A ww_control_item_cb that does nothing. */
void ww_received_ignore(void *ctx, const json_t *item);

/* Appends the octets of an object with "base64"; a ww_control_item_cb. */
struct ww_received_octets {
    char *p; /* n octets; free() */
    size_t n;
    bool failed; /* memory is short, or it is no base64 */
};
void ww_received_octets_take(void *octets, const json_t *item);

/* The exit status. What went wrong was said, also that nothing came. */
int ww_received_octets_fetch(const struct ww_received_options *o, const char *command, json_t *request,
                             struct ww_received_octets *octets);

int ww_cli_received_list(int argc, char **argv);
int ww_cli_received_show(int argc, char **argv);
int ww_cli_received_stats(int argc, char **argv);
int ww_cli_received_export(int argc, char **argv);
int ww_cli_received_remove(int argc, char **argv);
int ww_cli_received_retry(int argc, char **argv); /* of quarantine */
int ww_cli_received_quarantine(int argc, char **argv);

#endif
