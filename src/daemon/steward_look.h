/*
 * A look at a published domain from outside: all that an inspection sees, what its name servers say, and, of
 * one that follows another's policy, that policy.
 */
#ifndef WW_DAEMON_STEWARD_LOOK_H
#define WW_DAEMON_STEWARD_LOOK_H

#include "check/inspect.h"
#include "daemon/steward_servers.h"

struct ww_steward_eyes {
    const struct ww_check_env *env;
    struct ww_inspector *inspector;
};

/* Borrowed during the callback, as is all that it points to. */
struct ww_steward_saw {
    const struct ww_sight *sight;
    const struct ww_servers_said *said;
    struct ww_slice mirrored; /* empty: not asked for, or there is no valid policy to be had */
};
typedef void ww_steward_saw_cb(void *ctx, const struct ww_steward_saw *saw);

struct ww_steward_looking;

struct ww_steward_want {
    const char *domain;
    int64_t at;
    const char *mirror; /* the policy domain that is followed, or NULL */
    bool afresh;        /* nothing that was seen before counts */
};

/*
 * want is borrowed during the call, eyes are borrowed until the end. cb is never called
 * before this has returned, and once; the look is gone by then. NULL: memory is short.
 */
struct ww_steward_looking *ww_steward_look(const struct ww_steward_eyes *eyes,
                                           const struct ww_steward_want *want, ww_steward_saw_cb *cb,
                                           void *ctx);
/* Ends it without its callback. */
void ww_steward_look_cancel(struct ww_steward_looking *looking);

#endif
