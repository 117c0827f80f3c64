/*
 * What all roles have counted, as control knows it: asked for together, when somebody wants to know and every
 * ten seconds. What a process had counted when it was last asked stays when it ends, so that counters do not
 * go back.
 */
#ifndef WW_DAEMON_CONTROL_STATS_H
#define WW_DAEMON_CONTROL_STATS_H

#include "daemon/control_ask.h"
#include "daemon/role_stats.h"

#include <sys/queue.h>

/* A role that has not answered by then does not hold the others up. */
#define WW_STATS_DEADLINE_MS 1000

struct ww_control_stats;

struct ww_counted {
    enum ww_role_kind kind;
    unsigned index;
    bool up;                   /* it answered when it was asked last */
    bool known;                /* it has answered at least once */
    struct ww_stats now;       /* of its process, as of its last answer */
    struct ww_stats past;      /* counters of its processes before */
    struct ww_slow_hosts slow; /* of a resolver */
};

/* A wait for all answers; the caller's, who sets done and ctx. */
struct ww_collecting {
    void (*done)(void *ctx);
    void *ctx;
    TAILQ_ENTRY(ww_collecting) entry;
};

/*
 * status says which roles there are, self is what control has counted itself; all are borrowed. NULL when
 * memory is short.
 */
struct ww_control_stats *ww_control_stats_new(struct event_base *base, struct ww_roles_asked *roles,
                                              const struct ww_msg_roles *status, struct ww_role_stats *self);
/* Those who wait are not told. */
void ww_control_stats_free(struct ww_control_stats *s);

/* Asks all roles, and calls done once each has answered or had its time; never before this has returned. */
void ww_control_stats_collect(struct ww_control_stats *s, struct ww_collecting *waiter);
/* Does not want to know any more. */
void ww_control_stats_leave(struct ww_control_stats *s, struct ww_collecting *waiter);

/* NULL when that role was never asked. */
const struct ww_counted *ww_control_stats_of(const struct ww_control_stats *s, enum ww_role_kind kind,
                                             unsigned index);

/* All roles together: counters with those of the past, gauges as they are. */
void ww_control_stats_sum(const struct ww_control_stats *s, struct ww_stats *sum);

/* The slowest of all resolvers. */
void ww_control_stats_slow(const struct ww_control_stats *s, struct ww_slow_hosts *slow);

/* Look-ups a second, over the last minute or what there is of it; below 0: not known yet. */
double ww_control_stats_rate(const struct ww_control_stats *s);

#endif
