#include "daemon/notify.h"

#include "daemon/config_values.h"

#include <errno.h>
#include <event2/event.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool read_address(struct ww_notify *n, const char *text)
{
    size_t length = text != NULL ? strlen(text) : 0;
    if (length < 2 || length >= sizeof n->to.sun_path || (text[0] != '/' && text[0] != '@'))
        return false;
    n->to = (struct sockaddr_un){.sun_family = AF_UNIX};
    memcpy(n->to.sun_path, text, length);
    if (text[0] == '@') /* an abstract name starts with a zero, and none ends it */
        n->to.sun_path[0] = '\0';
    n->to_n = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length);
    return true;
}

/* The variables may have come down to us from somebody else, for whom they were meant. */
static bool is_ours(const char *pid)
{
    uint64_t number;
    return pid == NULL || (ww_value_number(pid, &number) && number == (uint64_t)getpid());
}

static int64_t read_watchdog(void)
{
    const char *text = getenv("WATCHDOG_USEC");
    uint64_t us;
    if (text == NULL || !is_ours(getenv("WATCHDOG_PID")) || !ww_value_number(text, &us) || us < 2000)
        return 0;
    return (int64_t)(us / 1000);
}

void ww_notify_open(struct ww_notify *n)
{
    *n = (struct ww_notify){.fd = -1};
    if (read_address(n, getenv("NOTIFY_SOCKET")))
        n->fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (n->fd >= 0)
        n->watchdog_ms = read_watchdog();
    (void)unsetenv("NOTIFY_SOCKET");
    (void)unsetenv("WATCHDOG_USEC");
    (void)unsetenv("WATCHDOG_PID");
}

/* False when the receiver's queue is full. */
static bool try_send(const struct ww_notify *n, const char *lines)
{
    ssize_t sent;
    do
        sent = sendto(n->fd, lines, strlen(lines), MSG_NOSIGNAL, (const struct sockaddr *)&n->to, n->to_n);
    while (sent < 0 && errno == EINTR);
    return sent >= 0 || (errno != EAGAIN && errno != ENOBUFS);
}

static void take_out(struct ww_notify *n, size_t i)
{
    n->waiting--;
    memmove(n->queue[i], n->queue[i + 1], (n->waiting - i) * sizeof n->queue[0]);
}

static void arm(const struct ww_notify *n)
{
    const struct timeval pause = {.tv_usec = 50000};
    if (n->retry != NULL && n->waiting > 0)
        (void)event_add(n->retry, &pause);
}

static void send_waiting(struct ww_notify *n)
{
    while (n->waiting > 0 && try_send(n, n->queue[0]))
        take_out(n, 0);
    arm(n);
}

static void on_retry(evutil_socket_t fd, short what, void *arg)
{
    (void)fd, (void)what;
    send_waiting(arg);
}

/* There are fewer names than places. */
static void wait_with(struct ww_notify *n, const char *lines)
{
    size_t name = strcspn(lines, "=") + 1;
    for (size_t i = n->waiting; i-- > 0;) {
        if (strncmp(n->queue[i], lines, name) == 0)
            take_out(n, i);
    }
    if (n->waiting == WW_NOTIFY_WAITING_MAX)
        take_out(n, 0);
    snprintf(n->queue[n->waiting++], WW_NOTIFY_SIZE, "%s", lines);
    arm(n);
}

bool ww_notify_loop(struct ww_notify *n, struct event_base *base)
{
    n->retry = evtimer_new(base, on_retry, n);
    arm(n);
    return n->retry != NULL;
}

void ww_notify_close(struct ww_notify *n)
{
    if (n->fd >= 0) {
        send_waiting(n);
        close(n->fd);
    }
    if (n->retry != NULL)
        event_free(n->retry);
    n->fd = -1;
    n->retry = NULL;
}

void ww_notify_send(struct ww_notify *n, const char *lines)
{
    if (n->fd >= 0 && (n->waiting > 0 || !try_send(n, lines)))
        wait_with(n, lines);
}
