/*
 * The roles as the supervisor sees them: it starts them, joins them by channels, hands front the listeners,
 * and starts again what has died, at once the first time and then ever later, up to a second. For a changed
 * configuration it starts a second process of a resolver, which takes the place of the first once it is
 * ready.
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
    int64_t since;              /* when the daemon was started, Unix seconds */
    void (*changed)(void *ctx); /* a role has become ready, or has died; not called while stopping */
    /*
     * What ww_crew_renew began is through: the successor serves and the one before has ended. Or (good is
     * false) the successor has died before it was ready, and nothing has changed. Not called while stopping.
     */
    void (*renewed)(void *ctx, bool good);
    void (*anchors_changed)(void *ctx); /* resolvers are to start anew; not called while stopping */
    void *ctx;

    struct ww_child **children; /* private from here on; behind the last: a successor, or who has one */
    size_t count;
    bool stopping;
    bool watching;    /* there are watched domains, says the keeper */
    bool has_journal; /* of TLS results: journal is open, or memory has none for it */
    bool journal_in_memory;
    int journal;
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

/*
 * Starts a successor of a resolver, with the configuration whose sealed text that is, borrowed until
 * crew->renewed is called. One at a time. False (logged): it could not be started.
 */
WW_MUST_CHECK bool ww_crew_renew(struct ww_crew *crew, unsigned resolver, int config_fd);

/* Whoever is started from now on gets this configuration, and who runs is told of it. Both are borrowed. */
void ww_crew_reload(struct ww_crew *crew, const struct ww_config *config, int config_fd);

/* Those beside the resolvers that look things up end and start again: they do so as they did when they were
 * started. */
void ww_crew_begin_anew(struct ww_crew *crew);

/* The intake alone ends and starts again: it has read its certificate when it was started. */
void ww_crew_begin_intake_anew(struct ww_crew *crew);

/* The role that serves it has another listener, or one less. */
void ww_crew_listener(struct ww_crew *crew, const struct ww_listener *listener);
void ww_crew_listener_gone(struct ww_crew *crew, const struct ww_listener *listener);

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
