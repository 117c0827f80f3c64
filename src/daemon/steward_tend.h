/*
 * Tends to one published domain: has its files seen to, looks at it from outside, plans, has done what can be
 * done at once, and gives it back. How it looks, and who works, is handed in, so that tests do neither.
 */
#ifndef WW_DAEMON_STEWARD_TEND_H
#define WW_DAEMON_STEWARD_TEND_H

#include "daemon/steward_look.h"
#include "daemon/steward_turn.h"
#include "daemon/steward_work.h"

struct ww_steward_tend;

typedef struct ww_steward_looking *ww_steward_look_fn(const struct ww_steward_eyes *eyes,
                                                      const struct ww_steward_want *want,
                                                      ww_steward_saw_cb *cb, void *ctx);
typedef struct ww_steward_working *ww_steward_work_fn(struct ww_steward_works *works,
                                                      const struct ww_published *domain, enum ww_order what,
                                                      ww_steward_worked_cb *cb, void *ctx);

struct ww_steward_hands {
    const struct ww_config *config;
    struct ww_patience *patience;
    struct ww_steward_eyes eyes;
    ww_steward_look_fn *look;
    void (*look_cancel)(struct ww_steward_looking *looking);
    struct ww_steward_works *works;
    ww_steward_work_fn *work;
    void (*work_cancel)(struct ww_steward_working *working);
};

/* The domain comes back; borrowed during the call. NULL: memory is short, it could not be looked at. The tend
 * is gone by then. */
typedef void ww_steward_tended_cb(void *ctx, const struct ww_msg_tended *tended);

/*
 * payload is a ww_msg_tend, and is copied; the hands are borrowed until the end. cb is never called before
 * this has returned, and once. NULL: memory is short, the payload is none, or there is nobody to see to
 * its files.
 */
struct ww_steward_tend *ww_steward_tend(const struct ww_steward_hands *hands, struct ww_slice payload,
                                        ww_steward_tended_cb *cb, void *ctx);
/* Ends it without its callback. */
void ww_steward_tend_cancel(struct ww_steward_tend *tend);

#endif
