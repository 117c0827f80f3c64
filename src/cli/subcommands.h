/* A command that has commands of its own, such as `waxwing cache`: one table for what it does and says. */
#ifndef WW_CLI_SUBCOMMANDS_H
#define WW_CLI_SUBCOMMANDS_H

#include <stddef.h>

struct ww_subcommand {
    const char *name;
    const char *arguments; /* as its usage has them, in short */
    const char *summary;
    int (*run)(int argc, char **argv);
};

struct ww_subcommands {
    const char *name;  /* of the command */
    const char *about; /* a sentence and a space, before where to find more; or "" */
    const struct ww_subcommand *list;
    size_t count;
};

/* Runs the one that argv[1] names, or says which there are. Returns the exit status. */
int ww_subcommands_run(const struct ww_subcommands *of, int argc, char **argv);

/* Says on standard error what is wrong with a command line, and the usage. Returns WW_EXIT_USAGE. */
int ww_subcommand_usage(const char *command, const char *why, const char *usage);

/* Says on standard error what is wrong with what; both may be strangers' words. */
void ww_subcommand_complain(const char *command, const char *what, const char *why);

#endif
