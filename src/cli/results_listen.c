/* waxwing results listen: a socket for events, and what comes to it. */
#include "cli/cli.h"
#include "cli/results.h"
#include "cli/show.h"
#include "cli/subcommands.h"
#include "daemon/clock.h"
#include "daemon/line_client.h"
#include "daemon/socket_file.h"

#include <errno.h>
#include <getopt.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static const char usage[] = "usage: waxwing results listen [--json] [--mode MODE] unix:PATH\n";

static const char help[] = "\n"
                           "Listens at PATH for lines that tell events (docs/results.md), answers each, and "
                           "prints the events: one a\n"
                           "line for the reader of a terminal, elsewhere as lines of the same protocol.\n"
                           "\n"
                           "  --json       one JSON object a line\n"
                           "  --mode MODE  who may connect, as permissions of the socket in octal (0660)\n"
                           "\n"
                           "It ends on SIGTERM and SIGINT.\n"
                           "\n"
                           "Exit status: 0 it was told to end; 64 usage; 70 standard output cannot be "
                           "written; 73 the socket cannot\n"
                           "be made.\n";

#define COMMAND "results listen"
#define WW_EXIT_CANNOT_MAKE 73

struct listen {
    const char *path;
    bool json;
    mode_t mode;
    int fd;
    struct ww_line_client clients[WW_LINE_CLIENTS_MAX];
};

static void print(const struct listen *l, const struct ww_tls_result *event)
{
    if (l->json)
        ww_results_print_json(event);
    else if (ww_show_is_terminal(stdout))
        ww_results_print_words(event);
    else
        ww_results_print_line(event);
}

/* An event is out before it is answered. */
static bool take(void *ctx, const struct ww_tls_result *told)
{
    struct ww_tls_result event = *told;
    if (event.time == 0)
        event.time = time(NULL);
    print(ctx, &event);
    return fflush(stdout) == 0;
}

static void accept_client(struct listen *l)
{
    for (size_t i = 0; i < WW_LINE_CLIENTS_MAX; i++) {
        struct ww_line_client *c = &l->clients[i];
        if (c->fd >= 0)
            continue;
        int fd = accept4(l->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd >= 0)
            (void)ww_line_client_open(c, fd, ww_clock_ms());
        return;
    }
}

static short wanted(const struct ww_line_client *c)
{
    short in = ww_line_client_wants_to_read(c) ? POLLIN : 0;
    return (short)(in | (ww_line_client_wants_to_write(c) ? POLLOUT : 0));
}

/* While all places are taken, further clients wait in the queue of the kernel. */
static int serve_all(struct listen *l)
{
    const struct ww_line_taker taker = {.take = take, .ctx = l};
    while (!ww_results_told_to_end() && !ferror(stdout)) {
        struct pollfd fds[WW_LINE_CLIENTS_MAX + 1];
        bool room = false;
        for (size_t i = 0; i < WW_LINE_CLIENTS_MAX; i++) {
            const struct ww_line_client *c = &l->clients[i];
            fds[i] = (struct pollfd){.fd = c->fd, .events = c->fd >= 0 ? wanted(c) : (short)0};
            room = room || c->fd < 0;
        }
        fds[WW_LINE_CLIENTS_MAX] = (struct pollfd){.fd = room ? l->fd : -1, .events = POLLIN};
        if (poll(fds, WW_LINE_CLIENTS_MAX + 1, 1000) < 0)
            continue;
        for (size_t i = 0; i < WW_LINE_CLIENTS_MAX; i++) {
            if (l->clients[i].fd >= 0)
                ww_line_client_serve(&l->clients[i], &taker,
                                     (fds[i].revents & (POLLIN | POLLHUP | POLLERR)) != 0, ww_clock_ms());
        }
        if (fds[WW_LINE_CLIENTS_MAX].revents != 0)
            accept_client(l);
    }
    return ferror(stdout) ? WW_EXIT_INTERNAL : WW_EXIT_OK;
}

static int run(struct listen *l, const struct ww_listen_at *at)
{
    const struct ww_socket_access access = {.mode = l->mode};
    struct ww_socket_fault fault;
    int status = WW_EXIT_CANNOT_MAKE;
    l->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (l->fd < 0) {
        perror("waxwing " COMMAND);
        return status;
    }
    if (!ww_socket_file_bind(l->fd, at, &access, &fault)) {
        ww_subcommand_complain(COMMAND, l->path, fault.detail);
    } else if (listen(l->fd, WW_LINE_CLIENTS_MAX) != 0) {
        ww_subcommand_complain(COMMAND, l->path, strerror(errno));
    } else {
        ww_results_heed_signals();
        status = serve_all(l);
        (void)unlink(ww_listen_at_path(at));
    }
    for (size_t i = 0; i < WW_LINE_CLIENTS_MAX; i++) {
        if (l->clients[i].fd >= 0)
            ww_line_client_close(&l->clients[i]);
    }
    (void)close(l->fd);
    return status;
}

static bool read_mode(const char *text, mode_t *mode)
{
    char *rest;
    unsigned long value = strtoul(text, &rest, 8);
    *mode = (mode_t)value;
    return text[0] >= '0' && text[0] <= '7' && rest[0] == '\0' && value <= 0777;
}

/* -1: go on. */
static int read_options(int argc, char **argv, struct listen *l)
{
    static const struct option known[] = {
        {"json", no_argument, NULL, 'j'},
        {"mode", required_argument, NULL, 'm'},
        {"help", no_argument, NULL, 'h'},
        {NULL, 0, NULL, 0},
    };
    int option;
    opterr = 0;
    while ((option = getopt_long(argc, argv, "h", known, NULL)) != -1) {
        if (option == 'h') {
            (void)fputs(usage, stdout);
            (void)fputs(help, stdout);
            return WW_EXIT_OK;
        }
        if (option == '?')
            return ww_subcommand_usage(COMMAND, WW_NO_SUCH_OPTION, usage);
        if (option == 'm' && !read_mode(optarg, &l->mode))
            return ww_subcommand_usage(COMMAND, "--mode wants permissions such as 0660", usage);
        l->json |= option == 'j';
    }
    return argc - optind == 1 ? -1 : ww_subcommand_usage(COMMAND, "say where: unix:PATH", usage);
}

int ww_cli_results_listen(int argc, char **argv)
{
    struct ww_listen_at at;
    const char *why;
    struct listen *l = calloc(1, sizeof *l);
    if (l == NULL)
        return WW_EXIT_INTERNAL;
    l->mode = 0660;
    for (size_t i = 0; i < WW_LINE_CLIENTS_MAX; i++)
        l->clients[i].fd = -1;
    int status = read_options(argc, argv, l);
    if (status < 0) {
        l->path = argv[optind];
        status = ww_listen_at_parse(l->path, &at, &why) && ww_listen_at_path(&at) != NULL
                     ? run(l, &at)
                     : ww_subcommand_usage(COMMAND, "say where: unix:PATH", usage);
    }
    free(l);
    return status;
}
