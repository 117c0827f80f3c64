#include "daemon/activation.h"

#include "daemon/config_values.h"
#include "daemon/log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FIRST_FD 3

/* The variables may have come down to us from somebody else, for whom they were meant. */
static uint64_t announced(void)
{
    const char *pid = getenv("LISTEN_PID"), *count = getenv("LISTEN_FDS");
    uint64_t number, n;
    if (pid == NULL || count == NULL || !ww_value_number(pid, &number) || number != (uint64_t)getpid() ||
        !ww_value_number(count, &n))
        return 0;
    return n;
}

/* What is not known is left out of the log. */
static const char *or_null(const char *text)
{
    return text[0] != '\0' ? text : NULL;
}

/* Where none is, something of our own may have come to be. */
static bool adopt(int fd)
{
    struct stat st;
    if (fstat(fd, &st) != 0)
        return false;
    if (!S_ISSOCK(st.st_mode)) {
        errno = ENOTSOCK;
        return false;
    }
    int flags = fcntl(fd, F_GETFL);
    return flags >= 0 && fcntl(fd, F_SETFL, flags | O_NONBLOCK) == 0 && fcntl(fd, F_SETFD, FD_CLOEXEC) == 0;
}

/* Cuts the first of "one:two:three" off. */
static void next_name(const char **names, char out[WW_ACTIVATED_NAME_SIZE])
{
    size_t n = strcspn(*names, ":");
    snprintf(out, WW_ACTIVATED_NAME_SIZE, "%.*s",
             (int)(n < WW_ACTIVATED_NAME_SIZE ? n : WW_ACTIVATED_NAME_SIZE), *names);
    *names += (*names)[n] == ':' ? n + 1 : n;
}

static void take_over(struct ww_activation *a, uint64_t n, const char *names)
{
    for (uint64_t i = 0; i < n && i < WW_ACTIVATION_MAX; i++) {
        struct ww_activated one = {.fd = FIRST_FD + (int)i};
        next_name(&names, one.name);
        if (adopt(one.fd))
            a->items[a->count++] = one;
        else
            ww_log_warning("socket-refused", "name", or_null(one.name), "detail", strerror(errno), "done",
                           "it is not listened on");
    }
    if (n > WW_ACTIVATION_MAX)
        ww_log_warning("socket-refused", "detail", "more sockets than 64 were handed over", "done",
                       "the others are not listened on");
}

void ww_activation_open(struct ww_activation *a)
{
    const char *names = getenv("LISTEN_FDNAMES");
    a->count = 0;
    take_over(a, announced(), names != NULL ? names : "");
    (void)unsetenv("LISTEN_PID");
    (void)unsetenv("LISTEN_FDS");
    (void)unsetenv("LISTEN_FDNAMES");
}

static int option_of(int fd, int option)
{
    int value = -1;
    socklen_t n = sizeof value;
    return getsockopt(fd, SOL_SOCKET, option, &value, &n) == 0 ? value : -1;
}

/* Of datagrams only such as have a path: no other kind is ever listened on. */
static bool listens(int fd)
{
    int type = option_of(fd, SO_TYPE);
    return (type == SOCK_STREAM && option_of(fd, SO_ACCEPTCONN) == 1) ||
           (type == SOCK_DGRAM && option_of(fd, SO_DOMAIN) == AF_UNIX);
}

static bool is_at(int fd, int type, const struct ww_listen_at *wanted)
{
    struct ww_listen_at at = {.length = sizeof at.address};
    return listens(fd) && option_of(fd, SO_TYPE) == type &&
           getsockname(fd, (struct sockaddr *)&at.address, &at.length) == 0 &&
           ww_listen_at_equal(&at, wanted);
}

int ww_activation_use(struct ww_activation *a, int type, const struct ww_listen_at *at)
{
    for (size_t i = 0; i < a->count; i++) {
        struct ww_activated *one = &a->items[i];
        if (one->fd >= 0 && !one->used && is_at(one->fd, type, at)) {
            one->used = true;
            return one->fd;
        }
    }
    return -1;
}

void ww_activation_release(struct ww_activation *a, int fd)
{
    for (size_t i = 0; i < a->count; i++) {
        if (a->items[i].fd == fd)
            a->items[i].used = false;
    }
}

static void warn_unused(const struct ww_activated *one)
{
    struct ww_listen_at at = {.length = sizeof at.address};
    char text[WW_LISTEN_AT_TEXT_SIZE] = "";
    if (getsockname(one->fd, (struct sockaddr *)&at.address, &at.length) == 0)
        ww_listen_at_format(&at, text);
    ww_log_warning("socket-unused", "name", or_null(one->name), "listener", or_null(text), "detail",
                   listens(one->fd)
                       ? "the service manager opened it, but the configuration does not name it"
                       : "it is no socket that listens for connections, and no Unix socket of datagrams",
                   "done", "it is closed");
}

void ww_activation_close_unused(struct ww_activation *a)
{
    for (size_t i = 0; i < a->count; i++) {
        struct ww_activated *one = &a->items[i];
        if (one->used || one->fd < 0)
            continue;
        warn_unused(one);
        close(one->fd);
        one->fd = -1;
    }
}

void ww_activation_close(struct ww_activation *a)
{
    for (size_t i = 0; i < a->count; i++) {
        if (a->items[i].fd >= 0)
            close(a->items[i].fd);
    }
    a->count = 0;
}
