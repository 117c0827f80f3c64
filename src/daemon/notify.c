#include "daemon/notify.h"

#include "daemon/config_values.h"

#include <stddef.h>
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

void ww_notify_close(struct ww_notify *n)
{
    if (n->fd >= 0)
        close(n->fd);
    n->fd = -1;
}

void ww_notify_send(const struct ww_notify *n, const char *lines)
{
    if (n->fd >= 0)
        (void)sendto(n->fd, lines, strlen(lines), MSG_NOSIGNAL, (const struct sockaddr *)&n->to, n->to_n);
}
