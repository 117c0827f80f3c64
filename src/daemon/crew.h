/*
 * The roles as the supervisor sees them: it starts them, joins them by channels, hands front the listeners,
 * and starts again what has died, at once the first time and then ever later, up to a second.
 */
#ifndef WW_DAEMON_CREW_H
#define WW_DAEMON_CREW_H

#include "daemon/listeners.h"
#include "daemon/role.h"

#include <sys/types.h>

struct ww_child;

struct ww_crew {
    const struct ww_config *config;
    int config_fd; /* the sealed text of the same configuration */
    struct event_base *base;
    const struct ww_listeners *listeners;
    void (*changed)(void *ctx); /* a role has become ready, or has died; not called while stopping */
    void *ctx;

    struct ww_child *children; /* private from here on */
    size_t count;
    bool stopping;
};

/* The fields up to ctx are set, the others zero. False: out of memory. */
bool ww_crew_init(struct ww_crew *crew);
void ww_crew_start(struct ww_crew *crew);
void ww_crew_clear(struct ww_crew *crew);

/*
 * A process has ended. False when the daemon must end as well: a role has given up by itself before it was
 * ever ready.
 */
WW_MUST_CHECK bool ww_crew_ended(struct ww_crew *crew, pid_t pid, int status);

/* Starts nobody again from now on, and asks all but the keeper to end. */
void ww_crew_stop(struct ww_crew *crew);
/* Asks the keeper: last, when nobody is left who could have something to keep. */
void ww_crew_stop_keeper(struct ww_crew *crew);
void ww_crew_kill(struct ww_crew *crew);

/* The name of a role that is not ready; NULL when all are. */
const char *ww_crew_missing(const struct ww_crew *crew);

/* How many live, with or without the keeper. */
size_t ww_crew_living(const struct ww_crew *crew, bool keeper_too);

#endif
