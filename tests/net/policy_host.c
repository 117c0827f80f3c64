#include "policy_host.h"

#include "netns.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define HEAD "HTTP/1.1 200 OK\r\nDate: " POLICY_HOST_DATE "\r\nContent-Type: text/plain\r\n"

static bool say(SSL *ssl, const char *text)
{
    return SSL_write(ssl, text, (int)strlen(text)) > 0;
}

/* Says the same again and again, until the other end has had enough. */
static void babble(SSL *ssl, const char *text)
{
    while (say(ssl, text))
        continue;
}

static void say_sized(SSL *ssl, size_t n)
{
    static const char filler[] = "0123456789abcdef";
    char head[128];
    (void)snprintf(head, sizeof head, HEAD "Content-Length: %zu\r\n\r\n", n);
    (void)say(ssl, head);
    for (size_t left = n; left > 0;) {
        size_t part = left < sizeof filler - 1 ? left : sizeof filler - 1;
        if (SSL_write(ssl, filler, (int)part) <= 0)
            return;
        left -= part;
    }
}

static void say_caller(SSL *ssl)
{
    struct sockaddr_in from = {.sin_family = AF_UNSPEC};
    socklen_t n = sizeof from;
    char text[INET_ADDRSTRLEN] = "?";
    char answer[256];
    if (getpeername(SSL_get_fd(ssl), (struct sockaddr *)&from, &n) == 0 && from.sin_family == AF_INET)
        (void)inet_ntop(AF_INET, &from.sin_addr, text, sizeof text);
    (void)snprintf(answer, sizeof answer, HEAD "Content-Length: %zu\r\n\r\n%s", strlen(text), text);
    (void)say(ssl, answer);
}

static void drip(SSL *ssl)
{
    (void)say(ssl, HEAD "Content-Length: 65536\r\n\r\n");
    while (SSL_write(ssl, "v", 1) > 0)
        (void)usleep(100000);
}

static void reset(int fd)
{
    struct linger now = {.l_onoff = 1, .l_linger = 0};
    (void)setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
}

static void answer(SSL *ssl, enum habit habit)
{
    char good[256];
    (void)snprintf(good, sizeof good, HEAD "Content-Length: %zu\r\n\r\n%s", strlen(POLICY_HOST_BODY),
                   POLICY_HOST_BODY);
    switch ((int)habit) {
    case HABIT_CHUNKED:
        (void)(say(ssl, HEAD "Transfer-Encoding: chunked\r\n\r\n5\r\nversi\r\n") &&
               say(ssl, "3;x=y\r\non:\r\n") && say(ssl, "0\r\nX-Trailer: yes\r\n\r\n"));
        break;
    case HABIT_CALLER:
        say_caller(ssl);
        break;
    case HABIT_FULL:
    case HABIT_LARGE:
        say_sized(ssl, habit == HABIT_FULL ? 65536 : 65537);
        break;
    case HABIT_ENDLESS:
        (void)say(ssl, HEAD "\r\n");
        babble(ssl, "mx: mx.example\r\n");
        break;
    case HABIT_MISSING:
        (void)say(ssl, "HTTP/1.1 404 Not Found\r\nContent-Type: text/html\r\n\r\n");
        babble(ssl, "not here ");
        break;
    case HABIT_GONE:
        (void)say(ssl, "HTTP/1.1 404 Not Found\r\nContent-Encoding: gzip\r\nContent-Length: 0\r\n\r\n");
        break;
    case HABIT_REDIRECT:
        (void)say(
            ssl,
            "HTTP/1.1 301 Moved\r\nLocation: https://mta-sts.good.example/\r\nContent-Length: 0\r\n\r\n");
        break;
    case HABIT_CODED:
        (void)say(ssl, HEAD "Content-Encoding: gzip\r\nContent-Length: 3\r\n\r\n\x1f\x8b\x08");
        break;
    case HABIT_HEADERS:
        (void)say(ssl, HEAD);
        babble(ssl, "X-More: and more\r\n");
        break;
    case HABIT_HEADER_LINE:
        (void)say(ssl, HEAD "X-Long: ");
        babble(ssl, "and more and more and more and more and more and more and more");
        break;
    case HABIT_DRIP:
        drip(ssl);
        break;
    case HABIT_SPEECHLESS:
        (void)pause();
        break;
    case HABIT_EMPTY:
        break;
    case HABIT_CUT:
        (void)say(ssl, HEAD "Content-Length: 14\r\n\r\nversion");
        break;
    case HABIT_UNFRAMED:
        (void)say(ssl, HEAD "\r\n" POLICY_HOST_BODY);
        break;
    case HABIT_TORN:
        (void)say(ssl, HEAD "\r\n" POLICY_HOST_BODY);
        return;
    case HABIT_BAD_CHUNK:
        (void)say(ssl, HEAD "Transfer-Encoding: chunked\r\n\r\nversion: STSv1\r\n");
        break;
    case HABIT_HTTP09:
        (void)say(ssl, POLICY_HOST_BODY);
        break;
    case HABIT_CACHED:
        (void)say(ssl, HEAD "Cache-Control: public, max-age=604800\r\nAge: 7\r\nContent-Length: 31\r\n\r\n"
                            "version: STSv1\r\nmode: testing\r\n");
        break;
    case HABIT_RESET_LATE:
        reset(SSL_get_fd(ssl));
        return;
    default:
        (void)say(ssl, good);
        break;
    }
    (void)SSL_shutdown(ssl);
}

/* Who does not ask for the host by its name gets nothing. */
static bool knows_name(SSL *ssl, const char *name)
{
    const char *sni = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);
    return sni != NULL && strcmp(sni, name) == 0;
}

static void speak(SSL_CTX *ctx, int fd, const char *name, enum habit habit)
{
    char request[2048] = "";
    SSL *ssl = SSL_new(ctx);
    if (ssl != NULL && SSL_set_fd(ssl, fd) == 1 && SSL_accept(ssl) == 1 && knows_name(ssl, name) &&
        SSL_read(ssl, request, sizeof request - 1) > 0) {
        bool filtered = habit == HABIT_FILTER && strstr(request, "User-Agent: Mozilla/") == NULL;
        if (filtered)
            (void)say(ssl, "HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n");
        else
            answer(ssl, habit);
    }
    SSL_free(ssl);
}

static void serve(SSL_CTX *ctx, int fd, const char *name, enum habit habit)
{
    if (habit == HABIT_NO_TLS)
        (void)!write(fd, "HTTP/1.1 400 Bad Request\r\n\r\n", 28);
    else if (habit == HABIT_SILENT)
        (void)pause();
    else if (habit == HABIT_RESET)
        reset(fd);
    else if (habit != HABIT_CLOSED)
        speak(ctx, fd, name, habit);
    (void)close(fd);
}

pid_t policy_host(const struct pki *pki, const char *address, const char *name, enum leaf leaf,
                  enum habit habit)
{
    int listener = netns_listen(address, 443, SOCK_STREAM, habit == HABIT_DEAF ? 0 : 64);
    pid_t pid = netns_fork();
    if (pid != 0) {
        (void)close(listener);
        return pid;
    }
    (void)signal(SIGPIPE, SIG_IGN);
    (void)signal(SIGCHLD, SIG_IGN);
    SSL_CTX *ctx = pki_server(pki, leaf, name);
    if (habit == HABIT_TLS11) {
        (void)SSL_CTX_set_max_proto_version(ctx, TLS1_1_VERSION);
        SSL_CTX_set_security_level(ctx, 0);
    }
    for (;;) {
        int fd = habit != HABIT_DEAF ? accept(listener, NULL, NULL) : pause();
        if (fd >= 0 && netns_fork() == 0) {
            (void)close(listener);
            serve(ctx, fd, name, habit);
            _exit(0);
        }
        (void)close(fd);
    }
}
