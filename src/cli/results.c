/* waxwing results: looks up its command and runs it. */
#include "cli/results.h"

#include "base/time.h"
#include "cli/cli.h"
#include "cli/show.h"
#include "cli/subcommands.h"
#include "codec/result_json.h"
#include "core/result_line.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct ww_subcommand commands[] = {
    {"read", "FILE", "the events that a log, or a file of events, holds", ww_cli_results_read},
    {"follow", "", "events as they come into a log, to a socket or to standard output",
     ww_cli_results_follow},
    {"listen", "unix:PATH", "events that come to a socket", ww_cli_results_listen},
};

int ww_cli_results(int argc, char **argv)
{
    static const struct ww_subcommands all = {"results",
                                              "An event says what a mail delivery has shown of TLS. ",
                                              commands, sizeof commands / sizeof *commands};
    return ww_subcommands_run(&all, argc, argv);
}

static volatile sig_atomic_t told_to_end;

static void end(int signal)
{
    (void)signal;
    told_to_end = 1;
}

void ww_results_heed_signals(void)
{
    const struct sigaction action = {.sa_handler = end};
    (void)sigaction(SIGTERM, &action, NULL);
    (void)sigaction(SIGINT, &action, NULL);
}

bool ww_results_told_to_end(void)
{
    return told_to_end != 0;
}

void ww_results_print_line(const struct ww_tls_result *event)
{
    char line[WW_RESULT_LINE_MAX];
    struct ww_buf b = ww_buf(line, sizeof line);
    ww_result_line_put(&b, event);
    (void)fwrite(b.p, 1, b.n, stdout);
    (void)putchar('\n');
}

void ww_results_print_json(const struct ww_tls_result *event)
{
    json_t *json = ww_result_json(event);
    char *text = json != NULL ? json_dumps(json, JSON_COMPACT) : NULL;
    if (text != NULL)
        (void)puts(text);
    free(text);
    json_decref(json);
}

void ww_results_print_words(const struct ww_tls_result *event)
{
    char time[WW_TIME_SIZE];
    ww_time_format(event->time, time);
    (void)printf("%s  %s  %s", time, event->domain, ww_tls_result_name(event->type));
    if (event->mx[0] != '\0' || event->ip[0] != '\0')
        (void)printf("  %s[%s]", event->mx, event->ip);
    if (event->tls != WW_TLS_SEEN_UNKNOWN)
        (void)printf("  TLS %s", ww_tls_seen_name(event->tls));
    if (event->text[0] != '\0') {
        (void)fputs("  ", stdout);
        ww_show_text(stdout, event->text);
    }
    (void)putchar('\n');
}
