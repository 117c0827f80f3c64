/*
 * Load generator: each connection asks for one domain after the other, and waits for each answer.
 *
 * usage: lookups inet:PORT|unix:PATH CONNECTIONS FIRST DOMAINS SECONDS DANE [RATE]
 *
 * Asks for domains from number FIRST on, at random, for so many seconds; with a RATE so many times a second,
 * on whichever connection is free, and an answer's time counts from when the question was due. SECONDS 0 asks
 * for each domain once, in order. Each DANEth domain (0: none) is to be answered by "dane-only", the others
 * by "secure". Prints one line: look-ups a second, p50 and p99 in microseconds, answers that were others.
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
#include <sys/timerfd.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

enum { EVENTS = 64, BUCKETS = 1000000, CONNECTIONS = 4000, TIMER = CONNECTIONS };

#define SECOND INT64_C(1000000000)

static struct connection {
    int fd;
    size_t got;
    size_t want; /* octets of the answer; 0 until its length is known */
    uint32_t domain;
    bool right;
    int64_t asked; /* ns */
} connections[CONNECTIONS];

/* What is wanted. */
static uint32_t first;
static uint32_t domains;
static int64_t seconds;
static uint32_t dane;
static int64_t rate; /* 0: as fast as it goes */

static int timer;
static int64_t start;  /* ns */
static uint64_t asked; /* questions */
static uint32_t idle[CONNECTIONS];
static size_t idle_count;

static uint64_t histogram[BUCKETS]; /* by microseconds */
static uint64_t answers;
static uint64_t wrong;

static int64_t now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * SECOND + t.tv_nsec;
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

static uint32_t next_domain(void)
{
    static uint32_t random = 1;
    random = random * 1664525u + 1013904223u;
    return first + (seconds == 0 ? (uint32_t)asked : (uint32_t)((uint64_t)random * domains >> 32));
}

/* When the next question is due: at once, or by the rate. */
static int64_t next_due(void)
{
    return rate == 0 ? now_ns() : start + (int64_t)asked * SECOND / rate;
}

static void ask(struct connection *c)
{
    char payload[64];
    char request[80];
    c->domain = next_domain();
    int n = snprintf(payload, sizeof payload, "QUERYwithTLSRPT d%u.example", c->domain);
    n = snprintf(request, sizeof request, "%d:%s,", n, payload);
    c->got = c->want = 0;
    c->asked = next_due();
    asked++;
    if (write(c->fd, request, (size_t)n) != n) {
        perror("write");
        exit(1);
    }
}

/* Asks on idle connections what is due. */
static void ask_due(void)
{
    int64_t now = now_ns();
    while (idle_count > 0 && (rate == 0 || next_due() <= now) && (seconds > 0 || asked < domains))
        ask(&connections[idle[--idle_count]]);
}

/* n octets from the colon on, as many as have come. */
static bool is_right(const struct connection *c, const char *p, size_t n)
{
    const char *level = dane > 0 && (c->domain + 1) % dane == 0 ? ":OK dane-only" : ":OK secure ";
    return n >= strlen(level) && memcmp(p, level, strlen(level)) == 0;
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
        c->right = digits > 0 && is_right(c, in + digits, (size_t)n - digits);
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

static void count(const struct connection *c)
{
    uint64_t us = (uint64_t)(now_ns() - c->asked) / 1000;
    histogram[us < BUCKETS ? us : BUCKETS - 1]++;
    answers++;
    wrong += !c->right;
}

static void on_event(uint32_t which)
{
    uint64_t ticks;
    if (which == TIMER) {
        if (read(timer, &ticks, sizeof ticks) < 0)
            perror("timer");
    } else if (read_answer(&connections[which])) {
        count(&connections[which]);
        idle[idle_count++] = which;
    }
}

static void run(int loop)
{
    struct epoll_event events[EVENTS];
    start = now_ns();
    ask_due();
    while (seconds > 0 ? now_ns() < start + seconds * SECOND : answers < domains) {
        int n = epoll_wait(loop, events, EVENTS, 1000);
        for (int i = 0; i < n; i++) {
            on_event(events[i].data.u32);
            ask_due();
        }
    }
}

static bool watch(int loop, int fd, uint32_t which)
{
    struct epoll_event e = {.events = EPOLLIN, .data.u32 = which};
    return fd >= 0 && epoll_ctl(loop, EPOLL_CTL_ADD, fd, &e) == 0;
}

/* Wakes us as often as a question is due. */
static bool watch_rate(int loop)
{
    struct timespec step = {rate > 1 ? 0 : 1, rate > 1 ? SECOND / rate : 0};
    struct itimerspec every = {.it_interval = step, .it_value = step};
    timer = timerfd_create(CLOCK_MONOTONIC, 0);
    return watch(loop, timer, TIMER) && timerfd_settime(timer, 0, &every, NULL) == 0;
}

static bool connect_all(int loop, const char *where, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        connections[i].fd = connect_to(where);
        if (!watch(loop, connections[i].fd, i))
            return false;
        idle[idle_count++] = i;
    }
    return true;
}

int main(int argc, char **argv)
{
    unsigned n = argc == 7 || argc == 8 ? (unsigned)strtoul(argv[2], NULL, 10) : 0;
    if (n == 0 || n > CONNECTIONS) {
        fprintf(stderr, "usage: lookups inet:PORT|unix:PATH CONNECTIONS FIRST DOMAINS SECONDS DANE [RATE]\n");
        return 64;
    }
    first = (uint32_t)strtoul(argv[3], NULL, 10);
    domains = (uint32_t)strtoul(argv[4], NULL, 10);
    seconds = strtoll(argv[5], NULL, 10);
    dane = (uint32_t)strtoul(argv[6], NULL, 10);
    rate = argc == 8 ? strtoll(argv[7], NULL, 10) : 0;
    int loop = epoll_create1(0);
    if (!connect_all(loop, argv[1], n) || (rate > 0 && !watch_rate(loop))) {
        perror("lookups");
        return 1;
    }
    run(loop);
    double took = (double)(now_ns() - start) / (double)SECOND;
    printf("%.0f %llu %llu %llu\n", (double)answers / took, (unsigned long long)quantile(0.5),
           (unsigned long long)quantile(0.99), (unsigned long long)wrong);
    return 0;
}
