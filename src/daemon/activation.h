/*
 * Sockets that a service manager has opened and hands over (sd_listen_fds(3), without its library). It owns
 * their addresses: they stay open as long as we run, and the files of Unix ones are not ours to remove.
 */
#ifndef WW_DAEMON_ACTIVATION_H
#define WW_DAEMON_ACTIVATION_H

#include "daemon/listen_at.h"

#include <stddef.h>

/* More are taken for a mistake. */
#define WW_ACTIVATION_MAX 64

#define WW_ACTIVATED_NAME_SIZE 64

struct ww_activated {
    int fd; /* -1: closed */
    bool used;
    char name[WW_ACTIVATED_NAME_SIZE]; /* as the service manager calls it; perhaps cut short, or "" */
};

struct ww_activation {
    struct ww_activated items[WW_ACTIVATION_MAX];
    size_t count;
};

/* Takes over what the environment announces, and removes that from it, so that no child sees it. */
void ww_activation_open(struct ww_activation *a);

/*
 * One of this type (SOCK_STREAM, SOCK_DGRAM) that listens at this address and is not in use; it is from now
 * on, until it is released, and belongs to the service manager all the time. -1: there is none.
 */
int ww_activation_use(struct ww_activation *a, int type, const struct ww_listen_at *at);
void ww_activation_release(struct ww_activation *a, int fd);

/* Closes those that are not in use, with a warning for each. */
void ww_activation_close_unused(struct ww_activation *a);

void ww_activation_close(struct ww_activation *a);

#endif
