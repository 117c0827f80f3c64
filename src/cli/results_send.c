#include "cli/results_send.h"

#include <errno.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

/* So many events may wait for an answer. */
#define WINDOW 100

#define PAUSE_MIN 500
#define PAUSE_MAX 30000
#define ANSWER_MS 60000

bool ww_results_send_init(struct ww_results_send *s, const char *address)
{
    const char *why;
    *s = (struct ww_results_send){.fd = -1, .pause = PAUSE_MIN};
    return ww_listen_at_parse(address, &s->at, &why) && ww_listen_at_path(&s->at) != NULL;
}

void ww_results_send_close(struct ww_results_send *s)
{
    if (s->fd >= 0)
        (void)close(s->fd);
    s->fd = -1;
    s->sent = s->written = s->answered = 0;
    s->waits_from = 0;
}

/* All that was not answered is sent again, in another connection. */
static const char *give_up(struct ww_results_send *s, int64_t now_ms, const char *why)
{
    bool told = s->complained;
    ww_results_send_close(s);
    s->retry_at = now_ms + s->pause;
    s->pause = s->pause * 2 < PAUSE_MAX ? s->pause * 2 : PAUSE_MAX;
    s->complained = true;
    return told ? NULL : why;
}

static const char *connect_now(struct ww_results_send *s, int64_t now_ms)
{
    s->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (s->fd < 0 || connect(s->fd, (const struct sockaddr *)&s->at.address, s->at.length) != 0)
        return give_up(s, now_ms, strerror(errno));
    return NULL;
}

/* What is left of the next line, or nothing. */
static struct ww_slice next_octets(const struct ww_results_send *s, const struct ww_results_queue *queue)
{
    const char *line = s->sent < WINDOW ? ww_results_queue_at(queue, s->sent) : NULL;
    if (line == NULL)
        return ww_slice(NULL, 0);
    size_t n = strlen(line);
    return s->written < n ? ww_slice(line + s->written, n - s->written) : ww_slice("\n", 1);
}

short ww_results_send_events(const struct ww_results_send *s, const struct ww_results_queue *queue)
{
    if (s->fd < 0)
        return 0;
    return (short)(next_octets(s, queue).n > 0 ? POLLIN | POLLOUT : POLLIN);
}

/* NULL, or why the connection is over. */
static const char *write_lines(struct ww_results_send *s, const struct ww_results_queue *queue,
                               int64_t now_ms)
{
    for (;;) {
        struct ww_slice next = next_octets(s, queue);
        if (next.n == 0)
            return NULL;
        ssize_t n = send(s->fd, next.p, next.n, MSG_NOSIGNAL);
        if (n < 0)
            return errno == EAGAIN || errno == EINTR ? NULL : strerror(errno);
        s->written += (size_t)n;
        if (s->written <= strlen(ww_results_queue_at(queue, s->sent)))
            continue;
        s->sent++;
        s->written = 0;
        if (s->waits_from == 0)
            s->waits_from = now_ms;
    }
}

/* One line of the receiver's: false when there is none yet. It stands in s->line then. */
static bool take_answer(struct ww_results_send *s, struct ww_results_queue *queue, int64_t now_ms)
{
    char *feed = memchr(s->answer, '\n', s->answered);
    if (feed == NULL || s->sent == 0)
        return false;
    size_t n = (size_t)(feed - s->answer);
    memcpy(s->line, s->answer, n);
    s->line[n] = '\0';
    s->answered -= n + 1;
    memmove(s->answer, feed + 1, s->answered);
    ww_results_queue_pop(queue);
    s->sent--;
    s->waits_from = s->sent > 0 ? now_ms : 0;
    s->pause = PAUSE_MIN;
    s->complained = false;
    return true;
}

/* NULL, or why the connection is over. */
static const char *receive(struct ww_results_send *s)
{
    size_t room = sizeof s->answer - s->answered;
    ssize_t n = room > 0 ? recv(s->fd, s->answer + s->answered, room, 0) : -1;
    if (n > 0)
        s->answered += (size_t)n;
    if (n == 0)
        return "it has closed the connection";
    return n < 0 && room > 0 && errno != EAGAIN && errno != EINTR ? strerror(errno) : NULL;
}

/* The answers that have come; one that refuses an event ends it. True when there was one. */
static bool take_answers(struct ww_results_send *s, struct ww_results_queue *queue, int64_t now_ms,
                         const char **refused)
{
    bool taken = false;
    while (*refused == NULL && take_answer(s, queue, now_ms)) {
        taken = true;
        *refused = strcmp(s->line, "ok") != 0 ? s->line : NULL;
    }
    return taken;
}

bool ww_results_send_step(struct ww_results_send *s, struct ww_results_queue *queue, int64_t now_ms,
                          const char **trouble, const char **refused)
{
    *trouble = *refused = NULL;
    if (s->fd < 0 && queue->count > 0 && now_ms >= s->retry_at)
        *trouble = connect_now(s, now_ms);
    if (s->fd < 0)
        return false;
    const char *over = write_lines(s, queue, now_ms);
    const char *broken = receive(s);
    /* The kernel tells of an end before it gives out what came before it. */
    if (over != NULL || broken != NULL)
        (void)receive(s);
    bool taken = take_answers(s, queue, now_ms, refused);
    over = over != NULL ? over : broken;
    if (over == NULL && *refused == NULL && s->answered == sizeof s->answer)
        over = "its answers are none of this protocol";
    if (over == NULL && s->waits_from > 0 && now_ms - s->waits_from > ANSWER_MS)
        over = "it does not answer";
    if (over != NULL && queue->count > 0)
        *trouble = give_up(s, now_ms, over);
    else if (over != NULL)
        ww_results_send_close(s);
    return taken;
}
