/*
 * What the steward has done for a domain: it asks the keeper, which has the clerk do it if that is due
 * (msg_order.h). The steward itself can change nothing.
 */
#ifndef WW_DAEMON_STEWARD_WORK_H
#define WW_DAEMON_STEWARD_WORK_H

#include "proc/msg_order.h"

struct ww_chan;

/* All that was asked and not told of yet. */
struct ww_steward_works;

/* What has come of it, borrowed during the call; its number says nothing. */
typedef void ww_steward_worked_cb(void *ctx, const struct ww_msg_order_done *done);

struct ww_steward_working;

/* NULL: memory is short. */
struct ww_steward_works *ww_steward_works_new(void);
/* Ends all without their callbacks. */
void ww_steward_works_free(struct ww_steward_works *works);

/* The keeper to ask from now on, borrowed; NULL: it is gone. A new one knows nothing of what was asked of one
 * before: that has failed then, and the callbacks are called. */
void ww_steward_works_keeper(struct ww_steward_works *works, struct ww_chan *keeper);

/* A WW_MSG_ORDER_TOLD. WW_E_MSG_MALFORMED, or its callback is called, if anybody waits for it. */
WW_MUST_CHECK enum ww_err ww_steward_works_told(struct ww_steward_works *works, struct ww_slice payload);

/* cb is never called before this has returned, and once. NULL: there is no keeper, or too much was asked. */
struct ww_steward_working *ww_steward_work(struct ww_steward_works *works, const struct ww_published *domain,
                                           enum ww_order what, ww_steward_worked_cb *cb, void *ctx);
/* Nobody waits for it any more. */
void ww_steward_work_cancel(struct ww_steward_working *working);

#endif
