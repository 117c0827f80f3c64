#include "cli/query.h"

#include "core/netstring.h"
#include "core/socketmap.h"
#include "core/words.h"
#include "daemon/clock.h"
#include "daemon/listen_at.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

/* "100000:" and ",". */
#define REPLY_FRAMED_MAX (WW_SOCKETMAP_REPLY_MAX + 8)

/* Waits until the socket is ready; false when the deadline comes first, with errno set. */
static bool wait_for(int fd, short events, int64_t deadline)
{
    struct pollfd p = {.fd = fd, .events = events};
    for (;;) {
        int64_t left = deadline - ww_clock_ms();
        int n = poll(&p, 1, left > 0 ? (int)left : 0);
        if (n > 0)
            return true;
        if (n == 0)
            errno = ETIMEDOUT;
        if (n == 0 || errno != EINTR)
            return false;
    }
}

/* A connected, non-blocking socket, or -1 with errno set. */
static int connect_to(const struct ww_listen_at *at, int64_t deadline)
{
    int fd = socket(at->address.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -1;
    int error = 0;
    socklen_t size = sizeof error;
    if (connect(fd, (const struct sockaddr *)&at->address, at->length) != 0) {
        error = errno;
        if (error == EINPROGRESS)
            error = wait_for(fd, POLLOUT, deadline) ? 0 : errno;
        if (error == 0 && getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) != 0)
            error = errno;
    }
    if (error == 0)
        return fd;
    (void)close(fd);
    errno = error;
    return -1;
}

static bool send_all(int fd, struct ww_slice s, int64_t deadline)
{
    while (s.n > 0) {
        ssize_t n = send(fd, s.p, s.n, MSG_NOSIGNAL);
        if (n > 0)
            s = ww_slice(s.p + n, s.n - (size_t)n);
        else if (n < 0 && errno == EAGAIN && wait_for(fd, POLLOUT, deadline))
            continue;
        else if (n == 0 || errno != EINTR)
            return false;
    }
    return true;
}

/* Reads one netstring into room; *reply lies in it. False with errno set. */
static bool receive(int fd, char *room, struct ww_slice *reply, int64_t deadline)
{
    size_t there = 0;
    size_t used;
    for (;;) {
        switch (ww_netstring_cut(room, there, WW_SOCKETMAP_REPLY_MAX, reply, &used)) {
        case WW_NETSTRING_WHOLE:
            return true;
        case WW_NETSTRING_MALFORMED:
            errno = EPROTO;
            return false;
        case WW_NETSTRING_MORE:
            break;
        }
        if (!wait_for(fd, POLLIN, deadline))
            return false;
        ssize_t n = recv(fd, room + there, REPLY_FRAMED_MAX - there, 0);
        if (n > 0) {
            there += (size_t)n;
        } else if (n == 0 || (errno != EINTR && errno != EAGAIN)) {
            if (n == 0)
                errno = ECONNRESET;
            return false;
        }
    }
}

static enum ww_query_outcome read_reply(struct ww_slice reply, json_t **json, char why[WW_QUERY_WHY_SIZE])
{
    if (ww_slice_starts(reply, "NOTFOUND "))
        return WW_QUERY_NO_DOMAIN;
    if (ww_slice_starts(reply, "OK ")) {
        *json = json_loadb(reply.p + 3, reply.n - 3, JSON_REJECT_DUPLICATES, NULL);
        if (json_is_object(*json))
            return WW_QUERY_ANSWER;
        json_decref(*json);
        *json = NULL;
    }
    struct ww_buf b = ww_buf(why, WW_QUERY_WHY_SIZE - 1);
    ww_buf_str(&b, "it answers: ");
    ww_words_put(&b, reply);
    why[b.n] = '\0';
    return WW_QUERY_FAILED;
}

static enum ww_query_outcome converse(int fd, const char *domain, int64_t deadline, json_t **json,
                                      char why[WW_QUERY_WHY_SIZE])
{
    char request[WW_DNAME_SIZE + 32];
    char payload[WW_DNAME_SIZE + 16];
    struct ww_slice reply;
    (void)snprintf(payload, sizeof payload, "EXPLAIN %s", domain);
    struct ww_buf b = ww_buf(request, sizeof request);
    ww_netstring_put(&b, ww_slice_str(payload));

    char *room = malloc(REPLY_FRAMED_MAX);
    enum ww_query_outcome outcome = WW_QUERY_FAILED;
    if (room != NULL && send_all(fd, ww_slice(b.p, b.n), deadline) && receive(fd, room, &reply, deadline))
        outcome = read_reply(reply, json, why);
    else
        (void)snprintf(why, WW_QUERY_WHY_SIZE, "%s", strerror(errno));
    free(room);
    return outcome;
}

enum ww_query_outcome ww_query_daemon(const char *address, const char *domain, unsigned deadline_ms,
                                      json_t **json, char why[WW_QUERY_WHY_SIZE])
{
    struct ww_listen_at at;
    const char *words;
    int64_t deadline = ww_clock_ms() + deadline_ms;
    if (!ww_listen_at_parse(address, &at, &words)) {
        (void)snprintf(why, WW_QUERY_WHY_SIZE, "%s", words);
        return WW_QUERY_FAILED;
    }
    int fd = connect_to(&at, deadline);
    if (fd < 0) {
        bool nobody = errno == ECONNREFUSED || errno == ENOENT;
        (void)snprintf(why, WW_QUERY_WHY_SIZE, "%s", strerror(errno));
        return nobody ? WW_QUERY_NO_DAEMON : WW_QUERY_FAILED;
    }
    enum ww_query_outcome outcome = converse(fd, domain, deadline, json, why);
    (void)close(fd);
    return outcome;
}
