/* The file of a Unix socket: who may connect is decided by its owner, group and permissions. */
#ifndef WW_DAEMON_SOCKET_FILE_H
#define WW_DAEMON_SOCKET_FILE_H

#include "daemon/listen_at.h"

#include <sys/types.h>

struct ww_socket_access {
    const char *owner; /* name or number of a user, or NULL: who runs this */
    const char *group; /* the same of a group */
    mode_t mode;
};

struct ww_socket_fault {
    char detail[256];
    const char *advice; /* static, or NULL */
};

/*
 * Binds fd to the path. A file that a killed daemon has left is replaced; anything else there is not touched.
 * The file has its owner and permissions before anybody can connect, as that takes a listen(2) of the
 * caller's. False: *fault says why, and no file of ours is left.
 */
bool ww_socket_file_bind(int fd, const struct ww_listen_at *at, const struct ww_socket_access *access,
                         struct ww_socket_fault *fault);

#endif
