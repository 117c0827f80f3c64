#include "daemon/line_client.h"

#include "core/result_line.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* An answer takes no more. */
#define ANSWER_MAX 200

bool ww_line_client_open(struct ww_line_client *c, int fd, int64_t now_ms)
{
    c->fd = fd;
    c->answers_n = 0;
    c->ended = false;
    c->heard_at = now_ms;
    if (ww_lines_init(&c->lines, WW_RESULT_LINE_MAX + 1))
        return true;
    ww_line_client_close(c);
    return false;
}

void ww_line_client_close(struct ww_line_client *c)
{
    (void)close(c->fd);
    ww_lines_free(&c->lines);
    c->fd = -1;
}

static void answer(struct ww_line_client *c, const char *words, const char *more)
{
    int n = snprintf(c->answers + c->answers_n, sizeof c->answers - c->answers_n, "%s%s\n", words, more);
    c->answers_n += (size_t)n;
}

static void take_line(struct ww_line_client *c, const struct ww_line_taker *taker, struct ww_slice line)
{
    struct ww_tls_result event;
    size_t offset = WW_RESULT_LINE_MAX;
    bool says;
    if (line.n > 0 && line.p[line.n - 1] == '\r')
        line.n--;
    enum ww_err err =
        line.p != NULL ? ww_result_line_take(line.p, line.n, &event, &says, &offset) : WW_E_TOO_LONG;
    if (err != WW_OK) {
        if (taker->refused != NULL)
            taker->refused(taker->ctx, err, offset);
        answer(c, "no ", ww_err_message(err));
        return;
    }
    if (!says || taker->take(taker->ctx, &event))
        answer(c, "ok", "");
}

static bool is_ready(const struct ww_line_taker *taker)
{
    return taker->ready == NULL || taker->ready(taker->ctx);
}

static void take_lines(struct ww_line_client *c, const struct ww_line_taker *taker)
{
    struct ww_slice line;
    while (sizeof c->answers - c->answers_n >= ANSWER_MAX && is_ready(taker) &&
           ww_lines_next(&c->lines, &line))
        take_line(c, taker, line);
}

static void read_from(struct ww_line_client *c, int64_t now_ms)
{
    size_t size;
    char *room = ww_lines_room(&c->lines, &size);
    ssize_t n = recv(c->fd, room, size, 0);
    if (n > 0) {
        ww_lines_add(&c->lines, (size_t)n);
        c->heard_at = now_ms;
    } else if (n == 0 || (errno != EAGAIN && errno != EINTR)) {
        c->ended = true;
    }
}

static void write_to(struct ww_line_client *c)
{
    ssize_t n = send(c->fd, c->answers, c->answers_n, MSG_NOSIGNAL);
    if (n > 0) {
        c->answers_n -= (size_t)n;
        memmove(c->answers, c->answers + n, c->answers_n);
    } else if (errno != EAGAIN && errno != EINTR) {
        /* Nobody hears what is answered; what was told is told. */
        c->answers_n = 0;
        c->ended = true;
    }
}

static bool has_line(const struct ww_line_client *c)
{
    struct ww_slice rest = ww_lines_rest(&c->lines);
    return rest.n > 0 && memchr(rest.p, '\n', rest.n) != NULL;
}

bool ww_line_client_wants_to_read(const struct ww_line_client *c)
{
    return !c->ended && !has_line(c);
}

bool ww_line_client_wants_to_write(const struct ww_line_client *c)
{
    return c->answers_n > 0;
}

void ww_line_client_serve(struct ww_line_client *c, const struct ww_line_taker *taker, bool readable,
                          int64_t now_ms)
{
    bool may_read = ww_line_client_wants_to_read(c);
    if (c->answers_n > 0)
        write_to(c);
    if (may_read && readable)
        read_from(c, now_ms);
    /* A room full of short lines has more answers than have room at once. */
    do {
        take_lines(c, taker);
        if (c->answers_n > 0)
            write_to(c);
    } while (c->answers_n == 0 && has_line(c) && is_ready(taker));
    bool waits_for_us = has_line(c) && !is_ready(taker);
    if (waits_for_us)
        c->heard_at = now_ms;
    if (now_ms - c->heard_at > WW_LINE_CLIENT_IDLE_MS || (c->ended && c->answers_n == 0 && !has_line(c)))
        ww_line_client_close(c);
}
