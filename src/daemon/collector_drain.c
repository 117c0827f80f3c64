#include "daemon/collector_drain.h"

#include "codec/tlsrpt_datagram.h"
#include "core/result_line.h"
#include "daemon/log.h"

#include <errno.h>
#include <event2/event.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

/* Of one socket at a time: others, and the rest of the work, have their turn even in a flood. */
#define DRAIN_MAX 20000

struct source {
    struct ww_drain *in;
    char *name;
    struct event *event;
    LIST_ENTRY(source) link;
};

struct ww_drain {
    struct event_base *base;
    struct ww_stats *stats;
    struct ww_drain_handlers handlers;
    struct ww_journal *journal; /* NULL: not there yet */
    LIST_HEAD(sources, source) sources;
    unsigned queue;
    bool full;
};

static size_t used(const struct ww_drain *in)
{
    return (size_t)(ww_journal_end(in->journal) - ww_journal_begin(in->journal));
}

static void become_full(struct ww_drain *in)
{
    struct source *s;
    char size[24];
    if (in->full)
        return;
    in->full = true;
    ww_stat_add(in->stats, WW_STAT_COLLECT_FULL, 1);
    LIST_FOREACH(s, &in->sources, link)
    {
        (void)event_del(s->event);
    }
    (void)snprintf(size, sizeof size, "%zu", ww_journal_size(in->journal));
    ww_log_error("journal-full", "size", size, "done",
                 "no results are taken until the store has what is there: MTAs find the queue full", "advice",
                 "see what is wrong with the store, or set collect.journal higher");
}

void ww_drain_released(struct ww_drain *in)
{
    struct source *s;
    if (!in->full || used(in) > ww_journal_size(in->journal) / 2)
        return;
    in->full = false;
    ww_log_info("journal-room", "done", "results are taken again");
    LIST_FOREACH(s, &in->sources, link)
    {
        (void)event_add(s->event, NULL);
    }
    in->handlers.resume(in->handlers.ctx);
}

void ww_drain_refused(struct ww_drain *in, const char *kind, uid_t uid, pid_t pid, enum ww_err err,
                      size_t offset)
{
    char who[24] = "", process[24] = "", at[24];
    ww_stat_add(in->stats, WW_STAT_COLLECT_REFUSED + (unsigned)err, 1);
    if (uid != (uid_t)-1)
        (void)snprintf(who, sizeof who, "%ju", (uintmax_t)uid);
    if (pid > 0)
        (void)snprintf(process, sizeof process, "%jd", (intmax_t)pid);
    (void)snprintf(at, sizeof at, "%zu", offset);
    ww_log_warning("result-refused", "kind", kind, "uid", who[0] != '\0' ? who : NULL, "pid",
                   process[0] != '\0' ? process : NULL, "error", ww_err_id(err), "detail",
                   ww_err_message(err), "octet", at);
}

/* Who sent it, as the kernel says; what else came along is not wanted. */
static struct ucred sender_of(struct msghdr *m)
{
    struct ucred sender = {.uid = (uid_t)-1, .pid = 0};
    for (struct cmsghdr *c = CMSG_FIRSTHDR(m); c != NULL; c = CMSG_NXTHDR(m, c)) {
        if (c->cmsg_level != SOL_SOCKET)
            continue;
        if (c->cmsg_type == SCM_CREDENTIALS && c->cmsg_len == CMSG_LEN(sizeof sender))
            memcpy(&sender, CMSG_DATA(c), sizeof sender);
        for (size_t at = 0; c->cmsg_type == SCM_RIGHTS && CMSG_LEN(at + sizeof(int)) <= c->cmsg_len;
             at += sizeof(int)) {
            int fd;
            memcpy(&fd, CMSG_DATA(c) + at, sizeof fd);
            (void)close(fd);
        }
    }
    return sender;
}

static void take(struct ww_drain *in, size_t n, bool cut, const struct ucred *sender)
{
    if (cut || n == 0) {
        ww_journal_discard(in->journal, n);
        ww_drain_refused(in, "datagram", sender->uid, sender->pid, cut ? WW_E_TOO_LONG : WW_E_DATAGRAM_JSON,
                         n);
        return;
    }
    ww_journal_commit(in->journal, WW_JOURNAL_DATAGRAM, n, (int64_t)time(NULL), sender->uid, sender->pid);
}

/* False: there is nothing more, or no room for it. */
static bool receive(struct ww_drain *in, int fd)
{
    union {
        struct cmsghdr head;
        char octets[CMSG_SPACE(sizeof(struct ucred))];
    } control;
    char *room = ww_journal_room(in->journal, WW_DATAGRAM_MAX);
    if (room == NULL) {
        become_full(in);
        return false;
    }
    struct iovec into = {room, WW_DATAGRAM_MAX};
    struct msghdr m = {
        .msg_iov = &into, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control};
    ssize_t n = recvmsg(fd, &m, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
    if (n < 0) {
        if (errno != EAGAIN && errno != EINTR)
            ww_log_error("datagram-lost", "detail", strerror(errno));
        return errno != EAGAIN;
    }
    ww_stat_add(in->stats, WW_STAT_COLLECT_DATAGRAMS, 1);
    const struct ucred sender = sender_of(&m);
    take(in, (size_t)n, (m.msg_flags & MSG_TRUNC) != 0, &sender);
    return true;
}

static void drain(struct ww_drain *in, int fd)
{
    unsigned n = 0;
    while (n < DRAIN_MAX && receive(in, fd))
        n++;
    if (in->queue > 0 && n >= in->queue)
        ww_stat_add(in->stats, WW_STAT_COLLECT_FULL_DRAINS, 1);
}

void ww_drain_all(struct ww_drain *in)
{
    struct source *s;
    if (in->journal == NULL)
        return;
    uint64_t before = ww_journal_end(in->journal);
    LIST_FOREACH(s, &in->sources, link)
    {
        if (!in->full)
            drain(in, (int)event_get_fd(s->event));
    }
    if (ww_journal_end(in->journal) != before)
        in->handlers.more(in->handlers.ctx);
}

static void on_datagrams(evutil_socket_t fd, short what, void *arg)
{
    const struct source *s = arg;
    (void)fd, (void)what;
    ww_drain_all(s->in);
}

static void forget(struct source *s)
{
    LIST_REMOVE(s, link);
    if (s->event != NULL) {
        int fd = (int)event_get_fd(s->event);
        event_free(s->event);
        (void)close(fd);
    }
    free(s->name);
    free(s);
}

void ww_drain_listen(struct ww_drain *in, const char *name, int fd)
{
    const int on = 1;
    struct source *s = calloc(1, sizeof *s);
    /* One that a service manager has made may not have it. */
    (void)setsockopt(fd, SOL_SOCKET, SO_PASSCRED, &on, sizeof on);
    if (s != NULL) {
        LIST_INSERT_HEAD(&in->sources, s, link);
        s->in = in;
        s->name = strdup(name);
        s->event = event_new(in->base, fd, EV_READ | EV_PERSIST, on_datagrams, s);
    }
    if (s == NULL || s->event == NULL)
        (void)close(fd);
    if (s == NULL || s->event == NULL || s->name == NULL) {
        ww_log_error("no-memory", "for", name);
        if (s != NULL)
            forget(s);
        return;
    }
    if (in->journal != NULL && !in->full)
        (void)event_add(s->event, NULL);
}

void ww_drain_listener_gone(struct ww_drain *in, const char *name)
{
    struct source *s;
    LIST_FOREACH(s, &in->sources, link)
    {
        if (strcmp(s->name, name) == 0)
            break;
    }
    if (s == NULL)
        return;
    ww_drain_all(in);
    forget(s);
}

void ww_drain_journal(struct ww_drain *in, struct ww_journal *journal)
{
    struct source *s;
    in->journal = journal;
    LIST_FOREACH(s, &in->sources, link)
    {
        (void)event_add(s->event, NULL);
    }
}

bool ww_drain_ready(const struct ww_drain *in)
{
    return in->journal != NULL && !in->full;
}

bool ww_drain_line(struct ww_drain *in, const struct ww_tls_result *event, uid_t uid, pid_t pid)
{
    char *room = ww_drain_ready(in) ? ww_journal_room(in->journal, WW_RESULT_LINE_MAX) : NULL;
    if (room == NULL) {
        if (ww_drain_ready(in))
            become_full(in);
        return false;
    }
    struct ww_buf b = ww_buf(room, WW_RESULT_LINE_MAX);
    ww_result_line_put(&b, event);
    ww_journal_commit(in->journal, WW_JOURNAL_LINE, b.n, (int64_t)time(NULL), uid, pid);
    ww_stat_add(in->stats, WW_STAT_COLLECT_LINES, 1);
    in->handlers.more(in->handlers.ctx);
    return true;
}

struct ww_drain *ww_drain_new(struct event_base *base, unsigned queue, struct ww_stats *stats,
                              const struct ww_drain_handlers *handlers)
{
    struct ww_drain *in = calloc(1, sizeof *in);
    if (in == NULL)
        return NULL;
    in->base = base;
    in->queue = queue;
    in->stats = stats;
    in->handlers = *handlers;
    LIST_INIT(&in->sources);
    return in;
}

void ww_drain_free(struct ww_drain *in)
{
    if (in == NULL)
        return;
    while (!LIST_EMPTY(&in->sources))
        forget(LIST_FIRST(&in->sources));
    free(in);
}
