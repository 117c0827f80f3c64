#include "cli/dial.h"

#include "core/netstring.h"
#include "daemon/clock.h"
#include "daemon/listen_at.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* A length of up to nine digits with its colon, and a comma. */
#define FRAME 11

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

bool ww_dial_open(struct ww_dial *dial, const char *address, size_t longest, int64_t deadline)
{
    struct ww_listen_at at;
    const char *why;
    *dial = (struct ww_dial){.fd = -1, .longest = longest};
    if (!ww_listen_at_parse(address, &at, &why)) {
        errno = EINVAL;
        return false;
    }
    dial->room = malloc(longest + FRAME);
    if (dial->room != NULL)
        dial->fd = connect_to(&at, deadline);
    if (dial->fd >= 0)
        return true;
    free(dial->room);
    dial->room = NULL;
    return false;
}

void ww_dial_close(struct ww_dial *dial)
{
    free(dial->room);
    dial->room = NULL;
    if (dial->fd >= 0)
        (void)close(dial->fd);
    dial->fd = -1;
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

bool ww_dial_send(struct ww_dial *dial, struct ww_slice payload, int64_t deadline)
{
    size_t room = payload.n + 2 * FRAME;
    char *text = malloc(room);
    if (text == NULL)
        return false;
    struct ww_buf b = ww_buf(text, room);
    ww_netstring_put(&b, payload);
    bool good = send_all(dial->fd, ww_slice(b.p, b.n), deadline);
    int saved = errno;
    free(text);
    errno = saved;
    return good;
}

/* Reads what is there. False with errno set. */
static bool read_more(struct ww_dial *d, int64_t deadline)
{
    if (!wait_for(d->fd, POLLIN, deadline))
        return false;
    ssize_t n = recv(d->fd, d->room + d->end, d->longest + FRAME - d->end, 0);
    if (n > 0)
        d->end += (size_t)n;
    if (n == 0)
        errno = ECONNRESET;
    return n > 0 || (n < 0 && (errno == EINTR || errno == EAGAIN));
}

bool ww_dial_receive(struct ww_dial *dial, struct ww_slice *payload, int64_t deadline)
{
    for (;;) {
        size_t used = 0;
        enum ww_netstring cut =
            ww_netstring_cut(dial->room + dial->at, dial->end - dial->at, dial->longest, payload, &used);
        if (cut == WW_NETSTRING_WHOLE) {
            dial->at += used;
            return true;
        }
        if (cut == WW_NETSTRING_MALFORMED) {
            errno = EPROTO;
            return false;
        }
        memmove(dial->room, dial->room + dial->at, dial->end - dial->at);
        dial->end -= dial->at;
        dial->at = 0;
        if (!read_more(dial, deadline))
            return false;
    }
}

bool ww_dial_ask(struct ww_dial *dial, struct ww_slice request, struct ww_slice *reply, int64_t deadline)
{
    bool good = send_all(dial->fd, request, deadline);
    dial->at = dial->end = 0;
    while (good && dial->end < dial->longest) {
        errno = 0;
        good = read_more(dial, deadline);
        if (!good && errno == ECONNRESET && dial->end > 0)
            break;
    }
    *reply = ww_slice(dial->room, dial->end);
    return good || (errno == ECONNRESET && dial->end > 0);
}
