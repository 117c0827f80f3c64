/* Telling the service manager how the daemon fares: the protocol of sd_notify(3), without its library. */
#ifndef WW_DAEMON_NOTIFY_H
#define WW_DAEMON_NOTIFY_H

#include <stdint.h>
#include <sys/socket.h>
#include <sys/un.h>

struct ww_notify {
    int fd; /* -1: nobody wants to know */
    struct sockaddr_un to;
    socklen_t to_n;
    int64_t watchdog_ms; /* 0: no watchdog; else a sign of life is wanted at least so often */
};

/* Reads what the service manager has left in the environment, and removes it, so that no child sees it. */
void ww_notify_open(struct ww_notify *n);
void ww_notify_close(struct ww_notify *n);

/* Sends "NAME=value" lines. There is nobody to tell when that fails. */
void ww_notify_send(const struct ww_notify *n, const char *lines);

#endif
