#include "proc/chan.h"

#include "base/buf.h"
#include "base/cursor.h"

#include <errno.h>
#include <event2/event.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#define HEADER 4
#define QUEUE_MAX ((size_t)64 << 20)
#define SEND_BUFFER (512 * 1024)

/* Messages read in one turn of the loop, so that a busy peer does not starve the others. */
#define BATCH 64

struct waiting {
    struct waiting *next;
    int fd;
    size_t n;
    char bytes[];
};

struct ww_chan {
    int fd;
    struct event *readable;
    struct event *writable;
    struct ww_chan_handlers handlers;
    void (*drained)(void *ctx, struct ww_chan *chan);
    void *ctx;
    struct waiting *first;
    struct waiting **last;
    size_t queued;
    bool gone;   /* a send has failed for good; the reader will come to the end as well */
    bool inside; /* a handler runs: freeing waits for its return */
    bool freed;
    char in[WW_CHAN_MESSAGE_MAX];
};

enum receipt {
    GOT_MESSAGE,
    GOT_NOTHING,
    GOT_END,
};

static void drop_queue(struct ww_chan *chan)
{
    while (chan->first != NULL) {
        struct waiting *w = chan->first;
        chan->first = w->next;
        if (w->fd >= 0)
            close(w->fd);
        free(w);
    }
    chan->last = &chan->first;
    chan->queued = 0;
}

static void destroy(struct ww_chan *chan)
{
    drop_queue(chan);
    if (chan->readable != NULL)
        event_free(chan->readable);
    if (chan->writable != NULL)
        event_free(chan->writable);
    close(chan->fd);
    free(chan);
}

void ww_chan_free(struct ww_chan *chan)
{
    if (chan == NULL)
        return;
    if (chan->inside) {
        chan->freed = true;
        event_del(chan->readable);
        event_del(chan->writable);
        return;
    }
    destroy(chan);
}

/* Runs after each handler: true when it has freed the channel, which is done now. */
static bool left(struct ww_chan *chan)
{
    chan->inside = false;
    if (!chan->freed)
        return false;
    destroy(chan);
    return true;
}

static void down(struct ww_chan *chan)
{
    chan->gone = true;
    drop_queue(chan);
    event_del(chan->readable);
    event_del(chan->writable);
    chan->inside = true;
    chan->handlers.down(chan->ctx, chan);
    left(chan);
}

/*
 * Takes the descriptors out of a message: at most one is wanted. The padding of a control message lets a
 * second one in, so all are looked at.
 */
static bool take_fds(struct msghdr *m, int *fd)
{
    bool one = true;
    *fd = -1;
    for (struct cmsghdr *c = CMSG_FIRSTHDR(m); c != NULL; c = CMSG_NXTHDR(m, c)) {
        if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
            continue;
        size_t count = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
        for (size_t i = 0; i < count; i++) {
            int got;
            memcpy(&got, CMSG_DATA(c) + i * sizeof got, sizeof got);
            if (*fd < 0) {
                *fd = got;
            } else {
                close(got);
                one = false;
            }
        }
    }
    return one && (m->msg_flags & (MSG_TRUNC | MSG_CTRUNC)) == 0;
}

static enum receipt receive(struct ww_chan *chan, size_t *n, int *fd)
{
    union {
        struct cmsghdr align;
        char space[CMSG_SPACE(sizeof(int))];
    } control;
    struct iovec part = {chan->in, sizeof chan->in};
    struct msghdr m = {.msg_iov = &part, .msg_iovlen = 1};
    ssize_t got;
    *fd = -1;
    do {
        m.msg_control = &control;
        m.msg_controllen = sizeof control;
        got = recvmsg(chan->fd, &m, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
        /* A peer that died with our messages unread resets once; what it had sent before is still there. */
    } while (got < 0 && (errno == EINTR || errno == ECONNRESET));
    if (got < 0)
        return errno == EAGAIN ? GOT_NOTHING : GOT_END;
    *n = (size_t)got;
    if (take_fds(&m, fd) && got >= HEADER)
        return GOT_MESSAGE;
    if (*fd >= 0)
        close(*fd);
    return GOT_END;
}

static void on_readable(evutil_socket_t s, short what, void *arg)
{
    (void)s;
    (void)what;
    struct ww_chan *chan = arg;
    for (int i = 0; i < BATCH; i++) {
        size_t n = 0;
        int fd;
        enum receipt r = receive(chan, &n, &fd);
        if (r == GOT_NOTHING)
            return;
        struct ww_cursor c = ww_cursor(chan->in, n);
        unsigned version = ww_cursor_u16(&c);
        uint16_t type = ww_cursor_u16(&c);
        if (r == GOT_END || version != WW_CHAN_VERSION) {
            if (r == GOT_MESSAGE && fd >= 0)
                close(fd);
            down(chan);
            return;
        }
        chan->inside = true;
        chan->handlers.message(chan->ctx, chan, type, ww_slice(chan->in + HEADER, n - HEADER), fd);
        if (left(chan))
            return;
    }
}

/* 0 when it was sent, else errno. */
static int transmit(int sock, struct iovec *parts, size_t count, int fd)
{
    union {
        struct cmsghdr align;
        char space[CMSG_SPACE(sizeof(int))];
    } control;
    struct msghdr m = {.msg_iov = parts, .msg_iovlen = count};
    if (fd >= 0) {
        memset(&control, 0, sizeof control);
        m.msg_control = &control;
        m.msg_controllen = sizeof control;
        struct cmsghdr *c = CMSG_FIRSTHDR(&m);
        c->cmsg_level = SOL_SOCKET;
        c->cmsg_type = SCM_RIGHTS;
        c->cmsg_len = CMSG_LEN(sizeof fd);
        memcpy(CMSG_DATA(c), &fd, sizeof fd);
    }
    ssize_t sent;
    do
        sent = sendmsg(sock, &m, MSG_NOSIGNAL | MSG_DONTWAIT);
    while (sent < 0 && errno == EINTR);
    return sent < 0 ? errno : 0;
}

static void on_writable(evutil_socket_t s, short what, void *arg)
{
    (void)s;
    (void)what;
    struct ww_chan *chan = arg;
    while (chan->first != NULL) {
        struct waiting *w = chan->first;
        struct iovec part = {w->bytes, w->n};
        int fault = transmit(chan->fd, &part, 1, w->fd);
        if (fault == EAGAIN)
            return;
        if (fault != 0) {
            chan->gone = true;
            drop_queue(chan);
            event_del(chan->writable);
            return;
        }
        chan->first = w->next;
        if (chan->first == NULL)
            chan->last = &chan->first;
        chan->queued -= w->n;
        if (w->fd >= 0)
            close(w->fd);
        free(w);
    }
    event_del(chan->writable);
    if (chan->drained == NULL)
        return;
    chan->inside = true;
    chan->drained(chan->ctx, chan);
    left(chan);
}

static enum ww_err enqueue(struct ww_chan *chan, const char *header, struct ww_slice payload, int fd)
{
    size_t n = HEADER + payload.n;
    if (n > QUEUE_MAX - chan->queued)
        return WW_E_CHAN_FULL;
    struct waiting *w = malloc(sizeof *w + n);
    if (w == NULL)
        return WW_E_NO_MEMORY;
    w->next = NULL;
    w->n = n;
    w->fd = -1;
    memcpy(w->bytes, header, HEADER);
    if (payload.n > 0)
        memcpy(w->bytes + HEADER, payload.p, payload.n);
    if ((fd >= 0 && (w->fd = fcntl(fd, F_DUPFD_CLOEXEC, 0)) < 0) || event_add(chan->writable, NULL) != 0) {
        if (w->fd >= 0)
            close(w->fd);
        free(w);
        return WW_E_NO_MEMORY;
    }
    *chan->last = w;
    chan->last = &w->next;
    chan->queued += n;
    return WW_OK;
}

enum ww_err ww_chan_send(struct ww_chan *chan, uint16_t type, struct ww_slice payload, int fd)
{
    if (chan->gone || chan->freed)
        return WW_E_CHAN_DOWN;
    if (payload.n > WW_CHAN_MESSAGE_MAX - HEADER)
        return WW_E_TOO_LONG;
    char header[HEADER];
    struct ww_buf b = ww_buf(header, sizeof header);
    ww_buf_u16(&b, WW_CHAN_VERSION);
    ww_buf_u16(&b, type);
    if (chan->first != NULL)
        return enqueue(chan, header, payload, fd);

    union {
        const char *in;
        void *out;
    } bytes = {payload.p}; /* an iovec is not const */
    struct iovec parts[2] = {{header, HEADER}, {bytes.out, payload.n}};
    int fault = transmit(chan->fd, parts, payload.n > 0 ? 2 : 1, fd);
    if (fault == EAGAIN)
        return enqueue(chan, header, payload, fd);
    if (fault == 0)
        return WW_OK;
    chan->gone = true;
    return WW_E_CHAN_DOWN;
}

size_t ww_chan_queued(const struct ww_chan *chan)
{
    return chan->queued;
}

void ww_chan_on_drained(struct ww_chan *chan, void (*drained)(void *ctx, struct ww_chan *chan))
{
    chan->drained = drained;
}

struct ww_chan *ww_chan_new(struct event_base *base, int fd, const struct ww_chan_handlers *handlers,
                            void *ctx)
{
    struct ww_chan *chan = calloc(1, sizeof *chan);
    if (chan == NULL) {
        close(fd);
        return NULL;
    }
    chan->fd = fd;
    chan->handlers = *handlers;
    chan->ctx = ctx;
    chan->last = &chan->first;
    chan->readable = event_new(base, fd, EV_READ | EV_PERSIST, on_readable, chan);
    chan->writable = event_new(base, fd, EV_WRITE | EV_PERSIST, on_writable, chan);
    if (chan->readable == NULL || chan->writable == NULL || evutil_make_socket_nonblocking(fd) != 0 ||
        event_add(chan->readable, NULL) != 0) {
        destroy(chan);
        return NULL;
    }
    return chan;
}

enum ww_err ww_chan_pair(int fds[2])
{
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, fds) != 0)
        return WW_E_CHAN_PAIR;
    /* The system's default may be smaller than a message; where the wish is too high, its cap is taken. */
    int size = SEND_BUFFER;
    for (int i = 0; i < 2; i++)
        (void)setsockopt(fds[i], SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
    return WW_OK;
}
