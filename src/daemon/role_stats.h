/* What a role process has counted, and how it tells control of it. */
#ifndef WW_DAEMON_ROLE_STATS_H
#define WW_DAEMON_ROLE_STATS_H

#include "daemon/asked.h"
#include "proc/slow_hosts.h"
#include "proc/stats.h"

struct ww_role_stats {
    struct ww_stats stats;
    struct ww_slow_hosts slow; /* of a resolver */
    int statm; /* where the kernel says how much memory is in use; -1 when it cannot be read */
};

/* Before confinement: what can be opened then alone. */
void ww_role_stats_open(struct ww_role_stats *s);
void ww_role_stats_close(struct ww_role_stats *s);

/* Brings up to date what every role counts of itself. */
void ww_role_stats_self(struct ww_role_stats *s);

/* Answers WW_ASK_STATS; the role has set its gauges. */
void ww_role_stats_tell(struct ww_role_stats *s, struct ww_asked *asked, struct ww_question_ref ref);

/* Such an answer. The decoder fails with WW_E_MSG_MALFORMED. */
WW_MUST_CHECK enum ww_err ww_role_stats_get(struct ww_slice payload, struct ww_stats *stats,
                                            struct ww_slow_hosts *slow);

#endif
