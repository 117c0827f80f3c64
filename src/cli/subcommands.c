#include "cli/subcommands.h"

#include "cli/cli.h"
#include "cli/show.h"

#include <stdio.h>
#include <string.h>

static void print_usage(FILE *to, const struct ww_subcommands *of)
{
    size_t names = 8, width = 0;
    for (size_t i = 0; i < of->count; i++) {
        names = strlen(of->list[i].name) > names ? strlen(of->list[i].name) : names;
        width = strlen(of->list[i].arguments) > width ? strlen(of->list[i].arguments) : width;
    }
    (void)fprintf(to, "usage: waxwing %s COMMAND [ARGUMENT...]\n\n", of->name);
    for (size_t i = 0; i < of->count; i++)
        (void)fprintf(to, "  %-*s %-*s %s\n", (int)names, of->list[i].name, (int)width, of->list[i].arguments,
                      of->list[i].summary);
    (void)fprintf(to, "\n%s`waxwing %s COMMAND --help` says more.\n", of->about, of->name);
}

int ww_subcommands_run(const struct ww_subcommands *of, int argc, char **argv)
{
    if (argc >= 2 && (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)) {
        print_usage(stdout, of);
        return WW_EXIT_OK;
    }
    for (size_t i = 0; argc >= 2 && i < of->count; i++)
        if (strcmp(argv[1], of->list[i].name) == 0)
            return of->list[i].run(argc - 1, argv + 1);
    if (argc >= 2) {
        (void)fprintf(stderr, "waxwing %s: there is no command ", of->name);
        ww_show_text(stderr, argv[1]);
        (void)fputc('\n', stderr);
    }
    print_usage(stderr, of);
    return WW_EXIT_USAGE;
}

int ww_subcommand_read(const struct ww_subcommand_options *options, int argc, char **argv, void *ctx)
{
    int option;
    opterr = 0;
    while ((option = getopt_long(argc, argv, "hc:", options->known, NULL)) != -1) {
        if (option == 'h') {
            (void)printf("%s%s", options->usage, options->help);
            return WW_EXIT_OK;
        }
        const char *why = options->take(ctx, option, optarg);
        if (why != NULL)
            return ww_subcommand_usage(options->command, why, options->usage);
    }
    return -1;
}

int ww_subcommand_usage(const char *command, const char *why, const char *usage)
{
    (void)fprintf(stderr, "waxwing %s: %s\n%s", command, why, usage);
    return WW_EXIT_USAGE;
}

void ww_subcommand_complain(const char *command, const char *what, const char *why)
{
    (void)fprintf(stderr, "waxwing %s: ", command);
    ww_show_text(stderr, what);
    (void)fputs(": ", stderr);
    ww_show_text(stderr, why);
    (void)fputc('\n', stderr);
}
