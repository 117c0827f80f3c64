/*
 * The limit that look-ups are held against: a bare epoll loop that reads netstrings and writes a fixed answer
 * for each, of the size of a typical one. It does the reads and writes of the real thing, and nothing else.
 * Frozen.
 *
 * usage: echo inet:PORT | unix:PATH
 */
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static const char answer[] =
    "457:OK secure match=mail.example.com:.example.net:backupmx.example.com servername=hostname "
    "policy_type=sts"
    " policy_domain=example.com mx_host_pattern=mail.example.com mx_host_pattern=*.example.net"
    " mx_host_pattern=backupmx.example.com { policy_string = version: STSv1 } { policy_string = mode: "
    "enforce }"
    " { policy_string = mx: mail.example.com } { policy_string = mx: *.example.net }"
    " { policy_string = mx: backupmx.example.com } { policy_string = max_age: 604800 },";

enum { ANSWER = sizeof answer - 1, INPUT = 4096, EVENTS = 64 };

static int listen_at(const char *where)
{
    int fd;
    if (strncmp(where, "unix:", 5) == 0) {
        struct sockaddr_un un = {.sun_family = AF_UNIX};
        snprintf(un.sun_path, sizeof un.sun_path, "%s", where + 5);
        unlink(un.sun_path);
        fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
        if (bind(fd, (struct sockaddr *)&un, sizeof un) != 0)
            return -1;
    } else {
        struct sockaddr_in in = {.sin_family = AF_INET,
                                 .sin_port = htons((uint16_t)strtoul(where + 5, NULL, 10))};
        int on = 1;
        in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
        setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
        if (bind(fd, (struct sockaddr *)&in, sizeof in) != 0)
            return -1;
    }
    return listen(fd, 1024) == 0 ? fd : -1;
}

/* Whole requests end with a comma; the load generator sends no other. */
static size_t requests(const char *p, size_t n)
{
    size_t count = 0;
    for (size_t i = 0; i < n; i++)
        count += p[i] == ',';
    return count;
}

static void serve(int fd)
{
    static char in[INPUT];
    static char out[(size_t)ANSWER * 256];
    ssize_t n = read(fd, in, sizeof in);
    if (n <= 0) {
        if (n == 0 || errno != EAGAIN)
            close(fd);
        return;
    }
    size_t count = requests(in, (size_t)n);
    if (count > 256)
        count = 256;
    for (size_t i = 0; i < count; i++)
        memcpy(out + i * ANSWER, answer, ANSWER);
    if (count > 0 && write(fd, out, count * ANSWER) < 0)
        close(fd);
}

int main(int argc, char **argv)
{
    struct epoll_event events[EVENTS];
    signal(SIGPIPE, SIG_IGN);
    int listener = argc == 2 ? listen_at(argv[1]) : -1;
    int loop = epoll_create1(0);
    struct epoll_event e = {.events = EPOLLIN, .data.fd = listener};
    if (listener < 0 || loop < 0 || epoll_ctl(loop, EPOLL_CTL_ADD, listener, &e) != 0) {
        fprintf(stderr, "usage: echo inet:PORT | unix:PATH\n");
        return 64;
    }
    for (;;) {
        int n = epoll_wait(loop, events, EVENTS, -1);
        for (int i = 0; i < n; i++) {
            if (events[i].data.fd != listener) {
                serve(events[i].data.fd);
                continue;
            }
            int on = 1;
            e.data.fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK);
            if (e.data.fd < 0)
                continue;
            setsockopt(e.data.fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
            epoll_ctl(loop, EPOLL_CTL_ADD, e.data.fd, &e);
        }
    }
}
