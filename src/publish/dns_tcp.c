#include "publish/dns_tcp.h"

#include "net/clock.h"

#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#define PORT 53

static const char too_slow[] = "it does not answer in time";

static const char *wait_for(int fd, short events, int64_t until)
{
    struct pollfd p = {.fd = fd, .events = events};
    int64_t left = (until - ww_clock_us() + 999) / 1000;
    if (left <= 0)
        return too_slow;
    int ready = poll(&p, 1, left < INT32_MAX ? (int)left : INT32_MAX);
    if (ready < 0 && errno != EINTR)
        return strerror(errno);
    return ready == 0 ? too_slow : NULL;
}

static int begin(int fd, const struct ww_addr *to)
{
    struct sockaddr_in in = {.sin_family = AF_INET, .sin_port = htons(PORT)};
    struct sockaddr_in6 in6 = {.sin6_family = AF_INET6, .sin6_port = htons(PORT)};
    memcpy(&in.sin_addr, to->octets, 4);
    memcpy(&in6.sin6_addr, to->octets, 16);
    return to->length == 4 ? connect(fd, (const struct sockaddr *)&in, sizeof in)
                           : connect(fd, (const struct sockaddr *)&in6, sizeof in6);
}

static const char *reach(int fd, const struct ww_addr *to, int64_t until)
{
    int error = 0;
    socklen_t size = sizeof error;
    if (begin(fd, to) == 0)
        return NULL;
    if (errno != EINPROGRESS)
        return strerror(errno);
    const char *wrong = wait_for(fd, POLLOUT, until);
    if (wrong == NULL && getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) != 0)
        error = errno;
    return wrong == NULL && error != 0 ? strerror(error) : wrong;
}

/* Length and message in one segment: some servers wait badly for the second one. */
static const char *put(int fd, struct ww_slice message, int64_t until)
{
    uint8_t head[2] = {(uint8_t)(message.n >> 8), (uint8_t)message.n};
    uint8_t *whole = malloc(sizeof head + message.n);
    const char *wrong = whole != NULL ? NULL : "out of memory";
    if (whole != NULL) {
        memcpy(whole, head, sizeof head);
        memcpy(whole + sizeof head, message.p, message.n);
    }
    for (size_t done = 0; wrong == NULL && done < sizeof head + message.n;) {
        wrong = wait_for(fd, POLLOUT, until);
        ssize_t n = wrong == NULL ? send(fd, whole + done, sizeof head + message.n - done, MSG_NOSIGNAL) : 0;
        if (n < 0 && errno != EAGAIN && errno != EINTR)
            wrong = strerror(errno);
        done += n > 0 ? (size_t)n : 0;
    }
    free(whole);
    return wrong;
}

static const char *take(int fd, uint8_t *to, size_t wanted, int64_t until)
{
    size_t done = 0;
    while (done < wanted) {
        const char *wrong = wait_for(fd, POLLIN, until);
        if (wrong != NULL)
            return wrong;
        ssize_t n = recv(fd, to + done, wanted - done, 0);
        if (n == 0)
            return "it closes the connection without an answer";
        if (n < 0 && errno != EAGAIN && errno != EINTR)
            return strerror(errno);
        done += n > 0 ? (size_t)n : 0;
    }
    return NULL;
}

const char *ww_dns_tcp(const struct ww_addr *server, struct ww_slice message, int64_t until,
                       uint8_t answer[WW_DNS_TCP_MAX], size_t *n)
{
    uint8_t head[2] = {0, 0};
    int fd = socket(server->length == 4 ? AF_INET : AF_INET6, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return strerror(errno);
    const char *wrong = reach(fd, server, until);
    if (wrong == NULL)
        wrong = put(fd, message, until);
    if (wrong == NULL)
        wrong = take(fd, head, sizeof head, until);
    *n = (size_t)head[0] << 8 | head[1];
    if (wrong == NULL)
        wrong = take(fd, answer, *n, until);
    (void)close(fd);
    return wrong;
}
