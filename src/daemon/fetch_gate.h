/* Holds fetches back on the loop, as fetch_pace.h decides. */
#ifndef WW_DAEMON_FETCH_GATE_H
#define WW_DAEMON_FETCH_GATE_H

#include "daemon/fetch_pace.h"

struct event_base;

/* Called from the loop alone, never before ww_gate_enter has returned. */
struct ww_gate_handlers {
    /* Fetches now. May leave. */
    void (*go)(void *owner);
    /* Has waited too long. Leaves. */
    void (*late)(void *owner);
};

struct ww_gate;

/* NULL when memory is short. */
struct ww_gate *ww_gate_new(struct event_base *base, const struct ww_pace_limits *limits,
                            const struct ww_gate_handlers *handlers);
/* Everybody has left. */
void ww_gate_free(struct ww_gate *gate);

/* Wants to fetch; one of the handlers is called. NULL when memory is short. */
struct ww_fetch *ww_gate_enter(struct ww_gate *gate, void *owner, struct ww_slice domain, bool held);

/* The fetch has ended, or nobody wants it any more. */
void ww_gate_leave(struct ww_gate *gate, struct ww_fetch *fetch);

#endif
