/* Control's end of the channels to the other roles: asks one of them, and hears what it tells. */
#ifndef WW_DAEMON_CONTROL_ASK_H
#define WW_DAEMON_CONTROL_ASK_H

#include "proc/msg.h"

struct event_base;
struct ww_roles_asked;
struct ww_asking;

/*
 * One piece of an answer. The last has more unset; then the asking is gone. After an error, which may be that
 * the role has died (WW_E_CHAN_DOWN), is silent (WW_E_CONTROL_TIMEOUT) or sends more than was asked for
 * (WW_E_MSG_MALFORMED), nothing follows and the payload is empty. Lists, WW_ASK_CACHE_SHOW, WW_ASK_WATCH,
 * WW_ASK_REPORT, WW_ASK_RECEIVED, WW_ASK_ADVISE, WW_ASK_PUBLISH and no others have more than one piece. Never
 * called before ww_roles_ask has returned.
 */
typedef void ww_told_cb(void *ctx, const struct ww_msg_told *told);

/* NULL when memory is short. */
struct ww_roles_asked *ww_roles_asked_new(struct event_base *base);
/* All askings are gone, without a word. */
void ww_roles_asked_free(struct ww_roles_asked *roles);

/* A (new) channel to a role. Owns fd. */
void ww_roles_asked_peer(struct ww_roles_asked *roles, const struct ww_msg_peer *peer, int fd);

/*
 * Asks; index is that of a resolver, else 0. The deadline counts anew with each piece. NULL when memory is
 * short. Who does not want to hear it any more cancels.
 */
struct ww_asking *ww_roles_ask(struct ww_roles_asked *roles, enum ww_role_kind kind, unsigned index,
                               enum ww_ask what, struct ww_slice payload, unsigned deadline_ms,
                               ww_told_cb *cb, void *ctx);
void ww_asking_cancel(struct ww_asking *asking);

#endif
