/* Telling the service manager how the daemon fares: the protocol of sd_notify(3), without its library. */
#ifndef WW_DAEMON_NOTIFY_H
#define WW_DAEMON_NOTIFY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/un.h>

struct event;
struct event_base;

#define WW_NOTIFY_SIZE 160
#define WW_NOTIFY_WAITING_MAX 8

struct ww_notify {
    int fd; /* -1: nobody wants to know */
    struct sockaddr_un to;
    socklen_t to_n;
    int64_t watchdog_ms; /* 0: no watchdog; else a sign of life is wanted at least so often */
    struct event *retry; /* NULL before ww_notify_loop */
    size_t waiting;
    char queue[WW_NOTIFY_WAITING_MAX][WW_NOTIFY_SIZE];
};

/* Reads what the service manager has left in the environment, and removes it, so that no child sees it. */
void ww_notify_open(struct ww_notify *n);

/* From now on what cannot be sent is tried again. False: memory is short. */
bool ww_notify_loop(struct ww_notify *n, struct event_base *base);

/* Before the loop's base is freed. */
void ww_notify_close(struct ww_notify *n);

/*
 * Sends "NAME=value" lines. While a service manager has no time, the last message of each name waits for it;
 * nobody is kept waiting here. When it fails otherwise, there is nobody to tell.
 */
void ww_notify_send(struct ww_notify *n, const char *lines);

#endif
