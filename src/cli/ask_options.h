/* The options of the commands that ask the daemon about domains, or look by themselves. */
#ifndef WW_CLI_ASK_OPTIONS_H
#define WW_CLI_ASK_OPTIONS_H

#include <stdbool.h>

struct ww_ask_options {
    bool json;
    bool direct;
    bool live;
    const char *config_path; /* or NULL */
    char *socket;            /* or NULL: where the configuration says */
};

/* What a command says of itself. */
struct ww_ask_command {
    const char *name;
    const char *usage;
    const char *help;
    bool has_live; /* it knows --live */
};

/* -1: go on, with the domains from optind on; else the exit status, and what was wrong is told. */
int ww_ask_options_read(const struct ww_ask_command *command, int argc, char **argv,
                        struct ww_ask_options *out);

#endif
