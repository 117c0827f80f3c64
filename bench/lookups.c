/*
 * Load generator: each connection asks for one domain after the other, and waits for each answer.
 *
 * usage: lookups inet:PORT|unix:PATH CONNECTIONS SECONDS DOMAINS
 *
 * Prints one line: look-ups a second, p50 and p99 in microseconds, answers that were none of a policy.
 */
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

enum { EVENTS = 64, BUCKETS = 100000, CONNECTIONS = 4000 };

static struct connection {
    int fd;
    size_t got;
    size_t want; /* octets of the answer; 0 until its length is known */
    bool policy;
    int64_t asked; /* ns */
} connections[CONNECTIONS];

static uint64_t histogram[BUCKETS]; /* by microseconds */
static uint64_t answers;
static uint64_t wrong;
static uint32_t domains;

static int64_t now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static int connect_to(const char *where)
{
    int on = 1;
    if (strncmp(where, "unix:", 5) == 0) {
        struct sockaddr_un un = {.sun_family = AF_UNIX};
        snprintf(un.sun_path, sizeof un.sun_path, "%s", where + 5);
        int fd = socket(AF_UNIX, SOCK_STREAM, 0);
        return connect(fd, (struct sockaddr *)&un, sizeof un) == 0 ? fd : -1;
    }
    struct sockaddr_in in = {.sin_family = AF_INET,
                             .sin_port = htons((uint16_t)strtoul(where + 5, NULL, 10))};
    in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    return connect(fd, (struct sockaddr *)&in, sizeof in) == 0 ? fd : -1;
}

static void ask(struct connection *c)
{
    static uint32_t random = 1;
    char payload[64];
    char request[80];
    random = random * 1664525u + 1013904223u;
    int n = snprintf(payload, sizeof payload, "QUERYwithTLSRPT d%u.example",
                     (uint32_t)((uint64_t)random * domains >> 32));
    n = snprintf(request, sizeof request, "%d:%s,", n, payload);
    c->got = c->want = 0;
    c->asked = now_ns();
    if (write(c->fd, request, (size_t)n) != n) {
        perror("write");
        exit(1);
    }
}

/* True when the answer is whole. Its length comes in one piece with its start: it is the first thing written.
 */
static bool read_answer(struct connection *c)
{
    static char in[65536];
    ssize_t n = read(c->fd, in, sizeof in);
    if (n <= 0) {
        fprintf(stderr, "a connection was closed: %s\n", n < 0 ? strerror(errno) : "no more data");
        exit(1);
    }
    if (c->want == 0) {
        char *colon = memchr(in, ':', (size_t)n);
        size_t digits = colon != NULL ? (size_t)(colon - in) : 0;
        c->want = (size_t)strtoul(in, NULL, 10) + digits + 2;
        c->policy = digits > 0 && strncmp(in + digits, ":OK ", 4) == 0;
    }
    c->got += (size_t)n;
    return c->got >= c->want;
}

static uint64_t quantile(double q)
{
    uint64_t below = 0;
    for (size_t i = 0; i < BUCKETS; i++)
        if ((double)(below += histogram[i]) >= q * (double)answers)
            return i;
    return BUCKETS;
}

static void count(const struct connection *c, int64_t now)
{
    uint64_t us = (uint64_t)(now - c->asked) / 1000;
    histogram[us < BUCKETS ? us : BUCKETS - 1]++;
    answers++;
    wrong += !c->policy;
}

static void run(int loop, int64_t end)
{
    struct epoll_event events[EVENTS];
    for (int64_t now = now_ns(); now < end;) {
        int n = epoll_wait(loop, events, EVENTS, 1000);
        now = now_ns();
        for (int i = 0; i < n; i++) {
            struct connection *c = &connections[events[i].data.u32];
            if (!read_answer(c))
                continue;
            count(c, now_ns());
            ask(c);
        }
    }
}

int main(int argc, char **argv)
{
    unsigned n = argc == 5 ? (unsigned)strtoul(argv[2], NULL, 10) : 0;
    if (n == 0 || n > CONNECTIONS) {
        fprintf(stderr, "usage: lookups inet:PORT|unix:PATH CONNECTIONS SECONDS DOMAINS\n");
        return 64;
    }
    domains = (uint32_t)strtoul(argv[4], NULL, 10);
    int loop = epoll_create1(0);
    for (uint32_t i = 0; i < n; i++) {
        struct epoll_event e = {.events = EPOLLIN, .data.u32 = i};
        connections[i].fd = connect_to(argv[1]);
        if (connections[i].fd < 0 || epoll_ctl(loop, EPOLL_CTL_ADD, connections[i].fd, &e) != 0) {
            perror("connect");
            return 1;
        }
    }
    for (uint32_t i = 0; i < n; i++)
        ask(&connections[i]);
    int64_t start = now_ns();
    run(loop, start + strtoll(argv[3], NULL, 10) * 1000000000);
    double seconds = (double)(now_ns() - start) / 1e9;
    printf("%.0f %llu %llu %llu\n", (double)answers / seconds, (unsigned long long)quantile(0.5),
           (unsigned long long)quantile(0.99), (unsigned long long)wrong);
    return 0;
}
