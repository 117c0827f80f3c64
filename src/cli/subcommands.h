/* A command that has commands of its own, such as `waxwing cache`: one table for what it does and says. */
#ifndef WW_CLI_SUBCOMMANDS_H
#define WW_CLI_SUBCOMMANDS_H

#include <getopt.h>
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

#define WW_NO_SUCH_OPTION "there is no such option, or its value is missing"

/* Takes an option, with its value if it has one. NULL, or what is wrong: WW_NO_SUCH_OPTION for those that it
 * does not know. */
typedef const char *ww_option_cb(void *ctx, int option, const char *value);

/* The options of a command; static. */
struct ww_subcommand_options {
    const char *command; /* "publish zone" */
    const char *usage;
    const char *help;           /* behind the usage */
    const struct option *known; /* ends with zeros; --help is 'h', and what has 'c' may be written as -c */
    ww_option_cb *take;         /* gets all but 'h' */
};

/* -1: go on, with the arguments from optind on; else the exit status: help was wanted, or an option is wrong,
 * which was said. */
int ww_subcommand_read(const struct ww_subcommand_options *options, int argc, char **argv, void *ctx);

/* Says on standard error what is wrong with a command line, and the usage. Returns WW_EXIT_USAGE. */
int ww_subcommand_usage(const char *command, const char *why, const char *usage);

/* Says on standard error what is wrong with what; both may be strangers' words. */
void ww_subcommand_complain(const char *command, const char *what, const char *why);

#endif
