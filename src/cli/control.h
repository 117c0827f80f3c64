/* The commands that talk to a running daemon through its control socket (daemon/control.h has the protocol).
 */
#ifndef WW_CLI_CONTROL_H
#define WW_CLI_CONTROL_H

#include "cli/cli.h"
#include "daemon/config.h"

#include <jansson.h>
#include <stdbool.h>

/* What all these commands have in common. */
struct ww_control_options {
    const char *command;     /* "status", "cache list": what errors begin with */
    const char *config_path; /* --config; or NULL */
    const char *socket;      /* --socket: "unix:/path"; or NULL: where the configuration says */
    bool json;               /* --json */
    const char *about;       /* what is asked about, for errors; or NULL */
    const char *unknown;     /* what is said when the daemon does not know that; or NULL */
    const bool *enough;      /* no more is wanted of the answer once this is true; or NULL */
};

/* Rows for getopt_long, and the lines of --help that explain them. */
#define WW_CONTROL_LONG_OPTIONS                                                 \
    {"json", no_argument, NULL, 'j'}, {"config", required_argument, NULL, 'c'}, \
        {"socket", required_argument, NULL, 's'},                               \
    {                                                                           \
        "help", no_argument, NULL, 'h'                                          \
    }
#define WW_CONTROL_HELP                                                      \
    "  --json            print JSON: one object for each line\n"             \
    "  --config FILE     the configuration, instead of " WW_CONFIG_FILE "\n" \
    "  --socket ADDRESS  ask there: unix:/path of a control socket\n"        \
    "  --help            print this\n"

/* Takes one of these options with its argument; false when it is none of them ('h' is the caller's). */
bool ww_control_take_option(struct ww_control_options *o, int option, const char *argument);

/*
 * Reads the options of a command that has no others; optind is where its arguments begin. -1: go on; else the
 * exit status, for help was wanted or an option is wrong, which has been said.
 */
int ww_control_read_options(int argc, char **argv, struct ww_control_options *o, const char *usage,
                            const char *help);

/* An object of the answer, borrowed. */
typedef void ww_control_item_cb(void *ctx, const json_t *item);

/*
 * Asks the daemon: request has the command's arguments, and is taken over (NULL counts as no memory). Calls
 * cb for each object. WW_EXIT_OK when the answer came to its end without an error, or was enough; else the
 * error has been said on standard error: WW_EXIT_NOT for an error that the daemon tells of, WW_EXIT_TEMPORARY
 * when none answers.
 */
int ww_control_call(const struct ww_control_options *o, const char *command, json_t *request,
                    ww_control_item_cb *cb, void *ctx);

/* Whose name the daemon takes down: of the one who is behind sudo, when there is one. NULL: it is not known.
 */
const char *ww_control_user(void);

/* Prints the object on a line of its own: a ww_control_item_cb for --json. */
void ww_control_print_json(void *ctx, const json_t *item);

#endif
