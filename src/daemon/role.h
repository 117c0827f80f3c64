/*
 * What each role is: how it starts, what it may do, and how it hears of its peers. role.c does what all have
 * in common: configuration from the descriptor handed down, loop, channel to the supervisor, confinement,
 * READY, run.
 */
#ifndef WW_DAEMON_ROLE_H
#define WW_DAEMON_ROLE_H

#include "daemon/config.h"
#include "daemon/log.h"
#include "daemon/role_stats.h"
#include "proc/chan.h"
#include "proc/confine.h"
#include "proc/msg.h"

struct event_base;

struct ww_role_env {
    struct event_base *base;
    const struct ww_config *config;
    unsigned index;                                     /* among roles of the same kind */
    struct ww_role_stats *stats;                        /* outlives the role's state */
    void (*tell)(void *process, enum ww_msg_type type); /* an empty message to the supervisor */
    void *process;
};

struct ww_role {
    enum ww_role_kind kind;
    unsigned rights; /* enum ww_confine_rights */

    /* Before confinement: loads what needs rights. The role's state; NULL (logged) ends the process. */
    void *(*start)(const struct ww_role_env *env);
    /*
     * After confinement and before READY, for what must be done with the role's own user and rights, such as
     * opening the store. False ends the process (logged). NULL for roles that need none.
     */
    bool (*confined)(void *state);
    /* A (new) channel to a peer; the role owns fd and makes its ww_chan with handlers of its own. */
    void (*peer)(void *state, const struct ww_msg_peer *peer, int fd);
    /* A listening socket; NULL for roles that have none. */
    void (*listener)(void *state, const struct ww_msg_listener *listener, int fd);
    /* It is closed; NULL for roles that have none. */
    void (*listener_gone)(void *state, const struct ww_msg_listener *listener);
    /* A WW_MSG_ANCHOR_SEED; the role owns fd, which may be -1. NULL for roles that do not care. */
    void (*anchor_seed)(void *state, struct ww_slice payload, int fd);
    /* A WW_MSG_JOURNAL; the role owns fd. NULL for roles that have none. */
    void (*journal)(void *state, int fd);
    /* How all roles are. NULL for roles that do not care. */
    void (*roles)(void *state, const struct ww_msg_roles *roles);
    /*
     * env->config has changed in its place. What it pointed to when the role was started stays as it was
     * until the end; what it pointed to after a reload goes with the next one. NULL for roles whose settings
     * cannot change while they run; the log's do in all.
     */
    void (*reload)(void *state);
    /* Asked to end: finish and leave the loop (event_base_loopexit). */
    void (*stop)(void *state);
    /* After the loop: free everything (leak checkers look). */
    void (*finish)(void *state);
};

extern const struct ww_role ww_role_front;
extern const struct ww_role ww_role_resolver;
extern const struct ww_role ww_role_keeper;
extern const struct ww_role ww_role_control;
extern const struct ww_role ww_role_preload;
extern const struct ww_role ww_role_watcher;
extern const struct ww_role ww_role_herald;
extern const struct ww_role ww_role_collector;
extern const struct ww_role ww_role_courier;
extern const struct ww_role ww_role_intake;
extern const struct ww_role ww_role_decoder;
extern const struct ww_role ww_role_publisher;
extern const struct ww_role ww_role_steward;
extern const struct ww_role ww_role_clerk;

/* Where a role process finds what the supervisor hands down. */
#define WW_ROLE_CHANNEL_FD 3
#define WW_ROLE_CONFIG_FD 4

/*
 * The main of a role process; channel is the descriptor of the channel to the supervisor, config that of the
 * configuration text. Both are closed at the end. Returns the exit status.
 */
int ww_role_main(const struct ww_role *role, unsigned index, int channel, int config);

/*
 * The user that a role becomes when started as root: "waxwing-<role>" where there is such a user, else the
 * configured one. False when neither exists; user is the configured one then.
 */
#define WW_USER_SIZE 64
bool ww_role_user(const struct ww_config *config, enum ww_role_kind kind, char user[WW_USER_SIZE]);

/*
 * In a process of a role that may run some (job.h): gives up all rights but to connect, before anybody is
 * talked to. False: detail says why not.
 */
bool ww_role_keep_connect(const struct ww_config *config, enum ww_role_kind kind, char *detail,
                          size_t detail_size);

/* Gives an open file to that user, where there is one to become. False with errno set. */
bool ww_role_give(const struct ww_config *config, enum ww_role_kind kind, int fd);

/* Gives a folder that was just made to that user, where there is one to become. False with errno set. */
bool ww_role_give_folder(const struct ww_config *config, enum ww_role_kind kind, const char *path);

#endif
