/*
 * Asks policy hosts for their policies, as fast as they answer, over so many connections at a time.
 *
 * usage: handshakes ADDRESS PORT DOMAINS CONNECTIONS SECONDS full|kept
 *
 * full: each connection makes a whole handshake, asks once, and is given up for the next, which asks the next
 * of the domains (d0.example and on). kept: a handshake at first, then one request after the other. Prints
 * answers a second, and the 50th and 99th percentile of milliseconds, from connecting (or asking) to the
 * answer; the first tenth of the time is not counted. An answer that is no policy, and a handshake that
 * fails, end it with status 1.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define TIMES_MAX 4000000
#define ANSWER_MAX 4096

struct connection {
    int fd;
    SSL *ssl;
    bool asked;
    int64_t since;
    char host[64];
    char answer[ANSWER_MAX + 1];
    size_t n;
};

static struct sockaddr_in to = {.sin_family = AF_INET};
static SSL_CTX *tls;
static bool keep;
static unsigned domains, next_domain;
static int loop;
static int64_t counted_from;
static uint32_t *times;
static size_t count;

static void need(bool good, const char *what)
{
    if (good)
        return;
    (void)fprintf(stderr, "%s: %s %s\n", what, strerror(errno),
                  ERR_peek_error() != 0 ? ERR_reason_error_string(ERR_peek_error()) : "");
    exit(1);
}

static int64_t now_us(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static void begin(struct connection *c)
{
    /* The ports of those that are given up are free at once. */
    const struct linger gone = {.l_onoff = 1, .l_linger = 0};
    struct epoll_event event = {.events = EPOLLIN | EPOLLOUT | EPOLLET, .data.ptr = c};
    c->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    need(c->fd >= 0 && setsockopt(c->fd, SOL_SOCKET, SO_LINGER, &gone, sizeof gone) == 0, "socket");
    c->since = now_us();
    need(connect(c->fd, (struct sockaddr *)&to, sizeof to) == 0 || errno == EINPROGRESS, "connect");
    (void)snprintf(c->host, sizeof c->host, "mta-sts.d%u.example", next_domain++ % domains);
    c->ssl = SSL_new(tls);
    need(c->ssl != NULL && SSL_set_fd(c->ssl, c->fd) == 1 && SSL_set_tlsext_host_name(c->ssl, c->host) == 1,
         "TLS");
    SSL_set_connect_state(c->ssl);
    c->asked = false;
    c->n = 0;
    need(epoll_ctl(loop, EPOLL_CTL_ADD, c->fd, &event) == 0, "epoll");
}

static void end(struct connection *c)
{
    SSL_free(c->ssl);
    (void)close(c->fd);
}

/* It has come whole, and is the right one. */
static bool is_answered(const struct connection *c)
{
    const char *body = strstr(c->answer, "\r\n\r\n");
    const char *length = strcasestr(c->answer, "\r\nContent-Length: ");
    if (body == NULL)
        return false;
    need(length != NULL && strncmp(c->answer, "HTTP/1.1 200 ", 13) == 0, c->answer);
    if (c->n - (size_t)(body + 4 - c->answer) < strtoul(length + 18, NULL, 10))
        return false;
    need(strncmp(body + 4, "version: STSv1", 14) == 0, c->answer);
    return true;
}

static void count_one(const struct connection *c)
{
    int64_t now = now_us();
    if (now >= counted_from && count < TIMES_MAX)
        times[count++] = (uint32_t)(now - c->since);
}

/* False: it has to wait. */
static bool wants(struct connection *c, int done)
{
    int error = SSL_get_error(c->ssl, done);
    need(error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE, c->host);
    return false;
}

static bool ask(struct connection *c)
{
    char request[256];
    int n = snprintf(request, sizeof request, "GET /.well-known/mta-sts.txt HTTP/1.1\r\nHost: %s\r\n%s\r\n",
                     c->host, keep ? "" : "Connection: close\r\n");
    int done = SSL_write(c->ssl, request, n); /* makes the handshake first */
    c->asked = done == n;
    return c->asked || wants(c, done);
}

static bool hear(struct connection *c)
{
    int got = SSL_read(c->ssl, c->answer + c->n, (int)(ANSWER_MAX - c->n));
    if (got <= 0)
        return wants(c, got);
    c->n += (size_t)got;
    c->answer[c->n] = '\0';
    if (!is_answered(c))
        return true;
    count_one(c);
    c->n = 0;
    c->asked = false;
    if (keep) {
        c->since = now_us();
        return true;
    }
    end(c);
    begin(c);
    return false;
}

static int compare(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

int main(int argc, char **argv)
{
    need(argc == 7 && inet_pton(AF_INET, argv[1], &to.sin_addr) == 1, "usage");
    to.sin_port = htons((uint16_t)strtoul(argv[2], NULL, 10));
    domains = (unsigned)strtoul(argv[3], NULL, 10);
    size_t connections = strtoul(argv[4], NULL, 10);
    double seconds = strtod(argv[5], NULL);
    keep = strcmp(argv[6], "kept") == 0;
    (void)signal(SIGPIPE, SIG_IGN);
    tls = SSL_CTX_new(TLS_client_method());
    times = calloc(TIMES_MAX, sizeof *times);
    struct connection *all = calloc(connections, sizeof *all);
    loop = epoll_create1(EPOLL_CLOEXEC);
    need(tls != NULL && times != NULL && all != NULL && loop >= 0 && domains > 0, "start");
    (void)SSL_CTX_set_session_cache_mode(tls, SSL_SESS_CACHE_OFF);
    int64_t started = now_us(), until = started + (int64_t)(seconds * 1e6);
    counted_from = started + (int64_t)(seconds * 1e5);
    for (size_t i = 0; i < connections; i++)
        begin(&all[i]);
    while (now_us() < until) {
        struct epoll_event events[64];
        int n = epoll_wait(loop, events, 64, 100);
        for (int i = 0; i < n; i++) {
            struct connection *c = events[i].data.ptr;
            while (c->asked ? hear(c) : ask(c)) {
            }
        }
    }
    need(count > 0, "no answer at all");
    qsort(times, count, sizeof *times, compare);
    const uint32_t *median = &times[count / 2], *late = &times[count * 99 / 100];
    (void)printf("%.1f %.3f %.3f\n", (double)count / ((double)(until - counted_from) / 1e6), *median / 1e3,
                 *late / 1e3);
    for (size_t i = 0; i < connections; i++)
        end(&all[i]);
    return 0;
}
