/*
 * may-deliver [-a ADDRESS] [-d MILLISECONDS] [-f hold|none] [-p] DOMAIN [MX-HOST ...]
 * may-deliver [-a ADDRESS] [-d MILLISECONDS] [-f hold|none] [-p] -
 *
 * Asks waxwingd what mail to a domain must have, and says which of its MX hosts may be connected to. With "-"
 * it reads such lines, DOMAIN [MX-HOST ...], and answers each over one connection. -p waits in a loop of its
 * own.
 *
 *     cc -o may-deliver may-deliver.c $(pkg-config --cflags --libs waxwing)
 *
 * Exit status: 0 one host at least may be connected to, or none was given; 1 none of them; 75 the mail has to
 * wait; 64 wrong usage.
 */
#include <waxwing/waxwing.h>

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { MAY = 0, MAY_NOT = 1, USAGE = 64, WAIT = 75 };

static const char usage[] =
    "usage: may-deliver [-a address] [-d milliseconds] [-f hold|none] [-p] domain [mx-host ...] | -\n";

/* What a program with a loop of its own does; here the loop has nothing else to wait for. */
static const struct waxwing_error *ask_by_poll(struct waxwing_client *client, const char *domain,
                                               struct waxwing_decision **decision)
{
    struct waxwing_query *query;
    const struct waxwing_error *error = waxwing_query_start(client, domain, &query);
    *decision = NULL;
    if (error != NULL)
        return error;
    while (!waxwing_query_step(query)) {
        struct pollfd p;
        p.fd = waxwing_query_fd(query);
        p.events = waxwing_query_events(query);
        (void)poll(&p, 1, waxwing_query_timeout(query));
    }
    return waxwing_query_result(query, decision);
}

static void show(const struct waxwing_decision *d)
{
    size_t i;
    printf("%s: %s (%s)", waxwing_decision_domain(d), waxwing_level_name(waxwing_decision_level(d)),
           waxwing_source_name(waxwing_decision_source(d)));
    if (waxwing_decision_why(d)[0] != '\0')
        printf(": %s", waxwing_decision_why(d));
    if (waxwing_decision_section(d)[0] != '\0')
        printf(" [%s]", waxwing_decision_section(d));
    printf("\n");
    for (i = 0; i < waxwing_decision_mx_count(d); i++)
        printf("  %s %s\n", waxwing_decision_mx_enforced(d) ? "mx" : "mx in testing",
               waxwing_decision_mx(d, i));
    for (i = 0; i < waxwing_decision_host_count(d); i++) {
        enum waxwing_dane dane;
        const char *host = waxwing_decision_host(d, i, &dane);
        printf("  TLSA of %s: %s\n", host, waxwing_dane_name(dane));
    }
}

static int answer(struct waxwing_client *client, int by_poll, const char *domain, char **hosts, int count)
{
    struct waxwing_decision *d;
    int i, allowed = 0, status;
    const struct waxwing_error *error =
        by_poll ? ask_by_poll(client, domain, &d) : waxwing_client_ask(client, domain, &d);
    if (error != NULL)
        fprintf(stderr, "may-deliver: %s\n", waxwing_error_message(error));
    if (d == NULL)
        return WAIT;
    show(d);
    for (i = 0; i < count; i++) {
        int allows = waxwing_decision_allows(d, hosts[i]);
        printf("%s: %s\n", hosts[i], allows ? "may be connected to" : "no");
        allowed += allows;
    }
    status = count > 0 && allowed == 0 ? MAY_NOT : MAY;
    if (waxwing_decision_level(d) == WAXWING_LEVEL_HOLD)
        status = WAIT;
    waxwing_decision_free(d);
    return status;
}

/* The status is that of the last line. */
static int answer_lines(struct waxwing_client *client, int by_poll)
{
    char line[4096];
    int status = MAY;
    while (fgets(line, sizeof line, stdin) != NULL) {
        char *words[64];
        int count = 0;
        char *word = strtok(line, " \t\n");
        while (word != NULL && count < 64) {
            words[count++] = word;
            word = strtok(NULL, " \t\n");
        }
        if (count > 0)
            status = answer(client, by_poll, words[0], words + 1, count - 1);
        printf("\n");
        (void)fflush(stdout);
    }
    return status;
}

int main(int argc, char **argv)
{
    struct waxwing_client_options options;
    struct waxwing_client *client;
    const struct waxwing_error *error;
    int option, status, by_poll = 0, wrong = 0;
    memset(&options, 0, sizeof options);
    options.size = sizeof options;
    while ((option = getopt(argc, argv, "a:d:f:p")) != -1) {
        if (option == 'a')
            options.address = optarg;
        else if (option == 'd')
            options.deadline_ms = (unsigned)strtoul(optarg, NULL, 10);
        else if (option == 'f' && strcmp(optarg, "none") == 0)
            options.fallback = WAXWING_FALLBACK_NONE;
        else if (option == 'p')
            by_poll = 1;
        else if (option != 'f' || strcmp(optarg, "hold") != 0)
            wrong = 1;
    }
    if (wrong || optind >= argc) {
        fputs(usage, stderr);
        return USAGE;
    }
    error = waxwing_client_new(&options, &client);
    if (error != NULL) {
        fprintf(stderr, "may-deliver: %s\n", waxwing_error_message(error));
        return USAGE;
    }
    if (strcmp(argv[optind], "-") == 0)
        status = answer_lines(client, by_poll);
    else
        status = answer(client, by_poll, argv[optind], argv + optind + 1, argc - optind - 1);
    waxwing_client_free(client);
    return status;
}
