/* Whether a user may connect to a Unix socket, judged by owners and permissions on the way there. */
#ifndef WW_CLI_MAY_CONNECT_H
#define WW_CLI_MAY_CONNECT_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#define WW_GROUPS_MAX 64

struct ww_person {
    uid_t user;
    gid_t groups[WW_GROUPS_MAX];
    int count;
};

/* A user with its groups, as a service has them that becomes this user. False: there is none. */
bool ww_person_find(const char *name, struct ww_person *out);

/*
 * The way from `root` (which must be a beginning of path, or "/") down to the socket. False: why says what
 * stands in the way. A file with an access control list beyond its permissions is taken to let pass.
 */
bool ww_may_connect(const struct ww_person *person, const char *root, const char *path, char *why,
                    size_t size);

#endif
