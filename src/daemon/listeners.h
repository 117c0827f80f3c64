/* The listening sockets. They belong to the supervisor and outlive every role that accepts on them. */
#ifndef WW_DAEMON_LISTENERS_H
#define WW_DAEMON_LISTENERS_H

#include "daemon/config.h"

struct ww_listener {
    const char *name; /* as configured; borrowed from the configuration */
    int fd;
};

struct ww_listeners {
    struct ww_listener *items;
    size_t count;
};

/* Opens all that the configuration names. False: the reason is in the log, and none is open. */
bool ww_listeners_open(struct ww_listeners *l, const struct ww_config *config);

/* Closes them, and removes the files of Unix sockets. */
void ww_listeners_close(struct ww_listeners *l);

#endif
