#include "net/dns_server.h"

#include "core/dns_question.h"
#include "net/clock.h"

#include <errno.h>
#include <event2/buffer.h>
#include <event2/event.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>

#define PORT 53

/* Packets that answer something else, on one question. */
#define STRAY_MAX 64

struct ww_dns_server_query {
    struct event_base *base;
    struct event *event;    /* of the socket */
    struct event *deadline; /* made active early when it has ended */
    struct event *again;    /* UDP: asks once more, for a packet may be lost */
    int fd;
    bool ended;
    bool asked_tcp; /* the question was sent over TCP */
    size_t sent;
    unsigned stray;
    int64_t begun;
    struct sockaddr_storage to, from;
    socklen_t length; /* of both */
    bool bound;       /* from is of meaning */
    struct ww_dns_question question;
    char name[WW_DNS_NAME_TEXT_SIZE];
    char octets[2 + WW_DNS_QUESTION_SIZE]; /* behind the length that TCP wants */
    size_t size;
    struct evbuffer *in; /* over TCP */
    char *packet;
    struct ww_dns_server_reply reply;
    ww_dns_server_cb *cb;
    void *ctx;
};

static void query_free(struct ww_dns_server_query *q)
{
    if (q->event != NULL)
        event_free(q->event);
    if (q->deadline != NULL)
        event_free(q->deadline);
    if (q->again != NULL)
        event_free(q->again);
    if (q->fd >= 0)
        (void)close(q->fd);
    if (q->in != NULL)
        evbuffer_free(q->in);
    free(q->packet);
    free(q);
}

static void on_deadline(evutil_socket_t fd, short what, void *arg)
{
    struct ww_dns_server_query *q = arg;
    (void)fd, (void)what;
    if (!q->ended)
        q->reply.err = WW_E_DNS_TIMEOUT;
    q->reply.us = ww_clock_us() - q->begun;
    q->cb(q->ctx, &q->reply);
    query_free(q);
}

/* Told from the loop, so that nobody is called who is still asking. */
static void end(struct ww_dns_server_query *q, enum ww_err err, int error)
{
    q->ended = true;
    q->reply.err = err;
    q->reply.error = error;
    if (q->event != NULL)
        (void)event_del(q->event);
    (void)event_del(q->again);
    event_active(q->deadline, EV_TIMEOUT, 0);
}

/* Errors that this machine makes, and no server. */
static bool is_no_way(int error)
{
    return error == ENETUNREACH || error == EADDRNOTAVAIL || error == EAFNOSUPPORT || error == EACCES ||
           error == EPERM || error == ENETDOWN;
}

static void fail(struct ww_dns_server_query *q, int error)
{
    end(q, is_no_way(error) ? WW_E_DNS_NO_WAY : WW_E_DNS_UNREACHABLE, error);
}

static void to_sockaddr(const struct ww_addr *addr, uint16_t port, struct sockaddr_storage *out,
                        socklen_t *length)
{
    *out = (struct sockaddr_storage){.ss_family = AF_UNSPEC};
    if (addr->length == 16) {
        struct sockaddr_in6 in6 = {.sin6_family = AF_INET6, .sin6_port = htons(port)};
        memcpy(&in6.sin6_addr, addr->octets, 16);
        memcpy(out, &in6, sizeof in6);
        *length = sizeof in6;
    } else {
        struct sockaddr_in in = {.sin_family = AF_INET, .sin_port = htons(port)};
        memcpy(&in.sin_addr, addr->octets, 4);
        memcpy(out, &in, sizeof in);
        *length = sizeof in;
    }
}

/* False: errno says why. Of TCP the connection may be under way still. */
static bool open_socket(struct ww_dns_server_query *q, int type)
{
    q->fd = socket(q->to.ss_family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (q->fd < 0 || (q->bound && bind(q->fd, (const struct sockaddr *)&q->from, q->length) != 0))
        return false;
    return connect(q->fd, (const struct sockaddr *)&q->to, q->length) == 0 || errno == EINPROGRESS;
}

/* True: that was the answer, and it has been kept. */
static bool take(struct ww_dns_server_query *q, const char *packet, size_t n)
{
    struct ww_dns_answer answer;
    enum ww_err err;
    if (!ww_dns_question_take(&q->question, ww_slice(packet, n), &answer, &err))
        return false;
    if (err == WW_E_DNS_CUT && !q->reply.tcp)
        return true;
    q->packet = malloc(n > 0 ? n : 1);
    if (q->packet == NULL) {
        end(q, WW_E_NO_MEMORY, 0);
        return true;
    }
    memcpy(q->packet, packet, n);
    q->reply.packet = ww_slice(q->packet, n);
    q->reply.answer = answer;
    q->reply.answer.packet = q->reply.packet;
    end(q, err, 0);
    return true;
}

static void read_tcp(struct ww_dns_server_query *q)
{
    uint8_t head[2];
    int got = evbuffer_read(q->in, q->fd, -1);
    if (got < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (got <= 0) {
        fail(q, got < 0 ? errno : ECONNRESET);
        return;
    }
    if (evbuffer_copyout(q->in, head, 2) < 2)
        return;
    size_t n = (size_t)head[0] << 8 | head[1];
    if (evbuffer_get_length(q->in) < 2 + n)
        return;
    const char *all = (const char *)evbuffer_pullup(q->in, (ev_ssize_t)(2 + n));
    if (all == NULL)
        end(q, WW_E_NO_MEMORY, 0);
    else if (!take(q, all + 2, n))
        end(q, WW_E_DNS_MISMATCH, 0);
}

static void on_tcp(evutil_socket_t fd, short what, void *arg);

static bool watch(struct ww_dns_server_query *q, short what, event_callback_fn on)
{
    if (q->event != NULL)
        event_free(q->event);
    q->event = event_new(q->base, q->fd, (short)(what | EV_PERSIST), on, q);
    return q->event != NULL && event_add(q->event, NULL) == 0;
}

static void write_tcp(struct ww_dns_server_query *q)
{
    ssize_t n = send(q->fd, q->octets + q->sent, 2 + q->size - q->sent, MSG_NOSIGNAL);
    if (n < 0) {
        if (errno != EAGAIN && errno != EINTR)
            fail(q, errno);
        return;
    }
    q->sent += (size_t)n;
    q->asked_tcp = q->sent == 2 + q->size;
    if (q->asked_tcp && !watch(q, EV_READ, on_tcp))
        end(q, WW_E_NO_MEMORY, 0);
}

static void on_tcp(evutil_socket_t fd, short what, void *arg)
{
    struct ww_dns_server_query *q = arg;
    (void)fd, (void)what;
    if (q->asked_tcp)
        read_tcp(q);
    else
        write_tcp(q);
}

/* The answer does not fit into a datagram. */
static void go_to_tcp(struct ww_dns_server_query *q)
{
    (void)event_del(q->again);
    event_free(q->event);
    q->event = NULL;
    (void)close(q->fd);
    q->fd = -1;
    q->reply.tcp = true;
    q->in = evbuffer_new();
    if (q->in != NULL && !open_socket(q, SOCK_STREAM))
        fail(q, errno);
    else if (q->in == NULL || !watch(q, EV_WRITE, on_tcp))
        end(q, WW_E_NO_MEMORY, 0);
}

static void on_udp(evutil_socket_t fd, short what, void *arg)
{
    struct ww_dns_server_query *q = arg;
    char packet[4096];
    (void)fd, (void)what;
    ssize_t n = recv(q->fd, packet, sizeof packet, 0);
    if (n < 0) {
        if (errno != EAGAIN && errno != EINTR)
            fail(q, errno);
    } else if (!take(q, packet, (size_t)n)) {
        if (++q->stray > STRAY_MAX)
            end(q, WW_E_DNS_MISMATCH, 0);
    } else if (!q->ended) {
        go_to_tcp(q);
    }
}

static bool send_udp(struct ww_dns_server_query *q)
{
    return send(q->fd, q->octets + 2, q->size, MSG_NOSIGNAL) >= 0;
}

static void on_again(evutil_socket_t fd, short what, void *arg)
{
    struct ww_dns_server_query *q = arg;
    (void)fd, (void)what;
    if (!send_udp(q))
        fail(q, errno);
}

static void choose_source(struct ww_dns_server_query *q, const struct ww_dns_server_options *options,
                          const struct ww_addr *server)
{
    socklen_t length;
    for (size_t i = 0; i < options->source_count && !q->bound; i++)
        if (options->sources[i].length == server->length) {
            to_sockaddr(&options->sources[i], 0, &q->from, &length);
            q->bound = true;
        }
}

/* The system gives a random port to who does not ask for one. */
static enum ww_err prepare(struct ww_dns_server_query *q, const char *name, uint16_t type)
{
    struct ww_buf copy = ww_buf(q->name, sizeof q->name - 1);
    struct ww_buf b = ww_buf(q->octets + 2, sizeof q->octets - 2);
    ww_buf_str(&copy, name);
    q->question = (struct ww_dns_question){.name = q->name, .type = type};
    if (copy.failed)
        return WW_E_DNS_NAME;
    if (getrandom(&q->question.id, sizeof q->question.id, 0) != (ssize_t)sizeof q->question.id)
        return WW_E_NO_MEMORY;
    enum ww_err err = ww_dns_question_write(&q->question, &b);
    q->size = b.n;
    struct ww_buf length = ww_buf(q->octets, 2);
    ww_buf_u16(&length, (uint16_t)b.n);
    return err;
}

static enum ww_err begin(struct ww_dns_server_query *q, unsigned deadline_ms)
{
    const struct timeval limit = {.tv_sec = deadline_ms / 1000, .tv_usec = deadline_ms % 1000 * 1000};
    unsigned third = deadline_ms / 3;
    const struct timeval again = {.tv_sec = third / 1000, .tv_usec = third % 1000 * 1000};
    q->deadline = evtimer_new(q->base, on_deadline, q);
    q->again = evtimer_new(q->base, on_again, q);
    if (q->deadline == NULL || q->again == NULL)
        return WW_E_NO_MEMORY;
    if (!open_socket(q, SOCK_DGRAM) || !send_udp(q))
        return is_no_way(errno) ? WW_E_DNS_NO_WAY : WW_E_DNS_UNREACHABLE;
    if (evtimer_add(q->deadline, &limit) != 0 || evtimer_add(q->again, &again) != 0 ||
        !watch(q, EV_READ, on_udp))
        return WW_E_NO_MEMORY;
    return WW_OK;
}

struct ww_dns_server_query *ww_dns_server_ask(const struct ww_dns_server_options *options,
                                              const struct ww_addr *server, const char *name, uint16_t type,
                                              ww_dns_server_cb *cb, void *ctx, enum ww_err *err)
{
    struct ww_dns_server_query *q = calloc(1, sizeof *q);
    *err = WW_E_NO_MEMORY;
    if (q == NULL)
        return NULL;
    q->base = options->base;
    q->fd = -1;
    q->begun = ww_clock_us();
    q->cb = cb;
    q->ctx = ctx;
    to_sockaddr(server, PORT, &q->to, &q->length);
    choose_source(q, options, server);
    *err = prepare(q, name, type);
    if (*err == WW_OK)
        *err = begin(q, options->deadline_ms);
    if (*err == WW_OK)
        return q;
    query_free(q);
    return NULL;
}

void ww_dns_server_cancel(struct ww_dns_server_query *query)
{
    query_free(query);
}
