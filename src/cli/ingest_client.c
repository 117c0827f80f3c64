#include "cli/ingest_client.h"

#include "base/ascii.h"
#include "daemon/clock.h"
#include "daemon/listen_at.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define ANSWER_MAX ((size_t)8192)
#define PAUSE_MS 500
/* The daemon answers sooner, and if it is that it cannot. */
#define ANSWER_MS 150000

struct slot {
    int fd;      /* -1: none */
    bool used;   /* item is under way */
    bool reused; /* the connection has served another one: it may have been closed meanwhile */
    struct ww_ingest_item item;
    char head[512];
    size_t head_n, sent;
    char in[ANSWER_MAX + 1];
    size_t in_n;
    int64_t since; /* the first try of the item, */
    int64_t tried; /* and this one */
    int64_t pause; /* not to be tried before */
};

struct run {
    const struct ww_ingest_client *client;
    struct ww_listen_at at;
    struct slot *slots;
    enum ww_ingest_end end;
    int fault;     /* errno of UNREACHABLE */
    bool dry;      /* there is no next one */
    size_t octets; /* that are under way */
};

static void hang_up(struct slot *s)
{
    if (s->fd >= 0)
        (void)close(s->fd);
    s->fd = -1;
    s->reused = false;
}

static void stop(struct run *r, enum ww_ingest_end end)
{
    if (r->end == WW_INGEST_DONE)
        r->end = end;
}

/* Printable ASCII alone, as all that stands in a header. */
static void put_name(char *out, size_t size, const char *name)
{
    size_t length = strlen(name), n = 0;
    if (length > size - 1)
        name += length - (size - 1); /* the end of a path says more */
    for (; *name != '\0'; name++)
        out[n++] = ww_is_vchar(*name) || *name == ' ' ? *name : '?';
    out[n] = '\0';
}

static void prepare(struct slot *s)
{
    char name[128];
    put_name(name, sizeof name, s->item.name);
    s->head_n = (size_t)snprintf(s->head, sizeof s->head,
                                 "POST /v1/submit HTTP/1.1\r\nHost: localhost\r\n"
                                 "Content-Type: application/octet-stream\r\nX-Waxwing-From: %s\r\n"
                                 "Content-Length: %zu\r\n\r\n",
                                 name, s->item.n);
    s->sent = s->in_n = 0;
}

static void open_slot(struct run *r, struct slot *s)
{
    s->fd = socket(r->at.address.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    /* Blocking: a full queue of connections is waited for. */
    if (s->fd < 0 || connect(s->fd, (const struct sockaddr *)&r->at.address, r->at.length) != 0) {
        r->fault = errno;
        hang_up(s);
        stop(r, WW_INGEST_UNREACHABLE);
    }
}

static void begin(struct run *r, struct slot *s)
{
    int64_t now = ww_clock_ms();
    if (!s->used && !r->dry && r->octets < WW_INGEST_OCTETS) {
        r->dry = !r->client->next(r->client->ctx, &s->item);
        s->used = !r->dry;
        r->octets += s->item.n;
        s->since = now;
        s->pause = 0;
    }
    if (!s->used || s->pause > now || s->tried != 0)
        return;
    s->tried = now;
    prepare(s);
    if (s->fd < 0)
        open_slot(r, s);
}

static void again(struct run *r, struct slot *s, int64_t pause)
{
    int64_t now = ww_clock_ms();
    s->tried = 0;
    s->pause = now + pause;
    if (now - s->since > r->client->patience_ms)
        stop(r, WW_INGEST_LATER);
}

/* The connection has ended. One that was idle may have, before the daemon has seen the next request. */
static void lost(struct run *r, struct slot *s)
{
    bool at_once = s->reused && s->in_n == 0;
    hang_up(s);
    again(r, s, at_once ? 0 : PAUSE_MS);
}

static void send_some(struct slot *s)
{
    while (s->sent < s->head_n + s->item.n) {
        bool head = s->sent < s->head_n;
        const char *p = head ? s->head + s->sent : s->item.octets + (s->sent - s->head_n);
        size_t n = head ? s->head_n - s->sent : s->item.n - (s->sent - s->head_n);
        ssize_t sent = send(s->fd, p, n, MSG_NOSIGNAL | MSG_DONTWAIT | (head ? MSG_MORE : 0));
        if (sent < 0 && (errno == EAGAIN || errno == EINTR))
            return;
        if (sent < 0) { /* it may have said why before */
            s->sent = s->head_n + s->item.n;
            return;
        }
        s->sent += (size_t)sent;
    }
}

/* The value of a header of the answer, whose head ends at `end`; NULL: there is none. */
static const char *header(const struct slot *s, const char *end, const char *name)
{
    for (const char *p = strstr(s->in, "\r\n"); p != NULL && p < end; p = strstr(p + 2, "\r\n")) {
        if (strncasecmp(p + 2, name, strlen(name)) == 0)
            return p + 2 + strlen(name);
    }
    return NULL;
}

static void finish(struct run *r, struct slot *s, unsigned status, struct ww_slice body)
{
    json_t *answer = json_loadb(body.p, body.n, JSON_REJECT_DUPLICATES, NULL);
    const char *words = json_string_value(json_object_get(answer, "detail"));
    if (words == NULL)
        words = json_string_value(json_object_get(answer, "title"));
    if (status == 200 && json_string_value(json_object_get(answer, "taken")) == NULL) {
        stop(r, WW_INGEST_STRANGE);
    } else {
        r->client->told(r->client->ctx, &s->item, status, answer, words);
        r->octets -= s->item.n;
        ww_ingest_item_clear(&s->item);
        s->used = false;
        s->tried = 0;
    }
    json_decref(answer);
}

/* False: more has to come. */
static bool take_answer(struct run *r, struct slot *s)
{
    s->in[s->in_n] = '\0';
    const char *end = strstr(s->in, "\r\n\r\n");
    if (end == NULL && s->in_n < ANSWER_MAX)
        return false;
    const char *length = end != NULL ? header(s, end, "Content-Length:") : NULL;
    size_t n = length != NULL ? strtoul(length, NULL, 10) : 0;
    size_t head = end != NULL ? (size_t)(end + 4 - s->in) : 0;
    if (end == NULL || strncmp(s->in, "HTTP/1.1 ", 9) != 0 || length == NULL || n > ANSWER_MAX - head) {
        stop(r, WW_INGEST_STRANGE);
        return true;
    }
    if (s->in_n < head + n)
        return false;
    unsigned status = (unsigned)strtoul(s->in + 9, NULL, 10);
    bool whole = s->sent == s->head_n + s->item.n;
    if (status == 503 || status == 429)
        again(r, s, PAUSE_MS);
    else
        finish(r, s, status, ww_slice(s->in + head, n));
    if (!whole || header(s, end, "Connection: close") != NULL)
        hang_up(s);
    s->reused = s->fd >= 0;
    return true;
}

static void receive(struct run *r, struct slot *s)
{
    ssize_t got = recv(s->fd, s->in + s->in_n, ANSWER_MAX - s->in_n, MSG_DONTWAIT);
    if (got < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (got <= 0) {
        lost(r, s);
        return;
    }
    s->in_n += (size_t)got;
    (void)take_answer(r, s);
}

/* So long may all wait; what is too late is said to be. */
static int timeout(struct run *r)
{
    int64_t now = ww_clock_ms(), least = ANSWER_MS;
    for (size_t i = 0; i < WW_INGEST_AT_A_TIME; i++) {
        const struct slot *s = &r->slots[i];
        int64_t until = s->tried != 0 ? s->tried + ANSWER_MS : s->pause;
        if (s->used && s->tried != 0 && until <= now)
            stop(r, WW_INGEST_LATER);
        if (s->used && until - now < least)
            least = until > now ? until - now : 0;
    }
    return (int)least;
}

/* One wait for all. False: nothing is under way any more. */
static bool turn(struct run *r)
{
    struct pollfd fds[WW_INGEST_AT_A_TIME];
    bool any = false;
    for (size_t i = 0; i < WW_INGEST_AT_A_TIME && r->end == WW_INGEST_DONE; i++)
        begin(r, &r->slots[i]);
    for (size_t i = 0; i < WW_INGEST_AT_A_TIME; i++) {
        struct slot *s = &r->slots[i];
        bool asks = s->used && s->tried != 0 && s->fd >= 0;
        any = any || s->used;
        fds[i] = (struct pollfd){.fd = asks ? s->fd : -1, .events = POLLIN};
        if (asks && s->sent < s->head_n + s->item.n)
            fds[i].events |= POLLOUT;
    }
    int wait = timeout(r);
    if (!any || r->end != WW_INGEST_DONE)
        return false;
    int ready = poll(fds, WW_INGEST_AT_A_TIME, wait);
    for (size_t i = 0; i < WW_INGEST_AT_A_TIME && ready > 0; i++) {
        if ((fds[i].revents & POLLOUT) != 0)
            send_some(&r->slots[i]);
        if ((fds[i].revents & (POLLIN | POLLHUP | POLLERR)) != 0)
            receive(r, &r->slots[i]);
    }
    return true;
}

enum ww_ingest_end ww_ingest_client_run(const struct ww_ingest_client *client)
{
    struct run r = {.client = client};
    const char *why;
    if (!ww_listen_at_parse(client->address, &r.at, &why))
        return WW_INGEST_ADDRESS;
    r.slots = calloc(WW_INGEST_AT_A_TIME, sizeof *r.slots);
    if (r.slots == NULL) {
        errno = ENOMEM;
        return WW_INGEST_UNREACHABLE;
    }
    for (size_t i = 0; i < WW_INGEST_AT_A_TIME; i++)
        r.slots[i].fd = -1;
    while (turn(&r))
        continue;
    for (size_t i = 0; i < WW_INGEST_AT_A_TIME; i++) {
        hang_up(&r.slots[i]);
        ww_ingest_item_clear(&r.slots[i].item);
    }
    free(r.slots);
    errno = r.fault;
    return r.end;
}
