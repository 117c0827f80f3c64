/* The connections to the control socket: few, bounded, each with one request at a time. */
#ifndef WW_DAEMON_CONTROL_CLIENT_H
#define WW_DAEMON_CONTROL_CLIENT_H

#include "daemon/control.h"

#define WW_CONTROL_CLIENTS_MAX 64

/* Without a request for so long a connection is closed, as is one whose answer nobody takes. */
#define WW_CONTROL_IDLE_SECONDS 60

struct ww_control_clients;

/* control is borrowed. NULL when memory is short. */
struct ww_control_clients *ww_control_clients_new(struct ww_control *control);
void ww_control_clients_free(struct ww_control_clients *clients);

/* A (new) listening socket, in place of the one before. Owns fd. */
void ww_control_clients_listen(struct ww_control_clients *clients, int fd);
void ww_control_clients_deaf(struct ww_control_clients *clients);

#endif
