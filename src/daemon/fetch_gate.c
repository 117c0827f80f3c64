#include "daemon/fetch_gate.h"

#include "daemon/clock.h"

#include <event2/event.h>
#include <stdlib.h>

struct ww_gate {
    struct ww_pace *pace;
    struct event *timer;
    struct ww_gate_handlers handlers;
};

static void arm(struct ww_gate *g, int64_t ms)
{
    const struct timeval tv = {.tv_sec = ms / 1000, .tv_usec = ms % 1000 * 1000};
    (void)event_add(g->timer, &tv);
}

static void on_timer(evutil_socket_t fd, short what, void *arg)
{
    struct ww_gate *g = arg;
    void *owner;
    (void)fd, (void)what;
    /* Whoever may go goes, however late we are. */
    while ((owner = ww_pace_next(g->pace, ww_clock_ms())) != NULL)
        g->handlers.go(owner);
    while ((owner = ww_pace_late(g->pace, ww_clock_ms())) != NULL)
        g->handlers.late(owner);
    int64_t due = ww_pace_due(g->pace), now = ww_clock_ms();
    if (due != INT64_MAX)
        arm(g, due > now ? due - now : 0);
}

struct ww_gate *ww_gate_new(struct event_base *base, const struct ww_pace_limits *limits,
                            const struct ww_gate_handlers *handlers)
{
    struct ww_gate *g = calloc(1, sizeof *g);
    if (g == NULL)
        return NULL;
    g->handlers = *handlers;
    g->pace = ww_pace_new(limits);
    g->timer = evtimer_new(base, on_timer, g);
    if (g->pace != NULL && g->timer != NULL)
        return g;
    ww_gate_free(g);
    return NULL;
}

void ww_gate_free(struct ww_gate *gate)
{
    if (gate == NULL)
        return;
    if (gate->timer != NULL)
        event_free(gate->timer);
    ww_pace_free(gate->pace);
    free(gate);
}

struct ww_fetch *ww_gate_enter(struct ww_gate *gate, void *owner, struct ww_slice domain, bool held)
{
    struct ww_fetch *f = ww_pace_add(gate->pace, owner, domain, held, ww_clock_ms());
    if (f != NULL)
        arm(gate, 0);
    return f;
}

void ww_gate_leave(struct ww_gate *gate, struct ww_fetch *fetch)
{
    ww_pace_end(gate->pace, fetch, ww_clock_ms());
    if (ww_pace_due(gate->pace) != INT64_MAX)
        arm(gate, 0);
}
