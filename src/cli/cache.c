/* waxwing cache: looks up its command and runs it. */
#include "cli/cache.h"

#include "cli/cli.h"

#include <stdio.h>
#include <string.h>

static const struct command {
    const char *name;
    const char *arguments;
    const char *summary;
    int (*run)(int argc, char **argv);
} commands[] = {
    {"history", "DOMAIN", "each version of a domain's policy that was ever seen", ww_cli_cache_history},
};

#define COMMANDS (sizeof commands / sizeof commands[0])

static void print_usage(FILE *to)
{
    (void)fputs("usage: waxwing cache COMMAND [ARGUMENT...]\n\n", to);
    for (size_t i = 0; i < COMMANDS; i++)
        (void)fprintf(to, "  %-8s %-10s %s\n", commands[i].name, commands[i].arguments, commands[i].summary);
    (void)fputs("\n`waxwing cache COMMAND --help` says more.\n", to);
}

int ww_cli_cache(int argc, char **argv)
{
    if (argc >= 2 && (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)) {
        print_usage(stdout);
        return WW_EXIT_OK;
    }
    for (size_t i = 0; argc >= 2 && i < COMMANDS; i++)
        if (strcmp(argv[1], commands[i].name) == 0)
            return commands[i].run(argc - 1, argv + 1);
    if (argc >= 2)
        (void)fputs("waxwing cache: there is no such command\n", stderr);
    print_usage(stderr);
    return WW_EXIT_USAGE;
}
