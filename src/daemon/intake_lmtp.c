#include "daemon/intake_lmtp.h"

#include "daemon/log.h"
#include "daemon/own_name.h"
#include "engine/lmtp.h"

#include <errno.h>
#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define LISTENERS_MAX 16
/* Octets of all messages that are being received. */
#define RECEIVING_MAX ((size_t)48 << 20)
#define IN_SIZE ((size_t)16 * 1024)
#define OUT_SIZE ((size_t)8 * 1024)
/* The room of a message grows by that at least. */
#define STEP ((size_t)64 * 1024)

struct place {
    struct ww_intake_lmtp *all;
    int fd; /* -1: it is free */
    struct event *event;
    struct event *deadline; /* of a command, or of a message's octets, however they drip */
    struct ww_lmtp session;
    struct ww_buf message; /* its room is owned */
    uint64_t job;          /* 0: none is awaited */
    bool ended;            /* the client says nothing any more */
    bool closing;          /* when the replies are out */
    size_t in_n, out_n;
    char in[IN_SIZE];
    char out[OUT_SIZE];
};

struct ear {
    struct ww_intake_lmtp *all;
    char *name; /* NULL: it is free */
    struct event *event;
};

struct ww_intake_lmtp {
    struct event_base *base;
    const struct ww_config *config;
    struct ww_intake_jobs *jobs;
    struct ww_lmtp_patience patience;
    size_t receiving; /* octets that messages have room for */
    unsigned count;
    char host[WW_DNAME_SIZE];
    struct ear ears[LISTENERS_MAX];
    struct place places[WW_LMTP_CONNECTIONS_MAX];
};

static void listen_or_not(struct ww_intake_lmtp *l)
{
    for (size_t i = 0; i < LISTENERS_MAX; i++) {
        if (l->ears[i].name == NULL)
            continue;
        if (l->count < WW_LMTP_CONNECTIONS_MAX)
            (void)event_add(l->ears[i].event, NULL);
        else
            (void)event_del(l->ears[i].event);
    }
}

static struct timeval span(unsigned ms)
{
    return (struct timeval){.tv_sec = ms / 1000, .tv_usec = (suseconds_t)(ms % 1000) * 1000};
}

static void limit(struct place *p, unsigned ms)
{
    const struct timeval wait = span(ms);
    (void)event_add(p->deadline, &wait);
}

/* ---- One connection ---- */

static void give_room_back(struct place *p)
{
    p->all->receiving -= p->message.cap;
    free(p->message.p);
    p->message = ww_buf(NULL, 0);
}

static void leave(struct place *p)
{
    if (p->job != 0)
        ww_intake_jobs_forget(p->all->jobs, p->job);
    p->job = 0;
    (void)event_del(p->event);
    (void)event_del(p->deadline);
    (void)close(p->fd);
    p->fd = -1;
    give_room_back(p);
    p->all->count--;
    listen_or_not(p->all);
}

/* For all octets that are there to be taken; where it does not come, the session refuses the message. */
static void make_room(struct place *p)
{
    struct ww_intake_lmtp *l = p->all;
    const size_t most = l->config->intake_max_size + IN_SIZE + 2, left = RECEIVING_MAX - l->receiving;
    size_t needed = p->message.n + p->in_n + 2;
    size_t size = needed + STEP > p->message.cap * 2 ? needed + STEP : p->message.cap * 2;
    if (!ww_lmtp_is_in_message(&p->session) || needed <= p->message.cap || p->message.failed)
        return;
    if (size > p->message.cap + left)
        size = p->message.cap + left;
    if (size > most)
        size = most;
    if (size < needed)
        return;
    char *room = realloc(p->message.p, size);
    if (room == NULL)
        return;
    l->receiving += size - p->message.cap;
    p->message.p = room;
    p->message.cap = size;
}

static void say_taken(char *line, size_t size, const struct ww_msg_taken *t)
{
    if (t->err != WW_OK)
        (void)snprintf(line, size, "451 4.3.0 %s: try again later", ww_err_message(t->err));
    else if (t->taken == WW_TAKEN_NEW)
        (void)snprintf(line, size, "250 2.0.0 new report %llu", (unsigned long long)t->number);
    else if (t->taken == WW_TAKEN_AGAIN)
        (void)snprintf(line, size, "250 2.0.0 there already: report %llu", (unsigned long long)t->number);
    else if (t->taken == WW_TAKEN_QUARANTINED)
        (void)snprintf(line, size, "250 2.0.0 kept in quarantine as %llu: %s", (unsigned long long)t->number,
                       ww_err_message(t->why));
    else
        (void)snprintf(line, size, "250 2.0.0 not about our domains: nothing is kept");
}

static void serve(struct place *p);

static void answer(struct place *p, const struct ww_msg_taken *taken)
{
    char line[WW_LMTP_REPLY_MAX];
    say_taken(line, sizeof line, taken);
    ww_lmtp_answer(&p->session, line);
}

static void on_done(void *ctx, const struct ww_msg_taken *taken)
{
    struct place *p = ctx;
    p->job = 0;
    limit(p, p->all->patience.idle_ms);
    answer(p, taken);
    serve(p);
}

static void submit(struct place *p)
{
    struct ww_msg_taken refused = {.err = WW_OK};
    const struct ww_intake_submission submission = {
        .mail = true,
        .channel = WW_CHANNEL_LMTP,
        .peer = p->session.sender,
        .octets = ww_slice(p->message.p, p->message.n),
    };
    p->job = ww_intake_jobs_begin(p->all->jobs, &submission, on_done, p, &refused.err);
    give_room_back(p);
    if (p->job == 0)
        answer(p, &refused);
    else
        (void)event_del(p->deadline);
}

static bool write_out(struct place *p)
{
    ssize_t n = p->out_n > 0 ? send(p->fd, p->out, p->out_n, MSG_NOSIGNAL) : 0;
    if (n < 0)
        return errno == EAGAIN || errno == EINTR;
    p->out_n -= (size_t)n;
    memmove(p->out, p->out + n, p->out_n);
    return true;
}

/* One step of the session. False: there is no other without waiting. */
static bool step(struct place *p)
{
    struct ww_slice in = ww_slice(p->in, p->in_n);
    struct ww_buf out = ww_buf(p->out, sizeof p->out);
    bool before = ww_lmtp_is_in_message(&p->session);
    unsigned commands = p->session.commands;
    out.n = p->out_n;
    make_room(p);
    enum ww_lmtp_want want = ww_lmtp_take(&p->session, &in, &p->message, &out);
    bool within = ww_lmtp_is_in_message(&p->session);
    p->out_n = out.n;
    p->in_n = in.n;
    memmove(p->in, in.p, in.n);
    if (within && !before)
        limit(p, p->all->patience.message_ms);
    else if (!within && (before || p->session.commands != commands))
        limit(p, p->all->patience.idle_ms);
    if (want == WW_LMTP_SUBMIT)
        submit(p);
    else if (!within)
        give_room_back(p);
    p->closing = want == WW_LMTP_CLOSE;
    return want == WW_LMTP_SUBMIT ||
           (want == WW_LMTP_WRITE && write_out(p) && sizeof p->out - p->out_n >= WW_LMTP_REPLY_MAX);
}

/* What has come is taken, as far as it goes without waiting. */
static void converse(struct place *p)
{
    while (p->job == 0 && !p->closing && step(p))
        continue;
}

static void on_client(evutil_socket_t fd, short what, void *arg);

static void wait_for(struct place *p)
{
    /* While a job is awaited it has a deadline of its own; the client is heard, so that its going is. */
    struct timeval idle = span(p->all->patience.idle_ms);
    bool reads = !p->ended && p->in_n < sizeof p->in;
    short wanted = (short)((reads ? EV_READ : 0) | (p->out_n > 0 ? EV_WRITE : 0));
    (void)event_assign(p->event, p->all->base, p->fd, wanted, on_client, p);
    (void)event_add(p->event, p->job != 0 ? NULL : &idle);
}

static void serve(struct place *p)
{
    (void)event_del(p->event);
    converse(p);
    bool gone = !write_out(p);
    if (gone || (p->out_n == 0 && (p->closing || (p->ended && p->job == 0))))
        leave(p);
    else
        wait_for(p);
}

static void end(struct place *p, const char *words)
{
    struct ww_buf out = ww_buf(p->out, sizeof p->out);
    out.n = p->out_n;
    ww_lmtp_end(&p->session, words, &out);
    p->out_n = out.n;
    (void)write_out(p);
    leave(p);
}

static void on_client(evutil_socket_t fd, short what, void *arg)
{
    struct place *p = arg;
    if ((what & EV_TIMEOUT) != 0) {
        end(p, "4.4.2 nothing has come for too long");
        return;
    }
    if ((what & EV_READ) != 0) {
        ssize_t n = recv(fd, p->in + p->in_n, sizeof p->in - p->in_n, 0);
        if (n > 0)
            p->in_n += (size_t)n;
        else if (n == 0 || (errno != EAGAIN && errno != EINTR))
            p->ended = true;
    }
    serve(p);
}

static void on_deadline(evutil_socket_t fd, short what, void *arg)
{
    (void)fd, (void)what;
    end(arg, "4.4.2 it has taken too long");
}

/* ---- Listeners ---- */

static void greet(struct place *p, int fd)
{
    struct ww_intake_lmtp *l = p->all;
    struct ww_buf out = ww_buf(p->out, sizeof p->out);
    p->fd = fd;
    p->in_n = 0;
    p->ended = p->closing = false;
    limit(p, l->patience.idle_ms);
    ww_lmtp_begin(&p->session, l->host, l->config->intake_max_size, &out);
    p->out_n = out.n;
    l->count++;
    listen_or_not(l);
    serve(p);
}

static void on_connection(evutil_socket_t fd, short what, void *arg)
{
    const struct ear *ear = arg;
    struct place *p = ear->all->places;
    (void)what;
    while (p->fd >= 0)
        p++;
    int client = accept4(fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (client >= 0)
        greet(p, client);
    else if (errno != EAGAIN && errno != EINTR && errno != ECONNABORTED)
        ww_log_error("accept-failed", "listener", ear->name, "detail", strerror(errno));
}

static void forget(struct ear *ear)
{
    if (ear->event != NULL) {
        int fd = (int)event_get_fd(ear->event);
        event_free(ear->event);
        (void)close(fd);
    }
    free(ear->name);
    *ear = (struct ear){.all = ear->all};
}

void ww_intake_lmtp_listener_gone(struct ww_intake_lmtp *l, const struct ww_msg_listener *listener)
{
    for (size_t i = 0; i < LISTENERS_MAX; i++)
        if (l->ears[i].name != NULL && strcmp(l->ears[i].name, listener->name) == 0)
            forget(&l->ears[i]);
}

void ww_intake_lmtp_listener(struct ww_intake_lmtp *l, const struct ww_msg_listener *listener, int fd)
{
    struct ear *ear = NULL;
    ww_intake_lmtp_listener_gone(l, listener);
    for (size_t i = 0; ear == NULL && i < LISTENERS_MAX; i++)
        if (l->ears[i].name == NULL)
            ear = &l->ears[i];
    if (ear == NULL || evutil_make_socket_nonblocking(fd) != 0) {
        ww_log_error("listen-failed", "listener", listener->name);
        (void)close(fd);
        return;
    }
    ear->name = strdup(listener->name);
    ear->event = event_new(l->base, fd, EV_READ | EV_PERSIST, on_connection, ear);
    if (ear->name != NULL && ear->event != NULL) {
        listen_or_not(l);
        return;
    }
    ww_log_error("no-memory", "for", listener->name);
    if (ear->event == NULL)
        (void)close(fd);
    forget(ear);
}

/* ---- All of them ---- */

struct ww_intake_lmtp *ww_intake_lmtp_new(struct event_base *base, const struct ww_config *config,
                                          struct ww_intake_jobs *jobs)
{
    struct ww_intake_lmtp *l = calloc(1, sizeof *l);
    bool good = l != NULL;
    if (l == NULL)
        return NULL;
    l->base = base;
    l->config = config;
    l->jobs = jobs;
    l->patience = (struct ww_lmtp_patience){WW_LMTP_IDLE_MS, WW_LMTP_MESSAGE_MS};
    if (!ww_own_name(l->host))
        (void)strcpy(l->host, "localhost");
    for (size_t i = 0; i < LISTENERS_MAX; i++)
        l->ears[i].all = l;
    for (size_t i = 0; i < WW_LMTP_CONNECTIONS_MAX; i++) {
        struct place *p = &l->places[i];
        p->all = l;
        p->fd = -1;
        p->event = event_new(base, -1, 0, on_client, p);
        p->deadline = evtimer_new(base, on_deadline, p);
        good = good && p->event != NULL && p->deadline != NULL;
    }
    if (good)
        return l;
    ww_intake_lmtp_free(l);
    return NULL;
}

void ww_intake_lmtp_set_patience(struct ww_intake_lmtp *l, const struct ww_lmtp_patience *patience)
{
    l->patience = *patience;
}

void ww_intake_lmtp_stop(struct ww_intake_lmtp *l)
{
    for (size_t i = 0; i < LISTENERS_MAX; i++)
        forget(&l->ears[i]);
    for (size_t i = 0; i < WW_LMTP_CONNECTIONS_MAX; i++)
        if (l->places[i].fd >= 0)
            end(&l->places[i], "4.3.2 Waxwing stops, or starts again");
}

void ww_intake_lmtp_free(struct ww_intake_lmtp *l)
{
    if (l == NULL)
        return;
    for (size_t i = 0; i < LISTENERS_MAX; i++)
        forget(&l->ears[i]);
    for (size_t i = 0; i < WW_LMTP_CONNECTIONS_MAX; i++) {
        struct place *p = &l->places[i];
        if (p->fd >= 0)
            leave(p);
        if (p->event != NULL)
            event_free(p->event);
        if (p->deadline != NULL)
            event_free(p->deadline);
    }
    free(l);
}
