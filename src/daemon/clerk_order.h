/*
 * An order of the keeper, carried out in a process of its own (job.h). Who changes DNS has read its key by
 * then, and can do nothing but connect; who has a certificate made, or sees to files, keeps the clerk's
 * rights, as the programs that do it need them.
 */
#ifndef WW_DAEMON_CLERK_ORDER_H
#define WW_DAEMON_CLERK_ORDER_H

#include "daemon/config.h"
#include "proc/msg_order.h"

struct event_base;
struct ww_clerk_order;

/* Borrowed during the call; the order is gone by then. Its number is the order's. */
typedef void ww_clerk_order_cb(void *ctx, const struct ww_msg_order_done *done);

/*
 * Begins to carry it out. order and config are borrowed during the call alone; cb is never called before this
 * has returned, and once. NULL: it passes no ww_order_check, the configuration has nothing to do it with, or
 * processes or memory are short; why says so.
 */
struct ww_clerk_order *ww_clerk_order_begin(struct event_base *base, const struct ww_config *config,
                                            const struct ww_msg_order *order, ww_clerk_order_cb *cb,
                                            void *ctx, const char **why);
/* Ends it without its callback. Does nothing to NULL. */
void ww_clerk_order_cancel(struct ww_clerk_order *order);

#endif
