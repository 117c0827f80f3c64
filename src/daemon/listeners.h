/* The listening sockets. They belong to the supervisor and outlive every role that accepts on them. */
#ifndef WW_DAEMON_LISTENERS_H
#define WW_DAEMON_LISTENERS_H

#include "daemon/activation.h"
#include "daemon/config.h"
#include "proc/msg.h"

struct ww_listener {
    const char *name; /* as configured; borrowed from the configuration */
    enum ww_listen_purpose purpose;
    int fd;
    bool kept;      /* prepared: the one that is open already */
    bool inherited; /* fd is one of a service manager's, borrowed */
};

struct ww_listeners {
    struct ww_listener *items;
    size_t count;
    struct ww_activation *inherited;
};

/*
 * Opens all that the configuration names, but for those that are among the inherited, which outlive them.
 * One that is for the operator alone may fail and is left out then. False: the reason is in the log, and none
 * is open.
 */
bool ww_listeners_open(struct ww_listeners *l, const struct ww_config *config,
                       struct ww_activation *inherited);

/* NULL when there is none of this name. */
const struct ww_listener *ww_listeners_find(const struct ww_listeners *l, const char *name);

/*
 * For a changed configuration: those of its listeners that are in `now` stay, the others are opened. False:
 * the reason is in the log, and nothing has changed. Then either ww_listeners_replace, which closes what is
 * not wanted any more and empties next, or ww_listeners_cancel.
 */
bool ww_listeners_prepare(struct ww_listeners *next, const struct ww_config *config,
                          const struct ww_listeners *now);
void ww_listeners_replace(struct ww_listeners *now, struct ww_listeners *next);
void ww_listeners_cancel(struct ww_listeners *next);

/*
 * Nobody can send a datagram any more, so that none is accepted that nobody will read; those that are there
 * can be read. What was inherited stays as it is, and keeps them.
 */
void ww_listeners_refuse(const struct ww_listeners *l);

/* Closes them, and removes the files of Unix sockets; what was inherited is left alone. */
void ww_listeners_close(struct ww_listeners *l);

#endif
