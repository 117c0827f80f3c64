/* What the files of keeper_watch.h share. */
#ifndef WW_DAEMON_KEEPER_WATCH_PRIVATE_H
#define WW_DAEMON_KEEPER_WATCH_PRIVATE_H

#include "daemon/keeper_watch.h"
#include "daemon/pieces.h"
#include "proc/chan.h"
#include "proc/msg_watch.h"
#include "store/store_watch.h"

struct ww_keeper_watch {
    struct event_base *base;
    struct ww_keeper_store *store;
    const struct ww_config *config;
    struct ww_stats *stats;
    ww_keeper_watch_tell *tell;
    void *ctx;
    struct ww_chan *watcher; /* NULL while there is none */
    struct ww_chan *herald;
    unsigned room; /* inspections that the watcher would begin */
    struct event *due;
    bool told; /* the supervisor knows whether there is anything to watch: */
    bool watching;
    uint64_t sent;                         /* number of the last alert that this herald was given */
    struct ww_keeper_look *look;           /* NULL: none are made */
    struct ww_pieces pieces;               /* of what the watcher tells */
    struct ww_msg_watch_finding *findings; /* room for WW_WATCH_FINDINGS_MAX of the run */
    struct ww_alert_state *states;         /* the same */
    size_t state_count;
    struct ww_msg_alert alert;
    char message[WW_CHAN_MESSAGE_MAX];
};

/*
 * Takes down what an inspection has found, all of it or nothing, and the alerts that it raises. An error is
 * what the store gave.
 */
WW_MUST_CHECK enum ww_err ww_keeper_watch_take(struct ww_keeper_watch *k, struct ww_store *store,
                                               const struct ww_msg_watched *m);

/* What was seen of a domain before. */
WW_MUST_CHECK enum ww_err ww_keeper_watch_past(struct ww_store *store, const struct ww_watch *watch,
                                               struct ww_msg_watch *out);

/* The list has changed, or something is due at once. */
void ww_keeper_watch_changed(struct ww_keeper_watch *k);

#endif
