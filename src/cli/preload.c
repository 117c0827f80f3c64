/* waxwing preload: looks up its command and runs it. */
#include "cli/preload.h"

#include "base/time.h"
#include "cli/cli.h"
#include "cli/show.h"
#include "cli/when.h"
#include "codec/preload_json.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static const struct command {
    const char *name;
    const char *arguments;
    const char *summary;
    int (*run)(int argc, char **argv);
} commands[] = {
    {"show", "[DOMAIN...]", "what a list says, by default the one that the daemon keeps",
     ww_cli_preload_show},
    {"verify", "LIST", "are form, signature and times of a list as they should be", ww_cli_preload_verify},
    {"make", "[NAMES]", "a list of domains that are looked at now, and sign it", ww_cli_preload_make},
    {"update", "", "have the daemon fetch its list now", ww_cli_preload_update},
};

#define COMMANDS (sizeof commands / sizeof commands[0])

static void print_usage(FILE *to)
{
    (void)fputs("usage: waxwing preload COMMAND [ARGUMENT...]\n\n", to);
    for (size_t i = 0; i < COMMANDS; i++)
        (void)fprintf(to, "  %-8s %-12s %s\n", commands[i].name, commands[i].arguments, commands[i].summary);
    (void)fputs("\n`waxwing preload COMMAND --help` says more.\n", to);
}

int ww_cli_preload(int argc, char **argv)
{
    if (argc >= 2 && (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)) {
        print_usage(stdout);
        return WW_EXIT_OK;
    }
    for (size_t i = 0; argc >= 2 && i < COMMANDS; i++)
        if (strcmp(argv[1], commands[i].name) == 0)
            return commands[i].run(argc - 1, argv + 1);
    if (argc >= 2)
        (void)fputs("waxwing preload: there is no such command\n", stderr);
    print_usage(stderr);
    return WW_EXIT_USAGE;
}

int ww_preload_usage(const char *command, const char *why, const char *usage)
{
    (void)fprintf(stderr, "waxwing %s: %s\n%s", command, why, usage);
    return WW_EXIT_USAGE;
}

void ww_preload_complain(const char *command, const char *about, const char *why)
{
    (void)fprintf(stderr, "waxwing %s: ", command);
    ww_show_text(stderr, about);
    (void)fputs(": ", stderr);
    ww_show_text(stderr, why);
    (void)fputc('\n', stderr);
}

int ww_preload_text_read(const char *path, struct ww_preload_text *out, enum ww_err *err, char *why)
{
    size_t n;
    *out = (struct ww_preload_text){.image = NULL};
    /* An octet more shows that a file is too long. */
    int status = ww_input_read(path, WW_PRELOAD_JSON_MAX + 1, &out->text);
    if (status != WW_EXIT_OK)
        return status;
    *err = ww_preload_json_read(out->text.p, out->text.n, &out->image, &n, why);
    if (*err == WW_OK)
        *err = ww_preload_open(out->image, n, &out->list);
    return WW_EXIT_OK;
}

void ww_preload_text_free(struct ww_preload_text *text)
{
    ww_input_free(&text->text);
    free(text->image);
    text->image = NULL;
}

static void print_time(FILE *to, const char *name, int64_t seconds, int64_t now)
{
    char time[WW_TIME_SIZE], when[WW_WHEN_SIZE];
    ww_time_format(seconds, time);
    ww_when(seconds, now, when);
    (void)fprintf(to, "%-8s %s (%s)\n", name, time, when);
}

void ww_preload_print_head(FILE *to, const struct ww_preload *list, int64_t now)
{
    if (list->author.n > 0) {
        (void)fputs("author   ", to);
        ww_show_safely(to, list->author.p, list->author.n);
        (void)fputc('\n', to);
    }
    print_time(to, "made", list->timestamp, now);
    print_time(to, ww_preload_counts(list, now) ? "expires" : "EXPIRED", list->expires, now);
    (void)fprintf(to, "domains  %" PRIu32 "\n", list->count);
}

json_t *ww_preload_head_json(const struct ww_preload *list, int64_t now)
{
    char made[WW_TIME_SIZE], expires[WW_TIME_SIZE];
    ww_time_format(list->timestamp, made);
    ww_time_format(list->expires, expires);
    return json_pack("{s:s%, s:s, s:s, s:b, s:I}", "author", list->author.p, list->author.n, "timestamp",
                     made, "expires", expires, "expired", !ww_preload_counts(list, now), "domains",
                     (json_int_t)list->count);
}
