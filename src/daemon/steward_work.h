/*
 * What the steward does for a domain, in a process of its own (job.h): it changes a record by a DNS update,
 * or has a certificate made. Who changes DNS has read its key by then, and can do nothing but connect; who
 * has a certificate made keeps the steward's rights, as the program that does it needs them.
 */
#ifndef WW_DAEMON_STEWARD_WORK_H
#define WW_DAEMON_STEWARD_WORK_H

#include "daemon/steward_turn.h"

#define WW_STEWARD_WORK_DETAIL_SIZE 512

struct ww_steward_worked {
    bool good;
    char detail[WW_STEWARD_WORK_DETAIL_SIZE]; /* why it is not; printable ASCII, or "" */
};

struct ww_job;
struct event_base;

typedef void ww_steward_worked_cb(void *ctx, const struct ww_steward_worked *worked);

struct ww_steward_working;

/* The turn's work, which is some; config and turn are borrowed during the call alone. NULL: processes or
 * memory are short. */
struct ww_steward_working *ww_steward_work(struct event_base *base, const struct ww_config *config,
                                           const struct ww_steward_turn *turn, ww_steward_worked_cb *cb,
                                           void *ctx);
/* Ends it without its callback. Does nothing to NULL. */
void ww_steward_work_cancel(struct ww_steward_working *working);

#endif
