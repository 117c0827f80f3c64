/* One look at a preload list: at what is kept, or at the source, which is fetched first where it is a URL. */
#ifndef WW_DAEMON_PRELOAD_UPDATE_H
#define WW_DAEMON_PRELOAD_UPDATE_H

#include "daemon/preload_check.h"

struct event_base;
struct ww_preload_update;

struct ww_preload_look {
    const struct ww_config *config; /* borrowed until the end, as are the others */
    const char *folder;
    bool kept;
    const struct ww_preload *before;
};

/* checked is borrowed during the call; image is the callee's, sealed: -1 unless there is another list. */
typedef void ww_preload_update_cb(void *ctx, const struct ww_preload_checked *checked, int image);

/*
 * The callback is never called before this has returned, and may free anything; the look is gone then. NULL:
 * memory or processes are short.
 */
struct ww_preload_update *ww_preload_update_begin(struct event_base *base, const struct ww_preload_look *look,
                                                  ww_preload_update_cb *cb, void *ctx);
/* Ends it without its callback. Does nothing with NULL. */
void ww_preload_update_cancel(struct ww_preload_update *update);

#endif
