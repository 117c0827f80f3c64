#include "client/exchange.h"

#include "core/netstring.h"
#include "core/socketmap.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

/* "100000:" and a comma. */
#define LONGEST (WW_SOCKETMAP_REPLY_MAX + 8)

#define FIRST_ROOM ((size_t)2048)

/* A Unix socket whose queue is full says so at once, and cannot be waited for. */
#define FULL_PAUSE_MS 10

void ww_exchange_begin(struct ww_exchange *x, const struct ww_address *to, int fd, struct ww_slice request,
                       int64_t deadline)
{
    *x = (struct ww_exchange){.to = to, .request = request, .deadline = deadline, .fd = fd};
    x->state = fd >= 0 ? WW_EXCHANGE_SEND : WW_EXCHANGE_OPEN;
}

static void close_it(struct ww_exchange *x)
{
    if (x->fd >= 0)
        (void)close(x->fd);
    x->fd = -1;
}

static void fail(struct ww_exchange *x, enum ww_err err)
{
    close_it(x);
    x->err = err;
    x->state = WW_EXCHANGE_ENDED;
}

static void broken(struct ww_exchange *x)
{
    if (x->again) {
        fail(x, WW_E_CLIENT_CLOSED);
        return;
    }
    close_it(x);
    x->again = true;
    x->sent = 0;
    x->in_n = 0;
    x->state = WW_EXCHANGE_OPEN;
}

/* Each of these does one step, and says whether the next can be tried at once. */

static bool open_it(struct ww_exchange *x, int64_t now)
{
    if (now < x->pause)
        return false;
    x->fd = socket(x->to->address.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (x->fd < 0) {
        fail(x, WW_E_CLIENT_CONNECT);
        return true;
    }
    x->state = WW_EXCHANGE_SEND;
    if (connect(x->fd, (const struct sockaddr *)&x->to->address, x->to->length) == 0)
        return true;
    if (errno == EINPROGRESS || errno == EINTR) {
        x->state = WW_EXCHANGE_CONNECT;
        return true;
    }
    if (errno != EAGAIN) {
        fail(x, WW_E_CLIENT_CONNECT);
        return true;
    }
    close_it(x);
    x->state = WW_EXCHANGE_OPEN;
    x->pause = now + FULL_PAUSE_MS;
    return false;
}

static bool connect_it(struct ww_exchange *x)
{
    struct pollfd p = {.fd = x->fd, .events = POLLOUT};
    int error = 0;
    socklen_t size = sizeof error;
    if (poll(&p, 1, 0) <= 0)
        return false;
    if (getsockopt(x->fd, SOL_SOCKET, SO_ERROR, &error, &size) != 0 || error != 0)
        fail(x, WW_E_CLIENT_CONNECT);
    else
        x->state = WW_EXCHANGE_SEND;
    return true;
}

static bool send_it(struct ww_exchange *x)
{
    ssize_t n = send(x->fd, x->request.p + x->sent, x->request.n - x->sent, MSG_NOSIGNAL);
    if (n < 0 && errno == EAGAIN)
        return false;
    if (n < 0 && errno != EINTR)
        broken(x);
    if (n > 0)
        x->sent += (size_t)n;
    if (x->state == WW_EXCHANGE_SEND && x->sent == x->request.n)
        x->state = WW_EXCHANGE_RECEIVE;
    return true;
}

static bool make_room(struct ww_exchange *x)
{
    if (x->in_n < x->in_cap)
        return true;
    size_t larger = x->in_cap == 0 ? FIRST_ROOM : 2 * x->in_cap;
    if (larger > LONGEST)
        larger = LONGEST;
    char *in = larger > x->in_cap ? realloc(x->in, larger) : NULL;
    if (in == NULL)
        return false;
    x->in = in;
    x->in_cap = larger;
    return true;
}

static void read_reply(struct ww_exchange *x)
{
    size_t used;
    switch (ww_netstring_cut(x->in, x->in_n, WW_SOCKETMAP_REPLY_MAX, &x->reply, &used)) {
    case WW_NETSTRING_MORE:
        return;
    case WW_NETSTRING_WHOLE:
        x->state = WW_EXCHANGE_ENDED;
        /* What follows would be taken for the answer to the next request. */
        if (used == x->in_n)
            return;
        break;
    case WW_NETSTRING_MALFORMED:
        break;
    }
    fail(x, WW_E_CLIENT_PROTOCOL);
}

static bool receive_it(struct ww_exchange *x)
{
    if (!make_room(x)) {
        fail(x, WW_E_NO_MEMORY);
        return true;
    }
    ssize_t n = recv(x->fd, x->in + x->in_n, x->in_cap - x->in_n, 0);
    if (n < 0 && errno == EAGAIN)
        return false;
    if (n == 0 || (n < 0 && errno != EINTR))
        broken(x);
    if (n > 0) {
        x->in_n += (size_t)n;
        read_reply(x);
    }
    return true;
}

bool ww_exchange_step(struct ww_exchange *x, int64_t now)
{
    bool on = true;
    if (x->state != WW_EXCHANGE_ENDED && now >= x->deadline)
        fail(x, WW_E_CLIENT_TIMEOUT);
    while (on && x->state != WW_EXCHANGE_ENDED) {
        if (x->state == WW_EXCHANGE_OPEN)
            on = open_it(x, now);
        else if (x->state == WW_EXCHANGE_CONNECT)
            on = connect_it(x);
        else if (x->state == WW_EXCHANGE_SEND)
            on = send_it(x);
        else
            on = receive_it(x);
    }
    return x->state == WW_EXCHANGE_ENDED;
}

short ww_exchange_events(const struct ww_exchange *x)
{
    if (x->fd < 0)
        return 0;
    return x->state == WW_EXCHANGE_RECEIVE ? POLLIN : POLLOUT;
}

int ww_exchange_timeout(const struct ww_exchange *x, int64_t now)
{
    int64_t until = x->deadline;
    if (x->state == WW_EXCHANGE_ENDED)
        return 0;
    if (x->state == WW_EXCHANGE_OPEN && x->pause < until)
        until = x->pause;
    int64_t left = until > now ? until - now : 0;
    return left > INT32_MAX ? INT32_MAX : (int)left;
}

int ww_exchange_end(struct ww_exchange *x)
{
    int fd = -1;
    if (x->state == WW_EXCHANGE_ENDED && x->err == WW_OK) {
        fd = x->fd;
        x->fd = -1;
    }
    close_it(x);
    free(x->in);
    x->in = NULL;
    x->reply = ww_slice(NULL, 0);
    return fd;
}
