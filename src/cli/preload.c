/* waxwing preload: looks up its command and runs it. */
#include "cli/preload.h"

#include "base/time.h"
#include "cli/cli.h"
#include "cli/show.h"
#include "cli/subcommands.h"
#include "cli/when.h"
#include "codec/preload_json.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static const struct ww_subcommand commands[] = {
    {"show", "[DOMAIN...]", "what a list says, by default the one that the daemon keeps",
     ww_cli_preload_show},
    {"verify", "LIST", "are form, signature and times of a list as they should be", ww_cli_preload_verify},
    {"make", "[NAMES]", "a list of domains that are looked at now, and sign it", ww_cli_preload_make},
    {"update", "", "have the daemon fetch its list now", ww_cli_preload_update},
};

int ww_cli_preload(int argc, char **argv)
{
    static const struct ww_subcommands all = {"preload", "", commands, sizeof commands / sizeof *commands};
    return ww_subcommands_run(&all, argc, argv);
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
