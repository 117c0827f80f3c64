/*
 * Taking over a changed configuration while look-ups go on. Resolvers are replaced when something of theirs
 * has changed, the files that it names included. Then the first is started with it before anything else
 * changes: only when that one is ready it is in force, else all stays as it was. The intake is started anew
 * when its certificate is another one.
 */
#ifndef WW_DAEMON_RELOAD_H
#define WW_DAEMON_RELOAD_H

#include "daemon/config_load.h"
#include "daemon/crew.h"
#include "daemon/intake_files.h"
#include "daemon/resolver_inputs.h"

struct ww_reload {
    const struct ww_config_source *source;
    struct ww_crew *crew;
    struct ww_listeners *listeners;
    struct ww_config *config; /* in force; owned, as is its sealed text */
    int config_fd;
    struct ww_resolver_files files; /* as they were before the resolvers were started */
    struct ww_intake_files intake;  /* the same, before the intake was */
    void (*done)(void *ctx);        /* nothing is left to do, however it went */
    void *ctx;

    bool running; /* private from here on */
    bool again;   /* asked for once more meanwhile */
    bool renew;   /* the same, of ww_reload_resolvers */
    bool stale;   /* some resolvers have a configuration of before */
    unsigned resolver;
    struct ww_resolver_files next_files;
    struct ww_config *next; /* NULL once it is in force */
    int next_fd;
    struct ww_listeners next_listeners;
};

/* The fields up to ctx are set, the others zero. */
void ww_reload_begin(struct ww_reload *r);

/* Replaces the resolvers, with the configuration that is in force: a file that they start with has changed.
 */
void ww_reload_resolvers(struct ww_reload *r);

/* For ww_crew: a resolver has its successor, or (good is false) goes on alone. */
void ww_reload_renewed(struct ww_reload *r, bool good);

void ww_reload_clear(struct ww_reload *r);

#endif
