/* waxwing results listen: a socket for events, and what comes to it. */
#include "cli/cli.h"
#include "cli/lines.h"
#include "cli/results.h"
#include "cli/show.h"
#include "cli/subcommands.h"
#include "core/result_line.h"
#include "daemon/clock.h"
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
#define CLIENTS 64
#define IDLE_MS 60000
/* An answer takes no more. */
#define ANSWER_MAX 200
#define WW_EXIT_CANNOT_MAKE 73

struct client {
    int fd; /* -1: free */
    struct ww_lines lines;
    char answers[4096];
    size_t answers_n;
    int64_t heard_at;
    bool ended; /* no more lines come, or none is wanted: it is closed when the answers are out */
};

struct listen {
    const char *path;
    bool json;
    mode_t mode;
    int fd;
    struct client clients[CLIENTS];
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

static void answer(struct client *c, const char *words, const char *more)
{
    int n = snprintf(c->answers + c->answers_n, sizeof c->answers - c->answers_n, "%s%s\n", words, more);
    c->answers_n += (size_t)n;
}

/* An event is out before it is answered. */
static void take_line(const struct listen *l, struct client *c, struct ww_slice line)
{
    struct ww_tls_result event;
    size_t offset;
    bool says;
    if (line.n > 0 && line.p[line.n - 1] == '\r')
        line.n--;
    enum ww_err err =
        line.p != NULL ? ww_result_line_take(line.p, line.n, &event, &says, &offset) : WW_E_TOO_LONG;
    if (err != WW_OK) {
        answer(c, "no ", ww_err_message(err));
        return;
    }
    if (event.time == 0)
        event.time = time(NULL);
    if (says)
        print(l, &event);
    if (fflush(stdout) == 0)
        answer(c, "ok", "");
}

static void take_lines(const struct listen *l, struct client *c)
{
    struct ww_slice line;
    while (sizeof c->answers - c->answers_n >= ANSWER_MAX && ww_lines_next(&c->lines, &line))
        take_line(l, c, line);
}

static void close_client(struct client *c)
{
    (void)close(c->fd);
    ww_lines_free(&c->lines);
    c->fd = -1;
}

static void read_client(struct client *c)
{
    size_t size;
    char *room = ww_lines_room(&c->lines, &size);
    ssize_t n = recv(c->fd, room, size, 0);
    if (n > 0) {
        ww_lines_add(&c->lines, (size_t)n);
        c->heard_at = ww_clock_ms();
    } else if (n == 0 || (errno != EAGAIN && errno != EINTR)) {
        c->ended = true;
    }
}

static void write_client(struct client *c)
{
    ssize_t n = send(c->fd, c->answers, c->answers_n, MSG_NOSIGNAL);
    if (n > 0) {
        c->answers_n -= (size_t)n;
        memmove(c->answers, c->answers + n, c->answers_n);
    } else if (errno != EAGAIN && errno != EINTR) {
        /* Nobody hears what is answered; what was told is told. */
        c->answers_n = 0;
        c->ended = true;
    }
}

static bool has_line(const struct client *c)
{
    struct ww_slice rest = ww_lines_rest(&c->lines);
    return rest.n > 0 && memchr(rest.p, '\n', rest.n) != NULL;
}

static void serve(const struct listen *l, struct client *c, short events)
{
    bool may_read = !c->ended && !has_line(c);
    if (c->answers_n > 0)
        write_client(c);
    if (may_read && (events & (POLLIN | POLLHUP | POLLERR)) != 0)
        read_client(c);
    /* A room full of short lines has more answers than have room at once. */
    do {
        take_lines(l, c);
        if (c->answers_n > 0)
            write_client(c);
    } while (c->answers_n == 0 && has_line(c));
    bool idle = ww_clock_ms() - c->heard_at > IDLE_MS;
    if (idle || (c->ended && c->answers_n == 0))
        close_client(c);
}

static void accept_client(struct listen *l)
{
    for (size_t i = 0; i < CLIENTS; i++) {
        struct client *c = &l->clients[i];
        if (c->fd >= 0)
            continue;
        c->fd = accept4(l->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (c->fd < 0)
            return;
        c->answers_n = 0;
        c->ended = false;
        c->heard_at = ww_clock_ms();
        if (!ww_lines_init(&c->lines, WW_RESULT_LINE_MAX + 1))
            close_client(c);
        return;
    }
}

static short wanted(const struct client *c)
{
    short in = !c->ended && !has_line(c) ? POLLIN : 0;
    return (short)(in | (c->answers_n > 0 ? POLLOUT : 0));
}

/* While all places are taken, further clients wait in the queue of the kernel. */
static int serve_all(struct listen *l)
{
    while (!ww_results_told_to_end() && !ferror(stdout)) {
        struct pollfd fds[CLIENTS + 1];
        bool room = false;
        for (size_t i = 0; i < CLIENTS; i++) {
            const struct client *c = &l->clients[i];
            fds[i] = (struct pollfd){.fd = c->fd, .events = c->fd >= 0 ? wanted(c) : (short)0};
            room = room || c->fd < 0;
        }
        fds[CLIENTS] = (struct pollfd){.fd = room ? l->fd : -1, .events = POLLIN};
        if (poll(fds, CLIENTS + 1, 1000) < 0)
            continue;
        for (size_t i = 0; i < CLIENTS; i++) {
            if (l->clients[i].fd >= 0)
                serve(l, &l->clients[i], fds[i].revents);
        }
        if (fds[CLIENTS].revents != 0)
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
    } else if (listen(l->fd, CLIENTS) != 0) {
        ww_subcommand_complain(COMMAND, l->path, strerror(errno));
    } else {
        ww_results_heed_signals();
        status = serve_all(l);
        (void)unlink(ww_listen_at_path(at));
    }
    for (size_t i = 0; i < CLIENTS; i++) {
        if (l->clients[i].fd >= 0)
            close_client(&l->clients[i]);
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
            return ww_subcommand_usage(COMMAND, "there is no such option, or its value is missing", usage);
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
    for (size_t i = 0; i < CLIENTS; i++)
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
