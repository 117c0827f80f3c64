/*
 * The front's overrides that were set at run time, as the keeper has them: asked for whenever there is a new
 * keeper, and given back to it when its store has lost them.
 */
#ifndef WW_DAEMON_FRONT_OVERRIDES_SYNC_H
#define WW_DAEMON_FRONT_OVERRIDES_SYNC_H

#include "daemon/front_overrides.h"
#include "proc/chan.h"
#include "proc/msg.h"

struct ww_overrides_sync {
    struct ww_overrides *overrides;
    uint32_t number; /* of the last request */
    bool owed;       /* the store has lost them, and has not shown that it has them again */
};

/* There is a keeper. What cannot be sent is sent to the next one. */
void ww_overrides_sync_begin(struct ww_overrides_sync *sync, struct ww_chan *keeper);

/* The store has lost what it had. */
void ww_overrides_sync_anew(struct ww_overrides_sync *sync, struct ww_chan *keeper);

/* False: the message is none about overrides. */
bool ww_overrides_sync_message(struct ww_overrides_sync *sync, uint16_t type, struct ww_slice payload);

#endif
