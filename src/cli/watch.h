/* What the commands of `waxwing watch` share. */
#ifndef WW_CLI_WATCH_H
#define WW_CLI_WATCH_H

#include "cli/control.h"
#include "core/dname.h"

#include <stdint.h>

/* Which options a command takes besides those of all that talk to the daemon. */
enum {
    WW_WATCH_GROUP = 1 << 0,
    WW_WATCH_EVERY = 1 << 1,
    WW_WATCH_ACK_OPTIONS = 1 << 2, /* --for, --until, --reason, --clear */
    WW_WATCH_REPORT = 1 << 3,
};

struct ww_watch_options {
    struct ww_control_options control;
    const char *group;
    uint64_t every_ms;
    uint64_t for_ms;
    const char *until;
    const char *reason;
    bool clear;
    bool report;
};

/* What a command says of itself; static. */
struct ww_watch_command {
    const char *name; /* "watch add" */
    unsigned options;
    const char *usage;
    const char *help; /* about, before the options that all have */
};

/* -1: go on, with the arguments from optind on; else the exit status. */
int ww_watch_options_read(int argc, char **argv, const struct ww_watch_command *command,
                          struct ww_watch_options *out);

/* A request with the domains that the arguments name. NULL: one is none, which is said. */
json_t *ww_watch_request(const struct ww_watch_options *o, char **texts, int count);

/* Takes over the value, and the request on failure. */
bool ww_watch_set(json_t **request, const char *key, json_t *value);

const char *ww_watch_text(const json_t *json, const char *key);
json_int_t ww_watch_count(const json_t *json, const char *key);

/* All that is known of one domain, as text. */
int ww_watch_show(const struct ww_watch_options *o, const char *domain, bool history);

int ww_cli_watch_add(int argc, char **argv);
int ww_cli_watch_remove(int argc, char **argv);
int ww_cli_watch_list(int argc, char **argv);
int ww_cli_watch_show(int argc, char **argv);
int ww_cli_watch_check(int argc, char **argv);
int ww_cli_watch_ack(int argc, char **argv);
int ww_cli_watch_import(int argc, char **argv);

#endif
