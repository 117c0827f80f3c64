#include "net/http_private.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

/* How long what a peer still sends is read away after the last answer: a reset would take that from it. */
#define LINGER_MS 2000
/* Room at first: most requests have one packet. */
#define INPUT_FIRST ((size_t)1024)
/* Of an answer's head, without the further headers. */
#define HEAD_SIZE 320

#define CONTINUE "HTTP/1.1 100 Continue\r\n\r\n"

struct ww_http_exchange {
    struct ww_http_connection *connection; /* NULL: it has gone */
    struct ww_addr peer;
    bool head_only;
};

static const char *reason_of(unsigned status)
{
    static const struct {
        unsigned status;
        const char *reason;
    } reasons[] = {
        {200, "OK"},
        {201, "Created"},
        {202, "Accepted"},
        {400, "Bad Request"},
        {403, "Forbidden"},
        {404, "Not Found"},
        {405, "Method Not Allowed"},
        {411, "Length Required"},
        {413, "Content Too Large"},
        {415, "Unsupported Media Type"},
        {421, "Misdirected Request"},
        {422, "Unprocessable Content"},
        {429, "Too Many Requests"},
        {431, "Request Header Fields Too Large"},
        {500, "Internal Server Error"},
        {501, "Not Implemented"},
        {503, "Service Unavailable"},
        {505, "HTTP Version Not Supported"},
    };
    for (size_t i = 0; i < sizeof reasons / sizeof *reasons; i++)
        if (reasons[i].status == status)
            return reasons[i].reason;
    return "";
}

static void set_deadline(struct ww_http_connection *c, unsigned ms)
{
    const struct timeval tv = {.tv_sec = ms / 1000, .tv_usec = (suseconds_t)(ms % 1000) * 1000};
    if (event_add(c->deadline, &tv) != 0)
        c->broken = true;
}

static struct ww_http_connections *list_of(struct ww_http_connection *c)
{
    return c->busy ? &c->server->busy : &c->server->idle;
}

static void set_busy(struct ww_http_connection *c, bool busy)
{
    if (busy == c->busy)
        return;
    TAILQ_REMOVE(list_of(c), c, entry);
    c->busy = busy;
    TAILQ_INSERT_TAIL(list_of(c), c, entry);
    ww_http_server_room(c->server);
    set_deadline(c, busy ? c->server->limits.deadline_ms : c->server->limits.idle_ms);
}

void ww_http_connection_free(struct ww_http_connection *c)
{
    struct ww_http_server *server = c->server;
    if (c->exchange != NULL)
        c->exchange->connection = NULL;
    TAILQ_REMOVE(list_of(c), c, entry);
    server->count--;
    if (c->readable != NULL)
        event_free(c->readable);
    if (c->writable != NULL)
        event_free(c->writable);
    if (c->deadline != NULL)
        event_free(c->deadline);
    ww_http_tls_end(c);
    server->input -= c->in_size;
    close(c->fd);
    free(c->in);
    free(c->out);
    free(c);
    ww_http_server_room(server);
}

/* The one place that writes to the peer. */
static void flush(struct ww_http_connection *c)
{
    const char *p = c->out + c->out_at;
    size_t n = c->out_n - c->out_at;
    ssize_t sent =
        c->ssl != NULL ? ww_http_tls_send(c, p, n) : send(c->fd, p, n, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (sent < 0) {
        c->broken = true;
        return;
    }
    c->out_at += (size_t)sent;
    if (c->out_at < c->out_n)
        return;
    free(c->out);
    c->out = NULL;
    c->out_at = c->out_n = 0;
}

static void queue(struct ww_http_connection *c, const char *p, size_t n)
{
    char *larger = n > 0 ? realloc(c->out, c->out_n + n) : c->out;
    if (n == 0)
        return;
    if (larger == NULL) {
        c->broken = true;
        return;
    }
    memcpy(larger + c->out_n, p, n);
    c->out = larger;
    c->out_n += n;
}

static void queue_response(struct ww_http_connection *c, const struct ww_http_response *r, bool head_only)
{
    char date[48], head[HEAD_SIZE];
    struct tm tm;
    time_t now = time(NULL);
    const char *headers = r->headers != NULL ? r->headers : "";
    if (gmtime_r(&now, &tm) == NULL ||
        strftime(date, sizeof date, "Date: %a, %d %b %Y %H:%M:%S GMT\r\n", &tm) == 0)
        date[0] = '\0';
    int n = snprintf(head, sizeof head, "HTTP/1.1 %u %s\r\n%sContent-Length: %zu\r\n%s%s%s%s", r->status,
                     reason_of(r->status), date, r->body.n, r->type != NULL ? "Content-Type: " : "",
                     r->type != NULL ? r->type : "", r->type != NULL ? "\r\n" : "",
                     c->closing ? "Connection: close\r\n" : "");
    if (n < 0 || (size_t)n >= sizeof head) {
        c->broken = true;
        return;
    }
    queue(c, head, (size_t)n);
    queue(c, headers, strlen(headers));
    queue(c, "\r\n", 2);
    if (!head_only)
        queue(c, r->body.p, r->body.n);
}

static void refuse(struct ww_http_connection *c, unsigned status)
{
    const struct ww_http_response r = {.status = status,
                                       .headers = status == 503 ? "Retry-After: 10\r\n" : NULL};
    c->closing = true;
    queue_response(c, &r, false);
}

/* What was served goes; memory is held only while there is input. */
static void drop_input(struct ww_http_connection *c, size_t used)
{
    c->in_n -= used;
    memmove(c->in, c->in + used, c->in_n);
    if (c->in_n > 0)
        return;
    free(c->in);
    c->in = NULL;
    c->server->input -= c->in_size;
    c->in_size = 0;
}

/* The handler may answer at once. */
static void hand_over(struct ww_http_connection *c, const struct ww_http_request *r)
{
    struct ww_http_exchange *x = calloc(1, sizeof *x);
    if (x == NULL) {
        refuse(c, 503);
        return;
    }
    x->connection = c;
    x->peer = c->peer;
    x->head_only = ww_slice_is(r->head.method, "HEAD");
    c->exchange = x;
    c->closing = !r->head.keep_alive;
    c->server->handler(c->server->ctx, x, r);
}

/* What a refused request has for a body is not waited for: it goes with the connection. */
static bool is_refused(struct ww_http_connection *c, const struct ww_http_head *head, size_t used)
{
    struct ww_http_response refusal = {.status = 0};
    struct ww_http_server *s = c->server;
    if (c->checked || s->check == NULL || s->check(s->ctx, head, &c->peer, &refusal)) {
        c->checked = true;
        return false;
    }
    c->closing = !head->keep_alive || head->length > c->in_n - used;
    queue_response(c, &refusal, ww_slice_is(head->method, "HEAD"));
    c->partial = false;
    if (!c->closing)
        drop_input(c, used + (size_t)head->length);
    return true;
}

/* False: more input is wanted first. */
static bool serve_one(struct ww_http_connection *c)
{
    const struct ww_http_limits *limits = &c->server->limits;
    struct ww_http_request r;
    size_t used = 0;
    enum ww_http_cut cut = ww_http_head_cut(c->in, c->in_n, &r.head, &used);
    set_busy(c, true);
    c->partial = true;
    if (cut == WW_HTTP_REFUSED) {
        refuse(c, r.head.status);
        return true;
    }
    if (cut == WW_HTTP_MORE ? c->in_n >= limits->head_max : used > limits->head_max) {
        refuse(c, 431);
        return true;
    }
    if (cut == WW_HTTP_MORE)
        return false;
    if (is_refused(c, &r.head, used))
        return true;
    if (r.head.length > limits->body_max) {
        refuse(c, 413);
        return true;
    }
    size_t length = (size_t)r.head.length;
    if (c->in_n - used < length) {
        if (r.head.expects_continue && !c->continued && c->in_n == used)
            queue(c, CONTINUE, sizeof CONTINUE - 1);
        c->continued = true;
        return false;
    }
    c->checked = c->continued = c->partial = false;
    r.body = ww_slice(c->in + used, length);
    hand_over(c, &r);
    drop_input(c, used + length);
    return true;
}

/* After the last answer: a reset for what the peer still sends would destroy that answer on its way. */
static void linger(struct ww_http_connection *c)
{
    if (c->lingering)
        return;
    if (c->ssl != NULL && !ww_http_tls_goodbye(c))
        return;
    c->lingering = true;
    if (c->ended || shutdown(c->fd, SHUT_WR) != 0) {
        c->broken = true;
        return;
    }
    set_busy(c, false);
    set_deadline(c, LINGER_MS);
}

/* Waits for what can go on next; ends the connection when that is nothing. */
static void settle(struct ww_http_connection *c)
{
    bool waiting = c->exchange != NULL || c->out_n > 0;
    if (!waiting && c->closing)
        linger(c);
    else if (!waiting && c->ended)
        c->broken = true;
    bool read = !waiting && !c->ended;
    bool write = c->out_n > 0 || c->wants_write;
    if (!c->broken)
        c->broken = (read ? event_add(c->readable, NULL) : event_del(c->readable)) != 0 ||
                    (write ? event_add(c->writable, NULL) : event_del(c->writable)) != 0;
    if (c->broken)
        ww_http_connection_free(c);
    else if (read && !c->lingering && c->ssl != NULL && ww_http_tls_has_more(c))
        event_active(c->readable, EV_READ, 0);
}

/* Serves the input as far as it goes: one request at a time, the next once the answer is out. */
static void serve(struct ww_http_connection *c)
{
    bool more = true;
    c->serving = true;
    while (more && !c->broken) {
        if (c->out_n > 0)
            flush(c);
        if (c->out_n > 0 || c->exchange != NULL || c->closing || c->broken)
            break;
        if (!c->partial)
            set_busy(c, false);
        more = c->in_n > 0 && serve_one(c);
    }
    /* Not after a send that was cut short: what came next would find requests that nobody goes on with. */
    if (!more && c->out_n > 0 && !c->broken)
        flush(c);
    c->serving = false;
    settle(c);
}

static bool make_input_room(struct ww_http_connection *c)
{
    struct ww_http_server *s = c->server;
    const size_t most = s->limits.head_max + s->limits.body_max;
    if (c->in_n < c->in_size)
        return true;
    size_t size = c->in_size > 0 ? c->in_size * 2 : INPUT_FIRST;
    size = size < most ? size : most;
    if (s->limits.input_max > 0 && s->input + size - c->in_size > s->limits.input_max)
        return false;
    char *larger = size > c->in_size ? realloc(c->in, size) : NULL;
    if (larger == NULL)
        return false;
    s->input += size - c->in_size;
    c->in = larger;
    c->in_size = size;
    return true;
}

/* What is read away after the last answer is not even decrypted. */
static ssize_t take(struct ww_http_connection *c)
{
    char waste[4096];
    if (c->lingering)
        return recv(c->fd, waste, sizeof waste, MSG_DONTWAIT);
    char *to = c->in + c->in_n;
    size_t n = c->in_size - c->in_n;
    return c->ssl != NULL ? ww_http_tls_recv(c, to, n) : recv(c->fd, to, n, MSG_DONTWAIT);
}

/* The one place that reads from the peer. */
static void on_readable(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    (void)what;
    struct ww_http_connection *c = arg;
    if (!c->lingering && !make_input_room(c)) {
        refuse(c, 503);
        serve(c);
        return;
    }
    ssize_t got = take(c);
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) {
        settle(c); /* TLS may have to write first */
        return;
    }
    if (got <= 0 && (got < 0 || c->lingering)) {
        ww_http_connection_free(c);
        return;
    }
    c->ended = got == 0;
    if (c->lingering)
        return;
    c->in_n += (size_t)got;
    serve(c);
}

static void on_writable(evutil_socket_t fd, short what, void *arg)
{
    struct ww_http_connection *c = arg;
    if (c->wants_write && !c->closing)
        on_readable(fd, what, c);
    else
        serve(c);
}

static void on_deadline(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    (void)what;
    ww_http_connection_free(arg);
}

const struct ww_addr *ww_http_exchange_peer(const struct ww_http_exchange *exchange)
{
    return &exchange->peer;
}

bool ww_http_exchange_server_name(const struct ww_http_exchange *exchange, char name[WW_DNAME_SIZE])
{
    const struct ww_http_connection *c = exchange->connection;
    const char *given =
        c != NULL && c->ssl != NULL ? SSL_get_servername(c->ssl, TLSEXT_NAMETYPE_host_name) : NULL;
    return given != NULL && ww_dname_canon(given, strlen(given), name) == WW_OK;
}

void ww_http_answer(struct ww_http_exchange *exchange, const struct ww_http_response *response)
{
    struct ww_http_connection *c = exchange->connection;
    bool head_only = exchange->head_only;
    free(exchange);
    if (c == NULL)
        return;
    c->exchange = NULL;
    queue_response(c, response, head_only);
    if (!c->serving)
        serve(c);
}

void ww_http_connection_add(struct ww_http_server *server, int fd, const struct ww_addr *peer, SSL_CTX *tls)
{
    struct ww_http_connection *c = calloc(1, sizeof *c);
    if (c == NULL) {
        close(fd);
        return;
    }
    c->server = server;
    c->fd = fd;
    c->peer = *peer;
    TAILQ_INSERT_TAIL(&server->idle, c, entry);
    server->count++;
    c->readable = event_new(server->base, fd, EV_READ | EV_PERSIST, on_readable, c);
    c->writable = event_new(server->base, fd, EV_WRITE | EV_PERSIST, on_writable, c);
    c->deadline = evtimer_new(server->base, on_deadline, c);
    if (c->readable == NULL || c->writable == NULL || c->deadline == NULL ||
        (tls != NULL && !ww_http_tls_begin(c, tls))) {
        ww_http_connection_free(c);
        return;
    }
    set_deadline(c, server->limits.deadline_ms);
    settle(c);
}
